/** Blocks become records, with the text of the lines that the scanner leaves to the reference reader. */

import type { Fault } from '../fault.ts';
import type { Block } from '../lines.ts';
import { isBlank } from '../plain/row.ts';
import { SLOW_WORD } from './layout.ts';
import { PADDING, type Scan } from './scan.ts';
import { scanFast } from './simd/scanner.ts';

/** Lines that were scanned together, one object that is filled again and again. */
export interface Records {
  words: Int32Array;
  /** How many records there are. */
  length: number;
  /** Line of the input from which the records count their own. */
  firstLine: number;
  /** Lines that the scanner did not take, without their line ends, or what is wrong with them. */
  slow: (string | Fault)[];
}

export function createRecords(words: Int32Array): Records {
  return { words, length: 0, firstLine: 1, slow: [] };
}

/**
 * Scans the block whose first line is `firstLine`, a batch at a time: after each step of the iterator `into` has the next
 * one. The iterator returns the number of lines.
 */
export function* scanBlock(block: Block, firstLine: number, into: Records): Generator<undefined, number> {
  const scan = createScan(block);
  const { bytes, faults } = scan;
  into.firstLine = firstLine;
  while (scan.position < scan.end) {
    into.slow = [];
    into.length = scanFast(scan, into.words, (start, end, line, at) => {
      const known = faults?.get(line);
      const text = known ?? textOf(bytes, start, end);
      if (typeof text === 'string' && isBlank(text)) return false;
      into.words[at + SLOW_WORD] = into.slow.push(text) - 1;
      return true;
    });
    yield;
  }
  return scan.line;
}

function createScan({ bytes: block, faults }: Block): Scan {
  const bytes = padded(block);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { bytes, view, end: block.length, faults: faults.size > 0 ? faults : undefined, position: 0, line: 0 };
}

/** The same bytes with some more behind them: those that are there in memory, or else in a copy. */
function padded(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = bytes;
  if (byteOffset + length + PADDING <= buffer.byteLength) return new Uint8Array(buffer, byteOffset, length + PADDING);
  const copy = new Uint8Array(length + PADDING);
  copy.set(bytes);
  return copy;
}

const CARRIAGE_RETURN = 0x0d;

/** A line without its LF or CR LF. It is not empty. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  const lineEnd = bytes[end - 2] === CARRIAGE_RETURN ? 2 : 1;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - lineEnd - start).toString();
}
