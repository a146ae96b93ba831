/** What steps cost: the tables of semantics 6, which were counted in the kernels' own sources. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MachineFeatures } from '../../lib/costs/primitives.ts';
import { buildCosts, STEP, type Step, svePayload, zaPayload } from '../../lib/costs/steps.ts';
import { findModel } from '../../lib/models/models.ts';
import type { Mode } from '../../lib/models/profile.ts';

interface Count {
  read: number;
  write: number;
  isb: number;
  dsb: number;
  hvc: number;
}

/** The base machine of semantics 6.2, and what is added to it. */
function countsOf(model: string, mode: Mode, steps: readonly Step[], features: Partial<MachineFeatures> = {}): Count {
  const profile = findModel(model)?.profile;
  assert.ok(profile !== undefined);
  const base = { sveVl: 64, smeVl: 0, brps: 6, wrps: 4, features: new Set(['pmuv3']) };
  const table = buildCosts(profile, mode, { ...base, ...features });
  const count = { read: 0, write: 0, isb: 0, dsb: 0, hvc: 0 };
  for (const name of steps.flatMap((step) => table.steps[STEP[step]] ?? [])) {
    const primitive = table.primitives[name];
    assert.ok(primitive !== undefined, name);
    count.read += primitive.read?.length ?? 0;
    count.write += primitive.write?.length ?? 0;
    count.isb += primitive.isb ?? 0;
    count.dsb += primitive.dsb ?? 0;
    count.hvc += primitive.hvc ?? 0;
  }
  return count;
}

test('register payloads (6.1)', () => {
  assert.deepEqual([1, 2, 4, 8, 16].map(svePayload), [554, 1100, 2192, 4376, 8744]);
  assert.deepEqual([1, 2, 4, 8, 16].map(zaPayload), [256, 1024, 4096, 16384, 65536]);
});

/**
 * Reads and writes of system registers and barriers, by step. Beside the table of 6.2 there is the fix-up after a guest
 * exit (1 R) and ISR_EL1 at every entry (1 R); the CPACR read of load_fp is a step of its own.
 */
const WORLD_SWITCH: readonly (readonly [string, Mode, Step, Partial<Count>])[] = [
  ['v5.18', 'vhe', 'load', { read: 2 + 2, write: 2 + 21 + 4 }],
  ['v5.18', 'vhe', 'put', { read: 20 + 2, write: 3 + 2 }],
  ['v5.18', 'vhe', 'enter', { read: 2 + 1, write: 6 + 2 }],
  ['v5.18', 'vhe', 'exit', { read: 2 + 1, write: 4, isb: 2 }],
  ['v6.12-stable', 'vhe', 'load', { read: 2 + 2, write: 2 + 20 + 4 + 2 }],
  ['v6.12-stable', 'vhe', 'put', { read: 19 + 2, write: 3 + 2 }],
  ['v6.12-stable', 'vhe', 'enter', { read: 1 + 1, write: 6 }],
  ['v6.12-stable', 'vhe', 'exit', { read: 2 + 1, write: 4, isb: 1 }],
  ['v6.12-stable', 'vhe', 'lazy_to_guest', { read: 0, write: 2 }],
  ['v6.12-stable', 'vhe', 'lazy_to_host', { read: 1, write: 1 }],
  ['v6.12-stable', 'nvhe', 'load', { read: 1, write: 0 }],
  ['v6.12-stable', 'nvhe', 'enter', { read: 24 + 2 + 1, write: 25 + 2 + 1 + 4 + 1 + 1, dsb: 1, hvc: 1 }],
  ['v6.12-stable', 'nvhe', 'exit', { read: 23 + 1, write: 3 + 3 + 25 + 1, dsb: 1 }],
  ['v6.12-stable', 'nvhe', 'lazy_to_host', { read: 1, write: 2 }],
  ['v6.12-stable', 'pkvm', 'exit', { read: 23 + 1, write: 3 + 3 + 25 + 2 }],
  ['v7.1', 'vhe', 'load', { read: 1 + 2 + 1 + 1, write: 1 + 2 + 21 + 3 + 2 }],
  ['v7.1', 'vhe', 'put', { read: 19 + 2, write: 1 + 2 + 2 }],
  ['v7.1', 'nvhe', 'enter', { read: 24 + 1 + 1 + 1 + 1, write: 26 + 2 + 1 + 1 + 3 + 2 }],
  ['v7.1', 'nvhe', 'exit', { read: 23 + 1 + 1, write: 26 + 1 + 2 + 3 + 1 }],
  ['v6.1-stable', 'nvhe', 'enter', { dsb: 0 }],
];

test('system registers and barriers of the world switch (6.2)', () => {
  for (const [model, mode, step, expected] of WORLD_SWITCH) {
    const found = countsOf(model, mode, [step]);
    for (const [what, count] of Object.entries(expected)) {
      assert.equal(found[what as keyof Count], count, `${what} of ${step}, ${model} ${mode}`);
    }
  }
});

