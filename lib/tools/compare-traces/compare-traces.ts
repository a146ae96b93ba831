/** Two traces: where they first part, and what each costs and changes for a guest entry. */

import type { Report } from '../../report/report.ts';
import type { NumberTape } from './tape.ts';

/** Where two traces first tell different things. */
export interface Parting {
  /** What differs: the events, what the same events leave, or that one of the traces ends. */
  readonly what: 'event' | 'state' | 'end';
  /** Events that both have before it. */
  readonly common: number;
  /** Lines; undefined of the one that has ended. */
  readonly a?: number;
  readonly b?: number;
}

/** undefined where they tell the same to the end. `meta` lines are not on the tapes. */
export function partingOf(a: NumberTape, b: NumberTape): Parting | undefined {
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index++) {
    const what = a.event(index) !== b.event(index) ? 'event' : a.state(index) !== b.state(index) ? 'state' : undefined;
    if (what !== undefined) return { what, common: index, a: a.line(index), b: b.line(index) };
  }
  if (a.length === b.length) return undefined;
  return {
    what: 'end',
    common: shorter,
    ...(a.length > shorter && { a: a.line(shorter) }),
    ...(b.length > shorter && { b: b.line(shorter) }),
  };
}

/** A count of either trace, and for each of its guest entries; the quotient of those, undefined where one is 0. */
export interface Figure {
  readonly name: string;
  readonly a: number;
  readonly b: number;
  readonly aPerEntry: number;
  readonly bPerEntry: number;
  readonly ratio?: number;
}

export interface Figures {
  readonly entries: { readonly a: number; readonly b: number };
  /** Bytes of register payload moved, as a whole and by primitive, and how often primitives ran. */
  readonly bytes: readonly Figure[];
  readonly costs: readonly Figure[];
  /** Edges of fp_owner, and switches of the debug registers. */
  readonly transitions: readonly Figure[];
}

/** Entries into the guest, implied ones with them: a trap that EL2 handles on its own is none. */
const entriesOf = ({ cost }: Report): number => cost.total.activate_traps?.count ?? 0;

/** In the order of what differs most in what it comes to; what neither has is left out. */
export function figuresOf(a: Report, b: Report): Figures {
  const entries = { a: entriesOf(a), b: entriesOf(b) };
  const figures = (left: Readonly<Record<string, number>>, right: Readonly<Record<string, number>>) =>
    [...new Set([...Object.keys(left), ...Object.keys(right)])]
      .map((name) => figure(name, left[name] ?? 0, right[name] ?? 0, entries))
      .filter((one) => one.a + one.b > 0)
      .sort((x, y) => weight(y) - weight(x) || (x.name < y.name ? -1 : 1));
  const bytes = ({ cost }: Report) => counts(cost.total, ({ bytes }) => bytes ?? 0);
  const sum = (of: Readonly<Record<string, number>>): number => Object.values(of).reduce((all, one) => all + one, 0);
  return {
    entries,
    bytes: [figure('all', sum(bytes(a)), sum(bytes(b)), entries), ...figures(bytes(a), bytes(b))],
    costs: figures(
      counts(a.cost.total, ({ count }) => count),
      counts(b.cost.total, ({ count }) => count),
    ),
    transitions: [
      ...figures(a.transitions.by_edge, b.transitions.by_edge),
      figure('debug switches', a.debug.switches, b.debug.switches, entries),
    ].filter((one) => one.a + one.b > 0),
  };
}

function counts<T>(of: Readonly<Record<string, T>>, count: (one: T) => number): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(of).map(([name, one]) => [name, count(one)]));
}

const weight = ({ aPerEntry, bPerEntry }: Figure): number => Math.abs(aPerEntry - bPerEntry);

function figure(name: string, a: number, b: number, entries: Figures['entries']): Figure {
  const aPerEntry = entries.a === 0 ? 0 : a / entries.a;
  const bPerEntry = entries.b === 0 ? 0 : b / entries.b;
  return { name, a, b, aPerEntry, bPerEntry, ...(aPerEntry > 0 && bPerEntry > 0 && { ratio: bPerEntry / aPerEntry }) };
}
