/** Counts of values, and what they come to: exact, as long as there are not too many different ones. */

export interface Distribution {
  readonly count: number;
  readonly total: number;
  readonly min: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface Samples {
  /** An integer, 0 or more, so many times. */
  add(value: number, times?: number): void;
  /** Value -> how often, in the order of the values. */
  histogram(): readonly (readonly [value: number, times: number])[];
  /** A percentile is the least value that so many of a hundred do not exceed. All are 0 where there is no value. */
  summary(): Distribution;
}

/** Different values that are told apart; those that come later are rounded, to three digits. */
const MOST = 100_000;

export function createSamples(): Samples {
  const times = new Map<number, number>();
  let count = 0;
  let total = 0;
  let [min, max] = [Number.POSITIVE_INFINITY, 0];
  const histogram = () => [...times].sort(([a], [b]) => a - b);
  return {
    add(value, weight = 1) {
      const key = times.size < MOST || times.has(value) ? value : Number(value.toPrecision(3));
      times.set(key, (times.get(key) ?? 0) + weight);
      count += weight;
      total += value * weight;
      min = Math.min(min, value);
      max = Math.max(max, value);
    },
    histogram,
    summary() {
      if (count === 0) return { count, total, min: 0, median: 0, p90: 0, p99: 0, max };
      const sorted = histogram();
      const percentile = (part: number): number => {
        let [least, reached] = [min, 0];
        for (const [value, weight] of sorted) {
          if (reached >= part * count) break;
          least = value;
          reached += weight;
        }
        return least;
      };
      return { count, total, min, median: percentile(0.5), p90: percentile(0.9), p99: percentile(0.99), max };
    },
  };
}
