/**
 * Pages of the kernel's ring buffer, as trace.dat has them (kernel/trace/ring_buffer.c, include/linux/ring_buffer.h):
 *
 *   u64 time of the page; long commit: bytes of data, bit 31: entries were lost before it, bit 30: their number follows the data
 *   entries: u32 of type_len (5 bits) and delta (27 bits), then data by type_len
 *
 * | type_len | what |
 * |---|---|
 * | 1..28 | so many words of data follow |
 * | 0 | a u32 with the bytes of data follows, which counts itself |
 * | 29 | padding: the rest of the page where delta is 0, else the bytes that a u32 says |
 * | 30 | the time goes on by delta and a u32 above it |
 * | 31 | delta and a u32 above it are the low 59 bits of the time |
 */

import { Malformed, readU32, readU64 } from './cursor.ts';

/** An entry of one CPU, or a place where entries are missing; the object is filled again for each. */
export interface Recorded {
  cpu: number;
  /** In units of the clock, mostly ns. */
  time: bigint;
  /** Entries that were lost before this one: 0 none, -1 nobody knows how many. */
  lost: number;
  bytes: Buffer;
  start: number;
  end: number;
}

export interface PageLayout {
  readonly pageSize: number;
  readonly longSize: number;
  readonly bigEndian: boolean;
}

const DATA_MOST = 28;
const PADDING = 29;
const TIME_EXTEND = 30;
const TIME_STAMP = 31;

const COMMIT_SIZE = 0x7ff_ffff;
const MISSED = 2 ** 31;
const MISSED_STORED = 2 ** 30;
/** The high 5 bits of a time, which an absolute one does not have. */
const HIGH_BITS = 0xf8n << 56n;

/** Entries of pages in order. `next` fills `into`, and is false after the last. Throws `Malformed` where a page is damaged. */
export function createPageReader(
  pages: Iterator<Buffer>,
  { longSize, bigEndian }: PageLayout,
  into: Recorded,
): { next(): boolean } {
  let page: Buffer = Buffer.alloc(0);
  let at = 0;
  let end = 0;
  let time = 0n;
  let lost = 0;

  function open(): boolean {
    const step = pages.next();
    if (step.done) return false;
    page = step.value;
    const data = 8 + longSize;
    if (page.length < data) throw new Malformed(`a page of ${data} bytes or more`, `one of ${page.length}`);
    time = readU64(page, 0, bigEndian);
    // In a long of 8 bytes, the low half has all that is of interest.
    const commit = readU32(page, longSize === 8 && bigEndian ? 12 : 8, bigEndian);
    at = data;
    end = data + (commit & COMMIT_SIZE);
    if (end > page.length) throw new Malformed(`at most ${page.length - data} bytes in a page`, `${end - data}`);
    if (commit >= MISSED) lost = (commit & MISSED_STORED) !== 0 ? stored() : -1;
    return true;
  }

  /** The number of lost entries, which stands behind the data. */
  function stored(): number {
    if (end + longSize > page.length) return -1;
    const count = longSize === 8 ? Number(readU64(page, end, bigEndian)) : readU32(page, end, bigEndian);
    return count > 0 && count < 2 ** 49 ? count : -1;
  }

  function word(place: number): number {
    if (place + 4 > end) throw new Malformed('an entry that ends within its page', 'one that does not');
    return readU32(page, place, bigEndian);
  }

  function give(start: number, length: number): true {
    if (length < 0 || start + length > end)
      throw new Malformed('an entry that ends within its page', 'one that does not');
    into.time = time;
    into.lost = lost;
    into.bytes = page;
    into.start = start;
    into.end = start + length;
    lost = 0;
    return true;
  }

  function next(): boolean {
    for (;;) {
      if (at >= end) {
        if (open()) continue;
        return false;
      }
      const header = word(at);
      const type = bigEndian ? header >>> 27 : header & 31;
      const delta = bigEndian ? header & COMMIT_SIZE : header >>> 5;
      if (type >= 1 && type <= DATA_MOST) {
        time += BigInt(delta);
        const start = at + 4;
        at = start + type * 4;
        return give(start, type * 4);
      }
      if (type === PADDING && delta === 0) {
        at = end;
        continue;
      }
      const second = word(at + 4);
      if (type === 0) {
        time += BigInt(delta);
        const start = at + 8;
        const length = second - 4;
        at = start + 4 * Math.ceil(Math.max(0, length) / 4);
        return give(start, length);
      }
      if (type === PADDING) {
        time += BigInt(delta);
        at += 4 + second;
        // A size that goes nowhere would be read for ever.
        if (second < 4) throw new Malformed('padding of 4 bytes or more', String(second));
        continue;
      }
      const wide = BigInt(delta) + (BigInt(second) << 27n);
      if (type === TIME_EXTEND) time += wide;
      else if (type === TIME_STAMP) time = (time & HIGH_BITS) | wide;
      at += 8;
    }
  }

  return { next };
}
