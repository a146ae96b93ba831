/** What one of several things that may have happened would tell, written down until it is known whether it did. */

import type { Checker, Judgement } from '../check/checker.ts';
import { SKIPPED, VIOLATED } from '../check/rule.ts';
import { DOUBT } from '../costs/doubts.ts';
import type { Cpu } from '../kernel/state/cpu.ts';
import type { Entity } from '../kernel/state/entity.ts';
import type { Machine } from '../kernel/state/machine.ts';
import type { Observation, ObservedField, Tape, Watcher } from '../kernel/state/watcher.ts';

interface Charge {
  readonly step: number;
  readonly bytes: number;
  times: number;
}

interface Uncertainty {
  readonly doubt: number;
  readonly step: number;
  fewer: number;
  more: number;
}

/** A call of the watcher, to be made later, with the vCPU loaded that was loaded then. */
interface Call {
  readonly make: (watch: Watcher) => void;
  readonly cpu: Cpu | undefined;
  readonly loaded: Cpu['loaded'];
}

/** Most tapes have nothing, or one thing, to tell. */
const NONE: readonly never[] = [];

function added<One>(list: readonly One[], one: One): readonly One[] {
  if (list.length === 0) return [one];
  (list as One[]).push(one);
  return list;
}

/** More errors than anything that the trace allows can have. */
const IMPOSSIBLE = 1_000_000;

/** A class, for thousands of them are made in a replay: one object each, and lists where there is something to list. */
export class WrittenTape implements Tape, Watcher {
  readonly watch: Watcher = this;
  moments: readonly number[] = NONE;
  judgements: readonly Judgement[] = NONE;
  calls: readonly Call[] = NONE;
  charges: readonly Charge[] = NONE;
  uncertainties: readonly Uncertainty[] = NONE;
  /** The vCPU that was loaded at the first charge: all of one event go to one. */
  payer: Cpu['loaded'] = undefined;
  #errors = 0;
  readonly #machine: Machine;
  readonly #checker: Checker;

  constructor(machine: Machine, checker: Checker) {
    this.#machine = machine;
    this.#checker = checker;
  }

  contradicted(): boolean {
    return this.#errors > 0;
  }
  errors(): number {
    return this.#errors;
  }
  impossible(): void {
    this.#errors += IMPOSSIBLE;
  }

  moment(moment: number, cpu: Cpu, subject?: Entity, detail?: string): void {
    this.moments = added(this.moments, moment);
    for (const judgement of this.#checker.judge(this.#machine, moment, cpu, subject, detail)) {
      if (isError(judgement)) this.#errors += 1;
      this.judgements = added(this.judgements, judgement);
    }
  }
  charge(step: number, bytes: number): void {
    if (this.charges.length === 0) this.payer = this.#machine.cpus[this.#machine.event.cpu]?.loaded;
    const known = chargeIn(this, step, bytes);
    if (known === undefined) this.charges = added(this.charges, { step, bytes, times: 1 });
    else known.times += 1;
  }
  uncertain(doubt: number, step: number, fewer: number, more: number): void {
    const known = uncertaintyIn(this.uncertainties, doubt, step);
    if (known === undefined) this.uncertainties = added(this.uncertainties, { doubt, step, fewer, more });
    else {
      known.fewer += fewer;
      known.more += more;
    }
  }
  transition(cpu: Cpu, place: string, from: string, to: string, cause: string): void {
    this.#call((watch) => watch.transition(cpu, place, from, to, cause), cpu);
  }
  amended(cpu: Cpu, to: string): void {
    this.#call((watch) => watch.amended(cpu, to));
  }
  debugSwitch(cpu: Cpu, from: number, to: number): void {
    this.#call((watch) => watch.debugSwitch(cpu, from, to));
  }
  implied(cpu: Cpu, step: string): void {
    this.#call((watch) => watch.implied(cpu, step));
  }
  refused(errno: string): void {
    this.#call((watch) => watch.refused(errno));
  }
  assumed(what: string): void {
    this.#call((watch) => watch.assumed(what));
  }
  unfollowed(what: string): void {
    this.#call((watch) => watch.unfollowed(what));
  }
  confirmed(cpu: Cpu, field: ObservedField): void {
    this.#call((watch) => watch.confirmed(cpu, field));
  }
  observed(cpu: Cpu, field: ObservedField, observed: string, predicted: string, outcome: Observation): void {
    if (outcome === 'diverged') this.#errors += 1;
    this.#call((watch) => watch.observed(cpu, field, observed, predicted, outcome));
  }
  fork(): Tape {
    return new WrittenTape(this.#machine, this.#checker);
  }
  merge(): void {}
  unsettled(): void {}
  hidden(): void {}

  #call(make: Call['make'], cpu?: Cpu): void {
    this.calls = added(this.calls, { make, cpu, loaded: cpu?.loaded });
  }
}

function chargeIn({ charges }: WrittenTape, step: number, bytes: number): Charge | undefined {
  for (const charge of charges) if (charge.step === step && charge.bytes === bytes) return charge;
  return undefined;
}

