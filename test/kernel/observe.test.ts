/** Values read in a running kernel: confirmed, learned, diverging, or changed by what traces do not tell of; then taken over. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findModel } from '../../lib/models/models.ts';
import type { Mode } from '../../lib/models/profile.ts';
import type { Report } from '../../lib/report/report.ts';
import { replay, traceFrom } from '../support/replay.ts';

const LOAD = { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 };
const ENTER = { event: 'guest_enter', cpu: 0 };
const EXIT = { event: 'guest_exit', cpu: 0 };
const FP = { event: 'guest_fp', cpu: 0 };
const PUT = { event: 'vcpu_put', cpu: 0 };
const USER = { event: 'return_to_user', cpu: 0, task: 41 };
const see = (fields: object): object => ({ event: 'observe', cpu: 0, ...fields });

function report(lines: readonly object[], name = 'v6.10', mode: Mode = 'vhe'): Report {
  const model = findModel(name);
  assert.ok(model !== undefined);
  return replay(traceFrom(lines), { model, mode });
}

type Outcome = readonly [checked: number, diverged: number, learned: number];

function outcomes({ observations }: Report): Record<string, Outcome> {
  const counts = Object.entries(observations.by_field);
  return Object.fromEntries(
    counts.map(([field, { checked, diverged, learned }]) => [field, [checked, diverged, learned]]),
  );
}

test('a value that the emulator does not know is learned, and compared from then on', () => {
  assert.deepEqual(
    outcomes(report([see({ fp_owner: 'free' }), see({ fp_owner: 'free' }), see({ fp_owner: 'guest' })])),
    {
      fp_owner: [2, 1, 1],
    },
  );
  assert.deepEqual(report([see({ fp_owner: 'free' }), LOAD]).transitions.by_edge, { 'free>host': 1 });
});

test('both instances of fp_owner, where there are two', () => {
  const seen = [LOAD, ENTER, FP, see({ fp_owner_kernel: 'host', fp_owner_hyp: 'guest', fp_owner: 'guest' })];
  assert.deepEqual(outcomes(report([{ event: 'hyp_init', cpu: 0 }, ...seen], 'seed-v1', 'nvhe')), {
    fp_owner: [1, 0, 0],
    fp_owner_hyp: [1, 0, 0],
    fp_owner_kernel: [1, 0, 0],
  });
});

test('fp_owner of a vCPU: of the one that is loaded, or was last, or is named; else nobody knows whose', () => {
  const lines = [see({ fp_owner: 'free' }), LOAD, see({ fp_owner: 'host' }), PUT, see({ fp_owner: 'host' })];
  const { ledger, ...rest } = report(
    [...lines, see({ fp_owner: 'host', vcpu: 0 }), see({ fp_owner: 'host', vcpu: 5 })],
    'v6.2',
  );
  assert.deepEqual(outcomes({ ledger, ...rest }), { fp_owner: [3, 0, 0] });
  assert.deepEqual(ledger.unfollowed, { 'observe: whose fp_owner it is is unknown': 2 });
});

test('after a divergence the observed value is taken over, and what the registers hold is not known any more', () => {
  const { observations, violations, transitions } = report([LOAD, ENTER, FP, see({ fp_owner: 'host' }), EXIT, PUT]);
  assert.equal(observations.diverged, 1);
  assert.deepEqual(violations, []);
  assert.deepEqual(transitions.by_edge, { 'host>guest': 1, 'unknown>host': 1 });
  const owned = report([
    LOAD,
    ENTER,
    see({ fp_owner: 'guest' }),
    EXIT,
    see({ last: 'vcpu:0/0' }),
    PUT,
    see({ last: 'none' }),
  ]);
  assert.deepEqual(outcomes(owned), { fp_owner: [1, 1, 0], last: [2, 0, 0] });
});

test('fpsimd_last_state: a task, a vCPU or nobody', () => {
  const lines = [LOAD, see({ last: 'task:41' }), FP, EXIT, see({ last: 'vcpu:0/0' }), PUT, see({ last: 'none' }), USER];
  assert.deepEqual(outcomes(report([...lines, see({ last: 'task:41' }), see({ last: 'task:9' })])), {
    last: [5, 1, 0],
  });
  assert.deepEqual(outcomes(report([see({ last: 'vcpu:1/2' })])), { last: [0, 0, 1] });
});

test('a task whose pid nothing names is whoever the kernel says', () => {
  assert.deepEqual(outcomes(report([{ event: 'host_fp', cpu: 0 }, see({ last: 'task:77' })])), { last: [0, 0, 1] });
});

test('a CPU flushed by what traces do not tell of is no fault of the kernel: the task is reloaded', () => {
  const { ledger, verdict, cost } = report([
    LOAD,
    PUT,
    USER,
    { event: 'task_switch', cpu: 0, next: 0 },
    see({ last: 'none' }),
  ]);
  assert.deepEqual(ledger.assumptions['last was changed by an event that traces do not tell of'], 1);
  assert.equal(verdict, 'pass');
  assert.equal(cost.total.fpsimd_load, undefined);
  const saved = [LOAD, PUT, { event: 'task_switch', cpu: 0, next: 9 }, { event: 'task_switch', cpu: 0, next: 41 }];
  const again = report([...saved, see({ tif_foreign: true }), USER]);
  assert.equal(again.ledger.assumptions['tif_foreign was changed by an event that traces do not tell of'], 1);
  assert.equal(again.cost.by_event.return_to_user?.fpsimd_load?.bytes, 520);
});

test('TIF_FOREIGN_FPSTATE that is set over registers which are nowhere else diverges', () => {
  assert.deepEqual(outcomes(report([LOAD, see({ tif_foreign: false }), see({ tif_foreign: true })])), {
    tif_foreign: [2, 1, 0],
  });
  assert.deepEqual(outcomes(report([see({ tif_foreign: false }), see({ tif_foreign: false })])), {
    tif_foreign: [1, 0, 1],
  });
});

test('DEBUG_DIRTY: the initial value is taken for granted until it is seen', () => {
  const dirty = see({ debug_dirty: true });
  const clean = see({ debug_dirty: false });
  assert.deepEqual(outcomes(report([LOAD, clean, dirty])), { debug_dirty: [2, 1, 0] });
  assert.deepEqual(outcomes(report([LOAD, dirty, dirty])), { debug_dirty: [1, 0, 1] });
  assert.equal(report([clean]).ledger.unfollowed['observe: whose debug_dirty it is is unknown'], 1);
});

test('a flag that is set at an entry for no reason in the trace is guest debug that nobody told of', () => {
  const run = [ENTER, see({ debug_dirty: true }), EXIT];
  const untold = report([LOAD, ENTER, EXIT, ...run, ...run, PUT]);
  assert.deepEqual(outcomes(untold), { debug_dirty: [0, 0, 2] });
  assert.equal(untold.ledger.assumptions['guest debug, which the trace does not tell of'], 1);
  // The switch of such a run is counted all the same.
  assert.equal(untold.debug.switches, 4);
  const told = report([{ event: 'guest_debug', vcpu: 0 }, LOAD, ENTER, EXIT, ...run, PUT]);
  assert.deepEqual(outcomes(told), { debug_dirty: [1, 1, 0] });
});

test('MPIDR_EL1 as the host reads it: its own, or 0 where the hypervisor has none to give back', () => {
  const mine = see({ mpidr: '0x80000001' });
  const none = see({ mpidr: '0x0' });
  assert.deepEqual(outcomes(report([mine, mine, none])), { mpidr: [2, 1, 1] });
  const wrong = report([mine, LOAD, ENTER, EXIT, none, mine], 'seed-v1', 'nvhe');
  assert.deepEqual(outcomes(wrong), { mpidr: [2, 1, 1] });
  assert.deepEqual(wrong.observations.diverging[0]?.predicted, '0x0');
});
