/** The costs of a guest entry in two traces, as distributions, and how sure it is that they differ. */

import type { Distribution } from '../../account/distribution.ts';
import type { Sheet } from '../../text/sheet.ts';
import type { CostsCollector } from '../costs/costs.ts';
import { MEASURE_NAMES, type Measure } from '../costs/measures.ts';
import { differenceOfMeans, meanOf } from './bootstrap.ts';

export interface PerEntry {
  readonly a: Distribution & { readonly mean: number };
  readonly b: Distribution & { readonly mean: number };
  /** Of the means, B less A, with the interval that 95 of 100 resamples lie in. */
  readonly difference: { readonly mean: number; readonly low: number; readonly high: number };
}

/** Of those measures that are more than nothing in either; none where one of the traces enters no guest. */
export type EntryCosts = Readonly<Partial<Record<Measure, PerEntry>>>;

/** Both must be of entries, and finished. */
export function entryCostsOf(a: CostsCollector, b: CostsCollector): EntryCosts {
  const of = (collector: CostsCollector, measure: Measure) => {
    const samples = collector.samplesOf(measure);
    const histogram = samples.histogram();
    return { histogram, summary: { ...samples.summary(), mean: histogram.length === 0 ? 0 : meanOf(histogram) } };
  };
  const costs = MEASURE_NAMES.flatMap((measure): [Measure, PerEntry][] => {
    const [left, right] = [of(a, measure), of(b, measure)];
    if (left.summary.count === 0 || right.summary.count === 0) return [];
    if (left.summary.total + right.summary.total === 0) return [];
    const mean = right.summary.mean - left.summary.mean;
    const difference = { mean, ...differenceOfMeans(left.histogram, right.histogram) };
    return [[measure, { a: left.summary, b: right.summary, difference }]];
  });
  return Object.fromEntries(costs);
}

export function entrySheet(costs: EntryCosts): Sheet {
  return {
    title: 'per entry',
    head: [
      'per entry',
      'mean A',
      'mean B',
      'B - A',
      '95 % low',
      '95 % high',
      ...OF_EACH.flatMap((name) => [`${name} A`, `${name} B`]),
    ],
    rows: Object.entries(costs).map(([measure, { a, b, difference }]) => [
      measure,
      ...[a.mean, b.mean, difference.mean, difference.low, difference.high].map(rounded),
      ...OF_EACH.flatMap((name) => [a[name], b[name]]),
    ]),
  };
}

const OF_EACH = ['median', 'p90', 'p99', 'max'] as const;

/** As it is printed: an integer where it is one to two digits. */
const rounded = (value: number): number => Math.round(value * 100) / 100 + 0;
