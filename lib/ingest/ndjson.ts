/**
 * The reference parser: the `ndjson` package, with what it leaves out. It drops bad lines or stalls on them, takes
 * the last of duplicate keys, rounds numbers, ends at `null` and does not count lines; so its row mapper is wrapped,
 * and whole lines are all it is given (it is quadratic in the length of a line that comes in pieces).
 */

import type { Transform } from 'node:stream';
import { parse } from 'ndjson';
import { WrittenNumber } from '../trace/describe.ts';
import { type Fault, fault } from './fault.ts';
import { scanJson } from './json.ts';
import { type Block, bareCarriageReturn } from './lines.ts';

/** A line that is not blank: what it says, or what is wrong with it. */
export interface Row {
  /** Line of the input, from 1. */
  readonly line: number;
  readonly value: unknown;
  readonly fault: Fault | undefined;
}

export interface RowParser {
  /** Lines seen so far, blank ones included. */
  readonly lines: number;
  /** The rows of a block, blank lines left out. */
  parse(block: Block): Row[];
  close(): void;
}

type Mapper = (this: unknown, text: string) => unknown;
/** The part of split2's stream, which `ndjson` returns, that its types do not tell. */
type RowStream = Transform & { mapper?: Mapper };

/** A number with a fraction or an exponent. May match inside a string. */
const NOT_ONLY_DIGITS = /[:[,][ \t]*-?[0-9]+[.eE]/;
const BLANK = /^[ \t]*$/;
/** What the mapper delivers for a blank line; to the package `undefined` would be no row at all. */
const BLANK_ROW: Row = { line: 0, value: undefined, fault: undefined };

function countColons(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) count++;
  return count;
}

/** True where only a walk over the text can tell that nothing is lost in `value`. */
function needsScan(text: string, value: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(value);
  // Each member has its colon outside of strings: as many keys as colons means that no key came twice.
  if (countColons(text) !== keys.length) return true;
  if (NOT_ONLY_DIGITS.test(text) || text.includes('\\u')) return true;
  return keys.some((key) => typeof value[key] === 'number' && !Number.isSafeInteger(value[key]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `value` is what the package made of the text; undefined where that is no JSON. */
function rowOf(line: number, text: string, value: unknown): Row {
  if (text.includes('\r')) return { line, value: undefined, fault: bareCarriageReturn() };
  if (value === undefined && BLANK.test(text)) return BLANK_ROW;
  if (value !== undefined && !(isObject(value) && needsScan(text, value))) return { line, value, fault: undefined };
  const scan = scanJson(text);
  if (scan.fault) return { line, value: undefined, fault: scan.fault };
  if (!isObject(value)) return { line, value: undefined, fault: fault('a JSON object', 'text that is not JSON') };
  for (const [key, written] of scan.written) value[key] = new WrittenNumber(written);
  return { line, value, fault: undefined };
}

/** A parser for the blocks of one input, in order. `maxLineBytes` as for the line splitter. */
export function createRowParser(maxLineBytes: number): RowParser {
  const options = { strict: false, maxLength: maxLineBytes };
  const stream: RowStream = parse(options);
  const parseRow = stream.mapper;
  if (typeof parseRow !== 'function') throw new Error('the ndjson package has no row mapper any more');
  let faults: ReadonlyMap<number, Fault> = new Map();
  let lines = 0;
  let index = 0;

  stream.mapper = (text) => {
    const known = faults.get(index++);
    const line = ++lines;
    if (known !== undefined) return { line, value: undefined, fault: known };
    return text === '' ? BLANK_ROW : rowOf(line, text, parseRow.call(stream, text));
  };

  return {
    get lines() {
      return lines;
    },
    parse(block) {
      faults = block.faults;
      index = 0;
      stream.write(block.bytes);
      const rows: Row[] = [];
      let delivered = 0;
      for (let row = stream.read() as Row | null; row !== null; row = stream.read() as Row | null) {
        delivered++;
        if (row !== BLANK_ROW) rows.push(row);
      }
      if (delivered === 0 || delivered !== index) throw new Error('the ndjson package did not deliver every line');
      return rows;
    },
    close() {
      stream.destroy();
    },
  };
}
