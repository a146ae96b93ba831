/** Every event of the vocabulary has its step in the emulator and stands in the corpus, with each of its fields. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isModelled } from '../../lib/kernel/events/step.ts';
import { EVENTS, type EventRow } from '../../lib/trace/vocabulary.ts';
import { CORPUS, FOLDERS, tracesOf } from '../support/corpus.ts';

const ROWS: readonly EventRow[] = EVENTS;

test('every event has its step (lib/kernel/events)', () => {
  assert.deepEqual(
    ROWS.filter((_, kind) => !isModelled(kind)).map(({ name }) => name),
    [],
  );
});

test('every event stands in a trace of the corpus, with each of its fields', () => {
  const seen = new Set<string>();
  for (const folder of FOLDERS) {
    for (const trace of tracesOf(folder)) {
      for (const line of readFileSync(new URL(`${folder}/${trace}.ndjson`, CORPUS), 'utf8')
        .trimEnd()
        .split('\n')) {
        const { event, ...fields } = JSON.parse(line);
        seen.add(event);
        for (const field of Object.keys(fields)) seen.add(`${event}.${field}`);
      }
    }
  }
  const wanted = ROWS.flatMap(({ name, required, optional }) => [
    name,
    ...[...required, ...optional].map((field) => `${name}.${field}`),
  ]);
  assert.deepEqual(
    wanted.filter((name) => !seen.has(name)),
    [],
  );
});
