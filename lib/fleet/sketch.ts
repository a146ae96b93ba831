/**
 * Distributions that add up: DDSketch (Masson, Rim, Lee, VLDB 2019), whose bins are counts, so that a merge is exact and any
 * quantile is known to 1 %. The mapping between values and bins is that of the library, and so are quantiles.
 */

import { DDSketch } from '@datadog/sketches-js';
import { type Check, count, first, isObject } from '../report/shape.ts';
import { type Additive, together, total } from './additive.ts';

/** Of a quantile. */
const ACCURACY = 0.01;
/** e^±41: what is smaller or larger is counted at the border. */
const BORDER = 2048;

const empty = (): DDSketch => new DDSketch({ relativeAccuracy: ACCURACY });
const { mapping } = empty();

const bin: Check = (name) =>
  /^-?\d{1,4}$/.test(String(name)) && Math.abs(Number(name)) <= BORDER ? undefined : `${name}: expected a bin`;

const bins: Additive<Map<number, number>, Readonly<Record<string, number>>> = {
  check: (value, path) =>
    isObject(value)
      ? first(Object.entries(value).map(([name, each]) => bin(name, path) ?? count(each, `${path}.${name}`)))
      : `${path}: expected an object`,
  read: (json) => new Map(Object.entries(json).map(([name, times]) => [Number(name), times])),
  write: (values) =>
    Object.fromEntries([...values].sort(([a], [b]) => a - b).map(([at, times]) => [String(at), times])),
  zero: () => new Map(),
  add(a, b) {
    for (const [at, times] of b) a.set(at, total.add(a.get(at) ?? 0, times));
    return a;
  },
};

export const sketch = together({ zeroes: total, bins });

export type Sketch = ReturnType<typeof sketch.write>;

/** Of one value, 0 or more. */
export function sketchOf(value: number): ReturnType<typeof sketch.zero> {
  if (value === 0) return { zeroes: 1, bins: new Map() };
  return { zeroes: 0, bins: new Map([[Math.max(-BORDER, Math.min(BORDER, mapping.key(value))), 1]]) };
}

/** The values at those quantiles (0 to 1), each within 1 %; NaN where there is no value. */
export function quantilesOf({ zeroes, bins }: Sketch, quantiles: readonly number[]): readonly number[] {
  const made = empty();
  if (zeroes > 0) made.accept(0, zeroes);
  for (const [at, times] of Object.entries(bins)) if (times > 0) made.accept(mapping.value(Number(at)), times);
  return quantiles.map((quantile) => (made.count === 0 ? Number.NaN : made.getValueAtQuantile(quantile)));
}
