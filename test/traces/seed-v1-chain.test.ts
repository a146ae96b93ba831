/** What the first posting of the series does in nVHE, step by step (semantics 9.1): each step a violation on its line. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mode } from '../../lib/models/profile.ts';
import type { Violation } from '../../lib/report/report.ts';
import { reportOf } from '../support/corpus.ts';
import { bugRun } from './bugs.ts';

const on = (mode: Mode) => reportOf(bugRun('seed-v1-chain', { model: 'seed-v1', mode }));

/** Line of the trace, rule, and what else of the same cause follows it. */
type Told = readonly [line: number, rule: string, followed?: number];

const STEPS: Readonly<Record<string, readonly Told[]>> = {
  '1, hyp_init: MPIDR_EL1 is in the other instance, so the host reads 0 from each exit on': [
    [5, 'HD-01'],
    [5, 'HD-02', 2],
    [6, 'HD-01'],
    [6, 'HD-02', 2],
  ],
  '2, load: so is fp_owner, which the entry finds': [
    [8, 'HD-01', 1],
    [12, 'HD-01', 1],
  ],
  '3, FP trap: the host is not saved': [
    [9, 'FP-07'],
    [13, 'FP-07'],
  ],
  '4, ctxsync: the vCPU is not bound': [
    [10, 'FP-13', 1],
    [14, 'FP-13'],
  ],
  '5, kernel-mode NEON saves the registers of the guest into the memory of the task': [[15, 'FP-28']],
  '5, and the entry after it finds ctxflush without effect': [
    [17, 'FP-03', 1],
    [17, 'FP-05'],
    [17, 'FP-12'],
  ],
  '6, put: nothing is saved': [[19, 'FP-04', 1]],
  '6, and the VMM returns to user mode with the registers of the guest': [[20, 'FP-27']],
  '7, the owner stays guest: the next vCPU runs untrapped': [
    [22, 'FP-03'],
    [22, 'FP-05'],
    [22, 'HD-04'],
  ],
};

const toldOf = (violations: readonly Violation[]): Told[] =>
  violations.map(({ line, rule, followed }) => (followed === 0 ? [line, rule] : [line, rule, followed]));
const byLine = (a: Told, b: Told): number => a[0] - b[0] || (a[1] < b[1] ? -1 : 1);

for (const mode of ['nvhe', 'hvhe'] as const) {
  test(`seed-v1 in ${mode}: the steps, and nothing else`, () => {
    const { violations } = on(mode);
    assert.deepEqual(toldOf(violations).sort(byLine), Object.values(STEPS).flat().sort(byLine));
  });
}

test('seed-v1 in vhe: nothing', () => {
  const { verdict, reasons, violations, ledger } = on('vhe');
  assert.deepEqual({ verdict, reasons, violations }, { verdict: 'pass', reasons: [], violations: [] });
  assert.deepEqual(ledger.weak_orderings, {});
});
