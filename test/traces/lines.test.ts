/** A report is made of events: which of them share a line, or the number of one in another file, changes nothing but where they are. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from '../../lib/report/report.ts';
import { runsOf, traceOf } from '../support/corpus.ts';
import { createRandom } from '../support/random.ts';
import { replay, type Trace } from '../support/replay.ts';

/** The report without places. */
function essence(report: Report): string {
  const text = JSON.stringify(report, (key, value) => (['input', 'line', 'inputs'].includes(key) ? undefined : value));
  return text.replace(/\blines? \d+/g, 'line');
}

/** The events in their order, elsewhere: `place` gives each its input and line. */
function elsewhere({ events }: Trace, place: (index: number) => readonly [input: number, line: number]): Trace {
  const inputs = Array.from({ length: 3 }, (_, n) => ({ name: String(n), lines: 0, events: 0 }));
  const moved = events.map((event, index) => {
    const [input, line] = place(index);
    return { ...event, input, line };
  });
  return { inputs, events: moved };
}

test('lines are no names of events', () => {
  let compared = 0;
  for (const run of [...runsOf('golden'), ...runsOf('bad'), ...runsOf('bugs')]) {
    const trace = traceOf(run.folder, run.trace);
    const machine = { model: run.model, mode: run.mode };
    const expected = essence(replay(trace, machine));
    const random = createRandom(compared++);
    const next = [0, 0, 0];
    const split = elsewhere(trace, () => {
      const input = random.below(3);
      next[input] = (next[input] as number) + 1;
      return [input, next[input] as number];
    });
    const shared = elsewhere(trace, (index) => [0, 1 + Math.floor(index / 4)]);
    const what = `${run.folder}/${run.trace} ${run.model.name} ${run.mode}`;
    assert.equal(essence(replay(split, machine)), expected, `${what}, split over files`);
    assert.equal(essence(replay(shared, machine)), expected, `${what}, four events a line`);
  }
  assert.ok(compared > 100, `${compared}`);
});
