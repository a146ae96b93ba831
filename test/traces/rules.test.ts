/** Every rule can fire, and none fires without cause: over all traces of the corpus. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RULES } from '../../lib/check/rules.ts';
import { type Run, reportOf, runsOf, tracesOf } from '../support/corpus.ts';

/**
 * Not the first posting of the series outside of VHE, nor the pKVM of v6.10-rc1, whose two copies of fp_owner do not meet, nor
 * that of v6.14 .. v7.2, whose EL2 is not told of a debugger.
 */
const isCorrect = ({ model: { profile }, mode }: Run): boolean =>
  (profile.accessor !== 'v1bug' || mode === 'vhe') &&
  (mode !== 'pkvm' || (profile.pkvmFp !== 'split' && profile.pkvmDebug === 'all'));

function firedIn(runs: readonly Run[]): Map<string, string> {
  const fired = new Map<string, string>();
  for (const run of runs) {
    const { coverage } = reportOf(run);
    for (const rule of coverage.rules_fired) fired.set(rule, `${run.trace} on ${run.model.name} ${run.mode}`);
  }
  return fired;
}

/** Rules that no trace can break in the models there are, and why. */
const CANNOT_FIRE = {
  'DB-09': 'the emulator saves the buffers at every entry, and leaves no window without an exit',
  'DB-11': 'every load (VHE) or entry saves the trap controls before a put or exit can restore them',
  'SM-05': 'no model with SME guests sizes sve_state by the SVE vector length alone',
};

test('every rule fires on some bad trace', () => {
  const fired = firedIn(runsOf('bad'));
  assert.deepEqual(
    RULES.map(({ id }) => id).filter((id) => !fired.has(id)),
    Object.keys(CANNOT_FIRE),
  );
});

test('every bad trace makes some rule fire', () => {
  const telling = new Set(runsOf('bad').flatMap((run) => (firedIn([run]).size > 0 ? [run.trace] : [])));
  assert.deepEqual(
    tracesOf('bad').filter((trace) => !telling.has(trace)),
    [],
  );
});

test('no rule fires on a golden or real trace of a correct kernel', () => {
  const good = [...runsOf('golden'), ...runsOf('real')].filter(isCorrect);
  assert.ok(good.length > 50);
  assert.deepEqual([...firedIn(good)], []);
});
