/** Looks at the state around a line of a trace, while it is replayed. */

import type { Machine } from '../../kernel/state/machine.ts';
import type { EventRecord } from '../../trace/event.ts';
import { type Moment, type State, type Step, stateOf, watchStep } from './state.ts';

/** A line of an input. */
export interface Spot {
  readonly input: number;
  readonly line: number;
}

export interface LookOptions {
  /** CPU that is looked at; every one without it. */
  readonly cpu?: number;
  /** So many lines before and after as well. */
  readonly around?: number;
}

export interface Look {
  /** Replays the event by `step`, and looks. */
  take(machine: () => Machine | undefined, event: EventRecord, step: () => void): void;
  /** The line has been passed, and what is around it. */
  readonly isOver: boolean;
  /** The trace has ended. */
  end(machine: Machine | undefined): void;
  /** Of a line without an event, it is the state that the events before have left. */
  result(): Moment & { readonly around: readonly Step[] };
}

export function createLook(spot: Spot, { cpu, around = 0 }: LookOptions): Look {
  let before: State | undefined;
  let after: State = [];
  const pass = (machine: Machine | undefined): void => {
    if (before !== undefined) return;
    before = stateOf(machine, cpu);
    after = before;
  };
  const events: Step[] = [];
  const beside: Step[] = [];
  let isOver = false;
  return {
    take(machine, event, step) {
      if (event.input === spot.input && event.line > spot.line) pass(machine());
      if (event.input !== spot.input || Math.abs(event.line - spot.line) > around) {
        if (event.input === spot.input && event.line > spot.line + around) isOver = true;
        step();
        return;
      }
      const isHere = event.line === spot.line;
      if (isHere) before ??= stateOf(machine(), cpu);
      const taken = watchStep(machine, event, step, cpu);
      beside.push(taken);
      if (!isHere) return;
      events.push(taken);
      after = stateOf(machine(), cpu);
    },
    get isOver() {
      return isOver;
    },
    end: pass,
    result: () => ({ before: before ?? [], after, events, around: beside }),
  };
}
