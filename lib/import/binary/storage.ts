/** A recording as something to read at any place: its tables say where the entries are. */

import fs from 'node:fs';
import { type Fault, fault } from '../../ingest/fault.ts';
import type { ByteSource } from '../../ingest/open/open.ts';
import { Malformed } from './cursor.ts';

export interface Storage {
  /** Bytes. */
  readonly size: number;
  /** `length` bytes from `at`: a copy, or part of what is held. Throws `Malformed` where the file ends before. */
  read(at: number, length: number): Buffer;
  close(): void;
}

/** Most bytes of a recording that comes through a pipe or is compressed: it is held in memory. */
const MOST_HELD = 512 * 1024 * 1024;

/** A plain file. `onBytes` is told how many bytes have been read. */
export function openStorage(path: string, onBytes: (count: number) => void = () => {}): Storage {
  const file = fs.openSync(path, 'r');
  const { size } = fs.fstatSync(file);
  return {
    size,
    read(at, length) {
      checkRange(at, length, size);
      const bytes = Buffer.allocUnsafe(length);
      for (let done = 0; done < length; ) {
        const count = fs.readSync(file, bytes, done, length - done, at + done);
        if (count === 0) throw new Malformed(`a file of ${size} bytes, as when it was opened`, 'a shorter one');
        done += count;
      }
      onBytes(length);
      return bytes;
    },
    close: () => fs.closeSync(file),
  };
}

export function storageOf(bytes: Buffer): Storage {
  return {
    size: bytes.length,
    read(at, length) {
      checkRange(at, length, bytes.length);
      return bytes.subarray(at, at + length);
    },
    close: () => {},
  };
}

/** Most bytes that are read at once. */
const MOST_READ = 512 * 1024 * 1024;

function checkRange(at: number, length: number, size: number): void {
  if (length > MOST_READ) throw new Malformed(`at most ${MOST_READ} bytes of one kind`, `${length} bytes at ${at}`);
  if (at + length > size) {
    throw new Malformed(`${length} bytes at ${at}, as the recording says`, `a file that is cut short: ${size} bytes`);
  }
}

/** All of the bytes, or what is wrong with them. `what` names them in messages. */
export async function gather(
  bytes: ByteSource,
  most = MOST_HELD,
  what = 'a recording that is compressed or comes through a pipe',
): Promise<Buffer | Fault> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    if (!(chunk instanceof Uint8Array)) return chunk;
    size += chunk.length;
    if (size > most) {
      return fault(`at most ${most} bytes of ${what}, which is held in memory`, 'more');
    }
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
