/** A broken kernel is never passed, whichever kinds of event are hidden; how often it is still called broken stands in a table. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { HIDEABLE } from '../../lib/trace/hidden.ts';
import { section, withSection } from '../docs/section.ts';
import { UPDATING } from '../support/corpus.ts';
import { createRandom } from '../support/random.ts';
import { BROKEN, COLUMNS, saidWithout, worthTable } from './worth.ts';

const README = new URL('../../traces/bugs/README.md', import.meta.url);
const SUBSETS = 40;

for (const broken of BROKEN) {
  test(`${broken.path}: never passed, whatever is hidden`, () => {
    const random = createRandom(5);
    const subsets = Array.from({ length: SUBSETS }, () => HIDEABLE.filter(() => random.once(3)));
    for (const hidden of [...COLUMNS.map((column) => column.hidden), ...subsets])
      assert.notEqual(saidWithout(broken, hidden), 'pass', hidden.join(', '));
  });
}

test('the table of what each kind is worth is what the traces give', () => {
  const expected = worthTable();
  if (UPDATING) writeFileSync(README, withSection(readFileSync(README, 'utf8'), 'worth', expected));
  assert.equal(section(readFileSync(README, 'utf8'), 'worth'), expected);
});
