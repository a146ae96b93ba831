/** States of a CPU side by side: taken, entered, held against each other, kept. */

import type { Cpu } from '../state/cpu.ts';
import type { Machine } from '../state/machine.ts';
import type { Copy, Possibility } from '../state/possibility.ts';
import { copyOf, isSame, putBack, scopeOf } from './snapshot.ts';
import { bitOf, hides } from './supply.ts';

/** What the objects are known to hold at the moment: most states differ in few of them. */
export type Live = Map<object, Copy>;

/** `from`: the state that led here, of which most is as it was. All states of a CPU have copies of the same objects. */
export function take(live: Live, cpu: Cpu, via: number, from?: Possibility): Possibility {
  const old = from?.copies ?? [];
  const objects = new Set([...old.map(({ of }) => of), ...scopeOf(cpu)]);
  const copies = [...objects].map((of, at) => {
    const copy = live.get(of) ?? copyOf(of, old[at]);
    live.set(of, copy);
    return copy;
  });
  return { copies, via };
}

export function enter(live: Live, copies: readonly Copy[]): void {
  for (const copy of copies) {
    const now = live.get(copy.of);
    if (now === copy) continue;
    putBack(copy, now);
    live.set(copy.of, copy);
  }
}

export function isSameState({ copies: a }: Possibility, { copies: b }: Possibility): boolean {
  return a.length === b.length && a.every((copy, at) => isSame(copy, b[at] as Copy));
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
  return possible.flatMap(({ copies }) => copies.filter((copy) => copy.of === of));
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
