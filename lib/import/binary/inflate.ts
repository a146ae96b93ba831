/** Compressed parts of trace.dat: zlib, or zstd with node:zlib where that has it (22.15 and later), else with the program zstd. */

import { spawnSync } from 'node:child_process';
import * as zlib from 'node:zlib';
import { Malformed, Unsupported } from './cursor.ts';

export interface Part {
  readonly bytes: Buffer;
  /** Bytes after decompression, as the recording says. */
  readonly size: number;
}

/** Decompresses parts, one behind the other. Throws `Malformed` where one is damaged or has another size. */
export type Inflate = (parts: readonly Part[]) => Buffer;

/** Most bytes that a part may become; trace-cmd's are some hundred kilobytes, its tables some megabytes. */
export const MOST_INFLATED = 256 * 1024 * 1024;

type ZstdDecompress = (bytes: Uint8Array, options: { maxOutputLength: number }) => Buffer;
/** Not in the types of Node.js 20. */
const zstdDecompressSync = (zlib as unknown as { readonly zstdDecompressSync?: ZstdDecompress }).zstdDecompressSync;

/** `name` is what the recording says. Throws `Unsupported` for what cannot be decompressed here. */
export function inflateNamed(name: string): Inflate {
  if (name === 'zlib') return inEach(zlib.inflateSync);
  if (name === 'zstd') return zstdDecompressSync === undefined ? inflateByProgram : inEach(zstdDecompressSync);
  return () => {
    throw new Unsupported('parts that are not compressed, or with zlib or zstd', `compression ${name}`);
  };
}

function inEach(inflate: (bytes: Uint8Array, options: { maxOutputLength: number }) => Buffer): Inflate {
  return (parts) => {
    const whole = parts.map(({ bytes, size }) => {
      checkSize(size);
      try {
        return ofSize(inflate(bytes, { maxOutputLength: Math.max(1, size) }), size);
      } catch (error) {
        if (error instanceof Malformed) throw error;
        throw damaged();
      }
    });
    return whole.length === 1 ? (whole[0] as Buffer) : Buffer.concat(whole);
  };
}

/** The program takes frames that follow each other for one. */
function inflateByProgram(parts: readonly Part[]): Buffer {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  checkSize(size);
  const input = Buffer.concat(parts.map(({ bytes }) => bytes));
  const done = spawnSync('zstd', ['-d', '-c', '-q'], { input, maxBuffer: size + 1 });
  if (done.error !== undefined && (done.error as NodeJS.ErrnoException).code === 'ENOENT') {
    const expected = 'parts that can be decompressed (zstd needs Node.js 22.15 or later, or the program zstd)';
    throw new Unsupported(expected, 'parts that are compressed with zstd');
  }
  if (done.status !== 0 || done.error !== undefined) throw damaged();
  return ofSize(done.stdout, size);
}

function checkSize(size: number): void {
  if (size > MOST_INFLATED) throw new Malformed(`a part of at most ${MOST_INFLATED} bytes`, `one of ${size}`);
}

function ofSize(bytes: Buffer, size: number): Buffer {
  if (bytes.length !== size) throw new Malformed(`${size} bytes after decompression`, String(bytes.length));
  return bytes;
}

const damaged = (): Malformed => new Malformed('a compressed part that is whole', 'one that is damaged');
