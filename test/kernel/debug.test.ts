/** Debug registers where the traces of the corpus do not reach: what is not known, and what a debugger does to the guest's own bits. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findModel } from '../../lib/models/models.ts';
import type { Report } from '../../lib/report/report.ts';
import { replay, traceFrom } from '../support/replay.ts';

const LOAD = { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 };
const ENTER = { event: 'guest_enter', cpu: 0 };
const EXIT = { event: 'guest_exit', cpu: 0 };
const PUT = { event: 'vcpu_put', cpu: 0 };
const RUN = [ENTER, EXIT];
const WRITE = { event: 'debug_dirty', cpu: 0 };
const mdscr = (mde: number, kde = 0): object => ({ event: 'guest_mdscr', cpu: 0, mde, kde });
const guestDebug = (fields: object): object => ({ event: 'guest_debug', vcpu: 0, ...fields });
const NOT_COUNTED = 'a debug switch is not counted: who uses the debug registers is unknown';

function report(name: string, lines: readonly object[]): Report {
  const model = findModel(name);
  assert.ok(model !== undefined);
  return replay(traceFrom(lines), { model, mode: 'vhe' });
}
const switches = (name: string, lines: readonly object[]): number => report(name, lines).debug.switches / 2;

test('KDE makes the registers live as MDE does, and an OS lock takes MDE away but not KDE', () => {
  const lock = { event: 'guest_oslock', cpu: 0, locked: true };
  assert.equal(switches('v6.12-stable', [LOAD, mdscr(0, 1), ...RUN, ...RUN, PUT]), 2);
  // The write to OSLAR is an entry of its own, at which MDE still counts.
  assert.equal(switches('v6.12-stable', [LOAD, mdscr(1), lock, ...RUN, PUT]), 1);
  assert.equal(switches('v6.12-stable', [LOAD, mdscr(0, 1), lock, ...RUN, PUT]), 2);
  assert.equal(switches('v7.1', [LOAD, mdscr(0, 1), PUT, LOAD, ...RUN, PUT]), 1);
});

test('under guest debug, MDSCR_EL1 that the guest writes untrapped is given back after the run (<= v6.13)', () => {
  const step = [
    guestDebug({ singlestep: true }),
    LOAD,
    ...RUN,
    WRITE,
    ENTER,
    mdscr(1),
    EXIT,
    PUT,
    guestDebug({}),
    LOAD,
  ];
  assert.equal(switches('v6.10', [...step, ...RUN, PUT]), 1, 'the run after the trapped write, and no other');
  // Where it traps the handler writes it, after that.
  const trapped = [
    guestDebug({ singlestep: true }),
    LOAD,
    ENTER,
    mdscr(1),
    EXIT,
    PUT,
    guestDebug({}),
    LOAD,
    ...RUN,
    PUT,
  ];
  assert.equal(switches('v6.10', trapped), 1);
});

test('with debug_owner a debugger that uses the registers keeps them, whatever the guest writes', () => {
  const { debug } = report('v7.1', [guestDebug({ use_hw: true }), LOAD, ...RUN, WRITE, ...RUN, PUT]);
  assert.deepEqual(debug.by_edge, { 'external>host': 2, 'host>external': 2 });
});

test('after a loss nothing is known of debug state until something tells', () => {
  for (const model of ['v6.12-stable', 'v7.1']) {
    const { debug, ledger } = report(model, [LOAD, { event: 'lost', count: 1 }, LOAD, ...RUN, PUT]);
    assert.deepEqual([debug.switches, ledger.assumptions[NOT_COUNTED]], [0, 1], model);
    const unlocked = { event: 'guest_oslock', cpu: 0, vm: 0, vcpu: 0, locked: false };
    const told = [guestDebug({}), unlocked, LOAD, ENTER, mdscr(0), ...RUN, PUT, LOAD, ...RUN, PUT];
    const known = report(model, [LOAD, { event: 'lost', count: 1 }, ...told]);
    assert.equal(known.ledger.assumptions[NOT_COUNTED], 1, `${model}: the run of the write only`);
  }
});

test('a trapped write makes DEBUG_DIRTY known; who owns the registers it does not tell, where a debugger may', () => {
  const lines = [LOAD, { event: 'lost', count: 1 }, LOAD, ...RUN, WRITE, ...RUN, PUT];
  assert.equal(report('v6.12-stable', lines).debug.switches, 2);
  assert.equal(report('v7.1', lines).debug.switches, 0);
});
