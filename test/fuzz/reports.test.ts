/** 400 files that are nearly reports, always the same ones: `diff` and `--golden` say what they differ in, or what they are not. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { reportInputOf } from './report-input.ts';
import { tryInput } from './try.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

test('400 reports', async () => {
  for (let number = 0; number < 400; number++) {
    const input = reportInputOf(number);
    const fault = await tryInput(input, join(folder, 'report'));
    assert.equal(fault, undefined, `report ${number}: ${input.argv.join(' ')}`);
  }
});
