/** What a step tells its watcher, written down while it is told. */

import type { Checker } from '../check/checker.ts';
import { type Outcome, type Rule, VIOLATED } from '../check/rule.ts';
import type { Cpu } from '../kernel/state/cpu.ts';
import type { Entity } from '../kernel/state/entity.ts';
import type { Machine } from '../kernel/state/machine.ts';
import type { Observation, ObservedField, Tape, Watcher } from '../kernel/state/watcher.ts';

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
  readonly refused: string[];
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
  return [numbers, judged, transitions, told.refused, told.assumed, told.unfollowed, told.confirmed].join('\n');
}

/** Passes everything on. */
export class Recorder implements Watcher {
  readonly told: Told;
  /** What it told cannot be told again for another step. */
  isUnique = false;
  readonly #to: Watcher;
  readonly #checker: Checker;
  readonly #machine: Machine;

  constructor(machine: Machine, checker: Checker) {
    this.#to = machine.watch;
    this.#checker = checker;
    this.#machine = machine;
    const { kind, inferred } = machine.event;
    this.told = {
      kind,
      inferred: inferred === 1 ? 1 : 0,
      moments: [],
      judgements: [],
      charges: [],
      hasPayer: false,
      uncertain: [],
      transitions: [],
      debugSwitches: [],
      implied: 0,
      refused: [],
      assumed: [],
      unfollowed: [],
      confirmed: [],
    };
  }

  moment(moment: number, cpu: Cpu, subject?: Entity, detail?: string): void {
    this.told.moments.push(moment);
    for (const { rule, outcome } of this.#checker.judge(this.#machine, moment, cpu, subject, detail)) {
      if (outcome === VIOLATED) this.isUnique = true;
      this.told.judgements.push({ rule, outcome });
    }
    this.#to.moment(moment, cpu, subject, detail);
  }
  charge(step: number, bytes: number): void {
    if (this.told.charges.length === 0)
      this.told.hasPayer = this.#machine.cpus[this.#machine.event.cpu]?.loaded !== undefined;
    this.told.charges.push([step, bytes]);
    this.#to.charge(step, bytes);
  }
  uncertain(doubt: number, step: number, fewer: number, more: number): void {
    this.told.uncertain.push([doubt, step, fewer, more]);
    this.#to.uncertain(doubt, step, fewer, more);
  }
  transition(cpu: Cpu, place: string, from: string, to: string, cause: string): void {
    this.told.transitions.push([place, from, to, cause]);
    this.#to.transition(cpu, place, from, to, cause);
  }
  amended(cpu: Cpu, to: string): void {
    this.isUnique = true;
    this.#to.amended(cpu, to);
  }
  debugSwitch(cpu: Cpu, from: number, to: number): void {
    this.told.debugSwitches.push([from, to]);
    this.#to.debugSwitch(cpu, from, to);
  }
  implied(cpu: Cpu, step: string): void {
    this.told.implied += 1;
    this.#to.implied(cpu, step);
  }
  refused(errno: string): void {
    this.told.refused.push(errno);
    this.#to.refused(errno);
  }
  assumed(what: string): void {
    this.told.assumed.push(what);
    this.#to.assumed(what);
  }
  unfollowed(what: string): void {
    this.told.unfollowed.push(what);
    this.#to.unfollowed(what);
  }
  confirmed(cpu: Cpu, field: ObservedField): void {
    this.told.confirmed.push(field);
    this.#to.confirmed(cpu, field);
  }
  observed(cpu: Cpu, field: ObservedField, observed: string, predicted: string, outcome: Observation): void {
    this.isUnique = true;
    this.#to.observed(cpu, field, observed, predicted, outcome);
  }
  fork(): Tape {
    this.isUnique = true;
    return this.#to.fork();
  }
  merge(tapes: readonly Tape[], via: number, broken: readonly Tape[]): void {
    this.isUnique = true;
    this.#to.merge(tapes, via, broken);
  }
  unsettled(via: number): void {
    this.isUnique = true;
    this.#to.unsettled(via);
  }
  hidden(tape: Tape): void {
    this.isUnique = true;
    this.#to.hidden(tape);
  }
}
