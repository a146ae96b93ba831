/** Runs the rules that apply at each moment, and keeps one violation for each root cause. */

import type { Cpu } from '../kernel/state/cpu.ts';
import { type Entity, nobody } from '../kernel/state/entity.ts';
import type { Machine } from '../kernel/state/machine.ts';
import { MOMENT, MOMENTS } from '../kernel/state/moments.ts';
import type { Mode, Profile } from '../models/profile.ts';
import { siteOf } from './causes/reasons.ts';
import type { Site } from './causes/site.ts';
import { type Evaluate, evaluationOf } from './dispatch.ts';
import { type Finding, type Outcome, type Rule, type Severity, SKIPPED, VIOLATED, WEAK } from './rule.ts';
import { RULES } from './rules.ts';
import { createSnapshot, describeSnapshot, takeSnapshot } from './snapshot.ts';

/** What became of one rule in a replay. */
export interface RuleCount {
  readonly rule: Rule;
  /** How often it was evaluated with all it needs known. */
  readonly checked: number;
  readonly skipped: number;
  readonly weak: number;
}

/** A violation that was told, and how many followed from it. */
export interface Told {
  readonly rule: string;
  readonly severity: Severity;
  /** Number of its cause in the report; 0 where that has none of what is reported. */
  readonly cause: number;
  followed: number;
  /** A filter leaves it out. */
  readonly hidden?: boolean;
}

/** What a rule says of a moment, where it does not simply hold. */
export interface Judgement {
  readonly rule: Rule;
  readonly outcome: Outcome;
  readonly cpu: Cpu;
  readonly finding?: Finding;
  /** The state before the event. */
  readonly state?: Readonly<Record<string, string>>;
  readonly site?: Site;
}

export interface CheckerSink {
  /**
   * A violation with a root of its own. Returns what later ones with the same root are counted in. `state` and `site`: to be
   * called at once, where they are wanted.
   */
  violation(
    rule: Rule,
    finding: Finding,
    cpu: Cpu,
    state: () => Readonly<Record<string, string>>,
    site: () => Site,
  ): Told;
  /** A violation that follows from one that was told. Returns false where it is to be told as one of its own instead. */
  follower(first: Told): boolean;
}

export interface Checker {
  /** Must be called before each event: what the violations of the event show as the state before it. */
  begin(machine: Machine): void;
  moment(machine: Machine, moment: number, cpu: Cpu, subject?: Entity, detail?: string): void;
  /** The same without telling anybody: what did not simply hold. `begin` must be called before, with the state as it is. */
  judge(machine: Machine, moment: number, cpu: Cpu, subject?: Entity, detail?: string): readonly Judgement[];
  /** That a moment came, and a judgement, after all. */
  visit(moment: number, times?: number): void;
  commit(judgement: Judgement): void;
  /** That a rule was skipped, or is weak, so many times. */
  count(rule: Rule, outcome: Outcome, times: number): void;
  counts(): readonly RuleCount[];
}

/** How many different root causes are told apart; beyond, every violation counts as one of its own. */
const MAX_ROOTS = 100_000;

export function createChecker(profile: Profile, mode: Mode, sink: CheckerSink): Checker {
  const all = RULES.map((rule) => ({ rule, applies: rule.applies(profile, mode), skipped: 0, weak: 0 }));
  const entries = all.filter(({ applies }) => applies);
  const applies = all.map((entry) => entry.applies);
  const visits = new Float64Array(MOMENTS.length);
  /** By moment, made when it first comes. */
  const evaluations: (Evaluate | undefined)[] = MOMENTS.map(() => undefined);
  const roots = new Map<string, Told>();
  const before = createSnapshot();
  /** Where judgements go that nobody is told of. */
  let judged: Judgement[] | undefined;

  function violated(
    rule: Rule,
    cpu: Cpu,
    finding: Finding,
    state: () => Readonly<Record<string, string>>,
    site: () => Site,
  ): void {
    const key = `${rule.id} ${cpu.id} ${finding.root}`;
    const first = roots.get(key);
    if (first !== undefined && sink.follower(first)) return;
    const told = sink.violation(rule, finding, cpu, state, site);
    if (first !== undefined || roots.size < MAX_ROOTS) roots.set(key, told);
  }

  function evaluationAt(moment: number): Evaluate {
    return evaluationOf(RULES, applies, moment, (index, outcome, machine, cpu, subject, detail) => {
      const entry = all[index] as (typeof all)[number];
      const { rule } = entry;
      if (judged !== undefined) {
        if (outcome !== VIOLATED) {
          judged.push({ rule, outcome, cpu });
          return;
        }
        const finding = rule.describe(machine, cpu, moment, subject, detail);
        const state = describeSnapshot(before, machine, cpu, rule);
        judged.push({ rule, outcome, cpu, finding, state, site: siteOf(rule, finding, machine, cpu, moment, subject) });
      } else if (outcome === SKIPPED) entry.skipped += 1;
      else if (outcome === WEAK) entry.weak += 1;
      else {
        const finding = rule.describe(machine, cpu, moment, subject, detail);
        violated(
          rule,
          cpu,
          finding,
          () => describeSnapshot(before, machine, cpu, rule),
          () => siteOf(rule, finding, machine, cpu, moment, subject),
        );
      }
    });
  }

  function evaluate(machine: Machine, moment: number, cpu: Cpu, subject: Entity, detail: string): void {
    const checks = evaluations[moment] ?? evaluationAt(moment);
    evaluations[moment] = checks;
    checks(machine, cpu, subject, detail);
  }

  /** Every visit of one of its moments evaluates a rule. */
  const evaluated = ({ at }: Rule): number => at.reduce((times, name) => times + (visits[MOMENT[name]] as number), 0);

  return {
    counts: () =>
      entries.map(({ rule, skipped, weak }) => ({ rule, skipped, weak, checked: evaluated(rule) - skipped })),
    begin: (machine) => takeSnapshot(before, machine),
    moment(machine, moment, cpu, subject = nobody, detail = '') {
      visits[moment] = (visits[moment] as number) + 1;
      evaluate(machine, moment, cpu, subject, detail);
    },
    judge(machine, moment, cpu, subject = nobody, detail = '') {
      const judgements: Judgement[] = [];
      judged = judgements;
      evaluate(machine, moment, cpu, subject, detail);
      judged = undefined;
      return judgements;
    },
    visit(moment, times = 1) {
      visits[moment] = (visits[moment] as number) + times;
    },
    count(rule, outcome, times) {
      const entry = all[RULES.indexOf(rule)] as (typeof all)[number];
      entry[outcome === SKIPPED ? 'skipped' : 'weak'] += times;
    },
    commit({ rule, outcome, cpu, finding, state = {}, site }) {
      const entry = entries.find((one) => one.rule === rule);
      if (outcome === SKIPPED && entry !== undefined) entry.skipped += 1;
      else if (outcome === WEAK && entry !== undefined) entry.weak += 1;
      else if (finding !== undefined && site !== undefined) {
        violated(
          rule,
          cpu,
          finding,
          () => state,
          () => site,
        );
      }
    },
  };
}
