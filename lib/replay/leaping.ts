/** The table in front of the emulator, where nobody wants to hear of each step. */

import { type Accounts, type Automaton, createAutomaton, type Step } from '../automaton/automaton.ts';
import type { Batch, Scanned, Source } from '../ingest/source.ts';
import { DEBUG_SET_NAMES } from '../kernel/state/vcpu.ts';
import type { EventRecord } from '../trace/event.ts';
import type { Settings } from './settings.ts';
import type { Parts, RunOptions } from './wiring.ts';

/**
 * To learn takes 0.1 s, which about a million events pay for. It begins with the first one in an input of so many bytes, and after
 * so many events where nobody knows how many come.
 */
const LEAST_BYTES = 32 * 1024 * 1024;
const LEAPS_AFTER = 1_000_000;

export const leapsAfterFor = (inputs: Source['inputs']): number =>
  inputs.some(({ size }) => size !== undefined && size >= LEAST_BYTES) ? 0 : LEAPS_AFTER;

/** Replays entries from `from` to before `to`, as far as it can; returns the index of the first that is to be read. */
export type Leap = (scanned: Scanned, from: number, to: number) => number;

/** Leaps from an entry of a batch to before another. */
export function leapIn({ scanned, leapt }: Batch, from: number, to: number, leap: Leap): number {
  if (scanned === undefined) return from;
  const first = leap(scanned, from, to);
  leapt?.(first - from);
  return first;
}

/** What a run does with its events, beside the emulator. */
export interface Leaping {
  readonly leap: Leap;
  /** Runs a step of the emulator. */
  step(event: EventRecord, run: Step): void;
  /** The machine is as if the emulator had run every step; and so are the accounts. */
  catchUp(): void;
  settle(): void;
}

const NO_LEAPS: Leaping = {
  leap: (_scanned, from) => from,
  step: (event, run) => run(event),
  catchUp() {},
  settle() {},
};

export function createLeaping(options: RunOptions, { cpus }: Settings, parts: Parts): Leaping {
  const { leapsAfter = LEAPS_AFTER, onStep, onTransition, onCharge, onObservation, reported, filter } = options;
  const listeners = [onStep, onTransition, onCharge, onObservation, reported, filter];
  if (leapsAfter === Number.POSITIVE_INFINITY || listeners.some((listener) => listener !== undefined)) return NO_LEAPS;
  const { machine, checker } = parts;
  let steps = 0;
  // Made when it is needed: most traces are short.
  let automaton: Automaton | undefined;
  return {
    leap(scanned, from, to) {
      if (steps < leapsAfter) return from;
      automaton ??= createAutomaton(machine, checker, accountsOf(parts), cpus);
      return automaton.leap(scanned, from, to);
    },
    step(event, run) {
      steps += 1;
      if (automaton === undefined) run(event);
      else automaton.step(event, run);
    },
    catchUp: () => automaton?.catchUp(),
    settle: () => automaton?.settle(),
  };
}

function accountsOf(parts: Parts): Accounts {
  const { checker, costs, ledger, observations, pending, recent, transitions } = parts;
  return {
    begin(line, kind, cpu, vm, vcpu, task) {
      recent.noteOf(line, kind, cpu, vm, vcpu, task);
      pending.release(cpu);
    },
    time: (tsHigh, tsLow) => ledger.time(0, tsHigh, tsLow),
    hold(cpu, [instance, from, to, cause]) {
      pending.hold(cpu, { cpu, instance, from, to, cause });
    },
    settle(told, cpu, vcpu, times) {
      ledger.settle(told.kind, told.inferred, times);
      ledger.implied(told.implied * times);
      for (const what of told.assumed) ledger.assumed(what, times);
      for (const what of told.unfollowed) ledger.unfollowed(what, times);
      for (const moment of told.moments) checker.visit(moment, times);
      for (const { rule, outcome } of told.judgements) checker.count(rule, outcome, times);
      costs.settle(told.kind, cpu, told.hasPayer ? vcpu : undefined, told.charges, times);
      for (const [doubt, step, fewer, more] of told.uncertain)
        costs.uncertain(doubt, step, fewer * times, more * times);
      for (const [instance, from, to, cause] of told.transitions)
        transitions.count({ cpu, instance, from, to, cause }, times);
      for (const [from, to] of told.debugSwitches)
        transitions.countDebug(DEBUG_SET_NAMES[from] as string, DEBUG_SET_NAMES[to] as string, times);
      for (const field of told.confirmed) observations.count(field, 'confirmed', times);
    },
  };
}
