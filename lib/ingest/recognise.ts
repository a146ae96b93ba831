/** Inputs of other formats: their first bytes say so, and another reader takes them. */

import type { Fault } from './fault.ts';
import { type ByteSource, resume } from './open/open.ts';
import type { Batch, InputProgress } from './source.ts';

/** Reads the bytes of an input of another format; keeps `lines` of its progress. */
export type ForeignReader = (bytes: ByteSource, input: number, progress: InputProgress) => AsyncIterable<Batch>;

/** Which reader an input that begins with `first` is for: a foreign one, that of NDJSON, or more bytes are needed to tell. */
export type Recognise = (first: Uint8Array) => ForeignReader | 'ndjson' | 'more';

/** Bytes after which an input that nobody recognises is taken for NDJSON. */
const MOST = 64 * 1024;

/** The batches of `bytes`, which are looked at no further than needed: a pipe may be slow. */
export async function* recognised(
  bytes: ByteSource,
  recognise: Recognise,
  readForeign: (reader: ForeignReader, bytes: ByteSource) => AsyncIterable<Batch>,
  readNdjson: (bytes: ByteSource) => AsyncIterable<Batch>,
): AsyncGenerator<Batch> {
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    let first: Uint8Array = new Uint8Array(0);
    let broken: Fault | undefined;
    let reader: ReturnType<Recognise> = 'more';
    while (reader === 'more' && first.length < MOST && broken === undefined) {
      const next = await iterator.next();
      if (next.done) break;
      if (next.value instanceof Uint8Array) first = Buffer.concat([first, next.value]);
      else broken = next.value;
      reader = recognise(first);
    }
    const all = resume(first, broken, iterator);
    yield* typeof reader === 'function' ? readForeign(reader, all) : readNdjson(all);
  } finally {
    await iterator.return?.();
  }
}
