/** The functions that are made for each kind of event fill a record as one that goes field by field does. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fill } from '../../lib/ingest/fast/fill.ts';
import { FAST_ROWS, KIND_WORD, RECORD_WORDS } from '../../lib/ingest/fast/layout.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { fill as fillPlainly } from '../bench/plain/fill.ts';

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
        fillPlainly(other, all, before);
        assert.deepEqual(one, other);
      }),
      { numRuns: 30 },
    );
  }
});
