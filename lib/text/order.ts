/** Deterministic order of everything that is a map. */

import { shorten } from './shorten.ts';

/** By name, with runs of digits compared as numbers: "2" before "10", "0/2" before "0/10". */
export function compareNames(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  // Elsewhere the runs before are the same, and the first that differs does so at this character.
  if (isDigit(a[at]) || isDigit(b[at])) return compareRuns(a, b);
  return a === b ? 0 : a < b ? -1 : 1;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

function compareRuns(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [l, r] = [left[index] as string, right[index] as string];
    if (l === r) continue;
    const difference = /^\d/.test(l) && /^\d/.test(r) ? Number(l) - Number(r) : 0;
    return difference !== 0 ? difference : l < r ? -1 : 1;
  }
  return left.length - right.length;
}

/** The same map with its keys in order. Keys like "__proto__" stay keys. */
export function sorted<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort((a, b) => compareNames(a[0], b[0])));
}

export function sortedMap<T>(map: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...map].sort((a, b) => compareNames(a[0], b[0])));
}

/** The entry of that name, made when it is first asked for. */
export function entry<T>(map: Record<string, T>, name: string, create: () => T): T {
  const known = map[name];
  if (known !== undefined) return known;
  const made = create();
  map[name] = made;
  return made;
}

/** Longest name that is counted under, in UTF-16 units: a trace may invent any. */
const LONGEST_NAME = 200;

/** A string of its own: a part of another one would keep the whole of it in memory. */
export function boundedName(text: string): string {
  return text.length <= LONGEST_NAME ? text : Buffer.from(shorten(text, LONGEST_NAME)).toString();
}

/** Counts under names, of which no more than a number are told apart: the rest is one entry. */
export function createCounter(
  limit: number,
  rest: string,
): { add(name: string): void; addTimes(name: string, times: number): void; counts(): Record<string, number> } {
  const counts = new Map<string, number>();
  const addTimes = (text: string, times: number): void => {
    const name = boundedName(text);
    const key = counts.has(name) || counts.size < limit ? name : rest;
    counts.set(key, (counts.get(key) ?? 0) + times);
  };
  return {
    add: (name) => addTimes(name, 1),
    addTimes,
    counts: () => sortedMap(counts),
  };
}
