/** Opens an input: a path or '-' for stdin, plain or compressed. What it is, its first bytes say, not its name. */

import fs from 'node:fs';
import { promisify } from 'node:util';
import { unknownReason } from '../../text/system-errors.ts';
import { type Fault, fault } from '../fault.ts';
import { COMPRESSIONS, type DecompressionLimits, decompress } from './decompress.ts';

/** The bytes of an input. A fault is the last thing it delivers; a chunk is valid until the next is asked for. */
export type ByteSource = AsyncIterable<Uint8Array | Fault>;

export interface OpenOptions extends Partial<DecompressionLimits> {
  /** Bytes read at a time, from 1; default 256 KiB. Chunks of stdin are as they come, but not longer. */
  readonly chunkSize?: number;
  /** The stream that '-' stands for; default `process.stdin`. */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
  /** Called with the number of bytes read from the file or pipe, before decompression. */
  readonly onBytes?: (count: number) => void;
}

/** Small enough that a chunk is still in the L2 cache when it is scanned. */
export const DEFAULT_CHUNK_SIZE = 256 * 1024;
/** Deflate's own limit is 1032:1; only a file made to exhaust its reader comes near it. */
const DEFAULT_MAX_RATIO = 1000;
/** A terabyte: of traces that take days to replay. */
const DEFAULT_MAX_BYTES = 2 ** 40;
const LONGEST_MAGIC = Math.max(...COMPRESSIONS.map(({ magic }) => magic.length));

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file (a part of the path is not a directory)',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  EISDIR: 'a directory',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  ENAMETOOLONG: 'a name that is too long',
  ERR_INVALID_ARG_VALUE: 'a name with a NUL character',
};

/** Size in bytes of a regular file; undefined for stdin, pipes, and what cannot be looked at. */
export function sizeOf(path: string): number | undefined {
  if (path === '-') return undefined;
  const stats = statOf(path);
  return stats?.isFile() ? stats.size : undefined;
}

/** Undefined for what cannot be looked at; the opening will say why. */
function statOf(path: string): fs.Stats | undefined {
  try {
    return fs.statSync(path);
  } catch {
    return undefined;
  }
}

/** The bytes of the input, decompressed where they are gzip or zstd. Nothing is opened before it is iterated. */
export function openBytes(path: string, options: OpenOptions = {}): ByteSource {
  const { maxBytes = DEFAULT_MAX_BYTES, maxRatio = DEFAULT_MAX_RATIO } = options;
  return plainBytes(rawBytes(path, options), { maxBytes, maxRatio });
}

