/**
 * How sure a difference of two means is: what it comes to when units are drawn again from those that were seen, a thousand
 * times (Poisson bootstrap: each value counts as often as a Poisson variable of its own count says). The same for the same
 * values, on every machine. Units are taken to be independent of each other.
 */

/** Value -> how often, as `Samples.histogram` has it. */
export type Histogram = readonly (readonly [value: number, times: number])[];

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 1000;
/** Part of the resamples that are left out at either end. */
const TAIL = 0.025;
/** Different values; of more, neighbours are drawn together. */
const MOST_VALUES = 256;
/** Above this a Poisson variable is drawn as a normal one, which it then differs from by less than a resample does. */
const LARGE = 64;

/** The interval that 95 of 100 differences `mean of b - mean of a` lie in. Both must have a value. */
export function differenceOfMeans(a: Histogram, b: Histogram): Interval {
  const draw = createDraw();
  const [left, right] = [bundled(a), bundled(b)];
  const differences = Float64Array.from({ length: RESAMPLES }, () => resampled(right, draw) - resampled(left, draw));
  differences.sort();
  return {
    low: differences[Math.floor(TAIL * RESAMPLES)] as number,
    high: differences[Math.ceil((1 - TAIL) * RESAMPLES) - 1] as number,
  };
}

export function meanOf(histogram: Histogram): number {
  let [sum, count] = [0, 0];
  for (const [value, times] of histogram) {
    sum += value * times;
    count += times;
  }
  return sum / count;
}

function bundled(histogram: Histogram): Histogram {
  if (histogram.length <= MOST_VALUES) return histogram;
  const size = Math.ceil(histogram.length / MOST_VALUES);
  return Array.from({ length: Math.ceil(histogram.length / size) }, (_, at) => {
    const part = histogram.slice(at * size, (at + 1) * size);
    return [meanOf(part), part.reduce((sum, [, times]) => sum + times, 0)];
  });
}

function resampled(histogram: Histogram, draw: (mean: number) => number): number {
  let [sum, count] = [0, 0];
  // Where nothing is drawn, as of few units can be, again.
  while (count === 0) {
    for (const [value, times] of histogram) {
      const drawn = draw(times);
      sum += value * drawn;
      count += drawn;
    }
  }
  return sum / count;
}

/** Poisson variables of a given mean: Knuth's way, or for large ones rounded normal ones (Box-Muller). */
function createDraw(): (mean: number) => number {
  let state = 0x9e37_79b9;
  /** xorshift32: above 0, below 1. */
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
  return (mean) => {
    if (mean > LARGE) {
      const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
    }
    const least = Math.exp(-mean);
    let count = 0;
    for (let product = uniform(); product > least; product *= uniform()) count += 1;
    return count;
  };
}
