/** SME in the host and in the guest: the sizes of semantics 11, and what a flip of SVCR does (5.15, SM-01 to SM-07). */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceEvent } from './literal.ts';
import { cpu, load, PUT, play, type Setup, type Short, TASK, USER } from './scenarios.ts';

const ES = 'sme-guest-v12';
/** vq=4, svq=4, SME2. */
const MACHINE: Setup = { gvq: 4, smeVl: 64, sme2: true, create: { sme: true, sme2: true, sme_vl: 64 } };
const ENTER: Short = [{ event: 'guest_enter', cpu }];
const EXIT: Short = [{ event: 'guest_exit', cpu }];
const svcr = (sm: number, za: number): Short => [{ event: 'guest_svcr', cpu, sm, za }];
const STREAMING: Short = [...load(0), ...ENTER, ...svcr(1, 1), ...EXIT, ...PUT, ...USER];

/** Bytes that each event of a scenario moved, after what went before. */
function moved(mode: string, before: Short, events: Short, setup = MACHINE): number[] {
  const { literal } = play(ES, mode, before, setup);
  return events.map((event: TraceEvent) => {
    const start = literal.bytes();
    literal.step(event);
    return literal.bytes() - start;
  });
}

test('streaming guest with ZA and ZT0, no FA64: load 6344, save 6352 bytes', () => {
  const again: Short = [...load(0), ...ENTER, { event: 'guest_fp', cpu, isa: 'sme' }, ...EXIT, ...PUT];
  for (const mode of ['vhe', 'nvhe', 'hvhe']) {
    // map_fp, load (the task), enter, FP, exit, put (the guest)
    assert.deepEqual(moved(mode, STREAMING, again), [0, 520, 0, 6344, 0, 6352], mode);
  }
  // EL2 saves the host at the entry of an SME guest, and restores it at the exit; SVE at 64 bytes is 2192.
  assert.deepEqual(moved('pkvm', STREAMING, again), [0, 520, 2192, 6344, 6352 + 2192, 0]);
  const fa64 = { ...MACHINE, create: { ...MACHINE.create, fa64: true } };
  assert.deepEqual(moved('vhe', STREAMING, again, fa64), [0, 520, 0, 6352, 0, 6352]);
  const noZt0 = { ...MACHINE, create: { sme: true, sme_vl: 64 } };
  assert.deepEqual(moved('vhe', STREAMING, again, noZt0), [0, 520, 0, 6280, 0, 6288]);
});

test('a flip moves nothing; the next save is in the format of SVCR.SM, at its vector length', () => {
  const smaller = { ...MACHINE, create: { sme: true, sme2: true, sme_vl: 32 } };
  const flip: Short = [...load(0), ...ENTER, { event: 'guest_fp', cpu }, ...svcr(0, 1), ...EXIT, ...PUT];
  const za = 32 * 32 + 64;
  assert.deepEqual(moved('vhe', STREAMING, flip, smaller), [0, 520, 0, za + 544 * 2 + 8, 0, 0, za + 546 * 4 + 8]);
  const { literal, broken } = play(ES, 'vhe', [...STREAMING, ...flip], smaller);
  assert.deepEqual([literal.svcrOf('vcpu:0/0'), literal.svcr(cpu), literal.za(cpu)], [2, 0, 'off']);
  assert.deepEqual(broken, []);
});

test('a flip makes zero the newest value of what it zeroes, and takes ZA away', () => {
  const { literal } = play(ES, 'vhe', [...load(0), ...ENTER, ...svcr(0, 1)], MACHINE);
  const fp = literal.generation(cpu);
  assert.deepEqual([literal.za(cpu), literal.zaAuth('vcpu:0/0')], ['vcpu:0/0', 'cpu:0']);
  for (const event of svcr(1, 1)) literal.step(event);
  assert.equal(literal.generation(cpu), fp + 1);
  for (const event of svcr(1, 1)) literal.step(event);
  assert.equal(literal.generation(cpu), fp + 1);
  for (const event of svcr(1, 0)) literal.step(event);
  assert.deepEqual([literal.generation(cpu), literal.za(cpu), literal.zaAuth('vcpu:0/0')], [fp + 1, 'off', 'mem']);
  assert.deepEqual(new Set(Object.values(literal.incidents())), new Set([0]));
});

