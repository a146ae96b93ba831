/** The pages of one CPU's data in a trace.dat, plain or compressed. */

import { createCursor, Malformed } from './cursor.ts';
import { type Inflate, MOST_INFLATED, type Part } from './inflate.ts';
import type { Storage } from './storage.ts';

/** Where the data of a CPU lie in the file. */
export interface CpuData {
  readonly cpu: number;
  readonly at: number;
  readonly size: number;
  readonly isCompressed?: boolean;
}

/** Bytes that are decompressed at a time, about. */
const BATCH = 1024 * 1024;

/** Each page is valid as long as it is held. Throws `Malformed`. */
export function* pagesOf(
  storage: Storage,
  { bigEndian }: { readonly bigEndian: boolean },
  data: CpuData,
  pageSize: number,
  inflate: Inflate | undefined,
): Generator<Buffer> {
  const pieces =
    data.isCompressed === true
      ? inflatedPieces(storage, bigEndian, data, inflate)
      : plainPieces(storage, data, pageSize);
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += pageSize) yield piece.subarray(at, at + pageSize);
  }
}

/** Some pages at a time. */
function* plainPieces(storage: Storage, { at, size }: CpuData, pageSize: number): Generator<Buffer> {
  const step = pageSize * Math.max(1, Math.floor((64 * 1024) / pageSize));
  for (let done = 0; done < size; done += step) yield storage.read(at + done, Math.min(step, size - done));
}

/** The sizes of parts are multiples of the page's: "aligned with the trace page size". */
function* inflatedPieces(
  storage: Storage,
  bigEndian: boolean,
  { at }: CpuData,
  inflate: Inflate | undefined,
): Generator<Buffer> {
  if (inflate === undefined) throw new Malformed('no compressed data, as the file says', 'some');
  const count = createCursor(storage.read(at, 4), bigEndian, 'the data of a CPU').u32();
  let place = at + 4;
  let parts: Part[] = [];
  let waiting = 0;
  for (let index = 0; index < count; index++) {
    const header = createCursor(storage.read(place, 8), bigEndian, 'the data of a CPU');
    const packed = header.u32();
    const whole = header.u32();
    place += 8;
    if (whole > MOST_INFLATED) throw new Malformed(`a part of at most ${MOST_INFLATED} bytes`, `one of ${whole}`);
    parts.push({ bytes: storage.read(place, packed), size: whole });
    place += packed;
    waiting += whole;
    if (waiting < BATCH) continue;
    yield inflate(parts);
    parts = [];
    waiting = 0;
  }
  if (parts.length > 0) yield inflate(parts);
}
