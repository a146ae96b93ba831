/** The fast reader: records of integers where the scanner takes a line, and rows as in the reference reader where not. */

import type { EventRecord } from '../../trace/event.ts';
import type { BlockReader } from '../block-reader.ts';
import { entryOf, mayBeParsed, type Row, rowOf } from '../plain/row.ts';
import type { Batch, InputError } from '../source.ts';
import { fill } from './fill.ts';
import { BATCH_WORDS, KIND_WORD, LINE_WORD, RECORD_WORDS, SLOW, SLOW_WORD } from './layout.ts';
import { createRecords, type Records, scanBlock } from './records.ts';

/** `input`: index among those of the run. */
export function createRecordReader(input: number): BlockReader {
  const records = createRecords(new Int32Array(BATCH_WORDS));
  const toBatch = createBatcher(input);
  let lines = 0;
  return {
    get lines() {
      return lines;
    },
    *batches(block) {
      const scan = scanBlock(block, lines + 1, records);
      let step = scan.next();
      for (; !step.done; step = scan.next()) {
        if (records.length > 0) yield toBatch(records);
      }
      lines += step.value;
    },
    close() {},
  };
}

/** Makes the batches of an input, in order: one object, which has the records of the last call. */
export function createBatcher(input: number): (records: Records) => Batch {
  let records: Records | undefined;
  let isFirst = true;
  const batch: { length: number; read: Batch['read']; scanned: Records | undefined } = {
    length: 0,
    read,
    scanned: undefined,
  };

  function read(index: number, into: EventRecord): InputError | undefined {
    const { words, firstLine } = records as Records;
    const at = index * RECORD_WORDS;
    const line = firstLine + (words[at + LINE_WORD] as number);
    if (words[at + KIND_WORD] === SLOW) return readSlow(words[at + SLOW_WORD] as number, line, index, into);
    into.input = input;
    into.line = line;
    fill(into, words, at);
    return undefined;
  }

  function readSlow(slow: number, line: number, index: number, into: EventRecord): InputError | undefined {
    const text = records?.slow[slow];
    if (text === undefined) throw new RangeError(`no entry ${index} in a batch of ${batch.length}`);
    // Blank lines are not among them, and so each has a row.
    const row = typeof text === 'string' ? rowOf(line, text, parse(text)) : { line, value: undefined, fault: text };
    return entryOf(row as Row, input, isFirst && index === 0, into);
  }

  return (next) => {
    isFirst = records === undefined;
    records = next;
    batch.length = next.length;
    batch.scanned = next;
    return batch;
  };
}

/** As the package of the reference reader does it: no value where the text is no JSON. */
function parse(text: string): unknown {
  if (!mayBeParsed(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