test('SVCR is written at every entry of an SME guest, and is zero in the host unless the guest owns the registers', () => {
  for (const mode of ['vhe', 'pkvm']) {
    const { literal, broken } = play(ES, mode, [...STREAMING, ...load(0), ...ENTER], MACHINE);
    // Not owner: the registers that SM zeroed are nobody's.
    assert.deepEqual([literal.svcr(cpu), literal.registers(cpu), literal.za(cpu)], [3, 'none', 'none'], mode);
    assert.equal(literal.trapOf(cpu, 'sme'), 0x1d);
    literal.step({ event: 'guest_exit', cpu });
    assert.deepEqual([literal.svcr(cpu), literal.svcrOf('vcpu:0/0')], [0, 3], mode);
    literal.step({ event: 'guest_enter', cpu });
    literal.step({ event: 'guest_fp', cpu });
    literal.step({ event: 'guest_exit', cpu });
    assert.equal(literal.svcr(cpu), mode === 'vhe' ? 3 : 0);
    assert.deepEqual(broken, []);
  }
});

test('kernel-mode NEON after an exit saves ZA and streaming registers of the guest', () => {
  const neon: Short = [
    { event: 'neon_begin', cpu, softirq: true },
    { event: 'neon_end', cpu, softirq: true },
  ];
  assert.deepEqual(moved('vhe', [...load(0), ...ENTER, ...svcr(1, 1), ...EXIT], neon), [6352, 0]);
});

test('without SME in the vCPU or the model a write of SVCR traps and changes nothing', () => {
  for (const [model, create] of [
    [ES, {}],
    ['v7.1', { sme: true }],
  ] as const) {
    const { literal, broken } = play(model, 'vhe', [...load(0), ...ENTER, ...svcr(1, 1)], { ...MACHINE, create });
    assert.deepEqual(
      [literal.svcr(cpu), literal.owner(cpu), literal.registers(cpu)],
      [0, 'free', `task:${TASK}`],
      model,
    );
    assert.deepEqual(broken, []);
  }
});

const host = (sm: number, za: number): Short => [{ event: 'host_svcr', cpu, sm, za }];
const SWITCH: Short = [
  { event: 'task_switch', cpu, next: 8 },
  ...USER,
  { event: 'task_switch', cpu, next: TASK },
  ...USER,
];

test('a task in streaming mode is saved and restored at the streaming length, with ZA', () => {
  const { literal, bytes, broken } = play('v7.1', 'vhe', [...host(1, 1), ...SWITCH], { gvq: 4, smeVl: 32, sme2: true });
  // Saved with FFR's slot and restored without FFR; the other task takes 520 both ways.
  assert.equal(bytes, 2 * (32 * 32 + 64) + (546 * 2 + 8) + (544 * 2 + 8) + 2 * 520);
  assert.deepEqual([literal.svcr(cpu), literal.za(cpu), literal.svcrOf(`task:${TASK}`)], [3, `task:${TASK}`, 3]);
  assert.deepEqual(broken, []);
});

test('KVM_RUN ends streaming mode before load; lazy models free the registers where ZA is on', () => {
  const setup = { smeVl: 32 };
  const eager = play('v7.1', 'vhe', [...host(1, 0), ...load(0)], setup);
  assert.deepEqual([eager.bytes, eager.literal.svcr(cpu)], [520, 0]);
  const lazy = play('v6.10', 'vhe', [...host(1, 0), ...load(0)], setup);
  assert.deepEqual([lazy.bytes, lazy.literal.owner(cpu)], [0, 'host']);
  const za = play('v6.10', 'vhe', [...host(0, 1), ...load(0)], setup);
  assert.deepEqual([za.bytes, za.literal.owner(cpu), za.literal.svcr(cpu)], [520 + 1024, 'free', 0]);
  assert.deepEqual([...eager.broken, ...lazy.broken, ...za.broken], []);
});

test('the lazy save at EL2 leaves the memory copy of SVCR behind: the task gets ZA back that it had switched off', () => {
  const RUN_FP: Short = [...load(0), ...ENTER, { event: 'guest_fp', cpu }, ...EXIT, ...PUT, ...USER];
  const scenario: Short = [...host(0, 1), ...SWITCH, ...host(0, 0), ...RUN_FP];
  assert.deepEqual(play('v6.10', 'vhe', scenario, { smeVl: 32 }).literal.svcr(cpu), 2);
  assert.deepEqual(play('v7.1', 'vhe', scenario, { smeVl: 32 }).literal.svcr(cpu), 0);
});

test('a host without SME knows no SVCR', () => {
  for (const model of ['v5.18', 'v6.12', 'v6.12-stable', 'v6.14']) {
    assert.throws(() => play(model, 'vhe', host(1, 0), { smeVl: 32 }), /contradict|no SME/, model);
  }
});
