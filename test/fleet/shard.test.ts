import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Chosen, chooseShard, type Sized, shardOf } from '../../lib/fleet/shard.ts';

const ITEMS = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { maxLength: 60 })
  .chain((paths) =>
    fc
      .array(fc.integer({ min: 0, max: 1e9 }), { minLength: paths.length, maxLength: paths.length })
      .map((sizes) => paths.map((path, at): Sized => ({ path, size: sizes[at] ?? 0 }))),
  );

const shardsOf = (items: readonly Sized[], count: number) =>
  Array.from({ length: count }, (_, at) => shardOf(items, { index: at + 1, count }));

test('each item is in one shard, whatever the order of the list', () => {
  fc.assert(
    fc.property(ITEMS, fc.integer({ min: 1, max: 20 }), (items, count) => {
      const shards = shardsOf(items, count);
      const paths = shards.flat().map(({ path }) => path);
      assert.deepEqual(paths.sort(), items.map(({ path }) => path).sort());
      assert.deepEqual(shardsOf([...items].reverse(), count), shards);
    }),
  );
});

test('no shard has more than another by more than its smallest item', () => {
  fc.assert(
    fc.property(ITEMS, fc.integer({ min: 1, max: 20 }), (items, count) => {
      // An item counts as one more than its bytes.
      const load = (shard: readonly Sized[]) => shard.reduce((sum, { size }) => sum + size + 1, 0);
      const shards = shardsOf(items, count);
      const least = Math.min(...shards.map(load));
      for (const shard of shards) assert.ok(load(shard) - least <= (shard.at(-1)?.size ?? 0) + 1);
    }),
  );
});

test('the largest come first, so that the longest replay does not begin last', () => {
  const items = [3, 9, 1, 7].map((size) => ({ path: String(size), size }));
  const [all] = shardsOf(items, 1);
  assert.deepEqual(
    all?.map(({ size }) => size),
    [9, 7, 3, 1],
  );
});

const SLURM = { SLURM_ARRAY_TASK_ID: '7', SLURM_ARRAY_TASK_MIN: '1', SLURM_ARRAY_TASK_COUNT: '16' };
const shown = (chosen: Chosen | undefined): string =>
  chosen === undefined ? 'all' : 'wrong' in chosen ? 'wrong' : `${chosen.shard.index} of ${chosen.shard.count}`;

const CASES: readonly (readonly [string | undefined, Record<string, string>, string])[] = [
  [undefined, {}, 'all'],
  ['3/16', {}, '3 of 16'],
  ['1/1', {}, '1 of 1'],
  ['3/16', SLURM, '3 of 16'],
  [undefined, SLURM, '7 of 16'],
  ['/4', { ...SLURM, SLURM_ARRAY_TASK_ID: '2' }, '2 of 4'],
  [undefined, { ...SLURM, SLURM_ARRAY_TASK_ID: '0', SLURM_ARRAY_TASK_MIN: '0' }, '1 of 16'],
  [undefined, { ...SLURM, SLURM_ARRAY_TASK_ID: '5', SLURM_ARRAY_TASK_STEP: '2' }, '3 of 16'],
  [undefined, { ...SLURM, SLURM_ARRAY_TASK_ID: '6', SLURM_ARRAY_TASK_STEP: '2' }, 'wrong'],
  [undefined, { ...SLURM, SLURM_ARRAY_TASK_ID: '17' }, 'wrong'],
  [undefined, { SLURM_ARRAY_TASK_ID: '1' }, 'wrong'],
  ['/16', { JOB_COMPLETION_INDEX: '0' }, '1 of 16'],
  ['/16', { JOB_COMPLETION_INDEX: '15' }, '16 of 16'],
  ['/16', { JOB_COMPLETION_INDEX: '16' }, 'wrong'],
  ['/16', { JOB_COMPLETION_INDEX: '-1' }, 'wrong'],
  [undefined, { JOB_COMPLETION_INDEX: '0' }, 'wrong'],
  ['/16', {}, 'wrong'],
  ['0/16', {}, 'wrong'],
  ['17/16', {}, 'wrong'],
  ['1/0', {}, 'wrong'],
  ['1/9999999', {}, 'wrong'],
  ['3', {}, 'wrong'],
  ['a/b', {}, 'wrong'],
  ['1/2/3', {}, 'wrong'],
  ['', {}, 'wrong'],
];

test('--shard is taken first, then what Slurm and Kubernetes say', () => {
  for (const [text, env, expected] of CASES) {
    assert.equal(shown(chooseShard(text, env)), expected, `${text} ${JSON.stringify(env)}`);
  }
});
