/** Compressed bytes become plain ones, as they are pulled; whatever is wrong with them is the last thing delivered. */

import type { Duplex } from 'node:stream';
import { type Fault, fault, limitFault } from '../fault.ts';

export interface DecompressionLimits {
  /** Most bytes that an input may decompress to. */
  readonly maxBytes: number;
  /** Most bytes for each compressed byte; not looked at before 64 MiB have come. */
  readonly maxRatio: number;
}

/** Small traces of one repeated line compress better than any limit should allow; they do no harm. */
const RATIO_FLOOR = 64 * 1024 * 1024;

/** With the 16 KiB that node:zlib takes by itself it takes three times as long. */
const OUTPUT_CHUNK = 1024 * 1024;

/** A decompressor as those of node:zlib are: its `bytesWritten` counts the bytes that it has used. */
type Decompressor = Duplex & { readonly bytesWritten: number };

export interface Compression {
  readonly name: string;
  readonly magic: Uint8Array;
  readonly create: () => Promise<Decompressor>;
}

// Loaded where they are needed, so that they do not delay every start.
const gzip = async (): Promise<Decompressor> =>
  (await import('node:zlib')).createGunzip({ chunkSize: OUTPUT_CHUNK }) as unknown as Decompressor;
const zstd = async (): Promise<Decompressor> => (await import('./zstd.ts')).createZstd(OUTPUT_CHUNK);

export const COMPRESSIONS: readonly Compression[] = [
  { name: 'gzip', magic: Uint8Array.of(0x1f, 0x8b), create: gzip },
  { name: 'zstd', magic: Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), create: zstd },
  // A skippable frame, with which pzstd begins.
  { name: 'zstd', magic: Uint8Array.of(0x50, 0x2a, 0x4d, 0x18), create: zstd },
];

function faultOf(name: string, error: NodeJS.ErrnoException): Fault {
  const whole = `a complete ${name} file`;
  if (error.code === 'Z_BUF_ERROR') return fault(whole, 'one that is cut short');
  if (error.message === 'incorrect header check' || error.code === 'ZSTD_error_prefix_unknown') return trailing(name);
  if (error.syscall?.startsWith('spawn')) {
    return fault('plain or gzip data (zstd needs Node.js 22.15 or later, or the program zstd)', `${name} data`);
  }
  return fault(whole, `corrupt data (${error.message})`);
}

function trailing(name: string): Fault {
  return fault(`nothing but ${name} data`, 'other bytes after the end of the compressed data');
}

function excess(used: number, made: number, { maxBytes, maxRatio }: DecompressionLimits): Fault | undefined {
  if (made > maxBytes) return limitFault(`at most ${maxBytes} bytes after decompression`, 'more', '--max-bytes');
  if (made > RATIO_FLOOR && made > used * maxRatio) {
    const found = `${made} bytes from ${used}`;
    return limitFault(`at most ${maxRatio} bytes for each compressed byte`, found, '--max-ratio');
  }
  return undefined;
}

/** Turns the events of a stream into something to wait for. */
function createSignal(): { raise(): void; wait(): Promise<void> } {
  let wake: (() => void) | undefined;
  let raised = false;
  return {
    raise() {
      raised = true;
      wake?.();
    },
    async wait() {
      if (!raised) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      raised = false;
    },
  };
}

const END = Symbol('end');

async function* withEnd<T>(items: AsyncIterable<T>): AsyncGenerator<T | typeof END> {
  yield* items;
  yield END;
}

/**
 * Decompresses `compressed`. Never more than a chunk ahead of its reader, however well the input compresses. A fault
 * in the middle of the data, of the data or of reading them, comes after what could be decompressed before it; how
 * much of that node:zlib still delivers depends on how the data were cut into chunks.
 */
export async function* decompress(
  { name, create }: Compression,
  compressed: AsyncIterable<Uint8Array | Fault>,
  limits: DecompressionLimits,
): AsyncGenerator<Uint8Array | Fault> {
  const stream = await create();
  const signal = createSignal();
  let failure: NodeJS.ErrnoException | undefined;
  let ended = false;
  let fed = 0;
  let made = 0;
  stream.on('readable', signal.raise);
  stream.on('end', () => {
    ended = true;
    signal.raise();
  });
  stream.on('error', (error) => {
    failure = error;
    signal.raise();
  });

  /** The next piece that comes out; undefined at `done()`, the end or a failure. */
  async function next(done: () => boolean): Promise<Uint8Array | undefined> {
    for (;;) {
      const bytes = stream.read() as Uint8Array | null;
      if (bytes !== null) return bytes;
      if (failure || ended || done()) return undefined;
      await signal.wait();
    }
  }

  try {
    for await (const chunk of withEnd(compressed)) {
      if (chunk !== END && !(chunk instanceof Uint8Array)) {
        yield chunk;
        return;
      }
      let used = false;
      if (chunk === END) {
        stream.end();
      } else {
        fed += chunk.length;
        if (ended) break;
        stream.write(chunk, () => {
          used = true;
          signal.raise();
        });
      }
      for (let bytes = await next(() => used); bytes; bytes = await next(() => used)) {
        made += bytes.length;
        const tooMuch = excess(fed, made, limits);
        yield tooMuch ?? bytes;
        if (tooMuch) return;
      }
      if (failure) break;
    }
    if (failure) yield faultOf(name, failure);
    else if (stream.bytesWritten < fed) yield trailing(name);
  } finally {
    stream.destroy();
  }
}
