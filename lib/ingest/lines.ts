/** Bytes in chunks of any size become blocks of whole lines, with the lines marked that cannot be text. */

import { isUtf8 } from 'node:buffer';
import { type Fault, fault, limitFault } from './fault.ts';

/** Whole lines, each ended by a line feed. The bytes are valid until the next block is asked for. */
export interface Block {
  readonly bytes: Uint8Array;
  /** Lines that must not be looked at, by their index in the block. */
  readonly faults: ReadonlyMap<number, Fault>;
}

export interface LineSplitter {
  /** The lines that `chunk` completes. Must be iterated to the end. */
  push(chunk: Uint8Array): Iterable<Block>;
  /** The last line, where no line feed ends it. */
  end(): Iterable<Block>;
}

/** Longest line in bytes, unless an option says another. */
export const DEFAULT_MAX_LINE_BYTES = 1024 * 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Length of the longest line end, CR LF. */
const LINE_END = 2;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const NO_FAULTS: ReadonlyMap<number, Fault> = new Map();

/** What the bytes of a line must be: text in UTF-8, or anything (a kernel's trace has the names of tasks as they are). */
export type LineBytes = 'utf8' | 'any';

/**
 * Splits at line feeds. `maxLineBytes` is the longest line in bytes, without its LF or CR LF: a longer one is delivered
 * as soon as it is known to be longer, since it may have no end, and the rest of it is passed over. A byte order mark at
 * the very start is left out. Memory: one chunk and one line; time: linear, also where chunks are of one byte.
 */
export function createLineSplitter(maxLineBytes: number, bytes: LineBytes = 'utf8'): LineSplitter {
  /** The start of a line that is not complete yet. */
  let held = Buffer.allocUnsafe(256);
  let heldLength = 0;
  let started = false;
  /** In the rest of a line that was delivered as too long. */
  let passing = false;

  /** Takes the start of a line, or more of it; false where it is too long, and then holds nothing. */
  function hold(part: Uint8Array): boolean {
    const length = heldLength + part.length;
    if (length > maxLineBytes + LINE_END) {
      heldLength = 0;
      return false;
    }
    if (length > held.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, held.length * 2));
      held.copy(larger, 0, 0, heldLength);
      held = larger;
    }
    held.set(part, heldLength);
    heldLength = length;
    return true;
  }

  function release(): Block {
    const length = heldLength;
    heldLength = 0;
    return blockOf(held.subarray(0, length), maxLineBytes, bytes);
  }

  /** What of the chunk comes after a line that is passed over. */
  function afterPassed(chunk: Uint8Array): Uint8Array {
    if (!passing) return chunk;
    const end = chunk.indexOf(LINE_FEED) + 1;
    passing = end === 0;
    return chunk.subarray(passing ? chunk.length : end);
  }

  /** Holds back the first bytes until it is clear whether they are a byte order mark. */
  function withoutMark(chunk: Uint8Array): Uint8Array | undefined {
    if (started) return chunk;
    const start = Buffer.concat([held.subarray(0, heldLength), chunk]);
    heldLength = 0;
    const isPrefix = start.length < 3 && BYTE_ORDER_MARK.subarray(0, start.length).equals(start);
    if (isPrefix) {
      hold(start);
      return undefined;
    }
    started = true;
    return start.subarray(0, 3).equals(BYTE_ORDER_MARK) ? start.subarray(3) : start;
  }

  return {
    *push(chunk) {
      const unmarked = withoutMark(chunk);
      if (unmarked === undefined) return;
      const rest = afterPassed(unmarked);
      let start = 0;
      if (heldLength > 0) {
        start = rest.indexOf(LINE_FEED) + 1;
        if (start > 0) yield hold(rest.subarray(0, start)) ? release() : longLine(maxLineBytes);
      }
      const end = rest.lastIndexOf(LINE_FEED) + 1;
      if (end > start) yield blockOf(rest.subarray(start, end), maxLineBytes, bytes);
      if (hold(rest.subarray(Math.max(start, end)))) return;
      passing = true;
      yield longLine(maxLineBytes);
    },
    *end() {
      if (heldLength === 0) return;
      const cutShort = held[heldLength - 1] === CARRIAGE_RETURN;
      const block = hold(Buffer.from('\n')) ? release() : longLine(maxLineBytes);
      // The line feed is ours: it must not make a line end of the carriage return before it.
      yield cutShort && bytes === 'utf8' && block.faults.size === 0
        ? { ...block, faults: new Map([[0, bareCarriageReturn()]]) }
        : block;
    },
  };
}

export function bareCarriageReturn(): Fault {
  return fault('a line that ends in LF or CR LF', 'a carriage return without a line feed');
}

function tooLong(maxLineBytes: number): Fault {
  return limitFault(`a line of at most ${maxLineBytes} bytes`, 'a longer one', '--max-line-bytes');
}

/** What stands for a line that is too long. */
function longLine(maxLineBytes: number): Block {
  return { bytes: Buffer.from('\n'), faults: new Map([[0, tooLong(maxLineBytes)]]) };
}

/** One object each, since every line of a file may have one. */
const NOT_UTF8 = fault('UTF-8 text', 'bytes that are not UTF-8');
const UTF16 = fault('UTF-8 text', 'UTF-16 text');

function notUtf8(line: Uint8Array): Fault {
  const isUtf16 = (line[0] === 0xff && line[1] === 0xfe) || (line[0] === 0xfe && line[1] === 0xff);
  return isUtf16 ? UTF16 : NOT_UTF8;
}

function blockOf(bytes: Uint8Array, maxLineBytes: number, must: LineBytes): Block {
  const suspect = (must === 'utf8' && !isUtf8(bytes)) || mayHaveLongLine(bytes, maxLineBytes);
  return { bytes, faults: suspect ? faultsOf(bytes, maxLineBytes, must) : NO_FAULTS };
}

/** True also where only the CR is too many. Looks where a line of the limit's length would end: a few steps a block. */
function mayHaveLongLine(bytes: Uint8Array, maxLineBytes: number): boolean {
  let start = 0;
  while (bytes.length - start > maxLineBytes + 1) {
    const end = bytes.lastIndexOf(LINE_FEED, start + maxLineBytes);
    if (end < start) return true;
    start = end + 1;
  }
  return false;
}

function faultsOf(bytes: Uint8Array, maxLineBytes: number, must: LineBytes): ReadonlyMap<number, Fault> {
  const faults = new Map<number, Fault>();
  let start = 0;
  for (let index = 0; start < bytes.length; index++) {
    const end = bytes.indexOf(LINE_FEED, start);
    const line = bytes.subarray(start, end);
    const lineEnd = line.at(-1) === CARRIAGE_RETURN ? 1 : 0;
    if (line.length - lineEnd > maxLineBytes) faults.set(index, tooLong(maxLineBytes));
    else if (must === 'utf8' && !isUtf8(line)) faults.set(index, notUtf8(line));
    start = end + 1;
  }
  return faults;
}
