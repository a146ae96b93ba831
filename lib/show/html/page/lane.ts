/**
 * A lane: what of it falls on each column of pixels. Where one column stands for many changes it shows their shares of the
 * time, exactly at any zoom: sums over blocks of changes say how long each shade lasted, so that a column costs no more
 * than two blocks however much of the trace it stands for.
 */

import { lastAtMost } from './scale.ts';
import type { TrackData } from './unpack.ts';

/** Changes of a block. */
const BLOCK = 16;

export interface Lane {
  readonly track: TrackData;
  /** Position of each change, and behind the last the end of the axis. */
  readonly positions: Float64Array;
  /** The shade of each change. */
  readonly shades: Uint8Array;
  /** The shades that occur, and for each of them how long it lasts before each block. */
  readonly used: readonly number[];
  /** Of each shade, where it is in `used`. */
  readonly slots: Uint8Array;
  readonly sums: readonly Float64Array[];
}

export function createLane(track: TrackData, eventPositions: Float64Array, ofValue: Uint8Array): Lane {
  const { starts, states } = track;
  const count = starts.length;
  const positions = new Float64Array(count + 1);
  const shades = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    positions[index] = eventPositions[starts[index] as number] as number;
    shades[index] = ofValue[states[index] as number] as number;
  }
  positions[count] = eventPositions[eventPositions.length - 1] as number;
  const used = [...new Set(shades)].sort((a, b) => a - b);
  const slots = new Uint8Array(256);
  for (const [index, shade] of used.entries()) slots[shade] = index;
  return { track, positions, shades, used, slots, sums: sumsOf(positions, shades, used, slots) };
}

function sumsOf(
  positions: Float64Array,
  shades: Uint8Array,
  used: readonly number[],
  slots: Uint8Array,
): Float64Array[] {
  const blocks = Math.floor(shades.length / BLOCK) + 1;
  const sums = used.map(() => new Float64Array(blocks));
  const total = new Float64Array(used.length);
  for (let index = 0; index < shades.length; index++) {
    if (index % BLOCK === 0) for (const [at, sum] of sums.entries()) sum[index / BLOCK] = total[at] as number;
    const at = slots[shades[index] as number] as number;
    total[at] = (total[at] as number) + (positions[index + 1] as number) - (positions[index] as number);
  }
  if (shades.length % BLOCK === 0) for (const [at, sum] of sums.entries()) sum[blocks - 1] = total[at] as number;
  return sums;
}

/**
 * Goes through the columns `0..width`, of which each is `scale` wide and the first begins at `from`. Calls `run` for what
 * is wider than a column, and `mixed` for columns in which there are several changes, with the share of each used shade.
 */
export function eachColumn(
  lane: Lane,
  from: number,
  scale: number,
  width: number,
  run: (shade: number, begin: number, end: number, change: number) => void,
  mixed: (shares: Float64Array, column: number) => void,
): void {
  const { positions, shades, used } = lane;
  const count = shades.length;
  if (count === 0) return;
  const shares = new Float64Array(used.length);
  let column = 0;
  let change = lastAtMost(positions, from, 0, count - 1);
  if (change < 0) {
    column = Math.min(width, Math.max(0, Math.floor(((positions[0] as number) - from) / scale)));
    change = 0;
  }
  while (column < width) {
    const left = from + column * scale;
    // The last change that begins before the column ends.
    const next = lastBefore(positions, left + scale, change, count - 1);
    if (next === change || (next === change + 1 && (positions[next] as number) <= left)) {
      const behind = (positions[next + 1] as number) - from;
      const end = Math.min(width, Math.max(column + 1, Math.floor(behind / scale)));
      run(shades[next] as number, column, end, next);
      change = next;
      column = end;
    } else if (next === change + 1) {
      // One edge: on one side of the column or the other, for edges are to be sharp.
      const edge = positions[next] as number;
      const drawn = left + scale - edge >= edge - Math.max(left, positions[change] as number) ? next : change;
      run(shades[drawn] as number, column, column + 1, drawn);
      change = next;
      column += 1;
    } else {
      measure(lane, left, left + scale, change, next, shares);
      mixed(shares, column);
      change = next;
      column += 1;
    }
  }
}

/** Steps first, for the next change is mostly near. */
function lastBefore(positions: Float64Array, wanted: number, from: number, last: number): number {
  let step = 1;
  let low = from;
  while (low + step <= last && (positions[low + step] as number) < wanted) {
    low += step;
    step *= 2;
  }
  let high = Math.min(last, low + step);
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((positions[middle] as number) < wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** How much of `left..right` each used shade has, where the changes `first..last` are. */
function measure(lane: Lane, left: number, right: number, first: number, last: number, shares: Float64Array): void {
  const { sums } = lane;
  shares.fill(0);
  const [firstBlock, lastBlock] = [Math.ceil((first + 1) / BLOCK), Math.floor(last / BLOCK)];
  if (lastBlock <= firstBlock) {
    add(lane, left, right, first, last + 1, shares);
    return;
  }
  add(lane, left, right, first, firstBlock * BLOCK, shares);
  for (let at = 0; at < sums.length; at++) {
    const sum = sums[at] as Float64Array;
    shares[at] = (shares[at] as number) + (sum[lastBlock] as number) - (sum[firstBlock] as number);
  }
  add(lane, left, right, lastBlock * BLOCK, last + 1, shares);
}

function add(lane: Lane, left: number, right: number, first: number, behind: number, shares: Float64Array): void {
  const { slots, shades, positions } = lane;
  for (let change = first; change < behind; change++) {
    const begin = Math.max(left, positions[change] as number);
    const end = Math.min(right, positions[change + 1] as number);
    const at = slots[shades[change] as number] as number;
    if (end > begin) shares[at] = (shares[at] as number) + end - begin;
  }
}
