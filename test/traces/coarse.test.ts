/** What a trace need not say: the steps that are implied, and what is not known where it begins or after a loss. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findModel } from '../../lib/models/models.ts';
import { isMode } from '../../lib/models/profile.ts';
import type { Report } from '../../lib/report/report.ts';
import { KIND } from '../../lib/trace/vocabulary.ts';
import { traceOf } from '../support/corpus.ts';
import { replay, traceFrom } from '../support/replay.ts';

const LOAD = { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 };
const PUT = { event: 'vcpu_put', cpu: 0 };
const ENTER = { event: 'guest_enter', cpu: 0 };
const EXIT = { event: 'guest_exit', cpu: 0 };
const FP = { event: 'guest_fp', cpu: 0 };
const TRAP = { event: 'guest_fp_trap', cpu: 0 };
const USER = { event: 'return_to_user', cpu: 0, task: 41 };

function report(lines: readonly object[], name = 'v6.10', mode = 'vhe', strict = false): Report {
  const model = findModel(name);
  assert.ok(model !== undefined && isMode(mode));
  return replay(traceFrom(lines), { model, mode, strict });
}

test('an event of the guest on a loaded vCPU implies guest_enter', () => {
  const events = [
    FP,
    TRAP,
    { event: 'guest_svcr', cpu: 0, sm: 1 },
    { event: 'guest_mdscr', cpu: 0, mde: 1 },
    { event: 'guest_oslock', cpu: 0, locked: true },
    { event: 'guest_zcr', cpu: 0, value: '0x1' },
  ];
  for (const event of events) {
    const { ledger, cost } = report([LOAD, event]);
    assert.ok(ledger.implied >= 1, event.event);
    // The cost of the world switch is the event's; a trap enters the guest once more.
    const costs = cost.by_event[event.event];
    assert.equal(costs?.activate_traps?.count, 1, event.event);
    assert.equal(report([LOAD, ENTER, event]).ledger.implied, ledger.implied - 1, event.event);
  }
});

test('a put while the guest runs implies guest_exit, and so does the trap of a debug register', () => {
  for (const event of ['vcpu_put', 'sched_out', 'debug_dirty']) {
    const { ledger, cost } = report([LOAD, ENTER, { event, cpu: 0 }]);
    assert.equal(ledger.implied, 1, event);
    assert.equal(cost.by_event[event]?.deactivate_traps?.count, 1, event);
    assert.equal(report([LOAD, ENTER, EXIT, { event, cpu: 0 }]).ledger.implied, 0, event);
  }
});

test('with --strict each implied step is a violation of LC-01', () => {
  const { violations, verdict } = report([LOAD, TRAP, PUT], 'v6.10', 'vhe', true);
  assert.deepEqual(
    violations.map(({ rule, line, message }) => [rule, line, message]),
    [
      ['LC-01', 2, 'guest_enter is missing before this event'],
      ['LC-01', 3, 'guest_exit is missing before this event'],
    ],
  );
  assert.equal(verdict, 'fail');
  assert.deepEqual(report([LOAD, ENTER, TRAP, EXIT, PUT], 'v6.10', 'vhe', true).violations, []);
});

test('the five events of the smallest useful trace replay', () => {
  const five = [LOAD, TRAP, { event: 'guest_svcr', cpu: 0, sm: 1 }, { event: 'debug_dirty', cpu: 0 }, PUT];
  const { ledger, transitions, violations } = report(five);
  assert.equal(ledger.implied, 2);
  assert.deepEqual(transitions.by_edge, { 'host>guest': 1, 'unknown>host': 1 });
  // The guest of this model has no SME: that it could write SVCR is wrong, and what follows from it.
  assert.deepEqual(new Set(violations.map(({ rule, line }) => `${line}: ${rule}`)), new Set(['3: FP-05', '3: FP-14']));
});

for (const name of ['one-run-with-fp', 'neon-between-two-runs-sve', 'two-vcpus-one-task']) {
  test(`${name} costs the same without its entries and exits`, () => {
    const trace = traceOf('golden', name);
    const events = trace.events.filter(({ kind }) => kind !== KIND.guest_enter && kind !== KIND.guest_exit);
    for (const model of ['v6.2', 'v7.1']) {
      for (const mode of ['vhe', 'nvhe'] as const) {
        const machine = { model: findModel(model) as NonNullable<ReturnType<typeof findModel>>, mode };
        const [fine, coarse] = [replay(trace, machine), replay({ ...trace, events }, machine)];
        assert.deepEqual(coarse.cost.total, fine.cost.total);
        assert.deepEqual(coarse.cost.by_vcpu, fine.cost.by_vcpu);
        assert.deepEqual(coarse.transitions, fine.transitions);
        assert.equal(coarse.verdict, fine.verdict);
      }
    }
  });
}

test('while nothing is told of tasks, one new to the trace has its registers live and TIF_FOREIGN_FPSTATE clear', () => {
  const live = 'a task new to the trace comes from user mode: its FP registers are live';
  const eager = report([LOAD], 'v6.14');
  assert.equal(eager.cost.by_event.vcpu_load?.fpsimd_save?.bytes, 520);
  assert.deepEqual(eager.ledger.assumptions, { [live]: 1 });
  const lazy = report([LOAD, TRAP, PUT, { ...LOAD, vcpu: 1, task: 42 }, TRAP, PUT]);
  assert.equal(lazy.cost.by_event.guest_fp_trap?.fpsimd_save?.bytes, 520 * 2);
  assert.deepEqual(lazy.ledger.assumptions, { [live]: 2, 'a task switch that the trace does not tell of': 1 });
  assert.equal(lazy.verdict, 'pass');
});

test('once task events were seen, a task new to the trace is unknown, and what needs to know it is skipped and counted', () => {
  for (const told of [
    { event: 'task_switch', cpu: 1, next: 7 },
    { event: 'return_to_user', cpu: 1, task: 7 },
  ]) {
    const { cost, ledger, verdict, reasons } = report([told, LOAD, ENTER, TRAP, EXIT, PUT], 'v6.14');
    assert.equal(cost.by_event.vcpu_load?.fpsimd_save, undefined, told.event);
    assert.deepEqual(Object.keys(ledger.skipped_checks).sort(), ['FP-03', 'FP-07'], told.event);
    assert.equal(verdict, 'inconclusive');
    assert.match(reasons.join(), /checks? skipped/);
  }
});

test('fp_owner starts unknown, is FREE after hyp_init, and becomes known by the first load', () => {
  assert.deepEqual(report([LOAD]).transitions.by_edge, { 'unknown>host': 1 });
  assert.deepEqual(report([{ event: 'hyp_init', cpu: 0 }, LOAD]).transitions.by_edge, { 'free>host': 1 });
  const twice = report([LOAD, PUT, LOAD, TRAP, PUT, LOAD]);
  assert.deepEqual(twice.transitions.by_edge, { 'guest>host': 1, 'host>guest': 1, 'unknown>host': 1 });
});

test('without hyp_init the boot of a CPU is implied: MPIDR_EL1 and what else never changes', () => {
  assert.deepEqual(report([LOAD, ENTER, EXIT, PUT], 'v6.10', 'nvhe').coverage.rules_fired, []);
  assert.ok(report([LOAD, ENTER, EXIT, PUT], 'seed-v1', 'nvhe').coverage.rules_fired.includes('HD-02'));
});

test('an event of a CPU whose vCPU is unknown is not followed, and is counted', () => {
  const { ledger, verdict, violations } = report([ENTER, TRAP, EXIT, PUT, LOAD, ENTER, EXIT, PUT]);
  assert.deepEqual(ledger.unfollowed, {
    'guest_enter: which vCPU is loaded is unknown': 1,
    'guest_exit: which vCPU is loaded is unknown': 1,
    'guest_fp_trap: which vCPU is loaded is unknown': 1,
    'vcpu_put: which vCPU is loaded is unknown': 1,
  });
  assert.deepEqual({ verdict, violations }, { verdict: 'inconclusive', violations: [] });
  // After the put it is known that none is loaded.
  assert.deepEqual(report([PUT, ENTER]).coverage.rules_fired, ['LC-01']);
});

const BOTH = [LOAD, { ...LOAD, cpu: 1, vcpu: 1, task: 42 }];
const RUN_BOTH = [TRAP, PUT, { ...TRAP, cpu: 1 }, { ...PUT, cpu: 1 }];

test('after lost the state of that CPU is unknown until its next vcpu_load, that of others is not', () => {
  const { ledger, verdict, reasons } = report([...BOTH, { event: 'lost', count: 9, cpu: 0 }, ...RUN_BOTH]);
  assert.equal(ledger.lost, 9);
  assert.deepEqual(ledger.unfollowed, {
    'guest_fp_trap: which vCPU is loaded is unknown': 1,
    'vcpu_put: which vCPU is loaded is unknown': 1,
  });
  assert.deepEqual([verdict, reasons[0]], ['inconclusive', '9 events were lost']);
  const again = report([...BOTH, { event: 'lost', count: 9, cpu: 0 }, LOAD, ...RUN_BOTH]);
  assert.deepEqual(again.ledger.unfollowed, {});
  assert.deepEqual(again.transitions.by_cpu['0'], { 'host>guest': 1, 'unknown>host': 2 });
});

test('lost without cpu is of all CPUs', () => {
  const { ledger } = report([...BOTH, { event: 'lost', count: 9 }, ...RUN_BOTH]);
  assert.equal(ledger.unfollowed['guest_fp_trap: which vCPU is loaded is unknown'], 2);
});

test('a vCPU that slept through a loss is unknown too: it may have run on the CPU that lost events', () => {
  const debug = { event: 'debug_dirty', cpu: 0 };
  const lines = [LOAD, ENTER, EXIT, debug, PUT, { event: 'lost', count: 1, cpu: 1 }, LOAD, ENTER, EXIT, PUT];
  const { debug: switched, ledger } = report(lines);
  assert.equal(switched.switches, 0);
  assert.equal(ledger.assumptions['a debug switch is not counted: who uses the debug registers is unknown'], 1);
  assert.equal(report(lines.filter(({ event }) => event !== 'lost')).debug.switches, 2);
});

test('pass is given only where nothing was lost, unknown, unfollowed or skipped', () => {
  const good = [LOAD, TRAP, PUT, USER];
  assert.equal(report(good).verdict, 'pass');
  const doubts: [object, RegExp][] = [
    [{ event: 'lost', count: 2, cpu: 1 }, /^2 events were lost/],
    [{ event: 'vgic_update' }, /^1 unknown event: vgic_update/],
    [{ event: 'guest_fp', cpu: 1 }, /^1 step could not be followed/],
  ];
  for (const [line, reason] of doubts) {
    const { verdict, reasons } = report([...good, line]);
    assert.equal(verdict, 'inconclusive');
    assert.match(reasons.join(), reason);
  }
});

test('an unknown field is ignored and counted, and no reason to doubt', () => {
  const { verdict, ledger } = report([{ ...LOAD, colour: 'green' }, TRAP, { ...PUT, colour: 'red', weight: 3 }]);
  assert.deepEqual(ledger.unknown_fields, { colour: 2, weight: 1 });
  assert.equal(verdict, 'pass');
});
