/** The numbers of semantics 11 hold in the literal model. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLiteral, type Literal, type TraceEvent } from './literal.ts';
import { createRules } from './rules.ts';

const TASK = 7;
const cpu = 0;

type Short = readonly TraceEvent[];
/** One CPU, one task with live user FP state. */
const START: Short = [
  { event: 'hyp_init', cpu },
  { event: 'task_switch', cpu, next: TASK },
  { event: 'return_to_user', cpu },
  { event: 'host_fp', cpu },
];
const load = (vcpu: number): Short => [
  { event: 'map_fp', vm: 0, vcpu, task: TASK },
  { event: 'vcpu_load', cpu, vcpu, task: TASK },
];
const RUN: Short = [
  { event: 'guest_enter', cpu },
  { event: 'guest_exit', cpu },
];
const RUN_FP: Short = [
  { event: 'guest_enter', cpu },
  { event: 'guest_fp', cpu },
  { event: 'guest_exit', cpu },
];
const NEON: Short = [
  { event: 'neon_begin', cpu, softirq: true },
  { event: 'neon_end', cpu, softirq: true },
];
const PUT: Short = [{ event: 'vcpu_put', cpu }];
const USER: Short = [{ event: 'return_to_user', cpu }];

const G1 = [...load(0), ...RUN_FP, ...PUT, ...USER];
const SCENARIOS: Readonly<Record<string, Short>> = {
  G1,
  G2: [...load(0), ...RUN, ...PUT, ...USER],
  G3: [...load(0), ...Array.from({ length: 10 }, () => RUN_FP).flat(), ...PUT, ...USER],
  G4: [...load(0), ...RUN_FP, ...NEON, ...RUN_FP, ...PUT, ...USER],
  G7: [...G1, ...load(1), ...RUN_FP, ...PUT],
  G8: [...load(0), ...NEON, ...RUN_FP, ...PUT, ...USER],
};

interface Row {
  readonly models: readonly string[];
  readonly modes: readonly string[];
  readonly gvq: number;
  readonly bytes: Readonly<Record<string, number>>;
}
const LAZY = ['v5.18', 'v6.2', 'v6.10-rc1', 'v6.10'];
const EAGER = ['v6.1-stable', 'v6.12-stable', 'v6.14', 'v6.16', 'v7.1'];
const ROWS: readonly Row[] = [
  { models: LAZY, modes: ['vhe', 'nvhe'], gvq: 0, bytes: { G1: 2080, G2: 0, G3: 2080, G4: 3120, G8: 2080 } },
  { models: EAGER, modes: ['vhe', 'nvhe'], gvq: 0, bytes: { G1: 2080, G2: 1040, G3: 2080, G4: 3120, G8: 2080 } },
  { models: LAZY, modes: ['vhe', 'nvhe'], gvq: 4, bytes: { G1: 5424, G2: 0, G3: 5424, G4: 9808, G8: 5424 } },
  { models: EAGER, modes: ['vhe', 'nvhe'], gvq: 4, bytes: { G1: 5424, G2: 1040, G3: 5424, G4: 9808, G8: 5424 } },
  { models: ['seed-v1'], modes: ['nvhe', 'hvhe'], gvq: 0, bytes: { G2: 0, G4: 1560, G7: 520 } },
  { models: ['seed-v1'], modes: ['vhe'], gvq: 0, bytes: { G7: 3640 } },
];

interface Outcome {
  readonly literal: Literal;
  readonly bytes: number;
  readonly broken: readonly string[];
}

/** Bytes count from the moment at which the task's state is live. */
function play(model: string, mode: string, scenario: Short, gvq = 0): Outcome {
  const literal = createLiteral(model, mode, { cpus: 1, ...(gvq > 0 ? { sveVl: gvq * 16 } : {}) });
  const rules = createRules(literal, 1);
  literal.step({ event: 'vcpu_create', vm: 0, vcpu: 0, sve: gvq > 0 });
  for (const event of START) literal.step(event);
  const start = literal.bytes();
  const broken = new Set(scenario.flatMap((event) => rules.step(event)));
  return { literal, bytes: literal.bytes() - start, broken: [...broken].sort() };
}

for (const { models, modes, gvq, bytes } of ROWS) {
  for (const [name, expected] of Object.entries(bytes)) {
    test(`${name}, ${models.join(' ')}, ${modes.join(' ')}, gvq=${gvq}: ${expected} bytes`, () => {
      for (const model of models) {
        for (const mode of modes) {
          assert.equal(play(model, mode, SCENARIOS[name] ?? [], gvq).bytes, expected, `${model} ${mode}`);
        }
      }
    });
  }
}

test('seed-v1 breaks the rules that the golden table names in nvhe, and none in vhe', () => {
  assert.deepEqual(play('seed-v1', 'vhe', SCENARIOS.G7 ?? []).broken, []);
  const g7 = play('seed-v1', 'nvhe', SCENARIOS.G7 ?? []).broken;
  for (const rule of ['FP-03', 'FP-04', 'FP-05', 'FP-07', 'FP-13', 'FP-27', 'HD-02'])
    assert.ok(g7.includes(rule), rule);
  const g4 = play('seed-v1', 'nvhe', SCENARIOS.G4 ?? []).broken;
  for (const rule of ['FP-03', 'FP-04', 'FP-05', 'FP-07', 'FP-12', 'FP-13', 'FP-28'])
    assert.ok(g4.includes(rule), rule);
  // The hypervisor's instance says FREE while the task's registers are live: FP-03 by its letter, harmless without FP use.
  assert.deepEqual(play('seed-v1', 'nvhe', SCENARIOS.G2 ?? []).broken, ['FP-03', 'HD-02']);
});

