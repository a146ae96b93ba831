/** What sets the reports of several kernels apart from that of the first. */

import type { Report, Verdict, Violation } from '../../report/report.ts';

/** A number of a run, and what it is beside that of the first run. */
export interface Change {
  readonly value: number;
  readonly difference: number;
  /** Of the first run's value, to a tenth; null where that is 0 and this is not. */
  readonly percent: number | null;
}

export interface RunDifference {
  readonly model: string;
  readonly mode: string;
  readonly verdict: Verdict;
  /** All violations, listed or not. */
  readonly violations: Change;
  readonly transitions: Change;
  /** Register payload moved in all. */
  readonly bytes: Change;
  /** Only what differs from the first run, and so empty in that. */
  readonly by_edge: Readonly<Record<string, Change>>;
  readonly by_cause: Readonly<Record<string, Change>>;
  readonly costs: Readonly<Record<string, { readonly count: Change; readonly bytes?: Change }>>;
  readonly sysregs: Readonly<Record<string, { readonly read: Change; readonly write: Change }>>;
}

/** A violation that not all runs list. */
export interface DifferingViolation
  extends Pick<Violation, 'rule' | 'input' | 'line' | 'cpu' | 'vm' | 'vcpu' | 'event'> {
  /** As the first of `runs` says it. */
  readonly message: string;
  /** Indexes of the runs that have it. */
  readonly runs: readonly number[];
}

export interface Differences {
  /** The run that the others are compared with: index in `runs`. */
  readonly base: 0;
  /** Events of the trace that are particular to the kernel it was taken on. */
  readonly guest_fp_trap_read_as_use: number;
  readonly observe_left_out: number;
  /** One for each run, in their order. */
  readonly runs: readonly RunDifference[];
  readonly violations: readonly DifferingViolation[];
}

/** `runs`: at least one. */
export function differencesOf(
  runs: readonly Report[],
  trace: { readonly readAsUse: number; readonly leftOut: number },
): Differences {
  const [base] = runs;
  if (base === undefined) throw new RangeError('no run to compare with');
  return {
    base: 0,
    guest_fp_trap_read_as_use: trace.readAsUse,
    observe_left_out: trace.leftOut,
    runs: runs.map((run) => differenceOf(base, run)),
    violations: differingViolations(runs),
  };
}

function differenceOf(base: Report, run: Report): RunDifference {
  return {
    model: run.model.name,
    mode: run.model.mode,
    verdict: run.verdict,
    violations: change(violationsOf(base), violationsOf(run)),
    transitions: change(base.transitions.total, run.transitions.total),
    bytes: change(bytesOf(base), bytesOf(run)),
    by_edge: changes(base.transitions.by_edge, run.transitions.by_edge),
    by_cause: changes(base.transitions.by_cause, run.transitions.by_cause),
    costs: changedCosts(base.cost.total, run.cost.total),
    sysregs: changedSysregs(base.cost.sysregs, run.cost.sysregs),
  };
}

export function change(before: number, value: number): Change {
  const difference = value - before;
  const percent = before === 0 ? (value === 0 ? 0 : null) : Math.round((difference / before) * 1000) / 10;
  return { value, difference, percent };
}

const violationsOf = (run: Report): number =>
  Object.values(run.violation_counts).reduce((sum, { total }) => sum + total, 0);

/** Register payload that the run moved, in bytes. */
export const bytesOf = (run: Report): number =>
  Object.values(run.cost.total).reduce((sum, { bytes = 0 }) => sum + bytes, 0);

/** Names of both, those of the first run first. */
function namesOf(before: object, after: object): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])];
}

type Counts = Readonly<Record<string, number>>;

function changes(before: Counts, after: Counts): Record<string, Change> {
  return Object.fromEntries(
    namesOf(before, after)
      .map((name) => [name, change(before[name] ?? 0, after[name] ?? 0)] as const)
      .filter(([, { difference }]) => difference !== 0),
  );
}

function changedCosts(before: Report['cost']['total'], after: Report['cost']['total']): RunDifference['costs'] {
  return Object.fromEntries(
    namesOf(before, after)
      .map((name) => {
        const [a, b] = [before[name], after[name]];
        const count = change(a?.count ?? 0, b?.count ?? 0);
        if (a?.bytes === undefined && b?.bytes === undefined) return [name, { count }] as const;
        return [name, { count, bytes: change(a?.bytes ?? 0, b?.bytes ?? 0) }] as const;
      })
      .filter(([, cost]) => cost.count.difference !== 0 || ('bytes' in cost && cost.bytes.difference !== 0)),
  );
}

function changedSysregs(before: Report['cost']['sysregs'], after: Report['cost']['sysregs']): RunDifference['sysregs'] {
  return Object.fromEntries(
    namesOf(before, after)
      .map((name) => {
        const [a, b] = [before[name] ?? { read: 0, write: 0 }, after[name] ?? { read: 0, write: 0 }];
        return [name, { read: change(a.read, b.read), write: change(a.write, b.write) }] as const;
      })
      .filter(([, { read, write }]) => read.difference !== 0 || write.difference !== 0),
  );
}

/** By rule and place, in the order of the runs and of what they list. */
function differingViolations(runs: readonly Report[]): readonly DifferingViolation[] {
  const byPlace = new Map<string, { readonly violation: Violation; readonly runs: number[] }>();
  for (const [index, run] of runs.entries()) {
    for (const violation of run.violations) {
      const { rule, input, line, cpu, event } = violation;
      const key = `${rule} ${input} ${line} ${cpu} ${event}`;
      const known = byPlace.get(key);
      if (known === undefined) byPlace.set(key, { violation, runs: [index] });
      else if (!known.runs.includes(index)) known.runs.push(index);
    }
  }
  return [...byPlace.values()]
    .filter((entry) => entry.runs.length < runs.length)
    .map(({ violation: { rule, input, line, cpu, vm, vcpu, event, message }, runs: having }) => ({
      rule,
      input,
      line,
      ...(cpu !== undefined && { cpu }),
      ...(vcpu !== undefined && { vm: vm ?? 0, vcpu }),
      event,
      message,
      runs: having,
    }));
}
