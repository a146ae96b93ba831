/** Traces of running kernels: every observation is confirmed, correct kernels break no rule, however little of a trace there is. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from '../../lib/report/report.ts';
import { createEventRecord, type EventRecord } from '../../lib/trace/event.ts';
import { KIND } from '../../lib/trace/vocabulary.ts';
import { traceOf, tracesOf } from '../support/corpus.ts';
import { replay, type Trace } from '../support/replay.ts';

/** The kernel of this one is the first posting of the series, where that is wrong. */
const WRONG = '6.12-seed-v1-nvhe';

const found = ({ observations, violations }: Report) => ({
  diverging: observations.diverging.map(({ line, field, observed, predicted }) => ({
    line,
    field,
    observed,
    predicted,
  })),
  violations: violations.map(({ rule, line, message }) => `${line}: ${rule}: ${message}`),
});
const NOTHING = { diverging: [], violations: [] };

/** What README of the captures tells of that kernel, and the rules that must say it. */
const TOLD_OF_WRONG = {
  'FP-07': /^host FP registers of task \d+ overwritten before they were saved/,
  'FP-13': /^vCPU \d\/\d left its FP registers on the CPU and was not bound/,
  'FP-05': /^vCPU \d\/\d runs with FP untrapped on registers that hold/,
};

function assertWrong({ observations, violations }: Report): void {
  assert.equal(observations.diverged, 0);
  for (const [rule, message] of Object.entries(TOLD_OF_WRONG)) {
    const first = violations.find((violation) => violation.rule === rule);
    assert.match(first?.message ?? `${rule} did not fire`, message);
  }
}

for (const name of tracesOf('real')) {
  test(`${name}: every observation confirmed, ${name === WRONG ? 'the violations that it is known for' : 'no violation'}`, () => {
    const report = replay(traceOf('real', name));
    assert.ok(report.observations.checked > 80);
    if (name === WRONG) assertWrong(report);
    else assert.deepEqual(found(report), NOTHING);
  });
}

/** Events that say how the machine and its vCPUs are made; a window into a trace keeps them. */
const DECLARES: readonly number[] = [KIND.meta, KIND.vcpu_create, KIND.map_fp];

function windowInto({ inputs, events }: Trace, from: number): Trace {
  return { inputs, events: events.filter(({ kind }, index) => index >= from || DECLARES.includes(kind)) };
}

function lost(line: number, count: number, cpu: number): EventRecord {
  return { ...createEventRecord(), kind: KIND.lost, line, count, cpu };
}

/** The trace without the events in between, which a `lost` event says are missing: of one CPU, or of all (-1). */
function losing({ inputs, events }: Trace, from: number, to: number, cpu: number): Trace {
  const gone = (event: EventRecord, index: number): boolean =>
    index >= from && index < to && (cpu === -1 || event.cpu === cpu);
  const before = events.slice(0, from);
  const after = events.filter((event, index) => index >= from && !gone(event, index));
  return { inputs, events: [...before, lost(from, to - from, cpu), ...after] };
}

for (const name of tracesOf('real').filter((name) => name !== WRONG)) {
  test(`${name}: a window into it, from wherever, shows nothing that is not there`, () => {
    const trace = traceOf('real', name);
    for (let from = 1; from < Math.min(trace.events.length, 1000); from += 7) {
      assert.deepEqual(found(replay(windowInto(trace, from))), NOTHING, `from event ${from}`);
    }
  });

  test(`${name}: events lost, of one CPU or of all, show nothing that is not there`, () => {
    const trace = traceOf('real', name);
    const length = Math.min(trace.events.length, 1000);
    for (let from = 20; from < length; from += 23) {
      for (const cpu of [-1, 0, 1]) {
        const report = replay(losing(trace, from, from + 1 + (from % 50), cpu));
        assert.deepEqual(found(report), NOTHING, `from event ${from}, CPU ${cpu}`);
        assert.equal(report.verdict, 'inconclusive');
      }
    }
  });
}
