/** The numbers of the golden scenarios (semantics 11), asserted one by one: an expected report may be rewritten, these may not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from '../../lib/report/report.ts';
import { fpBytes, reportOn as report } from './numbers.ts';

/** Reads and writes of the registers that a debug switch moves, and reads of the ID register that it asks. */
function debugAccesses({ cost }: Report): { read: number; write: number; id: number } {
  const registers = Object.entries(cost.sysregs).filter(([name]) => /^(DBG|MDCCINT)/.test(name));
  return {
    read: registers.reduce((sum, [, { read }]) => sum + read, 0),
    write: registers.reduce((sum, [, { write }]) => sum + write, 0),
    id: cost.sysregs.ID_AA64DFR0_EL1?.read ?? 0,
  };
}

const G1 = 'one-run-with-fp';
const G2 = 'one-run-without-fp';
const G3 = 'ten-runs-with-fp';
const G4 = 'neon-between-two-runs';
const G8 = 'neon-before-first-entry';
const G7 = 'two-vcpus-one-task';

/** Bytes in A2 and D, each without SVE and with a guest of 512-bit vectors (gvq = 4); the same in vhe and nvhe. */
const BYTES = [
  { scenario: 'G1', trace: G1, a2: 2080, d: 2080, a2Sve: 5424, dSve: 5424 },
  { scenario: 'G2', trace: G2, a2: 0, d: 1040, a2Sve: 0, dSve: 1040 },
  { scenario: 'G3', trace: G3, a2: 2080, d: 2080, a2Sve: 5424, dSve: 5424 },
  { scenario: 'G4', trace: G4, a2: 3120, d: 3120, a2Sve: 9808, dSve: 9808 },
  { scenario: 'G8', trace: G8, a2: 2080, d: 2080, a2Sve: 5424, dSve: 5424 },
] as const;

for (const { scenario, trace, ...bytes } of BYTES) {
  test(`${scenario}: bytes of register state in v6.2 and v6.14, vhe and nvhe, with SVE and without`, () => {
    for (const mode of ['vhe', 'nvhe'] as const) {
      for (const [key, model, file] of [
        ['a2', 'v6.2', trace],
        ['d', 'v6.14', trace],
        ['a2Sve', 'v6.2', `${trace}-sve`],
        ['dSve', 'v6.14', `${trace}-sve`],
      ] as const) {
        const { cost, violations, verdict } = report(file, model, mode);
        assert.equal(fpBytes(cost.total), bytes[key], `${file} ${model} ${mode}`);
        assert.deepEqual({ violations, verdict }, { violations: [], verdict: 'pass' }, `${file} ${model} ${mode}`);
      }
    }
  });
}

/**
 * What the first posting of the series does. `rules`: those that the table names, HD-01, which is the cause of them all,
 * and HD-04, which says the same as FP-03 of the second vCPU.
 */
const SEED_V1 = [
  {
    scenario: 'G7',
    trace: G7,
    nvhe: 520,
    vhe: 3640,
    rules: ['FP-03', 'FP-04', 'FP-05', 'FP-07', 'FP-13', 'FP-27', 'HD-01', 'HD-02', 'HD-04'],
  },
  {
    scenario: 'G4B',
    trace: G4,
    nvhe: 1560,
    vhe: 3120,
    rules: ['FP-03', 'FP-04', 'FP-05', 'FP-07', 'FP-12', 'FP-13', 'FP-28', 'HD-01', 'HD-02'],
  },
  { scenario: 'G2', trace: G2, nvhe: 0, vhe: 0, rules: ['HD-01', 'HD-02'] },
] as const;

for (const { scenario, trace, nvhe, vhe, rules } of SEED_V1) {
  test(`${scenario}: bytes and violations of seed-v1 in nvhe, and none in vhe`, () => {
    const wrong = report(trace, 'seed-v1', 'nvhe');
    assert.equal(fpBytes(wrong.cost.total), nvhe);
    assert.deepEqual([...wrong.coverage.rules_fired].sort(), rules);
    const right = report(trace, 'seed-v1', 'vhe');
    assert.equal(fpBytes(right.cost.total), vhe);
    assert.deepEqual({ fired: right.coverage.rules_fired, verdict: right.verdict }, { fired: [], verdict: 'pass' });
  });
}

/** Debug switches (into the guest and back) with B = 6, W = 4: 42 reads and 42 writes each, and 4 of the ID register. */
const DEBUG = [
  { trace: 'debug-register-write-then-100-runs', model: 'v6.12-stable', pairs: 1, idReads: 4 },
  { trace: 'debug-register-write-then-100-runs', model: 'v7.1', pairs: 100, idReads: 0 },
  { trace: 'mdscr-mde-then-100-runs', model: 'v6.12-stable', pairs: 100, idReads: 400 },
  { trace: 'mdscr-mde-then-100-runs', model: 'v7.1', pairs: 100, idReads: 0 },
] as const;

for (const { trace, model, pairs, idReads } of DEBUG) {
  test(`${trace} on ${model}: ${pairs} debug switches`, () => {
    for (const mode of ['vhe', 'nvhe'] as const) {
      const found = report(trace, model, mode);
      // Outside of VHE every load asks the ID register for SPE and TRBE (<= v6.13), and hyp_init does later.
      const others = found.cost.sysregs.ID_AA64DFR0_EL1?.read === undefined ? 0 : idElsewhere(found);
      const { read, write, id } = debugAccesses(found);
      assert.deepEqual({ read, write, id: id - others }, { read: 42 * pairs, write: 42 * pairs, id: idReads }, mode);
      assert.deepEqual(found.debug, {
        switches: 2 * pairs,
        by_edge: { 'guest>host': pairs, 'host>guest': pairs },
      });
      assert.equal(found.verdict, 'pass');
    }
  });
}

/** Reads of the ID register by steps other than the debug switch. */
function idElsewhere({ model, cost }: Report): number {
  if (model.name === 'v7.1') return cost.total.init_context?.count ?? 0;
  return cost.total.debug_flags?.count ?? 0;
}

test('an OS lock write costs v7.1 a put and a load, and v6.12-stable neither', () => {
  const owner = report('os-lock-write', 'v7.1', 'vhe').cost.by_event.guest_oslock;
  assert.deepEqual(
    [owner?.el1_save?.count, owner?.el1_restore?.count, owner?.user_sys_save?.count, owner?.traps_common_off?.count],
    [2, 2, 4, 2],
  );
  // The first of the two puts finds the guest's registers and saves them; so does the second, after the run in between.
  assert.equal(owner?.fpsimd_save?.bytes, 1040);
  const dirty = report('os-lock-write', 'v6.12-stable', 'vhe').cost.by_event.guest_oslock;
  assert.deepEqual([dirty?.el1_save, dirty?.el1_restore, dirty?.fpsimd_save], [undefined, undefined, undefined]);
});

test('migration: 520 bytes saved by the put on CPU 0, 520 loaded by the trap on CPU 1', () => {
  for (const mode of ['vhe', 'nvhe'] as const) {
    const { cost, verdict } = report('migration-between-cpus', 'v6.2', mode);
    assert.equal(cost.by_event.sched_out?.fpsimd_save?.bytes, 520);
    assert.equal(cost.by_cpu['1']?.fpsimd_load?.bytes, 520 + 520, 'the vCPU at its trap, task 41 at its return');
    assert.equal(cost.by_event.guest_fp?.fpsimd_load?.bytes, 520 + 520, 'one trap on each CPU');
    assert.equal(verdict, 'pass');
  }
});
