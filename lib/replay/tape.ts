/** What one of several things that may have happened would tell, written down until it is known whether it did. */

import type { Checker, Judgement } from '../check/checker.ts';
import { SKIPPED, VIOLATED } from '../check/rule.ts';
import type { Cpu } from '../kernel/state/cpu.ts';
import type { Machine } from '../kernel/state/machine.ts';
import type { Tape, Watcher } from '../kernel/state/watcher.ts';

interface Visit {
  readonly moment: number;
  readonly judgements: readonly Judgement[];
}

/** A call of the watcher: what it says, for comparing, and how to make it. */
interface Call {
  readonly text: string;
  readonly make: (watch: Watcher) => void;
}

export interface WrittenTape extends Tape {
  readonly visits: readonly Visit[];
  readonly calls: readonly Call[];
  /** How often each step was charged, by step and bytes. */
  readonly charges: ReadonlyMap<string, { readonly step: number; readonly bytes: number; times: number }>;
}

export function createTape(machine: Machine, checker: Checker): WrittenTape {
  const visits: Visit[] = [];
  const calls: Call[] = [];
  const charges = new Map<string, { step: number; bytes: number; times: number }>();
  let errors = 0;
  const call = (text: string, make: (watch: Watcher) => void): void => {
    calls.push({ text, make });
  };
  const watch: Watcher = {
    moment(moment, cpu, subject, detail) {
      const judgements = checker.judge(machine, moment, cpu, subject, detail);
      errors += judgements.filter(isError).length;
      visits.push({ moment, judgements });
    },
    transition(cpu, place, from, to, cause) {
      const { loaded } = cpu;
      call(`transition ${place} ${from} ${to} ${cause}`, (to_) =>
        loadedAs(cpu, loaded, () => to_.transition(cpu, place, from, to, cause)),
      );
    },
    amended: (cpu, to) => call(`amended ${to}`, (to_) => to_.amended(cpu, to)),
    debugSwitch: (cpu, from, to) => call(`debug ${from} ${to}`, (to_) => to_.debugSwitch(cpu, from, to)),
    charge(step, bytes) {
      const key = `${step} ${bytes}`;
      const charge = charges.get(key);
      if (charge === undefined) charges.set(key, { step, bytes, times: 1 });
      else charge.times += 1;
    },
    implied: (cpu, step) => call(`implied ${step}`, (to_) => to_.implied(cpu, step)),
    refused: (errno) => call(`refused ${errno}`, (to_) => to_.refused(errno)),
    assumed: (what) => call(`assumed ${what}`, (to_) => to_.assumed(what)),
    unfollowed: (what) => call(`unfollowed ${what}`, (to_) => to_.unfollowed(what)),
    confirmed: (cpu, field) => call(`confirmed ${field}`, (to_) => to_.confirmed(cpu, field)),
    observed(cpu, field, observed, predicted, outcome) {
      if (outcome === 'diverged') errors += 1;
      call(`observed ${field} ${observed} ${predicted} ${outcome}`, (to_) =>
        to_.observed(cpu, field, observed, predicted, outcome),
      );
    },
    fork: () => createTape(machine, checker),
    merge() {},
    unsettled() {},
    hidden() {},
  };
  return {
    watch,
    visits,
    calls,
    charges,
    contradicted: () => errors > 0,
    errors: () => errors,
    impossible() {
      errors += IMPOSSIBLE;
    },
  };
}

/** More errors than anything that the trace allows can have. */
const IMPOSSIBLE = 1_000_000;

const isError = ({ outcome, rule, finding }: Judgement): boolean =>
  outcome === VIOLATED && (finding?.severity ?? rule.severity) === 'error';

/** With the vCPU loaded that was loaded then. */
function loadedAs(cpu: Cpu, loaded: Cpu['loaded'], act: () => void): void {
  const now = cpu.loaded;
  cpu.loaded = loaded;
  act();
  cpu.loaded = now;
}

/** Whom the merging tells. */
export interface MergeSink {
  readonly watch: Watcher;
  readonly checker: Checker;
  /** So many checks came out differently. */
  open(checks: number): void;
  /** A step was charged so many times more in some of what may have happened. */
  mayHaveCharged(step: number, bytes: number, times: number): void;
}

/** What all of the tapes tell was so; what some tell is open. */
export function mergeTapes(tapes: readonly WrittenTape[], sink: MergeSink): void {
  const [first] = tapes;
  if (first === undefined) return;
  for (const { moment } of first.visits) sink.checker.visit(moment);
  mergeJudgements(tapes, sink);
  mergeCharges(tapes, sink);
  // Where they tell different things it is the way with the fewest hidden steps that is told.
  for (const { make } of first.calls) make(sink.watch);
}

function mergeJudgements(tapes: readonly WrittenTape[], { checker, open }: MergeSink): void {
  const all = tapes.map(({ visits }) => visits.flatMap(({ judgements }) => judgements));
  const seen = new Set<Judgement['rule']>();
  let differ = 0;
  for (const judgement of all.flat()) {
    if (seen.has(judgement.rule)) continue;
    seen.add(judgement.rule);
    const ofRule = all.map((judgements) => judgements.filter(({ rule }) => rule === judgement.rule));
    const agreed = ofRule.every((mine) => mine.some(({ outcome }) => outcome === judgement.outcome));
    if (agreed) for (const one of ofRule[0] ?? []) checker.commit(one);
    else {
      differ += 1;
      checker.commit({ ...judgement, outcome: SKIPPED });
    }
  }
  if (differ > 0) open(differ);
}

function mergeCharges(tapes: readonly WrittenTape[], sink: MergeSink): void {
  for (const key of new Set(tapes.flatMap(({ charges }) => [...charges.keys()]))) {
    const all = tapes.map(({ charges }) => charges.get(key));
    const { step, bytes } = all.find((charge) => charge !== undefined) as { step: number; bytes: number };
    const times = all.map((charge) => charge?.times ?? 0);
    const [least, most] = [Math.min(...times), Math.max(...times)];
    for (let time = 0; time < least; time++) sink.watch.charge(step, bytes);
    if (most > least) sink.mayHaveCharged(step, bytes, most - least);
  }
}
