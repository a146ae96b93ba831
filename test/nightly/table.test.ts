/** Reports of replays that take steps from the table, and of those that run each: `SEED=100 SEEDS=50` says which walks. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayFile } from '../../lib/replay/file.ts';
import { KERNELS, linesOfWalk, type WalkWish, withFile } from '../automaton/walks.ts';

const FIRST = Number(process.env.SEED ?? 1000);
const SEEDS = Number(process.env.SEEDS ?? 20);

const WISHES: readonly Omit<WalkWish, 'seed'>[] = [
  { events: 6_000 },
  { events: 3_000, spoiltOnceIn: 15 },
  { events: 6_000, spoiltOnceIn: 200 },
];

for (const wish of WISHES) {
  test(`walks of ${wish.events} events, spoilt once in ${wish.spoiltOnceIn ?? 'none'}`, async () => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      for (const [model, mode] of KERNELS) {
        const lines = linesOfWalk(model, mode, { ...wish, seed });
        await withFile(lines, async (path) => {
          const [table, each] = [
            await replayFile(path, { leapsAfter: 0 }),
            await replayFile(path, { leapsAfter: Number.POSITIVE_INFINITY }),
          ];
          assert.equal(JSON.stringify(table), JSON.stringify(each), `${model} ${mode}, seed ${seed}`);
        });
      }
    }
  });
}
