/** Some signals and faults of file systems, always the same ones; test/nightly/fuzz.ts tries more. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { builtProgram } from '../support/built.ts';
import { skipUnless } from '../support/skip.ts';
import { tryFault } from './fault-at.ts';
import { trySignal } from './signal-at.ts';
import { createStage } from './stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));
const skip = skipUnless(process.platform === 'linux', 'FIFOs and signals are those of Linux');
const stage = skip === false ? await createStage(folder, builtProgram()) : undefined;

const COUNT = 40;

for (const [what, attempt] of Object.entries({ signals: trySignal, 'faults of file systems': tryFault })) {
  test(what, { skip }, async () => {
    for (let number = 0; number < COUNT; number++) {
      assert.equal(await attempt(number, stage as NonNullable<typeof stage>), undefined, `number ${number}`);
    }
  });
}
