/** vCPUs where the traces of the corpus do not reach: what is left unsaid of them, ZCR_EL1, and who is told of a loss. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AT_EL2 } from '../../lib/kernel/state/entity.ts';
import { findModel } from '../../lib/models/models.ts';
import type { Mode } from '../../lib/models/profile.ts';
import { createReplay } from '../../lib/replay/replay.ts';
import type { Report } from '../../lib/report/report.ts';
import { replay, traceFrom } from '../support/replay.ts';

const LOAD = { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 };
const ENTER = { event: 'guest_enter', cpu: 0 };
const EXIT = { event: 'guest_exit', cpu: 0 };
const SVE = { event: 'guest_fp', cpu: 0, isa: 'sve' };
const FP = { event: 'guest_fp', cpu: 0 };
const PUT = { event: 'vcpu_put', cpu: 0 };
const NEON = [
  { event: 'neon_begin', cpu: 0, softirq: true },
  { event: 'neon_end', cpu: 0, softirq: true },
];
const zcr = (value: string): object => ({ event: 'guest_zcr', cpu: 0, value });

function report(lines: readonly object[], name = 'v6.10', mode: Mode = 'vhe'): Report {
  const model = findModel(name);
  assert.ok(model !== undefined);
  return replay(traceFrom(lines), { model, mode });
}

test('the vector length of a vCPU is its own, else that of the machine, else the smallest there is', () => {
  const bytes = (meta: object, create: object): number | undefined =>
    report([
      { event: 'meta', format: 1, ...meta },
      { event: 'vcpu_create', vm: 0, vcpu: 0, sve: true, ...create },
      LOAD,
      SVE,
    ]).cost.total.sve_load?.bytes;
  assert.equal(bytes({ sve_vl: 64 }, { sve_vl: 32 }), 1100);
  assert.equal(bytes({ sve_vl: 64 }, {}), 2192);
  assert.equal(bytes({}, {}), 554);
  const { ledger } = report([{ event: 'vcpu_create', vm: 0, vcpu: 0, sve: true }]);
  assert.equal(ledger.assumptions['a vCPU has SVE and nothing says its vector length: 16 bytes'], 1);
});

test('ZCR_EL1 of a vCPU without SVE, and what it has no instructions for, end the run', () => {
  for (const event of [zcr('0x3'), SVE, { ...SVE, isa: 'sme' }]) {
    const { ledger, cost } = report([LOAD, ENTER, event, ENTER, EXIT, PUT]);
    assert.equal(ledger.implied, 1);
    assert.equal(cost.total.fpsimd_load, undefined);
  }
});

const WITH_SVE = [{ event: 'vcpu_create', vm: 0, vcpu: 0, sve: true, sve_vl: 64 }, LOAD];

test('the lazy ZCR switch keeps what the guest wrote, through NEON and preemption; put_fp alone loses it', () => {
  const lines = [...WITH_SVE, ENTER, SVE, zcr('0x1'), EXIT, ...NEON, ENTER, EXIT, PUT];
  assert.deepEqual(report(lines, 'v6.14').violations, []);
  assert.deepEqual(report([...WITH_SVE, ENTER, SVE, zcr('0x1'), EXIT, PUT], 'v6.10').violations, []);
  const [lost] = report(lines, 'v6.10').violations;
  assert.deepEqual([lost?.rule, lost?.severity], ['FP-17', 'suspicious']);
  assert.match(lost?.message ?? '', /the guest set LEN 1, memory has an older value/);
  const known = [...WITH_SVE, ENTER, SVE, zcr('0x3'), EXIT, PUT, ...lines.slice(1)];
  assert.match(report(known, 'v6.10').violations[0]?.message ?? '', /the guest set LEN 1, memory has LEN 3/);
});

test('nVHE before the rework: the first access of the host to SVE after an exit traps to EL2, once', () => {
  const trapsOf = (lines: readonly object[], name: string, mode: Mode): number => {
    const { cost } = report(lines, name, mode);
    const entries = cost.total.guest_enter?.count ?? 0;
    const traps = cost.total.hcr_read?.count ?? 0;
    return (cost.total.hvc?.count ?? 0) - (entries - traps);
  };
  const run = [...WITH_SVE, ENTER, SVE, EXIT];
  assert.equal(trapsOf([...run, PUT], 'v6.10', 'nvhe'), 1, 'ZCR_EL1 in put_fp');
  assert.equal(trapsOf([...run, ...NEON, ENTER, EXIT, PUT], 'v6.10', 'hvhe'), 1, 'the save by NEON; put finds it done');
  assert.equal(trapsOf([...run, ENTER, EXIT, PUT], 'v6.10', 'nvhe'), 1, 'two exits, one access');
  assert.equal(trapsOf([LOAD, ENTER, FP, EXIT, PUT], 'v6.10', 'nvhe'), 0, 'a vCPU without SVE');
  assert.equal(trapsOf([...run, PUT], 'v6.14', 'nvhe'), 0);
});

test('registers that userspace reads while they are in a CPU: loaded there, or left behind', () => {
  const get = { event: 'reg_get', vcpu: 0, reg: 'v0' };
  const message = (lines: readonly object[], name: string, mode: Mode): string | undefined =>
    report(lines, name, mode).violations.find(({ rule }) => rule === 'FP-23')?.message;
  assert.match(message([LOAD, FP, get], 'v6.10', 'vhe') ?? '', /while it is loaded on CPU 0/);
  assert.match(message([LOAD, FP, PUT, get], 'seed-v1', 'nvhe') ?? '', /newest value is in the registers of CPU 0/);
  assert.equal(message([LOAD, FP, PUT, get], 'v6.10', 'nvhe'), undefined);
});

test('load, enter, exit and put that do not bracket are told, and the replay goes on', () => {
  const cases: [readonly object[], string][] = [
    [[LOAD, ENTER, ENTER], 'guest_enter while the guest runs'],
    [[LOAD, EXIT], 'guest_exit while the guest does not run'],
    [[LOAD, { ...LOAD, vcpu: 1, task: 42 }], 'vcpu_load while another load was not put'],
    [[LOAD, { ...LOAD, cpu: 1, task: 42 }], 'vcpu_load of a vCPU that is loaded on CPU 0'],
    [[LOAD, PUT, PUT], 'vcpu_put of a vCPU that is not loaded here'],
    [[LOAD, { ...PUT, vcpu: 3 }], 'vcpu_put of a vCPU that is not loaded here'],
    [[LOAD, { ...PUT, cpu: 1, vcpu: 0 }], 'vcpu_put of a vCPU that is not loaded here'],
    [[LOAD, PUT, ENTER], 'guest_enter while no vCPU is loaded'],
    [[LOAD, { event: 'host_fp', cpu: 0 }], 'user mode runs while a vCPU is loaded'],
    [[LOAD, { event: 'task_switch', cpu: 0, next: 9 }], 'the task is switched out with a vCPU loaded'],
    [[LOAD, { event: 'return_to_user', cpu: 0 }], 'return to user mode with a vCPU loaded'],
    [[LOAD, PUT, { event: 'return_to_user', cpu: 0, task: 9 }], 'task 41 is current, task 9 returns to user mode'],
    [[LOAD, PUT, { event: 'task_switch', cpu: 1, next: 41 }], 'task 41 is current on CPU 0'],
  ];
  for (const [lines, expected] of cases) {
    const told = report(lines).violations.filter(({ rule }) => rule === 'LC-01');
    assert.deepEqual(told.map(({ message }) => message).slice(0, 1), [expected]);
  }
});

test('a vCPU that was put where it was not loaded is loaded nowhere, and nothing is known of it', () => {
  const lines = [LOAD, FP, { ...PUT, cpu: 1, vcpu: 0 }, { ...LOAD, cpu: 1, task: 42 }, { ...FP, cpu: 1 }];
  const { violations, ledger } = report(lines);
  assert.deepEqual(
    violations.map(({ rule, line }) => [rule, line]),
    [['LC-01', 3]],
  );
  assert.equal(ledger.skipped_checks['FP-02'], 1);
});

test('a load on another CPU shows the put that the trace does not tell of, and no fault of the kernel', () => {
  const records = ['vcpu_load', 'sched_in', 'guest_enter', 'guest_exit', 'guest_fp_trap', 'return_to_user'];
  const meta = { event: 'meta', format: 1, records };
  const there = (event: object): object => ({ ...event, cpu: 1 });
  for (const load of [LOAD, { ...LOAD, event: 'sched_in' }]) {
    const { violations, ledger } = report([meta, LOAD, ENTER, FP, EXIT, there(load), there(ENTER), there(EXIT)]);
    assert.deepEqual(violations, [], load.event);
    assert.equal(ledger.implied, 1);
  }
  const told = report([{ ...meta, records: [...records, 'vcpu_put', 'sched_out'] }, LOAD, ENTER, EXIT, there(LOAD)]);
  assert.deepEqual(
    told.violations.map(({ rule, line }) => [rule, line]),
    [['LC-01', 5]],
  );
});

test('E0POE that nothing tells of after a loss is not judged', () => {
  const meta = { event: 'meta', format: 1, features: ['poe'] };
  const { ledger, violations } = report(
    [meta, LOAD, { event: 'lost', count: 1 }, PUT, { event: 'return_to_user', cpu: 0, task: 41 }],
    'v7.1',
  );
  assert.deepEqual(
    violations.filter(({ rule }) => rule === 'FP-16'),
    [],
  );
  assert.equal(ledger.skipped_checks['FP-16'], 1);
});

test('a vCPU that nothing named, and that turns out to be one that was loaded elsewhere, was put there', () => {
  const meta = { event: 'meta', format: 1, records: ['guest_enter', 'guest_exit', 'guest_fp_trap'] };
  const there = [
    { ...ENTER, cpu: 1, vcpu: 0 },
    { ...EXIT, cpu: 1 },
  ];
  const implied = (vcpu: number): number => {
    const { violations, ledger } = report([meta, ...there, ENTER, { ...EXIT, vcpu }]);
    assert.deepEqual(violations, []);
    return ledger.implied;
  };
  assert.equal(implied(0), implied(1) + 1);
});

test('registers of the host that EL2 of protected KVM keeps during a run are those of the CPU after it', () => {
  const user = { event: 'host_fp', cpu: 0, task: 41 };
  const { events } = traceFrom([
    { event: 'meta', format: 1, sve_vl: 32, sme_vl: 32 },
    { event: 'vcpu_create', vm: 0, vcpu: 0, sve: true, sme: true, sve_vl: 32, sme_vl: 32 },
    ...[user, LOAD, user, ENTER, EXIT],
  ]);
  const running = createReplay({ model: 'sme-guest-v12', mode: 'pkvm' });
  const where = events.map((event) => {
    assert.equal(running.step(event), undefined);
    return running.machine?.tasks.get(41)?.auth;
  });
  assert.deepEqual(where.slice(-3), [0, AT_EL2, 0]);
});

test('a register that is set to no value that is told is set to 0', () => {
  const create = { event: 'vcpu_create', vm: 0, vcpu: 0, sve: true, sme: true, sve_vl: 32, sme_vl: 32 };
  const set = (reg: string) => ({ event: 'reg_set', vcpu: 0, reg });
  const meta = { event: 'meta', format: 1, sve_vl: 32, sme_vl: 32 };
  const { ledger, verdict } = report([meta, create, set('svcr'), set('zcr_el1'), LOAD, SVE, PUT], 'sme-guest-v12');
  assert.deepEqual([verdict, ledger.refused], ['pass', {}]);
});
