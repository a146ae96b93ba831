/** ZA where the traces of the corpus do not reach: what is presumed of it, what is lost sight of, whose it is filed under. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOLDS, SKIPPED } from '../../lib/check/rule.ts';
import { RULES } from '../../lib/check/rules.ts';
import { createCpu } from '../../lib/kernel/state/cpu.ts';
import { AUTH_UNKNOWN, anybody, IN_MEMORY, UNKNOWN } from '../../lib/kernel/state/entity.ts';
import type { Machine } from '../../lib/kernel/state/machine.ts';
import { MOMENT } from '../../lib/kernel/state/moments.ts';
import { createTask } from '../../lib/kernel/state/task.ts';
import { forgetZa, loadZa, presumeZa, saveZa, zaValid } from '../../lib/kernel/state/za.ts';
import { findModel } from '../../lib/models/models.ts';
import type { Report } from '../../lib/report/report.ts';
import { replay, traceFrom } from '../support/replay.ts';

const NOBODY_IS_TOLD = { watch: { moment: () => assert.fail('no loss') } } as unknown as Machine;

/** A CPU with ZA on, and two tasks. */
function bench(): {
  cpu: ReturnType<typeof createCpu>;
  one: ReturnType<typeof createTask>;
  other: ReturnType<typeof createTask>;
} {
  const cpu = createCpu(0, true, true);
  cpu.svcr_za = 1;
  return { cpu, one: createTask(1), other: createTask(2) };
}

function report(lines: readonly object[], name = 'v7.1'): Report {
  const model = findModel(name);
  assert.ok(model !== undefined);
  return replay(traceFrom([{ event: 'meta', format: 1, sve_vl: 64, sme_vl: 64 }, ...lines]), { model, mode: 'vhe' });
}

const fired = (lines: readonly object[], name?: string): readonly string[] =>
  report(lines, name).violations.map(({ rule }) => rule);

const ON = { event: 'host_svcr', cpu: 0, za: 1 };
const OFF = { event: 'host_svcr', cpu: 0, za: 0 };
const to = (next: number): object => ({ event: 'task_switch', cpu: 0, next });
const USER = { event: 'return_to_user', cpu: 0 };

test('ZA that may be that of anybody is known only not to be that of who has its own elsewhere', () => {
  const { cpu, one } = bench();
  cpu.zaHolder = anybody;
  assert.equal(zaValid(cpu, one), UNKNOWN);
  one.zaAuth = 3;
  assert.equal(zaValid(cpu, one), 0);
  one.zaAuth = IN_MEMORY;
  const rule = RULES.find(({ id }) => id === 'SM-09');
  cpu.current = one;
  assert.equal(rule?.check(NOBODY_IS_TOLD, cpu, MOMENT.return_to_user, anybody, ''), SKIPPED);
  cpu.svcr_za = 0;
  assert.equal(rule?.check(NOBODY_IS_TOLD, cpu, MOMENT.return_to_user, anybody, ''), HOLDS);
});

test('a save stores what there is, whoever it is of', () => {
  const { cpu, one, other } = bench();
  cpu.zaHolder = anybody;
  [one.zaGeneration, one.zaAuth] = [4, AUTH_UNKNOWN];
  saveZa(cpu, one);
  assert.deepEqual([one.zaMemory, one.zaAuth], [4, IN_MEMORY]);
  presumeZa(cpu, other);
  saveZa(cpu, one);
  assert.deepEqual([one.zaGeneration, one.zaMemory, other.zaAuth], [5, 5, 0]);
  other.zaAuth = AUTH_UNKNOWN;
  saveZa(cpu, other);
  assert.deepEqual([other.zaMemory, other.zaAuth], [1, IN_MEMORY]);
});

test('what is presumed, loaded or forgotten is no loss', () => {
  const { cpu, one, other } = bench();
  presumeZa(cpu, one);
  presumeZa(cpu, other);
  assert.deepEqual([one.zaAuth, other.zaAuth, other.zaOn, zaValid(cpu, other)], [IN_MEMORY, 0, true, 1]);
  forgetZa(cpu);
  assert.deepEqual([other.zaAuth, cpu.svcr_za], [AUTH_UNKNOWN, 0]);
  other.zaMemory = 0;
  loadZa(NOBODY_IS_TOLD, cpu, other);
  assert.equal(zaValid(cpu, other), 1);
  forgetZa(cpu);
  presumeZa(cpu, other);
  assert.equal(other.zaOn, false);
});

