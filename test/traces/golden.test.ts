/**
 * Every expected report of the corpus is what its trace gives, in every value. UPDATE_GOLDEN=1 rewrites them (read the
 * difference before it is committed), and makes the report of a trace that has none, on the machine of its `meta`.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedText, FOLDERS, reportOf, runsOf, tracesOf, UPDATING, writeExpected } from './corpus.ts';
import { layOut } from './layout.ts';

for (const folder of FOLDERS) {
  for (const run of runsOf(folder)) {
    const name = `${folder}/${run.trace} on ${run.model.name} ${run.mode}${run.strict ? ', strict' : ''}`;
    test(name, () => {
      const report = reportOf(run);
      if (UPDATING) writeExpected(run, report);
      else assertSame(layOut(report), expectedText(run));
    });
  }

  test(`every trace of traces/${folder} has an expected report`, () => {
    const compared = new Set(runsOf(folder).map(({ trace }) => trace));
    assert.deepEqual(
      tracesOf(folder).filter((trace) => !compared.has(trace)),
      [],
    );
  });
}

/** Says which lines differ, and not the two texts as a whole. */
function assertSame(actual: string, expected: string): void {
  if (actual === expected) return;
  const [have, want] = [actual.split('\n'), expected.split('\n')];
  const [haveSet, wantSet] = [new Set(have), new Set(want)];
  const added = have.filter((line) => !wantSet.has(line)).map((line) => `+${line}`);
  const missing = want.filter((line) => !haveSet.has(line)).map((line) => `-${line}`);
  assert.fail(['not the expected report:', ...[...missing, ...added].slice(0, 20)].join('\n'));
}