test('the FP trap reads the trap register up to v6.15, and writes it twice from v6.16', () => {
  // Beside the table: SPSR_EL2, ESR_EL2 twice, and ISR_EL1.
  assert.deepEqual(countsOf('v6.14', 'vhe', ['fp_trap']), { read: 2 + 4, write: 1, isb: 1, dsb: 0, hvc: 0 });
  assert.deepEqual(countsOf('v6.16', 'nvhe', ['fp_trap']), { read: 1 + 4, write: 2, isb: 1, dsb: 0, hvc: 0 });
});

test('a debug switch, there and back: 4(B+W)+2 each way, and four reads of the ID register up to v6.13 (6.3)', () => {
  const pair: Step[] = ['debug_save', 'debug_restore', 'debug_save', 'debug_restore'];
  for (const [brps, wrps, each] of [
    [2, 2, 18],
    [6, 4, 42],
    [16, 16, 130],
  ] as const) {
    const dirty = countsOf('v6.12-stable', 'vhe', pair, { brps, wrps });
    assert.deepEqual([dirty.read, dirty.write], [each + 4, each]);
    const owner = countsOf('v6.14', 'vhe', pair, { brps, wrps });
    assert.deepEqual([owner.read, owner.write], [each, each]);
  }
});

const withFeatures = (...names: string[]): Partial<MachineFeatures> => ({ features: new Set(['pmuv3', ...names]) });

/** What the features of a machine add to a pair of P22 and P23: reads and writes. */
const ADDED: readonly (readonly [string, Partial<MachineFeatures>, number, number])[] = [
  ['v7.1', withFeatures('fgt'), 5 + 2, 10],
  ['v7.1', withFeatures('fgt', 'amu'), 6 + 2, 12],
  ['v7.1', withFeatures('fgt', 'fgt2'), 10 + 2, 20],
  ['v7.1', withFeatures('amu', 'fgt2'), 0, 0],
  ['v7.1', withFeatures('hcx'), 1, 2],
  ['v7.1', withFeatures('mpam'), 2, 0],
  ['v6.10', withFeatures('fgt'), 5 + 2, 0],
  ['v6.10', withFeatures('fgt', 'amu', 'fgt2'), 6 + 2, 0],
  ['v6.15', withFeatures('mpam'), 0, 2],
  ['v6.10', withFeatures('hcx'), 0, 2],
  ['v6.10', withFeatures('mpam'), 0, 0],
  ['v6.2', withFeatures('fgt'), 0, 0],
  ['v6.2', { smeVl: 32 }, 4, 0],
  ['v6.10', { features: new Set() }, -1, -3],
];

test('fine-grained traps, HCRX_EL2, MPAM and the PMU', () => {
  for (const [model, features, read, write] of ADDED) {
    const [base, more] = [countsOf(model, 'vhe', ['load', 'put']), countsOf(model, 'vhe', ['load', 'put'], features)];
    const what = `${model} ${[...(features.features ?? [])].join(' ')}`;
    assert.deepEqual([more.read - base.read, more.write - base.write], [read, write], what);
  }
});

test('RAS adds VDISR_EL2 to each save and restore, and barriers to each entry', () => {
  const steps: Step[] = ['enter', 'exit'];
  const [base, more] = [countsOf('v7.1', 'nvhe', steps), countsOf('v7.1', 'nvhe', steps, withFeatures('ras'))];
  assert.deepEqual(
    { read: more.read - base.read, write: more.write - base.write, isb: more.isb - base.isb, dsb: more.dsb - base.dsb },
    { read: 2, write: 2, isb: 1, dsb: 1 },
  );
});

test('hyp_init: MPIDR_EL1 and MDCR_EL2, later the ID register and the PMU in the place of the latter (5.1)', () => {
  assert.equal(countsOf('v6.12', 'vhe', ['hyp_init']).read, 2);
  assert.equal(countsOf('v6.14', 'vhe', ['hyp_init']).read, 3);
  assert.equal(countsOf('v6.14', 'vhe', ['hyp_init'], { features: new Set() }).read, 2);
});

test('SPE and TRBE in use, up to v7.0 and from v7.1 (6.4)', () => {
  const spe: Step[] = ['spe_save', 'spe_restore'];
  const trbe: Step[] = ['trbe_save', 'trbe_restore'];
  const registers = ({ read, write }: Count) => [read, write];
  assert.deepEqual(registers(countsOf('v6.12-stable', 'nvhe', spe)), [2, 2]);
  assert.deepEqual(registers(countsOf('v7.1', 'nvhe', spe)), [2, 4]);
  assert.deepEqual(registers(countsOf('v6.12-stable', 'nvhe', trbe)), [2, 2]);
  assert.deepEqual(registers(countsOf('v7.1', 'nvhe', trbe)), [3, 4]);
  assert.deepEqual(registers(countsOf('v7.1', 'nvhe', ['spe_idle'])), [1, 0]);
});

test('every step of every model is made of primitives that there are', () => {
  for (const model of ['v5.18', 'v6.2', 'v6.10', 'v6.16', 'sme-guest-v12']) {
    for (const mode of ['vhe', 'nvhe', 'pkvm'] as const) countsOf(model, mode, Object.keys(STEP) as Step[]);
  }
});
