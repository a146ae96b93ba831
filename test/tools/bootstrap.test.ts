/** The interval of a difference of means: what theory says of many values, and right as often as it says. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differenceOfMeans, type Histogram, meanOf } from '../../lib/tools/compare-traces/bootstrap.ts';
import { createRandom, type Random } from '../support/random.ts';

function histogramOf(values: readonly number[]): Histogram {
  const times = new Map<number, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  return [...times].sort(([a], [b]) => a - b);
}

function variance(histogram: Histogram): number {
  const mean = meanOf(histogram);
  let [sum, count] = [0, 0];
  for (const [value, times] of histogram) {
    sum += times * (value - mean) ** 2;
    count += times;
  }
  return sum / count;
}

const countOf = (histogram: Histogram): number => histogram.reduce((sum, [, times]) => sum + times, 0);

/** Bytes as captures have them: mostly nothing, sometimes a save, a load, or both. */
const draw = (random: Random): number => [0, 0, 0, 520, 520, 1040, 2080][random.below(7)] as number;

for (const [what, a, b] of [
  [
    'few values, many times',
    [
      [0, 400_000],
      [520, 90_000],
    ],
    [
      [0, 410_000],
      [520, 80_000],
      [1040, 10_000],
    ],
  ],
  [
    'some hundreds',
    histogramOf(Array.from({ length: 300 }, (_, at) => at % 7)),
    histogramOf(Array.from({ length: 500 }, (_, at) => at % 9)),
  ],
  [
    'more values than are drawn one by one',
    histogramOf(Array.from({ length: 20_000 }, (_, at) => (at * at) % 5003)),
    histogramOf(Array.from({ length: 10_000 }, (_, at) => (at * at) % 4001)),
  ],
] as const) {
  test(`the interval is what the variance says: ${what}`, () => {
    const { low, high } = differenceOfMeans(a as Histogram, b as Histogram);
    const spread =
      1.96 *
      Math.sqrt(
        variance(a as Histogram) / countOf(a as Histogram) + variance(b as Histogram) / countOf(b as Histogram),
      );
    const middle = meanOf(b as Histogram) - meanOf(a as Histogram);
    assert.ok(Math.abs((high - low) / (2 * spread) - 1) < 0.12, `${low} .. ${high}, and ${middle} +- ${spread}`);
    assert.ok(Math.abs((low + high) / 2 - middle) < 0.15 * spread);
    assert.deepEqual(differenceOfMeans(a as Histogram, b as Histogram), { low, high });
  });
}

test('of two samples of the same, it holds nothing about nineteen times of twenty', () => {
  const random = createRandom(14);
  let holds = 0;
  for (let trial = 0; trial < 200; trial++) {
    const sample = () => histogramOf(Array.from({ length: 150 }, () => draw(random)));
    const { low, high } = differenceOfMeans(sample(), sample());
    if (low <= 0 && 0 <= high) holds += 1;
  }
  assert.ok(holds >= 180 && holds <= 199, `${holds} of 200`);
});

test('values that do not vary leave no doubt', () => {
  assert.deepEqual(differenceOfMeans([[3, 10]], [[5, 1]]), { low: 2, high: 2 });
});
