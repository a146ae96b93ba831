/**
 * Values that add up: each kind is an empty value and an addition that is associative and commutative, so that reports can
 * be merged in any order and in any groups, with the same bytes in the end. Large kinds are made of small ones.
 */

import { type Check, first, isObject, list, map, object, text } from '../report/shape.ts';
import { sortedMap } from '../text/order.ts';

/** `T` as it is added up, `J` as JSON has it. */
export interface Additive<T, J> {
  readonly check: Check;
  /** Of JSON that `check` has nothing against. */
  read(json: J): T;
  /** In an order that does not tell in which one it was added up. */
  write(value: T): J;
  zero(): T;
  /** May change and keep both. */
  add(a: T, b: T): T;
}

/** An integer from 0. Beyond 2^53-1 a sum of numbers is not exact: then it is that. */
export const total: Additive<number, number> = {
  check: (value, path) =>
    Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : `${path}: expected an integer, 0 or more`,
  read: (json) => json,
  write: (value) => value,
  zero: () => 0,
  add: (a, b) => Math.min(a + b, Number.MAX_SAFE_INTEGER),
};

/** The upper end of an interval: infinite, which is null in JSON, where nothing bounds it. */
export const upper: Additive<number, number | null> = {
  check: (value, path) => (value === null ? undefined : total.check(value, path)),
  read: (json) => json ?? Number.POSITIVE_INFINITY,
  write: (value) => (Number.isFinite(value) ? value : null),
  zero: () => 0,
  add: (a, b) => (Number.isFinite(a + b) ? total.add(a, b) : Number.POSITIVE_INFINITY),
};

/** A text that is the same wherever it is said; of several the one that is first in order. */
export const word: Additive<string, string> = {
  check: text,
  read: (json) => json,
  write: (value) => value,
  zero: () => '',
  add: (a, b) => (a === '' || (b !== '' && b < a) ? b : a),
};

/** The first `most` of all in an order, in which different ones are never equal. */
export function least<T>(
  most: number,
  item: Check,
  compare: (a: T, b: T) => number,
): Additive<readonly T[], readonly T[]> {
  return {
    check: list(item),
    read: (json) => json,
    write: (value) => value,
    zero: () => [],
    add: (a, b) => (b.length === 0 ? a : [...a, ...b].sort(compare).slice(0, most)),
  };
}

/** What the names are added to for which there is no room. */
export const OTHERS = '(others)';
/** Longest name, in UTF-16 units. */
const LONGEST_NAME = 1000;

/**
 * Values by name. Of more names than `most` those that are first in order are kept, and the others are one entry: a name
 * that is among the first of all is so in every part, so that its value is exact, whatever was added first.
 */
export function named<T, J>(
  value: Additive<T, J>,
  most: number,
): Additive<Map<string, T>, Readonly<Record<string, J>>> {
  const put = (into: Map<string, T>, name: string, more: T): void => {
    const known = into.get(name);
    into.set(name, known === undefined ? more : value.add(known, more));
  };
  const trim = (values: Map<string, T>): Map<string, T> => {
    const names = [...values.keys()].filter((name) => name !== OTHERS).sort();
    for (const name of names.slice(most)) {
      put(values, OTHERS, values.get(name) as T);
      values.delete(name);
    }
    return values;
  };
  const each = map(value.check);
  return {
    check: (json, path) =>
      each(json, path) ??
      first(
        Object.keys(json as object).map((name) =>
          name.length > LONGEST_NAME ? `${path}: a name too long` : undefined,
        ),
      ),
    read: (json) => new Map(Object.entries(json).map(([name, each]) => [name, value.read(each)])),
    write: (values) => sortedMap(new Map([...trim(values)].map(([name, each]) => [name, value.write(each)]))),
    zero: () => new Map(),
    add(a, b) {
      for (const [name, more] of b) put(a, name, more);
      // Trimmed when there are twice as many, so that it costs no more than adding.
      return a.size > 2 * most + 1 ? trim(a) : a;
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: of any additive.
type Any = Additive<any, any>;
type Sum<F> = { -readonly [K in keyof F]: F[K] extends Additive<infer T, infer _> ? T : never };
type Json<F> = { readonly [K in keyof F]: F[K] extends Additive<infer _, infer J> ? J : never };

/** Values side by side. JSON has all of them, in this order. */
export function together<F extends Readonly<Record<string, Any>>>(fields: F): Additive<Sum<F>, Json<F>> {
  const entries = Object.entries(fields) as readonly (readonly [string, Any])[];
  const each = (make: (name: string, field: Any) => unknown) =>
    Object.fromEntries(entries.map(([name, field]) => [name, make(name, field)]));
  return {
    check: object(Object.fromEntries(entries.map(([name, { check }]) => [name, check]))),
    read: (json) => each((name, field) => field.read((json as Record<string, unknown>)[name])) as Sum<F>,
    write: (value) => each((name, field) => field.write((value as Record<string, unknown>)[name])) as Json<F>,
    zero: () => each((_name, field) => field.zero()) as Sum<F>,
    add(a, b) {
      const [into, more] = [a as Record<string, unknown>, b as Record<string, unknown>];
      for (const [name, field] of entries) into[name] = field.add(into[name], more[name]);
      return a;
    },
  };
}

/** Whether JSON is an object with that field; what kind of report a file holds is told by one. */
export function has(value: unknown, field: string): value is Record<string, unknown> {
  return isObject(value) && Object.hasOwn(value, field);
}
