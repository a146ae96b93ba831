/** 2,000 traces and captures that are wrong, always the same ones; test/nightly/fuzz.ts tries more. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inputOf } from './input.ts';
import { seeds } from './seeds.ts';
import { tryInput } from './try.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

const from = seeds();
const INPUTS = 2000;
const PARTS = 4;

for (let part = 0; part < PARTS; part++) {
  test(`inputs ${(part * INPUTS) / PARTS} to ${((part + 1) * INPUTS) / PARTS - 1}`, async () => {
    for (let number = (part * INPUTS) / PARTS; number < ((part + 1) * INPUTS) / PARTS; number++) {
      const input = inputOf(number, from);
      const fault = await tryInput(input, join(folder, 'input'));
      assert.equal(fault, undefined, `input ${number}, of ${input.seed}: ${input.argv.join(' ')}`);
    }
  });
}
