/** What steps do, wherever they lead: each once, by a number. */

import type { Actions } from './actions.ts';
import type { Part } from './objects.ts';
import { keyOf, type Told, type Transition } from './recorder.ts';

export interface Outcome {
  /** What it tells: its number. */
  readonly effect: number;
  /** It is more than an observation. */
  readonly begins: boolean;
  /** More is to do than to count. */
  readonly isActive: boolean;
  readonly actions: Actions;
  /** A transition of a load, which a value that is read may still amend. */
  readonly held: Transition | undefined;
  /** Who leaves, as what; and whether the vCPU is another afterwards. */
  readonly leavingTask: Part | undefined;
  readonly leavingVcpu: Part | undefined;
  readonly changesVcpu: boolean;
}

/** Numbers of outcomes are below. */
export const MOST_OUTCOMES = 1 << 14;
/** Numbers of effects are below. */
export const MOST_EFFECTS = 512;
/** There are too many, of which none is kept. */
export const NO_OUTCOME = 0;

export interface Outcomes {
  /** By number, from 1. */
  readonly all: readonly (Outcome | undefined)[];
  /** By number of effect. */
  readonly effects: readonly Told[];
  numberOf(told: Told, doing: Omit<Outcome, 'effect' | 'isActive' | 'held'>): number;
}

const isOfLoad = ([, , , cause]: Transition): boolean => cause === 'load';

export function createOutcomes(): Outcomes {
  const all: (Outcome | undefined)[] = [undefined];
  const numbers = new Map<string, number>();
  const effects: Told[] = [];
  const effectNumbers = new Map<string, number>();
  /** There are few: to have each once keeps them near at hand. */
  const actionLists = new Map<string, Actions>();

  function effectOf(told: Told): number | undefined {
    const key = keyOf(told);
    const known = effectNumbers.get(key);
    if (known !== undefined || effects.length === MOST_EFFECTS) return known;
    effectNumbers.set(key, effects.length);
    return effects.push(told) - 1;
  }

  return {
    all,
    effects,
    numberOf(told, doing) {
      const held = told.transitions.filter(isOfLoad);
      const effect = effectOf({ ...told, transitions: told.transitions.filter((one) => !isOfLoad(one)) });
      if (held.length > 1 || effect === undefined) return NO_OUTCOME;
      const { begins, leavingTask, leavingVcpu, changesVcpu } = doing;
      const list = doing.actions.join();
      const key = [effect, begins, list, held[0], leavingTask?.number, leavingVcpu?.number, changesVcpu].join(' ');
      const known = numbers.get(key);
      if (known !== undefined) return known;
      if (all.length === MOST_OUTCOMES) return NO_OUTCOME;
      const actions = actionLists.get(list) ?? doing.actions;
      actionLists.set(list, actions);
      const isActive = actions.length > 0 || leavingTask !== undefined || changesVcpu || held.length > 0;
      numbers.set(key, all.length);
      return all.push({ ...doing, effect, actions, held: held[0], isActive }) - 1;
    },
  };
}
