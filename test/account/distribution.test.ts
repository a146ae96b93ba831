/** Distributions are what sorting all values gives. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSamples } from '../../lib/account/distribution.ts';

/** The least value that at least `part` of all values do not exceed. */
function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] as number;
}

test('count, total, extremes and percentiles are those of the sorted values', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 1 }), (values) => {
      const samples = createSamples();
      for (const value of values) samples.add(value);
      assert.deepEqual(samples.summary(), {
        count: values.length,
        total: values.reduce((sum, value) => sum + value, 0),
        min: Math.min(...values),
        median: percentile(values, 0.5),
        p90: percentile(values, 0.9),
        p99: percentile(values, 0.99),
        max: Math.max(...values),
      });
    }),
  );
});

test('a value that is given so many times counts as that many', () => {
  const [one, many] = [createSamples(), createSamples()];
  one.add(3, 4);
  for (let times = 0; times < 4; times++) many.add(3);
  assert.deepEqual(one.summary(), many.summary());
});

test('no values are nothing; very many different ones are told apart to three digits', () => {
  assert.deepEqual(createSamples().summary(), { count: 0, total: 0, min: 0, median: 0, p90: 0, p99: 0, max: 0 });
  const samples = createSamples();
  for (let value = 0; value < 300_000; value++) samples.add(value);
  assert.ok(samples.histogram().length < 110_000);
  const { median, p99, max, total } = samples.summary();
  assert.ok(Math.abs(median - 150_000) <= 1000 && Math.abs(p99 - 297_000) <= 1000, `${median} ${p99}`);
  assert.deepEqual([max, total], [299_999, (300_000 * 299_999) / 2]);
});
