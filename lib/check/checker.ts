/** Runs the rules that apply at each moment, and keeps one violation for each root cause. */

import type { Cpu } from '../kernel/state/cpu.ts';
import { type Entity, nobody } from '../kernel/state/entity.ts';
import type { Machine } from '../kernel/state/machine.ts';
import { MOMENT, MOMENTS, type MomentName } from '../kernel/state/moments.ts';
import type { Mode, Profile } from '../models/profiles.ts';
import { compileChecks, type Evaluate } from './dispatch.ts';
import { type Finding, type Rule, type Severity, SKIPPED, WEAK } from './rule.ts';
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
  followed: number;
}

export interface CheckerSink {
  /** A violation with a root of its own. Returns what later ones with the same root are counted in. */
  violation(rule: Rule, finding: Finding, cpu: Cpu, state: Readonly<Record<string, string>>): Told;
  /** A violation that follows from one that was told. */
  follower(first: Told): void;
}

export interface Checker {
  /** Must be called before each event: what the violations of the event show as the state before it. */
  begin(machine: Machine): void;
  moment(machine: Machine, moment: number, cpu: Cpu, subject?: Entity, detail?: string): void;
  counts(): readonly RuleCount[];
}

/** How many different root causes are told apart; beyond, every violation counts as one of its own. */
const MAX_ROOTS = 100_000;

export function createChecker(profile: Profile, mode: Mode, sink: CheckerSink): Checker {
  const entries = RULES.filter((rule) => rule.applies(profile, mode)).map((rule) => ({ rule, skipped: 0, weak: 0 }));
  const visits = new Float64Array(MOMENTS.length);
  /** By moment, made when it first comes. */
  const evaluations: (Evaluate | undefined)[] = MOMENTS.map(() => undefined);
  const roots = new Map<string, Told>();
  const before = createSnapshot();

  function violated(rule: Rule, machine: Machine, cpu: Cpu, moment: number, subject: Entity, detail: string): void {
    const finding = rule.describe(machine, cpu, moment, subject, detail);
    const key = `${rule.id} ${cpu.id} ${finding.root}`;
    const first = roots.get(key);
    if (first !== undefined) {
      sink.follower(first);
      return;
    }
    const told = sink.violation(rule, finding, cpu, describeSnapshot(before, machine, cpu, rule));
    if (roots.size < MAX_ROOTS) roots.set(key, told);
  }

  function evaluationOf(moment: number): Evaluate {
    const here = entries.filter(({ rule }) => rule.at.includes(MOMENTS[moment] as MomentName));
    const checks = here.map(({ rule }) => rule.check);
    return compileChecks(checks, moment, (index, outcome, machine, cpu, subject, detail) => {
      const entry = here[index] as (typeof here)[number];
      if (outcome === SKIPPED) entry.skipped += 1;
      else if (outcome === WEAK) entry.weak += 1;
      else violated(entry.rule, machine, cpu, moment, subject, detail);
    });
  }

  /** Every visit of one of its moments evaluates a rule. */
  const evaluated = ({ at }: Rule): number => at.reduce((times, name) => times + (visits[MOMENT[name]] as number), 0);

  return {
    counts: () => entries.map((entry) => ({ ...entry, checked: evaluated(entry.rule) - entry.skipped })),
    begin: (machine) => takeSnapshot(before, machine),
    moment(machine, moment, cpu, subject = nobody, detail = '') {
      visits[moment] = (visits[moment] as number) + 1;
      const evaluate = evaluations[moment] ?? evaluationOf(moment);
      evaluations[moment] = evaluate;
      evaluate(machine, cpu, subject, detail);
    },
  };
}
