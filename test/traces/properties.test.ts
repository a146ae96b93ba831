/** What must hold of every replay: CPUs that share nothing do not disturb each other, and filters change what is told only. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findModel, type Model } from '../../lib/models/models.ts';
import type { Mode } from '../../lib/models/profile.ts';
import type { Report } from '../../lib/report/report.ts';
import { createLiteral, type TraceEvent } from '../literal/literal.ts';
import { createWalk } from '../literal/walk.ts';
import { reportOf, runsOf, traceOf } from '../support/corpus.ts';
import { replay, traceFrom } from '../support/replay.ts';

const MACHINES: readonly (readonly [string, Mode])[] = [
  ['v6.2', 'vhe'],
  ['seed-v1', 'nvhe'],
  ['v6.10', 'nvhe'],
  ['v7.1', 'vhe'],
];

function modelOf(name: string): Model {
  const model = findModel(name);
  assert.ok(model !== undefined);
  return model;
}

/** What happens on one CPU, with no other. */
function walkOn(model: string, mode: Mode, seed: number): TraceEvent[] {
  const literal = createLiteral(model, mode, { cpus: 1, sveVl: 64 });
  const { neonPreemptible } = literal.profile;
  const walk = createWalk({ seed, cpus: 1, sveVl: 64, neonPreemptible, oracle: literal });
  for (const event of walk.prologue) literal.step(event);
  const events = Array.from({ length: 150 }, () => {
    const event = walk.events.next().value;
    literal.step(event);
    return event;
  });
  return [...walk.prologue, ...events];
}

/** The same on CPU 1, with tasks and VMs of its own. */
function elsewhere(event: TraceEvent): TraceEvent {
  const pid = (task: number): number => (task === 0 ? 0 : task + 1000);
  return {
    ...event,
    ...(event.cpu !== undefined && { cpu: 1 }),
    ...(event.vm !== undefined && { vm: event.vm + 10 }),
    ...(event.task !== undefined && { task: pid(event.task) }),
    ...(event.next !== undefined && { next: pid(event.next) }),
  };
}

/** The part of a report that is of one CPU. */
function partOf({ transitions, violations, cost, ledger }: Report, cpu: string, vms: readonly string[]): unknown {
  const ofVm = ([vcpu]: [string, unknown]): boolean => vms.includes(vcpu.split('/')[0] ?? '');
  return {
    transitions: transitions.by_cpu[cpu],
    violations: violations
      .filter((each) => String(each.cpu) === cpu)
      .map(({ rule, event, state }) => ({ rule, event, state })),
    cost: cost.by_cpu[cpu],
    vcpus: Object.fromEntries(Object.entries(cost.by_vcpu).filter(ofVm)),
    unfollowed: ledger.unfollowed,
  };
}

test('the order in which CPUs that share nothing take their turns changes nothing for any of them', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...MACHINES),
      fc.nat(),
      fc.infiniteStream(fc.boolean()),
      ([name, mode], seed, turns) => {
        const [here, there] = [walkOn(name, mode, seed), walkOn(name, mode, seed + 1).map(elsewhere)];
        const left = [here.slice(), there.slice()] as const;
        const mixed: TraceEvent[] = [];
        for (const turn of turns) {
          const event = left[turn ? 0 : 1].shift() ?? left[turn ? 1 : 0].shift();
          if (event === undefined) break;
          mixed.push(event);
        }
        const meta = { event: 'meta', format: 1, sve_vl: 64 };
        const machine = { model: modelOf(name), mode };
        const told = (events: readonly TraceEvent[]): Report => replay(traceFrom([meta, ...events]), machine);
        const both = told(mixed);
        assert.deepEqual(partOf(both, '0', ['0', '1']), partOf(told(here), '0', ['0', '1']));
        assert.deepEqual(partOf(both, '1', ['10', '11']), partOf(told(there), '1', ['10', '11']));
      },
    ),
    { numRuns: 40 },
  );
});

test('what is not reported is replayed, checked and judged all the same', () => {
  for (const name of ['6.12-lazy-nvhe', '6.12-seed-v1-nvhe']) {
    const trace = traceOf('real', name);
    const all = replay(trace);
    const none = replay(trace, { reported: () => false });
    const one = replay(trace, { reported: ({ cpu }) => cpu === 0 });
    for (const { verdict, reasons, ledger, observations, events } of [none, one]) {
      assert.deepEqual({ verdict, reasons, ledger, events }, { ...pick(all) });
      assert.equal(observations.checked, all.observations.checked);
    }
    assert.deepEqual([none.violations, none.transitions.total, none.cost.total], [[], 0, {}]);
    assert.deepEqual(one.transitions.by_cpu, { 0: all.transitions.by_cpu['0'] });
    assert.deepEqual(one.cost.by_cpu, { 0: all.cost.by_cpu['0'] });
    assert.deepEqual(
      one.violations.map(({ line, rule }) => [line, rule]),
      all.violations.filter(({ cpu }) => cpu === 0).map(({ line, rule }) => [line, rule]),
    );
  }
});

const pick = ({ verdict, reasons, ledger, events }: Report) => ({ verdict, reasons, ledger, events });

test('a rule that is not reported still fails the run', () => {
  const trace = traceOf('real', '6.12-seed-v1-nvhe');
  const only = replay(trace, { reportedRule: (rule) => rule === 'FP-13' });
  assert.deepEqual(only.coverage.rules_fired, ['FP-13']);
  assert.deepEqual(only.reasons, replay(trace).reasons);
});

test('a limit cuts the list of violations, not their number', () => {
  const trace = traceOf('real', '6.12-seed-v1-nvhe');
  const [all, few] = [replay(trace), replay(trace, { maxViolations: 3 })];
  assert.deepEqual(few.violations, all.violations.slice(0, 3));
  const totals = ({ violation_counts: counts }: Report) =>
    Object.entries(counts).map(([rule, { total }]) => [rule, total]);
  assert.deepEqual(totals(few), totals(all));
  const listed = Object.values(few.violation_counts).reduce((sum, count) => sum + count.listed, 0);
  assert.deepEqual([listed, few.verdict, few.reasons], [3, all.verdict, all.reasons]);
});

test('the same trace gives the same report, again and again', () => {
  for (const run of runsOf('golden').slice(0, 10)) assert.deepEqual(reportOf(run), reportOf(run));
});
