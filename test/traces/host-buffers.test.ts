/** What quiescing the host's buffers costs (semantics 6.4), in the order of the accesses of one entry and one exit. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Costs } from '../../lib/report/report.ts';
import { traceFrom } from '../support/replay.ts';
import { replayOn } from './numbers.ts';

type Unit = 'spe' | 'trbe' | 'brbe';

/** One run on a machine that has the unit. */
function oneRun(model: string, unit: Unit, inUse: boolean): { entry: Counts; exit: Counts } {
  const trace = traceFrom([
    { event: 'meta', format: 1, features: [unit] },
    { event: 'host_buffers', cpu: 0, [unit]: inUse },
    { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 },
    { event: 'guest_enter', cpu: 0 },
    { event: 'guest_exit', cpu: 0 },
    { event: 'vcpu_put', cpu: 0 },
  ]);
  const { by_event } = replayOn(trace, model, 'nvhe').cost;
  return { entry: countsOf(by_event.guest_enter), exit: countsOf(by_event.guest_exit) };
}

/** Only what the buffers cause: without buffers an entry and an exit have neither isb nor dsb_nsh. */
const PRIMITIVE = /^(pmblimitr|pmscr|trblimitr|trfcr|brbcr)_(read|write)$|^(psb|tsb)_csync$|^isb$|^dsb_nsh$/;
type Counts = Readonly<Record<string, number>>;

const countsOf = (costs: Costs = {}): Counts =>
  Object.fromEntries(
    Object.entries(costs)
      .filter(([name]) => PRIMITIVE.test(name))
      .map(([name, { count }]) => [name, count]),
  );

/** "R PMBLIMITR, W PMSCR, isb" as counts. */
function accesses(text: string): Counts {
  const counts: Record<string, number> = {};
  for (const one of text.split(', ').filter((one) => one !== '')) {
    const [access, register] = one.split(' ');
    const name = register === undefined ? one : `${register.toLowerCase()}_${access === 'R' ? 'read' : 'write'}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const SPE = 'R PMBLIMITR, R PMSCR, W PMSCR, isb, psb_csync';
const TRBE = 'R TRBLIMITR, R TRFCR, W TRFCR, isb, tsb_csync';

/** Model -> entry and exit of a unit in use, and entry of one that is idle. */
const COSTS: Readonly<Record<Unit, Readonly<Record<string, readonly [entry: string, exit: string, idle: string]>>>> = {
  spe: {
    'v6.1-stable': [`${SPE}, dsb_nsh`, 'isb, W PMSCR', 'R PMBLIMITR'],
    'v6.12-stable': [SPE, 'isb, W PMSCR', 'R PMBLIMITR'],
    'v6.16': [SPE, 'isb, W PMSCR', 'R PMBLIMITR'],
    'v7.1': [`${SPE}, dsb_nsh, W PMBLIMITR, isb`, 'isb, W PMBLIMITR, isb, W PMSCR', 'R PMBLIMITR'],
  },
  trbe: {
    'v6.1-stable': [`${TRBE}, dsb_nsh`, 'W TRFCR', 'R TRBLIMITR'],
    'v6.12-stable': [TRBE, 'W TRFCR', 'R TRBLIMITR'],
    'v6.16': ['R TRFCR, W TRFCR, isb, tsb_csync', 'W TRFCR', ''],
    'v7.1': [`${TRBE}, dsb_nsh, W TRBLIMITR, isb`, 'W TRBLIMITR, isb, R TRFCR, W TRFCR', ''],
  },
  brbe: {
    'v6.12-stable': ['', '', ''],
    'v6.16': ['R BRBCR, R BRBCR, W BRBCR', 'W BRBCR', 'R BRBCR'],
    'v7.1': ['R BRBCR, R BRBCR, W BRBCR', 'W BRBCR', 'R BRBCR'],
  },
};

for (const [unit, models] of Object.entries(COSTS) as [Unit, (typeof COSTS)[Unit]][]) {
  for (const [model, [entry, exit, idle]] of Object.entries(models)) {
    test(`${unit} on ${model}: accesses of an entry and an exit, in use and idle`, () => {
      assert.deepEqual(oneRun(model, unit, true), { entry: accesses(entry), exit: accesses(exit) });
      assert.deepEqual(oneRun(model, unit, false), { entry: accesses(idle), exit: {} });
    });
  }
}

test('VHE leaves the buffers alone', () => {
  const trace = traceFrom([
    { event: 'meta', format: 1, features: ['spe', 'trbe'] },
    { event: 'host_buffers', cpu: 0, spe: true, trbe: true },
    { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 },
    { event: 'guest_enter', cpu: 0 },
  ]);
  const { cost, violations } = replayOn(trace, 'v6.16', 'vhe');
  assert.deepEqual(countsOf(cost.total), {});
  assert.deepEqual(violations, []);
});
