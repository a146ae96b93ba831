/** Files that are read as a whole before anything is made of them: BTF and reports. They may be pipes, and may never end. */

import { type Fault, limitFault } from '../ingest/fault.ts';
import { openBytes } from '../ingest/open/open.ts';
import { escapeText } from '../text/escape.ts';
import { InputFailure } from './exit.ts';

const FIRST_BYTES = 64 * 1024;

/** How a path is called in messages; safe to print. */
export function nameOfFile(path: string): string {
  return path === '-' ? '<stdin>' : escapeText(path, 200);
}

/**
 * The bytes of a file, decompressed where it is gzip or zstd; '-' is stdin. Throws `Failure` where it cannot be read, and
 * where it is larger than `most` bytes, which `option` of the command line lifts.
 */
export async function readWhole(path: string, most: number, option: string): Promise<Buffer> {
  const refuse = (fault: Fault) => new InputFailure({ ...fault, input: 0, line: 0 }, [path]);
  let bytes = Buffer.allocUnsafe(FIRST_BYTES);
  let length = 0;
  const unbounded = Number.POSITIVE_INFINITY;
  // Bounded by what is kept of it, however it is compressed.
  for await (const chunk of openBytes(path, { maxBytes: unbounded, maxRatio: unbounded })) {
    if (!(chunk instanceof Uint8Array)) throw refuse(chunk);
    if (length + chunk.length > most) throw refuse(limitFault(`at most ${most} bytes`, 'more', option));
    while (length + chunk.length > bytes.length) bytes = Buffer.concat([bytes], 2 * bytes.length);
    bytes.set(chunk, length);
    length += chunk.length;
  }
  return bytes.subarray(0, length);
}
