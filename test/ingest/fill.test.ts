/** The function that the build writes for each kind of event fills a record as one that goes field by field does. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textOfFill } from '../../bin/write-fill.ts';
import { fill } from '../../lib/ingest/fast/fill.ts';
import { FAST_ROWS, KIND_WORD, RECORD_WORDS } from '../../lib/ingest/fast/layout.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { importText } from '../support/import-text.ts';

const { fill: fillWritten } = await importText<{ fill: typeof fill }>(textOfFill());

const KINDS = [...FAST_ROWS.entries()].filter(([, row]) => row !== undefined).map(([kind]) => kind);

test('any words of a record, of every kind', () => {
  const anyWords = fc.array(fc.integer(), { minLength: RECORD_WORDS, maxLength: RECORD_WORDS });
  for (const kind of KINDS) {
    fc.assert(
      fc.property(anyWords, fc.nat(5), (words, before) => {
        const all = Int32Array.from([...new Array<number>(before).fill(7), ...words]);
        all[before + KIND_WORD] = kind;
        const [one, other] = [createEventRecord(), createEventRecord()];
        fill(one, all, before);
        fillWritten(other, all, before);
        assert.deepEqual(one, other);
      }),
      { numRuns: 30 },
    );
  }
});
