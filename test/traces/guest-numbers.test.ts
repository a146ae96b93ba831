/** The numbers of semantics 6 and 11 for protected KVM, guests with SME and nested guests, one by one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from '../../lib/report/report.ts';
import { bytesOf, fpBytes, reportOn } from './numbers.ts';

const PASSES = { violations: [], verdict: 'pass' };
const judged = ({ violations, verdict }: Report) => ({ violations, verdict });

/** Bytes under pKVM: a guest without SVE on a host with vectors of 512 bits in v6.14, and one with SVE in v6.10. */
const PKVM = [
  { scenario: 'G1', trace: 'one-run-with-fp', d: 6464, c: 8768 },
  { scenario: 'G2', trace: 'one-run-without-fp', d: 1040, c: 0 },
  { scenario: 'G3', trace: 'ten-runs-with-fp', d: 55_280, c: 87_680 },
  { scenario: 'G4', trace: 'neon-between-two-runs', d: 11_888, c: 18_576 },
  { scenario: 'G8', trace: 'neon-before-first-entry', d: 6464, c: 9808 },
] as const;

for (const { scenario, trace, d, c } of PKVM) {
  test(`${scenario}: bytes of register state under pKVM, v6.14 without SVE in the guest and v6.10 with it`, () => {
    for (const [file, model, bytes] of [
      [`${trace}-sve-host`, 'v6.14', d],
      [`${trace}-sve`, 'v6.10', c],
    ] as const) {
      const report = reportOn(file, model, 'pkvm');
      assert.equal(fpBytes(report.cost.total), bytes, `${file} on ${model}`);
      assert.deepEqual(judged(report), PASSES);
    }
  });
}

test('pKVM: host save and guest load in the trap, guest save and host load at every exit that follows an FP use', () => {
  const { cost } = reportOn('ten-runs-with-fp-sve-host', 'v6.14', 'pkvm');
  assert.deepEqual(cost.by_event.guest_fp?.sve_save, { count: 10, bytes: 10 * 2192 });
  assert.deepEqual(cost.by_event.guest_fp?.fpsimd_load, { count: 10, bytes: 10 * 520 });
  assert.deepEqual(cost.by_event.guest_exit?.fpsimd_save, { count: 10, bytes: 10 * 520 });
  assert.deepEqual(cost.by_event.guest_exit?.sve_load, { count: 10, bytes: 10 * 2192 });
});

test('a protected VM gets no SVE, and v7.1 loads and puts its vCPU by two hypercalls each', () => {
  const report = reportOn('protected-vm', 'v7.1', 'pkvm');
  const { vcpu_load: load, vcpu_put: put, guest_enter: enter, guest_fp: fp, neon_begin: neon } = report.cost.by_event;
  assert.deepEqual([load?.hvc?.count, put?.hvc?.count, enter?.hvc?.count], [2, 2, 3]);
  assert.deepEqual(fp?.fpsimd_load, { count: 2, bytes: 1040 });
  // The host was saved at load, and EL2 has put its registers back: there is nothing that NEON would have to save.
  assert.equal(fpBytes(neon ?? {}), 0);
  assert.deepEqual(judged(report), PASSES);
});

const ZA = 256 * 4 ** 2;
const ZT0 = 64;

test('a host task in streaming mode: ZA and the streaming registers, of which the FFR is not loaded; a syscall ends it', () => {
  const { by_event: costs } = reportOn('host-task-streaming', 'v7.1', 'nvhe').cost;
  assert.deepEqual(costs.task_switch?.za_save, { count: 1, bytes: ZA });
  assert.deepEqual(costs.task_switch?.sve_save, { count: 1, bytes: 546 * 4 + 8 });
  assert.deepEqual(costs.vcpu_load?.za_save, { count: 1, bytes: ZA });
  assert.deepEqual(costs.vcpu_load?.fpsimd_save, { count: 1, bytes: 520 });
  assert.deepEqual(costs.return_to_user?.za_load, { count: 2, bytes: 2 * ZA });
  assert.deepEqual(costs.return_to_user?.sve_load, { count: 1, bytes: 544 * 4 + 8 });
});

test('a guest in streaming mode: 6352 bytes saved, 6344 loaded', () => {
  assert.equal(ZA + ZT0 + 546 * 4 + 8, 6352);
  assert.equal(ZA + ZT0 + 544 * 4 + 8, 6344);
  const report = reportOn('sme-guest-streaming', 'sme-guest-v12', 'vhe');
  assert.equal(bytesOf(report, 'vcpu_put'), 2 * 6352);
  // The first load is not of streaming mode: 546 * 4 + 8.
  assert.equal(bytesOf(report, 'guest_fp'), 2192 + 6344);
  assert.equal(bytesOf(report, 'guest_svcr'), 0);
  assert.deepEqual(judged(report), PASSES);
});