async function* rawBytes(path: string, options: OpenOptions): AsyncGenerator<Uint8Array | Fault> {
  const { onBytes = () => {} } = options;
  const chunkSize = Math.max(1, Math.floor(options.chunkSize ?? DEFAULT_CHUNK_SIZE));
  try {
    for await (const chunk of chunksOf(path, chunkSize, options)) {
      if (chunk instanceof Uint8Array) onBytes(chunk.length);
      yield chunk;
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (code === undefined) throw error;
    yield fault('a file that can be read', unknownReason(error) ?? SYSTEM_ERRORS[code] ?? code);
  }
}

function chunksOf(path: string, chunkSize: number, { stdin }: OpenOptions): AsyncGenerator<Uint8Array | Fault> {
  if (path === '-') return streamChunks(stdin ?? process.stdin, chunkSize);
  const isFifo = process.platform === 'linux' && statOf(path)?.isFIFO() === true;
  return isFifo ? fifoChunks(path, chunkSize) : fileChunks(path, chunkSize);
}

/**
 * Nothing waits inside of a system call, in which a thread could not be ended: neither for the writer of a FIFO nor for
 * a file of the kernel such as trace_pipe to have something.
 */
// Windows has no O_NONBLOCK: `undefined` adds nothing.
const OPEN_FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK;
/** Time between two looks at such a file, in ms. */
const PATIENCE = 20;

type Read = (file: number, into: Uint8Array) => number | Promise<number>;

/** For regular files: reading them in the thread pool of libuv makes a short replay 1 ms longer, and a long one no shorter. */
const readNow: Read = (file, into) => fs.readSync(file, into, 0, into.length, null);
/** Not node:fs/promises, which takes as long to load as a short file takes to read. */
const readLater: Read = promisify(
  (file: number, into: Uint8Array, done: (error: Error | null, count: number) => void) =>
    fs.read(file, into, 0, into.length, null, done),
);

/** A file that grows is read to where it then ends; one that has become shorter has lost what nobody has read. */
async function* fileChunks(path: string, chunkSize: number): AsyncGenerator<Uint8Array | Fault> {
  const file = fs.openSync(path, OPEN_FLAGS);
  try {
    const { size } = fs.fstatSync(file);
    // A file of the kernel has no size, and may wait for something to say.
    const read = size > 0 ? readNow : readLater;
    const buffer = Buffer.allocUnsafeSlow(chunkSize);
    let total = 0;
    for (let count = await readSome(file, buffer, read); count > 0; count = await readSome(file, buffer, read)) {
      total += count;
      yield buffer.subarray(0, count);
    }
    const isCut = total < size && fs.fstatSync(file).size < size;
    if (isCut) yield fault(`a file of ${size} bytes, as when it was opened`, `only ${total}: it was made shorter`);
  } finally {
    fs.closeSync(file);
  }
}

/** The number of bytes read, 0 at the end. */
async function readSome(file: number, buffer: Buffer, read: Read): Promise<number> {
  for (;;) {
    try {
      return await read(file, buffer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await new Promise((resolve) => setTimeout(resolve, PATIENCE));
    }
  }
}

/** A FIFO, whose end is not before its first writer: libuv waits for that, a read does not. */
async function* fifoChunks(path: string, chunkSize: number): AsyncGenerator<Uint8Array> {
  const { Socket } = await import('node:net');
  const socket = new Socket({ fd: fs.openSync(path, OPEN_FLAGS), readable: true, writable: false });
  yield* streamChunks(socket, chunkSize);
}

async function* streamChunks(
  stream: AsyncIterable<Uint8Array | string>,
  chunkSize: number,
): AsyncGenerator<Uint8Array> {
  for await (const item of stream) {
    const chunk = typeof item === 'string' ? Buffer.from(item) : item;
    for (let start = 0; start < chunk.length; start += chunkSize) yield chunk.subarray(start, start + chunkSize);
  }
}

/** Looks at the first bytes, and puts a decompressor in between where they say so. */
async function* plainBytes(raw: ByteSource, limits: DecompressionLimits): AsyncGenerator<Uint8Array | Fault> {
  const iterator = raw[Symbol.asyncIterator]();
  try {
    let start: Uint8Array = new Uint8Array(0);
    let broken: Fault | undefined;
    while (start.length < LONGEST_MAGIC && broken === undefined) {
      const next = await iterator.next();
      if (next.done) break;
      if (next.value instanceof Uint8Array) start = Buffer.concat([start, next.value]);
      else broken = next.value;
    }
    const all = resume(start, broken, iterator);
    const compression = COMPRESSIONS.find(({ magic }) => magic.every((byte, index) => start[index] === byte));
    yield* compression ? decompress(compression, all, limits) : all;
  } finally {
    await iterator.return?.();
  }
}

/** The bytes that were looked at, the fault that ended them, and the rest. */
export async function* resume(
  start: Uint8Array,
  broken: Fault | undefined,
  rest: AsyncIterator<Uint8Array | Fault>,
): AsyncGenerator<Uint8Array | Fault> {
  if (start.length > 0) yield start;
  if (broken) yield broken;
  for (let item = await rest.next(); !item.done; item = await rest.next()) yield item.value;
}
