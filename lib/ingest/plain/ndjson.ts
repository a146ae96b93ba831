/**
 * The reference parser: the `ndjson` package, with what it leaves out. It drops bad lines or stalls on them, ends at
 * `null` and does not count lines; so its row mapper is wrapped, and whole lines are all it is given (it is quadratic
 * in the length of a line that comes in pieces).
 */

import type { Transform } from 'node:stream';
import { parse } from 'ndjson';
import type { Fault } from '../fault.ts';
import type { Block } from '../lines.ts';
import { mayBeParsed, type Row, rowOf } from './row.ts';

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

/** What the mapper delivers for a blank line; to the package `undefined` would be no row at all. */
const BLANK_ROW: Row = { line: 0, value: undefined, fault: undefined };

/** A parser for the blocks of one input, in order. `maxLineBytes` as for the line splitter; `create` is the package. */
export function createRowParser(maxLineBytes: number, create: typeof parse = parse): RowParser {
  const options = { strict: false, maxLength: maxLineBytes };
  const stream: RowStream = create(options);
  const parseRow = stream.mapper;
  if (typeof parseRow !== 'function') throw new Error('the ndjson package has no row mapper any more');
  let faults: ReadonlyMap<number, Fault> = new Map();
  let lines = 0;
  let index = 0;

  stream.mapper = (text) => {
    const known = faults.get(index++);
    const line = ++lines;
    if (known !== undefined) return { line, value: undefined, fault: known };
    return rowOf(line, text, mayBeParsed(text) ? parseRow.call(stream, text) : undefined) ?? BLANK_ROW;
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
