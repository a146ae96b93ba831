/** Filters divide what is reported: what is in no window is nowhere, and nothing is in two. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entry } from '../../lib/text/order.ts';
import { FOLDERS, runsOf, traceOf } from '../support/corpus.ts';
import { replay } from '../support/replay.ts';

/** Longest trace that is replayed once for each of its lines. */
const LONGEST = 40;

const RUNS = FOLDERS.flatMap(runsOf).filter(({ folder, trace }) => traceOf(folder, trace).events.length <= LONGEST);

test('the violations of all lines, one window each, are those of the whole trace', () => {
  let violated = 0;
  for (const run of RUNS) {
    const trace = traceOf(run.folder, run.trace);
    const whole = replay(trace, run);
    const sums: Record<string, number> = {};
    for (const { line } of trace.events) {
      const report = replay(trace, {
        ...run,
        reported: (event) => event.line === line,
        filter: { line: String(line) },
      });
      assert.equal(report.verdict, whole.verdict);
      assert.deepEqual(report.filter, { options: { line: String(line) }, events: 1 });
      for (const [rule, { total, listed }] of Object.entries(report.violation_counts)) {
        sums[rule] = entry(sums, rule, () => 0) + total;
        // The first of a window is told, whatever was told of it before.
        assert.ok(listed > 0, `${run.folder}/${run.trace} line ${line}: ${rule}`);
        violated += 1;
      }
      assert.ok(report.violations.every((violation) => violation.line === line));
    }
    const totals = Object.fromEntries(Object.entries(whole.violation_counts).map(([rule, { total }]) => [rule, total]));
    assert.deepEqual(sums, totals, `${run.folder}/${run.trace} on ${run.model.name} ${run.mode}`);
  }
  assert.ok(violated > 100);
});

test('a report that is filtered says so, and one that is not has no word of it', () => {
  const [run] = RUNS;
  assert.ok(run);
  const trace = traceOf(run.folder, run.trace);
  assert.equal(replay(trace, run).filter, undefined);
  const empty = replay(trace, { ...run, reported: () => false, filter: { cpu: '9' } });
  assert.deepEqual(empty.filter, { options: { cpu: '9' }, events: 0 });
});

test('the span is from the least time to the greatest', () => {
  for (const run of runsOf('real')) {
    const times = traceOf(run.folder, run.trace)
      .events.filter(({ tsHigh }) => tsHigh >= 0)
      .map(({ tsHigh, tsLow }) => tsHigh * 2 ** 32 + tsLow);
    const { span } = replay(traceOf(run.folder, run.trace), run);
    assert.deepEqual(span, { from: Math.min(...times), to: Math.max(...times) });
  }
});