test('leaving streaming mode moves nothing: the save after it is of the other format and length', () => {
  const report = reportOn('sme-guest-leaves-streaming-mode', 'sme-guest-v12', 'vhe');
  assert.equal(bytesOf(report, 'sched_out'), 546 * 8 + 8);
  assert.equal(bytesOf(report, 'guest_fp'), 544 * 8 + 8);
  // The load of the trap that the first write took; the second write traps no more.
  assert.deepEqual(report.cost.by_event.guest_svcr?.sve_load, { count: 1, bytes: 2192 });
  assert.equal(bytesOf(report, 'vcpu_put'), 2192);
  assert.deepEqual(judged(report), PASSES);
});

test('userspace restores SVCR first: nothing of it is lost, and the guest loads it in that format', () => {
  const report = reportOn('userspace-restores-svcr-first', 'sme-guest-v12', 'vhe');
  assert.equal(bytesOf(report, 'guest_fp'), 6344);
  assert.deepEqual(judged(report), PASSES);
});

test('a nested transition costs v6.14 a save, and a load at the next trap; v7.2 skips both', () => {
  const before = reportOn('nested-transitions', 'v6.14', 'vhe');
  assert.deepEqual([bytesOf(before, 'nested_eret'), bytesOf(before, 'nested_exception')], [520, 520]);
  assert.equal(bytesOf(before, 'guest_fp'), 3 * 520);
  assert.equal(fpBytes(before.cost.total), 2080 + 2 * 1040);
  const after = reportOn('nested-transitions', 'v7.2', 'vhe');
  assert.deepEqual([bytesOf(after, 'nested_eret'), bytesOf(after, 'nested_exception')], [0, 0]);
  assert.equal(fpBytes(after.cost.total), 2080);
  // All else of put and load runs in both.
  for (const { cost } of [before, after]) {
    assert.deepEqual(
      [cost.by_event.nested_eret?.el1_save?.count, cost.by_event.nested_eret?.el1_restore?.count],
      [1, 1],
    );
  }
  assert.deepEqual([judged(before), judged(after)], [PASSES, PASSES]);
});

test('a CPU that the PSCI relay brings up: three registers written from v6.15 on, and its tasks reload', () => {
  const { cpu_on } = reportOn('cpu-off-and-on', 'v6.16', 'pkvm').cost.by_event;
  assert.deepEqual(cpu_on, { cpu_on: { count: 1 }, sysreg_write: { count: 3 } });
  const report = reportOn('cpu-off-and-on', 'v6.10', 'pkvm');
  assert.deepEqual(report.cost.by_event.cpu_on, { cpu_on: { count: 1 }, sysreg_write: { count: 1 } });
  assert.equal(bytesOf(report, 'return_to_user'), 520);
  assert.deepEqual(judged(report), PASSES);
});

test('hyp_panic reports the vCPU that runs, or none', () => {
  for (const mode of ['vhe', 'nvhe', 'pkvm'] as const) {
    assert.deepEqual(
      reportOn('hyp-panic-in-a-guest', 'v7.3', mode).violations.filter(({ rule }) => rule !== 'HD-05'),
      [],
      mode,
    );
  }
});

test('two breakpoints and two watchpoints: 4(B+W)+2 registers are read, and as many written, by an entry and its exit', () => {
  const { cost } = reportOn('debug-switch-of-two-breakpoints', 'v6.12-stable', 'vhe');
  assert.deepEqual(
    [cost.total.debug_save, cost.total.debug_restore],
    [
      { count: 2, bytes: 2 * 8 * 9 },
      { count: 2, bytes: 2 * 8 * 9 },
    ],
  );
  const registers = Object.entries(cost.sysregs).filter(([name]) => /^(DBG[BW][CV]R\d+|MDCCINT)_EL1$/.test(name));
  const sum = (what: 'read' | 'write') => registers.reduce((all, [, counts]) => all + counts[what], 0);
  assert.deepEqual([sum('read'), sum('write')], [18, 18]);
});

test('FA64: FFR is saved and loaded in streaming mode too', () => {
  const { cost } = reportOn('streaming-guest-with-fa64', 'sme-guest-v12', 'vhe');
  assert.deepEqual(cost.total.sve_load, { count: 1, bytes: 546 * 4 + 8 });
  assert.deepEqual(cost.total.sve_save, { count: 1, bytes: 546 * 4 + 8 });
});
