/** States of a CPU side by side: taken, entered, held against each other, kept. */

import type { Cpu } from '../state/cpu.ts';
import type { Machine } from '../state/machine.ts';
import type { Copy, Possibility, State } from '../state/possibility.ts';
import { copyOf, isSame, putBack, scopeOf } from './snapshot.ts';
import { bitOf, hides } from './supply.ts';

/** What the objects are known to hold at the moment, where anything is: most states differ in few of them. */
export interface Live {
  state: State | undefined;
}

/** Those are mostly the copies of the same objects. */
function copyIn({ objects, copies }: State, of: object): Copy | undefined {
  const at = objects.indexOf(of);
  return at < 0 ? undefined : copies[at];
}

/**
 * Of all objects of the old state, and of what is in the scope beside them, as they are now. Copies that are still right are kept, and so
 * are those of a `twin`, another state that was reached from there.
 */
export function stateNow(old: State, scope: readonly object[], twin?: State): State {
  const all = withAll(old.objects, scope);
  const objects = twin === undefined ? all : listAs(all, twin.objects);
  const twins = objects === twin?.objects ? twin.copies : undefined;
  const count = old.copies.length;
  let copies: Copy[] | undefined;
  for (let at = 0; at < objects.length; at++) {
    const last = at < count ? old.copies[at] : undefined;
    const copy = copyOf(objects[at] as object, last, twins?.[at]);
    if (copy === last) continue;
    copies ??= old.copies.slice();
    copies[at] = copy;
  }
  return copies === undefined ? old : { objects, copies };
}

export const stateOf = (objects: readonly object[]): State => ({ objects, copies: objects.map((of) => copyOf(of)) });

/** The objects, and those of the others that are not among them. */
function withAll(objects: readonly object[], others: readonly object[]): readonly object[] {
  if (objects === others) return objects;
  let all: object[] | undefined;
  for (const of of others) {
    if (objects.includes(of)) continue;
    all ??= [...objects];
    all.push(of);
  }
  return all ?? objects;
}

/** One list of the same objects is enough. */
function listAs(objects: readonly object[], other: readonly object[]): readonly object[] {
  if (objects === other || objects.length !== other.length) return objects;
  for (let at = 0; at < objects.length; at++) if (objects[at] !== other[at]) return objects;
  return other;
}

/** The copies of those of the objects that it has, in their order. */
export function stateAmong(state: State, objects: readonly object[]): State {
  if (state.objects === objects) return state;
  const here = objects.filter((of) => state.objects.includes(of));
  return {
    objects: here.length === objects.length ? objects : here,
    copies: here.map((of) => copyIn(state, of) as Copy),
  };
}

/** `from`: the state that led here, of which most is as it was. */
export function take(live: Live, cpu: Cpu, via: number, from?: State): Possibility {
  const scope = scopeOf(cpu, from?.objects);
  const state = from === undefined ? stateOf(scope) : stateNow(from, scope);
  live.state = state;
  return { state, via };
}

export function enter(live: Live, state: State): void {
  const held = live.state;
  if (held === state) return;
  live.state = state;
  const { objects, copies } = state;
  const isAlike = held?.objects === objects;
  for (let at = 0; at < copies.length; at++) {
    const copy = copies[at] as Copy;
    if (held !== undefined && (isAlike ? held.copies[at] : copyIn(held, copy.of)) === copy) continue;
    putBack(copy);
  }
}

function indexOfSame(found: readonly Possibility[], one: Possibility): number {
  for (let at = 0; at < found.length; at++) if (isSameState(one, found[at] as Possibility)) return at;
  return -1;
}

export const isAmong = (found: readonly Possibility[], one: Possibility): boolean => indexOfSame(found, one) >= 0;

function isSameState({ state: { copies: a } }: Possibility, { state: { copies: b } }: Possibility): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!isSame(a[at] as Copy, b[at] as Copy)) return false;
  return true;
}

/** Keeps what is possible; where that is one thing, nothing needs to be kept beside it. */
export function keep(machine: Machine, cpu: Cpu, live: Live, possible: readonly Possibility[]): void {
  enter(live, (possible[0] as Possibility).state);
  if (possible.length === 1) {
    machine.possible[cpu.id] = undefined;
    return;
  }
  // What all of them need has happened.
  let certain = -1;
  for (const { via } of possible) certain &= via;
  machine.possible[cpu.id] =
    certain === 0 ? possible : possible.map(({ state, via }) => ({ state, via: via & ~certain }));
}

export function copiesOf(of: object, states: readonly State[]): Copy[] {
  const copies: Copy[] = [];
  for (const state of states) {
    const copy = copyIn(state, of);
    if (copy !== undefined) copies.push(copy);
  }
  return copies;
}

/**
 * Kinds of which every event is in the trace, and only for some of which it is open whether they were here or at a later event: where
 * both lead to the same state, nothing is left open but what it cost, which is told.
 */
const seenAnyway = (machine: Machine): number => (hides(machine, 'return_to_user') ? 0 : bitOf('return_to_user'));

/** Two ways to the same state are one from now on, and which it was will never be told. */
export function distinct(machine: Machine, all: readonly Possibility[]): Possibility[] {
  const found: Possibility[] = [];
  for (const one of all) {
    const at = indexOfSame(found, one);
    if (at < 0) {
      found.push(one);
      continue;
    }
    const { state, via } = found[at] as Possibility;
    if (via === one.via) continue;
    machine.watch.unsettled((one.via ^ via) & ~seenAnyway(machine));
    found[at] = { state, via: via & one.via };
  }
  return found;
}
