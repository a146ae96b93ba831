/** The reference reader: every line through the `ndjson` package. */

import type { BlockReader } from '../block-reader.ts';
import type { Batch } from '../source.ts';
import { createRowParser } from './ndjson.ts';
import { entryOf, type Row } from './row.ts';

/** `input`: index among those of the run. `maxLineBytes` as for the line splitter. */
export function createRowReader(input: number, maxLineBytes: number): BlockReader {
  const parser = createRowParser(maxLineBytes);
  let isFirst = true;
  return {
    get lines() {
      return parser.lines;
    },
    *batches(block) {
      const rows = parser.parse(block);
      if (rows.length === 0) return;
      yield rowBatch(rows, input, isFirst);
      isFirst = false;
    },
    close: parser.close,
  };
}

/** `isFirst`: the batch begins with the first line of the input that is not blank. */
function rowBatch(rows: readonly Row[], input: number, isFirst: boolean): Batch {
  return {
    length: rows.length,
    read(index, into) {
      const row = rows[index];
      if (row === undefined) throw new RangeError(`no entry ${index} in a batch of ${rows.length}`);
      return entryOf(row, input, isFirst && index === 0, into);
    },
  };
}