const WRITE: Short = [...RUN, { event: 'debug_dirty', cpu }];
const HUNDRED = Array.from({ length: 100 }, () => RUN).flat();

test('one trapped write to DBGBCR0_EL1: one switch while DEBUG_DIRTY, a hundred with debug_owner', () => {
  assert.equal(play('v6.12-stable', 'vhe', [...load(0), ...WRITE, ...HUNDRED]).literal.debugSwitches(), 1);
  assert.equal(play('v7.1', 'vhe', [...load(0), ...WRITE, ...HUNDRED]).literal.debugSwitches(), 100);
  const reloaded = play('v7.1', 'vhe', [...load(0), ...WRITE, ...HUNDRED, ...PUT, ...load(0), ...RUN]).literal;
  assert.deepEqual(reloaded.debug('0/0'), { debug_owner: 'free' });
  assert.equal(reloaded.debugSwitches(), 100);
});

test('MDSCR_EL1.MDE: switched at every entry; TDA is 0 once (dirty) or throughout (owner)', () => {
  const write: Short = [
    { event: 'guest_enter', cpu },
    { event: 'guest_mdscr', cpu, mde: 1, kde: 0 },
    { event: 'guest_exit', cpu, ec: '0x18' },
    { event: 'debug_dirty', cpu },
  ];
  for (const [model, tda] of [
    ['v6.12-stable', true],
    ['v7.1', false],
  ] as const) {
    const { literal, broken } = play(model, 'nvhe', [...load(0), ...write]);
    const seen: boolean[] = [];
    for (let run = 0; run < 100; run++) {
      literal.step({ event: 'guest_enter', cpu });
      seen.push(literal.tda(cpu));
      literal.step({ event: 'guest_exit', cpu });
    }
    assert.equal(seen[0], false, model);
    assert.deepEqual(new Set(seen.slice(1)), new Set([tda]), model);
    assert.equal(literal.debugSwitches(), 100, model);
    assert.deepEqual(broken, []);
  }
});

test('an OS lock write is one put and load with debug_owner, and nothing but the lock with DEBUG_DIRTY', () => {
  const scenario: Short = [
    ...load(0),
    { event: 'guest_enter', cpu },
    { event: 'guest_fp', cpu },
    { event: 'guest_oslock', cpu, locked: true },
    { event: 'guest_exit', cpu },
  ];
  const dirty = play('v6.12-stable', 'vhe', scenario);
  assert.deepEqual([dirty.bytes, dirty.literal.owner(cpu)], [1040, 'guest']);
  const owner = play('v7.1', 'vhe', scenario);
  // The put saved the vCPU, the load found TIF_FOREIGN_FPSTATE set.
  assert.deepEqual([owner.bytes, owner.literal.owner(cpu)], [1560, 'free']);
  assert.deepEqual(owner.literal.debug('0/0'), { debug_owner: 'host' });
});

test('guest_debug with USE_HW: every run is switched and every access traps', () => {
  for (const model of ['v6.10', 'v7.1']) {
    const use: Short = [{ event: 'guest_debug', vm: 0, vcpu: 0, use_hw: true }];
    const { literal } = play(model, 'nvhe', [...use, ...load(0), ...WRITE, ...RUN, ...RUN]);
    assert.equal(literal.debugSwitches(), 3, model);
    assert.equal(literal.tda(cpu), true, model);
    for (const event of [...PUT, { event: 'guest_debug', vm: 0, vcpu: 0 }, ...load(0), ...RUN]) literal.step(event);
    assert.equal(literal.debugSwitches(), 3, model);
  }
});

test('migration: the generation saved on CPU 0 is the one loaded on CPU 1', () => {
  const literal = createLiteral('v6.2', 'nvhe', { cpus: 2 });
  const move: Short = [
    { event: 'sched_out', cpu: 0 },
    { event: 'task_switch', cpu: 0, next: 0 },
    { event: 'task_switch', cpu: 1, next: TASK },
    { event: 'sched_in', cpu: 1, vm: 0, vcpu: 0, task: TASK },
  ];
  for (const event of [...START, ...load(0), ...RUN_FP]) literal.step(event);
  const before = literal.bytes();
  for (const event of move) literal.step(event);
  assert.equal(literal.bytes() - before, 520);
  assert.equal(literal.auth('vcpu:0/0'), 'mem');
  for (const event of RUN_FP) literal.step({ ...event, cpu: 1 });
  assert.equal(literal.bytes() - before, 1040);
  literal.step({ event: 'vcpu_put', cpu: 1 });
  assert.equal(literal.bytes() - before, 1560);
  assert.deepEqual(new Set(Object.values(literal.incidents())), new Set([0]));
  assert.equal(literal.valid(0, 'vcpu:0/0'), false);
  assert.equal(literal.valid(1, 'vcpu:0/0'), true);
});
