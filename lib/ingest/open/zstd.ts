/**
 * zstd with node:zlib, where it has it (22.15 and later), with what that leaves out: it stops after the first frame, and
 * some versions take data that are cut short for complete.
 */

import { Duplex, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { createFrameWalk } from './zstd-frames.ts';
import { createZstdProcess } from './zstd-process.ts';

type CreateZstdDecompress = (options: { chunkSize: number }) => Transform;

/** Not in the types of Node.js 20. */
export const createZstdDecompress = (zlib as unknown as { readonly createZstdDecompress?: CreateZstdDecompress })
  .createZstdDecompress;

/** Both with the codes that node:zlib has for it. */
const cutShort = (): Error => Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' });
const trailing = (): Error => Object.assign(new Error('not a frame'), { code: 'ZSTD_error_prefix_unknown' });

/** What decompresses zstd here: Node.js where it can, else the program. */
export function createZstd(
  chunkSize: number,
  create = createZstdDecompress,
): Duplex & { readonly bytesWritten: number } {
  return create === undefined ? createZstdProcess(chunkSize) : createZstdStream(create, chunkSize);
}

/** `create` makes the decompressor of one frame. `bytesWritten`: how many bytes have been used. */
export function createZstdStream(
  create: CreateZstdDecompress,
  chunkSize: number,
): Duplex & { readonly bytesWritten: number } {
  const frames = createFrameWalk();
  let frame: Transform | undefined;
  let used = 0;

  const stream = new Duplex({
    readableHighWaterMark: chunkSize,
    write(chunk: Uint8Array, _encoding, done) {
      consume(chunk).then(() => done(), done);
    },
    final(done) {
      done(frames.isBetweenFrames ? null : cutShort());
      if (frames.isBetweenFrames) stream.push(null);
    },
    read() {
      frame?.resume();
    },
    destroy(error, done) {
      frame?.destroy();
      done(error);
    },
  });

  function openFrame(): Transform {
    const opened = create({ chunkSize });
    opened.on('data', (bytes: Uint8Array) => {
      if (!stream.push(bytes)) opened.pause();
    });
    opened.on('error', (error) => stream.destroy(error));
    return opened;
  }

  async function consume(chunk: Uint8Array): Promise<void> {
    for (let start = 0; start < chunk.length; ) {
      const end = frames.walk(chunk, start);
      if (frames.isBroken) throw trailing();
      frame ??= openFrame();
      await written(frame, chunk.subarray(start, end));
      used += end - start;
      start = end;
      if (frames.isBetweenFrames) {
        await ended(frame);
        frame = undefined;
      }
    }
  }

  return Object.defineProperty(stream, 'bytesWritten', { get: () => used }) as Duplex & { bytesWritten: number };
}

function written(stream: Transform, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

function ended(stream: Transform): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on('end', resolve).on('error', reject);
    stream.end();
  });
}
