/** A replay that only counts, as `identify` makes many of, counts what one counts that also says what comes of what. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { replayFile } from '../../lib/replay/file.ts';
import type { Report } from '../../lib/report/report.ts';

const FOLDERS = ['traces/bugs', 'traces/golden'];
const KERNELS = [
  { model: 'v6.2', mode: 'nvhe' },
  { model: 'v6.14', mode: 'nvhe' },
  { model: 'seed-v1', mode: 'nvhe' },
  { model: 'seed-v1', mode: 'vhe' },
] as const;

function countsOf({ observations, violation_counts, verdict }: Report): unknown {
  const violations = Object.entries(violation_counts).map(([rule, { total, followed }]) => [rule, total, followed]);
  return { verdict, violations, observations: { ...observations, diverging: [] } };
}

test('traces of bugs, and of healthy kernels, under models that fit and that do not', async () => {
  let [violated, diverged] = [0, 0];
  for (const folder of FOLDERS) {
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.ndjson'))) {
      for (const options of KERNELS) {
        const whole = await replayFile(`${folder}/${name}`, options);
        const counted = await replayFile(`${folder}/${name}`, { ...options, countsOnly: true, maxViolations: 0 });
        assert.deepEqual(countsOf(counted), countsOf(whole), `${name}, ${options.model}`);
        assert.deepEqual(counted.causes, []);
        violated += whole.violations.length;
        diverged += whole.observations.diverged;
      }
    }
  }
  assert.ok(violated > 100 && diverged > 0, `${violated} violations, ${diverged} divergences`);
});
