/** What `test/bench/provenance.ts` takes out of the way of an event is there. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { HOOKS } from '../bench/provenance.ts';

test('every hook that the benchmark takes out is in the sources', () => {
  for (const [file, text, times] of HOOKS) {
    const found = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').split(text).length - 1;
    assert.equal(found, times, `${file}: ${text.trim()}`);
  }
});
