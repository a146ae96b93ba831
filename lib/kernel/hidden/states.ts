/** States of a CPU side by side: taken, entered, held against each other, kept. */

import type { Cpu } from '../state/cpu.ts';
import type { Machine } from '../state/machine.ts';
import type { Copy, Possibility } from '../state/possibility.ts';
import { copyOf, isSame, putBack, scopeOf } from './snapshot.ts';
import { bitOf, hides } from './supply.ts';

/** What the objects are known to hold at the moment: most states differ in few of them. */
export interface Live {
  copies: readonly Copy[];
}

export const NONE: readonly Copy[] = [];

/** `guess`: where it mostly is, for lists of the same objects in the same order. */
function indexOf(copies: readonly Copy[], of: object, guess: number): number {
  if (guess < copies.length && copies[guess]?.of === of) return guess;
  for (let at = 0; at < copies.length; at++) if (copies[at]?.of === of) return at;
  return -1;
}

function copyIn(copies: readonly Copy[], of: object, guess = 0): Copy | undefined {
  const at = indexOf(copies, of, guess);
  return at < 0 ? undefined : copies[at];
}

/**
 * Copies of all that these have and of what is in the scope beside it, as it is now; those that are still right are kept, and so is one
 * of `twins`, which another state has. States of a CPU have copies of the same objects in the same order.
 */
export function copiesNow(old: readonly Copy[], scope: readonly object[], twins: readonly Copy[]): Copy[] {
  const copies: Copy[] = [];
  for (let at = 0; at < old.length; at++) {
    const last = old[at] as Copy;
    copies.push(copyOf(last.of, last, twins[at]));
  }
  for (let at = 0; at < scope.length; at++) {
    const of = scope[at] as object;
    if (indexOf(copies, of, at) < 0) copies.push(copyOf(of));
  }
  return copies;
}

/** Whether they are of these objects, in their order. */
export function areOf(copies: readonly Copy[], objects: readonly object[]): boolean {
  if (copies.length !== objects.length) return false;
  for (let at = 0; at < objects.length; at++) if (copies[at]?.of !== objects[at]) return false;
  return true;
}

/** Those of the objects, in their order. */
export function copiesAmong(copies: readonly Copy[], objects: readonly object[]): Copy[] {
  const among: Copy[] = [];
  for (let at = 0; at < objects.length; at++) {
    const copy = copyIn(copies, objects[at] as object, at);
    if (copy !== undefined) among.push(copy);
  }
  return among;
}

/** `from`: the state that led here, of which most is as it was. */
export function take(live: Live, cpu: Cpu, via: number, from?: Possibility): Possibility {
  const copies = copiesNow(from?.copies ?? NONE, scopeOf(cpu), NONE);
  live.copies = copies;
  return { copies, via };
}

export function enter(live: Live, copies: readonly Copy[]): void {
  const held = live.copies;
  if (held === copies) return;
  for (let at = 0; at < copies.length; at++) {
    const copy = copies[at] as Copy;
    if (copyIn(held, copy.of, at) !== copy) putBack(copy);
  }
  live.copies = copies;
}

function indexOfSame(found: readonly Possibility[], one: Possibility): number {
  for (let at = 0; at < found.length; at++) if (isSameState(one, found[at] as Possibility)) return at;
  return -1;
}

export const isAmong = (found: readonly Possibility[], one: Possibility): boolean => indexOfSame(found, one) >= 0;

function isSameState({ copies: a }: Possibility, { copies: b }: Possibility): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!isSame(a[at] as Copy, b[at] as Copy)) return false;
  return true;
}

/** Keeps what is possible; where that is one thing, nothing needs to be kept beside it. */
export function keep(machine: Machine, cpu: Cpu, live: Live, possible: readonly Possibility[]): void {
  enter(live, (possible[0] as Possibility).copies);
  // What all of them need has happened.
  let certain = -1;
  for (const { via } of possible) certain &= via;
  const left = certain === 0 ? possible : possible.map(({ copies, via }) => ({ copies, via: via & ~certain }));
  machine.possible[cpu.id] = possible.length > 1 ? left : undefined;
}

export function copiesOf(of: object, possible: readonly { readonly copies: readonly Copy[] }[]): Copy[] {
  return possible.flatMap(({ copies }) => copyIn(copies, of) ?? []);
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
    const other = found[at];
    if (other === undefined) found.push(one);
    else if (other.via !== one.via) {
      machine.watch.unsettled((one.via ^ other.via) & ~seenAnyway(machine));
      found[at] = { copies: other.copies, via: other.via & one.via };
    }
  }
  return found;
}
