/** What a run tells while it goes on, where it says that things happened, and what it counts of the trace itself. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReplay, type ReplayOptions } from '../../lib/replay/replay.ts';
import type { Divergence, Report, Transition, Violation } from '../../lib/report/report.ts';
import { traceFrom } from '../support/replay.ts';

const LOAD = { event: 'vcpu_load', cpu: 0, vm: 3, vcpu: 7, task: 41 };

function replay(lines: readonly object[], options: ReplayOptions = {}): Report {
  const { inputs, events } = traceFrom(lines);
  const run = createReplay(options);
  for (const event of events) assert.equal(run.step(event), undefined);
  return run.finish(inputs);
}

test('transitions, violations and divergences are told as they happen, with their place', () => {
  const told: { transitions: Transition[]; violations: Violation[]; divergences: Divergence[] } = {
    transitions: [],
    violations: [],
    divergences: [],
  };
  const report = replay(
    [
      { ...LOAD, ts: 5 },
      { event: 'guest_fp_trap', cpu: 0, ts: '18446744073709551615' },
      { event: 'guest_fp_trap', cpu: 0 },
      { event: 'observe', cpu: 0, fp_owner: 'host' },
    ],
    {
      onTransition: (transition) => told.transitions.push(transition),
      onViolation: (violation) => told.violations.push(violation),
      onDivergence: (divergence) => told.divergences.push(divergence),
    },
  );
  const place = { input: 0, cpu: 0, vm: 3, vcpu: 7 };
  assert.deepEqual(told.transitions, [
    {
      ...place,
      line: 1,
      ts: 5,
      event: 'vcpu_load',
      instance: 'kvm_host_data',
      from: 'unknown',
      to: 'host',
      cause: 'load',
    },
    {
      ...{ ...place, line: 2, ts: '18446744073709551615', event: 'guest_fp_trap' },
      ...{ instance: 'kvm_host_data', from: 'host', to: 'guest', cause: 'fp_trap' },
    },
  ]);
  assert.deepEqual(told.violations, report.violations);
  assert.deepEqual(told.divergences, report.observations.diverging);
  const [divergence] = told.divergences;
  assert.deepEqual([divergence?.observed, divergence?.predicted, divergence?.line], ['host', 'guest', 4]);
  assert.deepEqual(divergence?.recent, [
    'line 1: vcpu_load cpu=0 vcpu=3/7 task=41',
    'line 2: guest_fp_trap cpu=0',
    'line 3: guest_fp_trap cpu=0',
  ]);
});

test('where the owner lives in the vCPU, transitions say so', () => {
  const instances: string[] = [];
  const onTransition = ({ instance }: Transition) => instances.push(instance);
  replay([LOAD, { event: 'guest_fp', cpu: 0 }], { model: 'v6.2', onTransition });
  assert.deepEqual(instances, ['fp_state', 'fp_state']);
  replay([LOAD, { event: 'guest_fp', cpu: 0 }], { model: 'seed-v1', mode: 'nvhe', onTransition });
  assert.deepEqual(instances.slice(2), ['kvm_host_data', '__kvm_nvhe_kvm_host_data']);
});

test('the events that led to a divergence are those of its CPU and its vCPU, unknown ones included, the last six', () => {
  const other = { event: 'neon_begin', cpu: 1 };
  const many = Array.from({ length: 8 }, (_, cpu) => ({ event: 'mystery', cpu: 0, note: String(cpu) }));
  const { observations } = replay([LOAD, other, ...many, { event: 'observe', cpu: 0, fp_owner: 'guest' }]);
  assert.deepEqual(
    observations.diverging[0]?.recent,
    [5, 6, 7, 8, 9, 10].map((line) => `line ${line}: unknown event cpu=0`),
  );
});

test('only the first divergences are listed, all are counted', () => {
  const wrong = Array.from({ length: 30 }, (_, n) => ({
    event: 'observe',
    cpu: 0,
    fp_owner: n % 2 === 0 ? 'guest' : 'host',
  }));
  const { observations, verdict, reasons } = replay([LOAD, { event: 'guest_enter', cpu: 0 }, ...wrong]);
  assert.deepEqual([observations.diverging.length, observations.diverged, verdict], [20, 30, 'fail']);
  assert.deepEqual(reasons, ['30 of 30 observed values diverge from the model']);
});

test('what was deduced, lost, unknown and out of order is counted', () => {
  const { ledger, events } = replay([
    { ...LOAD, ts: 10, inferred: true },
    { event: 'vcpu_put', cpu: 0, ts: 9 },
    { event: 'lost', count: 4, ts: '18446744073709551615' },
    { event: 'hello', ts: '18446744073709551614' },
    { event: 'hello' },
  ]);
  assert.deepEqual(
    { inferred: ledger.inferred, lost: ledger.lost, unordered_ts: ledger.unordered_ts, unknown: ledger.unknown_events },
    { inferred: 1, lost: 4, unordered_ts: 2, unknown: { hello: 2 } },
  );
  assert.deepEqual(events, { lost: 1, vcpu_load: 1, vcpu_put: 1 });
});

test('names that a trace invents are bounded', () => {
  const { ledger } = replay(Array.from({ length: 300 }, (_, n) => ({ event: `e${n}` })));
  assert.equal(Object.keys(ledger.unknown_events).length, 101);
  assert.equal(ledger.unknown_events['(others)'], 200);
});

test('a load whose end is told by a value read after it is one transition, to where it ended', () => {
  // The host was in streaming mode: load_fp saved it and left the owner free. Nothing but the value tells.
  const { transitions, ledger, observations } = replay([
    { event: 'hyp_init', cpu: 0 },
    LOAD,
    { event: 'observe', cpu: 0, fp_owner: 'free', last: 'none' },
    { event: 'guest_fp', cpu: 0 },
  ]);
  assert.deepEqual(transitions.by_edge, { 'free>guest': 1 });
  assert.equal(observations.diverged, 0);
  assert.equal(ledger.assumptions['SVCR was set at a load, which the trace does not tell of'], 1);
});

test('what follows from one cause is one violation, and says how many followed', () => {
  const run = [
    { event: 'guest_enter', cpu: 0 },
    { event: 'guest_exit', cpu: 0 },
  ];
  const {
    violations,
    violation_counts: counts,
    reasons,
  } = replay([LOAD, ...run, ...run, ...run], {
    model: 'seed-v1',
    mode: 'nvhe',
  });
  assert.deepEqual(
    violations.map(({ rule, followed }) => [rule, followed]),
    [
      ['HD-01', 2],
      ['HD-02', 2],
    ],
  );
  assert.deepEqual(counts['HD-01'], { total: 3, listed: 1, followed: 2 });
  assert.equal(reasons[0], '6 violations of severity error');
});

test('costs are of the vCPU that is loaded, or being loaded, and of the event and the CPU', () => {
  const { cost } = replay(
    [LOAD, { event: 'guest_fp', cpu: 0 }, { event: 'vcpu_put', cpu: 0 }, { event: 'host_fp', cpu: 0 }],
    {
      model: 'v6.14',
    },
  );
  assert.deepEqual(Object.keys(cost.by_vcpu), ['3/7']);
  assert.deepEqual(Object.keys(cost.by_cpu), ['0']);
  assert.equal(cost.by_vcpu['3/7']?.fpsimd_save?.bytes, 520 * 2, 'the host at load, the guest at put');
  assert.equal(cost.by_event.host_fp?.fpsimd_load?.bytes, 520);
  assert.equal(cost.total.fpsimd_load?.bytes, 520 * 2);
});

test('what the reader of the trace found, left out or did not reach is told, and a reason to doubt', () => {
  const { inputs, events } = traceFrom([LOAD, { event: 'guest_fp', cpu: 0 }, { event: 'mystery' }]);
  const run = createReplay({});
  for (const event of events) run.step(event);
  run.note({ unknownEvents: { mystery: 2 }, unfollowed: { 'a probe': 3 }, assumptions: { 'a guess': 1 } });
  const { verdict, reasons, ledger, partial } = run.finish(inputs, { skippedLines: 2, partial: 'lines 1 to 3' });
  assert.deepEqual([verdict, partial, ledger.skipped_lines], ['inconclusive', true, 2]);
  assert.deepEqual(reasons, [
    'only a part was replayed: lines 1 to 3',
    '2 lines that are no events were left out',
    '3 unknown events: mystery',
    '3 steps could not be followed: a probe',
  ]);
  assert.equal(ledger.assumptions['a guess'], 1);
});

test('every observation is told with what became of it', () => {
  const outcomes: string[] = [];
  const seen = [
    LOAD,
    { event: 'observe', cpu: 0, fp_owner: 'host', last: 'task:41' },
    { event: 'observe', cpu: 0, fp_owner: 'guest' },
  ];
  replay(seen, { onObservation: (cpu, field, outcome) => outcomes.push(`${cpu} ${field} ${outcome}`) });
  assert.deepEqual(outcomes, ['0 fp_owner confirmed', '0 last confirmed', '0 fp_owner diverged']);
});
