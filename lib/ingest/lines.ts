/** Bytes in chunks of any size become blocks of whole lines, with the lines marked that cannot be text. */

import { isUtf8 } from 'node:buffer';
import { type Fault, fault } from './fault.ts';

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

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Length of the longest line end, CR LF. */
const LINE_END = 2;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const NO_FAULTS: ReadonlyMap<number, Fault> = new Map();

/**
 * Splits at line feeds. `maxLineBytes` is the longest line in bytes, without its LF or CR LF: of a longer one only
 * the length is kept. A byte order mark at the very start is left out. Memory: one chunk and one line; time: linear, also
 * where chunks are of one byte.
 */
export function createLineSplitter(maxLineBytes: number): LineSplitter {
  /** The start of a line that is not complete yet. */
  let held = Buffer.allocUnsafe(256);
  /** Its length; more than `held` has where the line is too long. */
  let heldLength = 0;
  let started = false;

  function hold(bytes: Uint8Array): void {
    const length = heldLength + bytes.length;
    if (length <= maxLineBytes + LINE_END) {
      if (length > held.length) {
        const larger = Buffer.allocUnsafe(Math.max(length, held.length * 2));
        held.copy(larger, 0, 0, heldLength);
        held = larger;
      }
      held.set(bytes, heldLength);
    }
    heldLength = length;
  }

  function release(): Block {
    const length = heldLength;
    heldLength = 0;
    if (length > maxLineBytes + LINE_END) {
      return { bytes: Buffer.from('\n'), faults: new Map([[0, tooLong(length - 1, maxLineBytes)]]) };
    }
    return blockOf(held.subarray(0, length), maxLineBytes);
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
      const rest = withoutMark(chunk);
      if (rest === undefined) return;
      let start = 0;
      if (heldLength > 0) {
        start = rest.indexOf(LINE_FEED) + 1;
        if (start > 0) {
          hold(rest.subarray(0, start));
          yield release();
        }
      }
      const end = rest.lastIndexOf(LINE_FEED) + 1;
      if (end > start) yield blockOf(rest.subarray(start, end), maxLineBytes);
      hold(rest.subarray(Math.max(start, end)));
    },
    *end() {
      if (heldLength === 0) return;
      const cutShort = heldLength < maxLineBytes + LINE_END && held[heldLength - 1] === CARRIAGE_RETURN;
      hold(Buffer.from('\n'));
      const block = release();
      // The line feed is ours: it must not make a line end of the carriage return before it.
      yield cutShort && block.faults.size === 0 ? { ...block, faults: new Map([[0, bareCarriageReturn()]]) } : block;
    },
  };
}

export function bareCarriageReturn(): Fault {
  return fault('a line that ends in LF or CR LF', 'a carriage return without a line feed');
}

function tooLong(length: number, maxLineBytes: number): Fault {
  return fault(`a line of at most ${maxLineBytes} bytes`, `${length} bytes`);
}

function notUtf8(line: Uint8Array): Fault {
  const isUtf16 = (line[0] === 0xff && line[1] === 0xfe) || (line[0] === 0xfe && line[1] === 0xff);
  return fault('UTF-8 text', isUtf16 ? 'UTF-16 text' : 'bytes that are not UTF-8');
}

function blockOf(bytes: Uint8Array, maxLineBytes: number): Block {
  const suspect = !isUtf8(bytes) || mayHaveLongLine(bytes, maxLineBytes);
  return { bytes, faults: suspect ? faultsOf(bytes, maxLineBytes) : NO_FAULTS };
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

function faultsOf(bytes: Uint8Array, maxLineBytes: number): ReadonlyMap<number, Fault> {
  const faults = new Map<number, Fault>();
  let start = 0;
  for (let index = 0; start < bytes.length; index++) {
    const end = bytes.indexOf(LINE_FEED, start);
    const line = bytes.subarray(start, end);
    const lineEnd = line.at(-1) === CARRIAGE_RETURN ? 1 : 0;
    if (line.length - lineEnd > maxLineBytes) faults.set(index, tooLong(line.length, maxLineBytes));
    else if (!isUtf8(line)) faults.set(index, notUtf8(line));
    start = end + 1;
  }
  return faults;
}
