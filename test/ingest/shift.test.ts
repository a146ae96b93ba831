/** Inputs whose clocks are not the same: an offset moves the times of one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readTrace } from '../../lib/ingest/reader.ts';
import { collect, temporaryFiles } from '../support/collect.ts';

const file = temporaryFiles();
const MOST = 2n ** 64n - 1n;

const times = fc
  .array(fc.bigInt({ min: 0n, max: MOST }), { maxLength: 10 })
  .map((all) => all.toSorted((a, b) => (a < b ? -1 : 1)));
const offsets = fc.oneof(fc.bigInt({ min: -9n, max: 9n }), fc.bigInt({ min: -MOST, max: MOST }));

const lines = (all: readonly bigint[], cpu: number): string =>
  all.map((ts) => `{"event":"cpu_on","cpu":${cpu},"ts":"${ts}"}\n`).join('');

test('times with an offset merge as if they had been written with it', async () => {
  const property = fc.asyncProperty(times, times, offsets, async (first, second, offset) => {
    const fits = second.every((ts) => ts + offset >= 0n && ts + offset <= MOST);
    fc.pre(fits);
    const [a, b] = [file('a.ndjson', lines(first, 0)), file('b.ndjson', lines(second, 1))];
    const moved = file(
      'moved.ndjson',
      lines(
        second.map((ts) => ts + offset),
        1,
      ),
    );
    const events = async (source: ReturnType<typeof readTrace>) => (await collect(source)).map(({ event }) => event);
    const shifted = await events(readTrace([a, b], { clockOffsets: new Map([['b.ndjson', offset]]) }));
    assert.deepEqual(shifted, await events(readTrace([a, moved])));
    assert.deepEqual(await events(readTrace([a, b], { clockOffsets: new Map([[b, offset]]) })), shifted);
  });
  await fc.assert(property, { numRuns: 100 });
});

test('a time that an offset moves out of 64 bits is an error of its line', async () => {
  const path = file('late.ndjson', lines([1n, 5n], 0));
  const seen = await collect(readTrace([path], { clockOffsets: new Map([[path, -3n]]) }));
  assert.deepEqual(
    seen.map(({ line, error }) => [line, error?.field]),
    [
      [1, 'ts'],
      [2, undefined],
    ],
  );
  assert.match(seen[0]?.error?.expected ?? '', /clock offset of -3 ns/);
});

test('an event without a time has none with an offset either', async () => {
  const path = file('timeless.ndjson', '{"event":"cpu_on","cpu":0}\n');
  const plain = await collect(readTrace([path]));
  assert.deepEqual(await collect(readTrace([path], { clockOffsets: new Map([[path, 5n]]) })), plain);
  assert.deepEqual(
    plain.map(({ event }) => event),
    [{ event: 'cpu_on', cpu: 0 }],
  );
});