test('PSTATE.SM leaves ZA alone, and PSTATE.ZA the vectors', () => {
  const lines = [
    to(1),
    USER,
    ON,
    { event: 'host_svcr', cpu: 0, sm: 1 },
    to(2),
    to(1),
    USER,
    OFF,
    to(2),
    USER,
    to(1),
    USER,
  ];
  assert.deepEqual(fired(lines), []);
});

test('registers of SME that a tracer writes are ignored where there is no SME; a task that runs is not written', () => {
  const set = { event: 'ptrace_set', task: 1, regset: 'za' };
  const { ledger } = report([set], 'v6.13');
  assert.equal(ledger.assumptions['ptrace_set of registers of SME on a machine, or a kernel, without SME: ignored'], 1);
  assert.deepEqual(fired([to(1), USER, set]), ['LC-01']);
  assert.deepEqual(fired([set, to(1), USER, { event: 'host_fp', cpu: 0, isa: 'sme' }, to(2), USER, to(1), USER]), []);
});

test('a tracer takes ZA from nobody who has none, or of whom that is not known', () => {
  const set = { event: 'ptrace_set', task: 1, regset: 'ssve' };
  assert.deepEqual(fired([to(1), USER, to(2), set, to(1), USER], 'v6.6'), []);
  assert.deepEqual(fired([to(1), USER, ON, { event: 'lost', count: 1 }, to(2), set, to(1), USER], 'v6.6'), []);
  assert.deepEqual(fired([to(1), USER, ON, to(2), set, to(1), USER], 'v6.6'), ['SM-08', 'SM-09']);
});

test('a task that is new to the trace has the ZA that is there', () => {
  const lines = [ON, { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 7 }, { event: 'vcpu_put', cpu: 0 }, USER];
  assert.deepEqual(fired(lines), []);
  assert.deepEqual(fired(lines, 'v6.10'), []);
});

test('a pid that is used again has no ZA of the task before', () => {
  const lines = [
    to(1),
    USER,
    ON,
    { event: 'host_fp', cpu: 0, isa: 'sme' },
    to(2),
    { event: 'task_new', task: 1 },
    to(1),
    USER,
  ];
  assert.deepEqual(fired(lines), []);
});

test('a CPU that comes up has nothing in ZA', () => {
  assert.deepEqual(fired([to(1), USER, ON, { event: 'cpu_on', cpu: 0 }]), ['FP-01', 'SM-08']);
});

test('a vCPU does not bring along the ZA that another CPU still has of it', () => {
  const lines = [
    { event: 'vcpu_create', vm: 0, vcpu: 0, sve: true, sme: true },
    { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 1 },
    { event: 'guest_svcr', cpu: 0, za: 1 },
    { event: 'guest_exit', cpu: 0 },
    { event: 'vcpu_load', cpu: 1, vcpu: 0, task: 2 },
    { event: 'guest_enter', cpu: 1 },
    { event: 'guest_fp', cpu: 1, isa: 'sme' },
    { event: 'guest_exit', cpu: 1 },
    { event: 'vcpu_put', cpu: 1 },
  ];
  assert.deepEqual(fired(lines, 'sme-guest-v12'), ['LC-01', 'FP-02', 'DB-06']);
});

test('a guest without SME that clears PSTATE.ZA untrapped drops what is there', () => {
  const lines = [
    { event: 'vcpu_create', vm: 0, vcpu: 0 },
    { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 1 },
    { event: 'guest_enter', cpu: 0 },
    { event: 'guest_svcr', cpu: 0, za: 1 },
    { event: 'guest_svcr', cpu: 0, za: 0 },
  ];
  assert.deepEqual(fired(lines), ['FP-05', 'FP-14', 'FP-14']);
});

test('a save of which it is not known whether it was made takes ZA along', () => {
  const put = { event: 'vcpu_put', cpu: 0, vcpu: 0 };
  assert.deepEqual(fired([ON, put, to(2), USER]), []);
});
