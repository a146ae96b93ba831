/** Every rule can fire, and none fires without cause: over all traces of the corpus. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RULES } from '../../lib/check/rules.ts';
import { type Run, reportOf, runsOf } from './corpus.ts';

/** The first posting of the series goes wrong outside of VHE; every other kernel of the golden and real traces is correct. */
const isCorrect = ({ model, mode }: Run): boolean => model.profile.accessor !== 'v1bug' || mode === 'vhe';

function firedIn(runs: readonly Run[]): Map<string, string> {
  const fired = new Map<string, string>();
  for (const run of runs) {
    const { coverage } = reportOf(run);
    for (const rule of coverage.rules_fired) fired.set(rule, `${run.trace} on ${run.model.name} ${run.mode}`);
  }
  return fired;
}

test('every rule fires on some bad trace', () => {
  const fired = firedIn(runsOf('bad'));
  assert.deepEqual(
    RULES.map(({ id }) => id).filter((id) => !fired.has(id)),
    [],
  );
});

test('every bad trace makes some rule fire', () => {
  for (const run of runsOf('bad')) {
    const { coverage } = reportOf(run);
    assert.notDeepEqual(coverage.rules_fired, [], run.trace);
  }
});

test('no rule fires on a golden or real trace of a correct kernel', () => {
  const good = [...runsOf('golden'), ...runsOf('real')].filter(isCorrect);
  assert.ok(good.length > 50);
  assert.deepEqual([...firedIn(good)], []);
});
