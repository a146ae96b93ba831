import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fill } from '../../lib/ingest/fast/fill.ts';
import { bitsOf, FAST_ROWS, fieldsOf, PLACES, RECORD_WORDS } from '../../lib/ingest/fast/layout.ts';
import { createLexicon, find, NONE } from '../../lib/ingest/fast/lexicon.ts';
import { createRecords, scanBlock } from '../../lib/ingest/fast/records.ts';
import { takeHex } from '../../lib/ingest/fast/scan-values.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { EVENTS, type EventRow, KIND } from '../../lib/trace/vocabulary.ts';
import { rows } from '../support/arbitrary.ts';
import { createRandom, lineOfMembers, plainMembers } from '../support/mutate-lines.ts';

function view(text: string): DataView {
  return new DataView(new Uint8Array(Buffer.from(`${text}\n\0\0\0`)).buffer);
}

test('hexadecimal digits of a width that no field has are left to the slow path', () => {
  const words = new Int32Array(2);
  const bytes = Buffer.from('"0x12"');
  assert.equal(takeHex(bytes, 0, 40, words, 0), NONE);
  assert.deepEqual([takeHex(bytes, 0, 6, words, 0), words[0]], [6, 0x12]);
  assert.deepEqual([takeHex(bytes, 0, 64, words, 0), [...words]], [6, [0, 0x12]]);
});

test('a lexicon finds each of its texts, and nothing else', () => {
  const texts = EVENTS.map(({ name }) => `"${name}"`);
  const lexicon = createLexicon(texts);
  for (const [id, text] of texts.entries()) {
    assert.equal(find(lexicon, view(text), 0), id);
    assert.equal(find(lexicon, view(`x${text},`), 1), id);
    for (let at = 0; at < text.length; at++) {
      assert.equal(find(lexicon, view(`${text.slice(0, at)}~${text.slice(at + 1)}`), 0), NONE);
      if (at >= 1) assert.equal(find(lexicon, view(text.slice(0, at)), 0), NONE);
    }
  }
});

test('a lexicon refuses texts that it cannot compare', () => {
  for (const text of ['abc', 'x'.repeat(33), 'caf\u00e9']) assert.throws(() => createLexicon([text]), RangeError);
});

test('fields that an event can have together do not overlap, and each has a bit', () => {
  assert.ok(PLACES.length <= 64);
  for (const row of FAST_ROWS) {
    if (row === undefined) continue;
    const words = PLACES.filter(({ name }) => fieldsOf(row).includes(name)).flatMap(({ word, width }) =>
      Array.from({ length: width }, (_, offset) => word + offset),
    );
    assert.equal(new Set(words).size, words.length, row.name);
    assert.ok(Math.max(...words) < RECORD_WORDS);
  }
  const bits = PLACES.map(({ name }) => bitsOf([name]).join());
  assert.equal(new Set(bits).size, PLACES.length);
  assert.throws(() => bitsOf(['format']), RangeError);
});

test('what is written without anything unusual is taken by the fast scanner, with LF and CR LF', () => {
  const random = createRandom(3);
  const fast = rows.filter((row) => row.name !== 'meta' && row.name !== 'left_out');
  const lines = Array.from({ length: 5000 }, (_, index) =>
    lineOfMembers(plainMembers(fast[index % fast.length] as EventRow, random)),
  );
  for (const lineEnd of ['\n', '\r\n']) {
    const records = createRecords(new Int32Array(6000 * RECORD_WORDS));
    const bytes = Buffer.from(lines.map((line) => line + lineEnd).join(''));
    const scan = scanBlock({ bytes, faults: new Map() }, 1, records);
    assert.equal(scan.next().done, false);
    assert.equal(records.length, lines.length);
    assert.deepEqual(records.slow, []);
    assert.deepEqual(scan.next(), { done: true, value: lines.length });
  }
});

test('a record of meta cannot be filled from: there is none', () => {
  const words = new Int32Array(RECORD_WORDS).fill(KIND.meta);
  assert.throws(() => fill(createEventRecord(), words, 0), RangeError);
});
