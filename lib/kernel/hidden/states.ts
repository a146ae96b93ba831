/** States of a CPU side by side: taken, entered, held against each other, kept. */

import type { Cpu } from '../state/cpu.ts';
import type { Machine } from '../state/machine.ts';
import type { Copy, Possibility } from '../state/possibility.ts';
import { copyOf, isSame, putBack, scopeOf } from './snapshot.ts';
import { bitOf, hides } from './supply.ts';

/** What the objects are known to hold at the moment: most states differ in few of them. An entry an object, in no order. */
export type Live = Copy[];

function copyIn(copies: readonly Copy[], of: object): Copy | undefined {
  for (const copy of copies) if (copy.of === of) return copy;
  return undefined;
}

/**
 * Copies of all that these have and of what is in the scope beside it, as it is now; those that are still right are kept. States of
 * a CPU have copies of the same objects in the same order.
 */
export function copiesNow(live: Live, old: readonly Copy[], scope: readonly object[]): Copy[] {
  const copies = old.map((last) => copyIn(live, last.of) ?? copyOf(last.of, last));
  for (const of of scope) if (copyIn(copies, of) === undefined) copies.push(copyIn(live, of) ?? copyOf(of));
  return copies;
}

/** Those of the objects, in their order. */
export function copiesAmong(copies: readonly Copy[], objects: readonly object[]): Copy[] {
  const among: Copy[] = [];
  for (const of of objects) {
    const copy = copyIn(copies, of);
    if (copy !== undefined) among.push(copy);
  }
  return among;
}

/** `from`: the state that led here, of which most is as it was. */
export function take(live: Live, cpu: Cpu, via: number, from?: Possibility): Possibility {
  const copies = copiesNow(live, from?.copies ?? [], scopeOf(cpu));
  for (const copy of copies) know(live, copy);
  return { copies, via };
}

function know(live: Live, copy: Copy): void {
  for (let at = 0; at < live.length; at++) {
    if (live[at]?.of !== copy.of) continue;
    live[at] = copy;
    return;
  }
  live.push(copy);
}

export function enter(live: Live, copies: readonly Copy[]): void {
  for (const copy of copies) {
    if (copyIn(live, copy.of) === copy) continue;
    putBack(copy);
    know(live, copy);
  }
}

export function isSameState({ copies: a }: Possibility, { copies: b }: Possibility): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!isSame(a[at] as Copy, b[at] as Copy)) return false;
  return true;
}

/** Keeps what is possible; where that is one thing, nothing needs to be kept beside it. */
export function keep(machine: Machine, cpu: Cpu, possible: readonly Possibility[]): void {
  for (const copy of (possible[0] as Possibility).copies) putBack(copy);
  // What all of them need has happened.
  const certain = possible.reduce((via, one) => via & one.via, -1);
  const left = certain === 0 ? possible : possible.map((one) => ({ ...one, via: one.via & ~certain }));
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
export function distinct(machine: Machine, all: readonly Possibility[]): readonly Possibility[] {
  const found: Possibility[] = [];
  for (const one of all) {
    const at = found.findIndex((other) => isSameState(one, other));
    const other = found[at];
    if (other === undefined) found.push(one);
    else if (other.via !== one.via) {
      machine.watch.unsettled((one.via ^ other.via) & ~seenAnyway(machine));
      found[at] = { ...other, via: other.via & one.via };
    }
  }
  return found;
}
