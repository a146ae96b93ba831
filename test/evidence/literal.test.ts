/**
 * What is said of a trace is true of every run that leaves it: random runs of the literal model, with kinds of event struck.
 * RUNS sets how many machines of each kernel are run (default 6).
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HIDEABLE } from '../../lib/trace/hidden.ts';
import { modesOf, PROFILES, twoInstances } from '../literal/profiles.ts';
import { alarmsOf } from '../support/partial.ts';
import { createRandom } from '../support/random.ts';
import { fullRun, reduce, replayRun, strike } from './struck.ts';

const RUNS = Number(process.env.RUNS ?? 6);
const EVENTS = 120;
/** Chances in a hundred that a kind is hidden: from a few to all. */
const CHANCES = [15, 40, 70, 100];

for (const [model, profile] of Object.entries(PROFILES)) {
  for (const mode of modesOf(profile)) {
    if (twoInstances(profile, mode)) continue;
    test(`${model} ${mode}: whatever is hidden, a correct kernel breaks no rule and diverges nowhere`, () => {
      for (let seed = 1; seed <= RUNS; seed++) {
        const random = createRandom(seed);
        const run = fullRun({ model, mode }, seed, EVENTS, random);
        assert.deepEqual(alarmsOf(replayRun(run, { model, mode }, [])), []);
        for (const chance of CHANCES) {
          const hidden = HIDEABLE.filter(() => random.below(100) < chance);
          const alarms = alarmsOf(replayRun(strike(run, hidden), { model, mode }, hidden));
          assert.deepEqual(alarms, [], `seed ${seed}, hidden: ${hidden.join(', ')}`);
        }
      }
    });
  }
}

const WINDOWS = 40;
const CUTS = 8;

for (const [model, profile] of Object.entries(PROFILES)) {
  for (const mode of modesOf(profile)) {
    if (twoInstances(profile, mode)) continue;
    test(`${model} ${mode}: windows and losses of a correct kernel break no rule, and diverge nowhere`, () => {
      const kernel = { model, mode };
      for (let seed = 1; seed <= RUNS / 2; seed++) {
        const random = createRandom(7 * seed + 3);
        const run = fullRun(kernel, seed, EVENTS, random);
        for (let window = 0; window < WINDOWS; window++) {
          const from = random.below(run.length);
          assert.deepEqual(alarmsOf(replayRun(run.slice(from), kernel, [], true)), [], `seed ${seed}, from ${from}`);
        }
        for (let count = 0; count < CUTS; count++) {
          const { cut, hidden, name } = reduce(run, random);
          assert.deepEqual(alarmsOf(replayRun(cut, kernel, hidden, true)), [], `seed ${seed}, ${name}`);
        }
      }
    });
  }
}

/** Kernels with the bug of the first posting: some of their runs show it. */
for (const [model, mode] of [
  ['seed-v1', 'nvhe'],
  ['v6.10-rc1', 'pkvm'],
] as const) {
  test(`${model} ${mode}: a run that shows the bug is never passed, whatever is hidden; showing more never takes an error back`, () => {
    let shown = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const random = createRandom(seed);
      const kernel = { model, mode };
      const run = fullRun(kernel, seed, 2 * EVENTS, random);
      if (replayRun(run, kernel, []).verdict !== 'fail') continue;
      shown += 1;
      // Ever more is hidden.
      const order = HIDEABLE.map((kind) => ({ kind, at: random.below(1000) })).sort((a, b) => a.at - b.at);
      for (let count = 1; count <= order.length; count++) {
        const hidden = order.slice(0, count).map(({ kind }) => kind);
        assert.notEqual(
          replayRun(strike(run, hidden), kernel, hidden).verdict,
          'pass',
          `seed ${seed}: ${hidden.join()}`,
        );
      }
    }
    assert.ok(shown > RUNS / 4);
  });
}
