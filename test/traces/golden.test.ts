/**
 * Every expected report of the corpus is what its trace gives, in every value. UPDATE_GOLDEN=1 rewrites them (read the
 * difference before it is committed), and makes the report of a trace that has none, on the machine of its `meta`.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '../../lib/replay/settings.ts';
import { layOut } from '../../lib/report/lay-out.ts';
import {
  expectedText,
  FOLDERS,
  type Folder,
  type Run,
  reportOf,
  runOf,
  runsOf,
  traceOf,
  tracesOf,
  UPDATING,
  writeExpected,
} from '../support/corpus.ts';

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
    const missing = tracesOf(folder).filter((trace) => !compared.has(trace));
    if (UPDATING) for (const run of missing.map((trace) => ownRun(folder, trace))) writeExpected(run, reportOf(run));
    else assert.deepEqual(missing, []);
  });
}

/** The run of a trace on the machine of its `meta`. */
function ownRun(folder: Folder, trace: string): Run {
  const settings = settle({}, traceOf(folder, trace).events[0]?.meta);
  assert.ok('features' in settings, `${trace}: a model or mode that there is not`);
  return runOf(folder, trace, { model: settings.model, mode: settings.mode, strict: false });
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
