/** Where events are on the axis, which tells either time or the number of the event; and how that is written. */

import type { Data } from './unpack.ts';

export type AxisName = 'time' | 'events';

export interface Axis {
  readonly name: AxisName;
  /** Of each event, and behind the last the end; never smaller than the one before. */
  readonly positions: Float64Array;
  readonly end: number;
  /** The closest that can be looked at. */
  readonly closest: number;
  readonly format: (position: number, step: number) => string;
}

/** Events of one instant have no width in time: at the end there is room for the last. */
export function createAxis(data: Data, wanted: AxisName): Axis {
  const { times, count } = data;
  const last = times?.[count - 1] ?? 0;
  if (wanted === 'events' || times === undefined || last === 0) {
    const positions = Float64Array.from({ length: count + 1 }, (_, index) => index);
    return { name: 'events', positions, end: Math.max(count, 1), closest: 3, format: formatEvent };
  }
  const end = last + Math.max(1, last * 0.01);
  const positions = new Float64Array(count + 1);
  positions.set(times);
  positions[count] = end;
  return { name: 'time', positions, end, closest: 20, format: formatTime };
}

const formatEvent = (position: number): string => `#${Math.round(position).toLocaleString('en')}`;

const UNITS = [
  { name: 's', size: 1e9 },
  { name: 'ms', size: 1e6 },
  { name: 'µs', size: 1e3 },
  { name: 'ns', size: 1 },
] as const;

/** ns in the unit that `step` ns are well told in, with as many decimals as tell steps apart. */
export function formatTime(ns: number, step: number): string {
  const size = Math.max(Math.abs(ns), step);
  const unit = UNITS.find((one) => size >= one.size) ?? UNITS[3];
  const decimals = Math.max(0, Math.ceil(Math.log10(unit.size / Math.max(step, 1)) - 1e-9));
  return `${(ns / unit.size).toFixed(decimals)} ${unit.name}`;
}

/** Round positions from `from` to `to`, about `wanted` of them, and how far they are apart. */
export function ticksOf(from: number, to: number, wanted: number): { readonly step: number; readonly ticks: number[] } {
  const rough = (to - from) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power);
  const first = Math.ceil(from / step);
  const ticks = Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => (first + index) * step);
  return { step, ticks };
}

/** Index of the last element that is at most `wanted`, between `low` and `high`; `low - 1` where there is none. */
export function lastAtMost(sorted: ArrayLike<number>, wanted: number, low = 0, high = sorted.length - 1): number {
  let [first, last] = [low, high];
  while (first <= last) {
    const middle = (first + last) >>> 1;
    if ((sorted[middle] as number) <= wanted) first = middle + 1;
    else last = middle - 1;
  }
  return last;
}
