/** What a step tells its watcher, written down while it is told. */

import type { Checker } from '../check/checker.ts';
import { type Outcome, type Rule, VIOLATED } from '../check/rule.ts';
import type { Machine } from '../kernel/state/machine.ts';
import type { ObservedField, Watcher } from '../kernel/state/watcher.ts';

export type Transition = readonly [place: string, from: string, to: string, cause: string];

/** What one step told, without who it was. */
export interface Told {
  readonly kind: number;
  readonly inferred: number;
  readonly moments: number[];
  readonly judgements: { readonly rule: Rule; readonly outcome: Outcome }[];
  readonly charges: [step: number, bytes: number][];
  /** The charges are also those of the vCPU. */
  hasPayer: boolean;
  readonly uncertain: [doubt: number, step: number, fewer: number, more: number][];
  readonly transitions: Transition[];
  readonly debugSwitches: [from: number, to: number][];
  implied: number;
  readonly assumed: string[];
  readonly unfollowed: string[];
  readonly confirmed: ObservedField[];
}

/** Tells apart what is told apart. */
export function keyOf(told: Told): string {
  const { kind, inferred, moments, judgements, charges, hasPayer, uncertain, transitions, debugSwitches, implied } =
    told;
  const judged = judgements.map(({ rule, outcome }) => `${rule.id}=${outcome}`);
  const numbers = [kind, inferred, hasPayer, implied, moments, charges, uncertain, debugSwitches].join(';');
  return [numbers, judged, transitions, told.assumed, told.unfollowed, told.confirmed].join('\n');
}

export interface Recording {
  readonly told: Told;
  /** Something was told that cannot be told again of another step. */
  isUnique: boolean;
}

/** Runs a step. Its watcher is told everything, and so is who calls. */
export function record(machine: Machine, checker: Checker, run: () => void): Recording {
  const to = machine.watch;
  const { event, cpus } = machine;
  const told: Told = {
    kind: event.kind,
    inferred: event.inferred === 1 ? 1 : 0,
    moments: [],
    judgements: [],
    charges: [],
    hasPayer: false,
    uncertain: [],
    transitions: [],
    debugSwitches: [],
    implied: 0,
    assumed: [],
    unfollowed: [],
    confirmed: [],
  };
  const recording: Recording = { told, isUnique: false };
  const watch: Watcher = {
    // What is not below no step tells that the table may stand in the place of: of hidden steps, and of userspace.
    ...to,
    moment(moment, cpu, subject, detail) {
      told.moments.push(moment);
      for (const { rule, outcome } of checker.judge(machine, moment, cpu, subject, detail)) {
        if (outcome === VIOLATED) recording.isUnique = true;
        told.judgements.push({ rule, outcome });
      }
      to.moment(moment, cpu, subject, detail);
    },
    charge(step, bytes) {
      if (told.charges.length === 0) told.hasPayer = cpus[event.cpu]?.loaded !== undefined;
      told.charges.push([step, bytes]);
      to.charge(step, bytes);
    },
    uncertain(doubt, step, fewer, more) {
      told.uncertain.push([doubt, step, fewer, more]);
      to.uncertain(doubt, step, fewer, more);
    },
    transition(cpu, place, from, into, cause) {
      told.transitions.push([place, from, into, cause]);
      to.transition(cpu, place, from, into, cause);
    },
    amended(cpu, into) {
      recording.isUnique = true;
      to.amended(cpu, into);
    },
    debugSwitch(cpu, from, into) {
      told.debugSwitches.push([from, into]);
      to.debugSwitch(cpu, from, into);
    },
    implied(cpu, step) {
      told.implied += 1;
      to.implied(cpu, step);
    },
    assumed(what) {
      told.assumed.push(what);
      to.assumed(what);
    },
    unfollowed(what) {
      told.unfollowed.push(what);
      to.unfollowed(what);
    },
    confirmed(cpu, field) {
      told.confirmed.push(field);
      to.confirmed(cpu, field);
    },
    observed(cpu, field, observed, predicted, outcome) {
      recording.isUnique = true;
      to.observed(cpu, field, observed, predicted, outcome);
    },
  };
  machine.watch = watch;
  try {
    run();
  } finally {
    machine.watch = to;
  }
  return recording;
}