function uncertaintyIn(all: readonly Uncertainty[], doubt: number, step: number): Uncertainty | undefined {
  for (const one of all) if (one.doubt === doubt && one.step === step) return one;
  return undefined;
}

const isError = ({ outcome, rule, finding }: Judgement): boolean =>
  outcome === VIOLATED && (finding?.severity ?? rule.severity) === 'error';

/** Whom the merging tells. */
export interface MergeSink {
  readonly watch: Watcher;
  readonly checker: Checker;
  readonly machine: Machine;
  /** So many checks came out differently. */
  open(checks: number): void;
}

/** What all of the tapes tell was so; what some tell is open. There is at least one. */
export function mergeTapes(tapes: readonly WrittenTape[], broken: readonly WrittenTape[], sink: MergeSink): void {
  const first = tapes[0] as WrittenTape;
  for (const moment of first.moments) sink.checker.visit(moment);
  mergeJudgements(tapes, broken, sink);
  mergeCharges(tapes, sink);
  mergeUncertainties(tapes, sink);
  // Where they tell different things it is the way with the fewest hidden steps that is told.
  for (const call of first.calls) make(call, sink.watch);
}

function make({ make, cpu, loaded }: Call, watch: Watcher): void {
  if (cpu === undefined) {
    make(watch);
    return;
  }
  const now = cpu.loaded;
  cpu.loaded = loaded;
  make(watch);
  cpu.loaded = now;
}

function mergeJudgements(
  tapes: readonly WrittenTape[],
  broken: readonly WrittenTape[],
  { checker, open }: MergeSink,
): void {
  if (![...tapes, ...broken].some(hasJudged)) return;
  const all = tapes.map(({ judgements }) => judgements);
  const seen = new Set<Judgement['rule']>();
  let differ = 0;
  for (const judgement of all.flat()) {
    if (seen.has(judgement.rule)) continue;
    seen.add(judgement.rule);
    const ofRule = all.map((judgements) => judgements.filter(({ rule }) => rule === judgement.rule));
    const agreed = ofRule.every((mine) => mine.some(({ outcome }) => outcome === judgement.outcome));
    if (agreed) for (const one of ofRule[0] as readonly Judgement[]) checker.commit(one);
    else {
      differ += 1;
      checker.commit({ ...judgement, outcome: SKIPPED });
    }
  }
  for (const judgement of broken.flatMap(({ judgements }) => judgements)) {
    if (seen.has(judgement.rule) || !isError(judgement)) continue;
    seen.add(judgement.rule);
    differ += 1;
    checker.commit({ ...judgement, outcome: SKIPPED });
  }
  if (differ > 0) open(differ);
}

const hasJudged = ({ judgements }: WrittenTape): boolean => judgements.length > 0;

function mergeCharges(tapes: readonly WrittenTape[], sink: MergeSink): void {
  const first = tapes.find(({ charges }) => charges.length > 0);
  if (first === undefined) return;
  const { cpus, event } = sink.machine;
  make({ make: (watch) => chargeAll(tapes, watch), cpu: cpus[event.cpu], loaded: first.payer }, sink.watch);
}

function chargeAll(tapes: readonly WrittenTape[], watch: Watcher): void {
  for (const [at, { charges }] of tapes.entries())
    for (const { step, bytes } of charges) if (isFirst(tapes, at, step, bytes)) chargeOnce(tapes, step, bytes, watch);
}

/** No tape before that one has it. */
function isFirst(tapes: readonly WrittenTape[], before: number, step: number, bytes: number): boolean {
  for (let at = 0; at < before; at++) if (chargeIn(tapes[at] as WrittenTape, step, bytes) !== undefined) return false;
  return true;
}

function chargeOnce(tapes: readonly WrittenTape[], step: number, bytes: number, watch: Watcher): void {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const tape of tapes) {
    const times = chargeIn(tape, step, bytes)?.times ?? 0;
    least = Math.min(least, times);
    most = Math.max(most, times);
  }
  for (let time = 0; time < least; time++) watch.charge(step, bytes);
  if (most > least) watch.uncertain(DOUBT.hidden, step, 0, most - least);
}

/** What is open in one of them is open in all. */
function mergeUncertainties(tapes: readonly WrittenTape[], { watch }: MergeSink): void {
  const seen: Uncertainty[] = [];
  for (const { uncertainties } of tapes) {
    for (const { doubt, step, fewer, more } of uncertainties) {
      const known = uncertaintyIn(seen, doubt, step);
      if (known === undefined) seen.push({ doubt, step, fewer, more });
      else {
        known.fewer = Math.max(known.fewer, fewer);
        known.more = Math.max(known.more, more);
      }
    }
  }
  for (const { doubt, step, fewer, more } of seen) watch.uncertain(doubt, step, fewer, more);
}

/** What a hidden step charges, it may have charged. */
export function mayHaveCharged({ charges, uncertainties }: WrittenTape, watch: Watcher): void {
  for (const { step, times } of charges) watch.uncertain(DOUBT.hidden, step, 0, times);
  for (const { doubt, step, more } of uncertainties) watch.uncertain(doubt, step, 0, more);
}
