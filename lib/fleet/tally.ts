/** One report as values that add up. */

import { ledgerOf } from '../report/ledger-fields.ts';
import type { Cause, Costs, Report } from '../report/report.ts';
import { type Check, count, list, map, object, oneOf, text } from '../report/shape.ts';
import { shorten } from '../text/shorten.ts';
import { CAUSE, type KERNEL, MERGED, type Sums } from './merged.ts';
import { sketchOf } from './sketch.ts';

type KernelSums = ReturnType<(typeof KERNEL)['zero']>;
type CauseSums = ReturnType<(typeof CAUSE)['zero']>;

/** What of a report is merged. */
export type MergeableReport = Omit<Report, 'format' | 'explanations' | 'observations' | 'reasons'> & {
  readonly observations: Omit<Report['observations'], 'diverging'>;
};

const counts = map(count);
const costs = map(object({ count }, { bytes: count, least: count, most: count }));
const observed = { checked: count, diverged: count, learned: count };

export const isMergeable: Check = object(
  {
    format: oneOf(2),
    model: object({ name: text, mode: text }),
    inputs: list(object({ name: text, lines: count, events: count })),
    verdict: oneOf('pass', 'fail', 'inconclusive'),
    events: counts,
    transitions: object({ total: count, by_edge: counts, by_cause: counts }),
    debug: object({ switches: count, by_edge: counts }),
    causes: list(
      object({
        title: text,
        severity: oneOf('error', 'warning', 'suspicious'),
        steps: list(object({ input: count, line: count })),
        consequences: counts,
      }),
    ),
    violation_counts: map(object({ total: count, listed: count, followed: count })),
    cost: object(
      { total: costs, by_event: map(costs), sysregs: map(object({ read: count, write: count })) },
      { doubts: list(object({ why: text, shown_by: text, primitives: list(text) })) },
    ),
    observations: object({ ...observed, by_field: map(object(observed)) }),
    coverage: object({ rules_fired: list(text), steps_hit: list(text) }),
    ledger: object(ledgerOf(count, counts), { skipped_lines: count }),
  },
  {
    partial: oneOf(true),
    records: object({ hides: list(object({ kind: text, places: count, checks: count, shown_by: text })) }),
  },
);

/** The kernel of a report as merged reports name it: "v6.10 vhe". */
export const kernelOf = ({ model }: Pick<Report, 'model'>): string => `${model.name} ${model.mode}`;

/** Entries of guests, by which costs are divided. */
export const entriesOf = ({ events }: Pick<Report, 'events'>): number => events.guest_enter ?? 0;

/** The report alone, as merged ones are. */
export function tallyOf(report: MergeableReport): Sums {
  const sums = MERGED.zero();
  sums.kernels.set(kernelOf(report), kernelSums(report));
  for (const cause of report.causes) {
    const name = kindOf(cause);
    const sum = CAUSE.add(sums.causes.get(name) ?? CAUSE.zero(), causeSums(cause, report));
    // However often it was seen, it was in one report.
    sums.causes.set(name, { ...sum, reports: 1, kernels: new Map([[kernelOf(report), 1]]) });
  }
  return sums;
}

/** Longest name of a cause, in UTF-16 units. */
const LONGEST_CAUSE = 500;

/** A cause as it is called on every host: without the numbers of CPUs, tasks, vCPUs, and values. */
export function kindOf({ title }: Pick<Cause, 'title'>): string {
  return shorten(title.replace(/(?<![\w.-])(?:0x[0-9a-f]+|\d+(?:\/\d+)?)(?![\w.-])/g, 'N'), LONGEST_CAUSE);
}

/** Violations and divergences that come of it. */
export const consequencesOf = ({ consequences }: Pick<Cause, 'consequences'>): number =>
  sumOf(Object.values(consequences));

function causeSums(cause: Cause, { inputs }: MergeableReport): CauseSums {
  const sums = CAUSE.zero();
  sums.count = consequencesOf(cause);
  sums.errors = cause.severity === 'error' ? sums.count : 0;
  sums.consequences = countsOf(cause.consequences);
  const [begin] = cause.steps;
  if (begin !== undefined) sums.examples = [{ input: inputs[begin.input]?.name ?? '', line: begin.line }];
  return sums;
}

const mapOf = <T, V>(values: Readonly<Record<string, T>>, make: (value: T) => V): Map<string, V> =>
  new Map(Object.entries(values).map(([name, value]) => [name, make(value)]));
const countsOf = (values: Readonly<Record<string, number>>) => new Map(Object.entries(values));
const onceEach = (names: readonly string[]) => new Map(names.map((name) => [name, 1]));
const costsOf = (costs: Costs) => mapOf(costs, ({ count, bytes = 0 }) => ({ count, bytes }));
const boundedOf = (costs: Costs) =>
  mapOf(costs, ({ count, bytes = 0, least, most = least === undefined ? count : Number.POSITIVE_INFINITY }) => ({
    ...{ count, bytes, least: least ?? count, most },
  }));
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function kernelSums(report: MergeableReport): KernelSums {
  const { inputs, transitions, debug, cost, observations, coverage, ledger } = report;
  const { checked, diverged, learned } = observations;
  return {
    reports: 1,
    verdicts: onceEach([report.verdict]),
    partial: report.partial === true ? 1 : 0,
    inputs: {
      files: inputs.length,
      lines: sumOf(inputs.map(({ lines }) => lines)),
      events: sumOf(inputs.map(({ events }) => events)),
    },
    entries: entriesOf(report),
    events: countsOf(report.events),
    transitions: {
      total: transitions.total,
      by_edge: countsOf(transitions.by_edge),
      by_cause: countsOf(transitions.by_cause),
    },
    debug: { switches: debug.switches, by_edge: countsOf(debug.by_edge) },
    violations: mapOf(report.violation_counts, ({ total, followed }) => ({ reports: 1, total, followed })),
    cost: {
      total: boundedOf(cost.total),
      by_event: mapOf(cost.by_event, costsOf),
      sysregs: mapOf(cost.sysregs, ({ read, write }) => ({ read, write })),
      doubts: new Map(
        (cost.doubts ?? []).map(({ why, shown_by, primitives }) => [
          why,
          { reports: 1, shown_by, primitives: onceEach(primitives) },
        ]),
      ),
    },
    per_entry: perEntry(report),
    observations: {
      ...{ checked, diverged, learned },
      by_field: mapOf(observations.by_field, ({ checked, diverged, learned }) => ({ checked, diverged, learned })),
    },
    coverage: { rules_fired: onceEach(coverage.rules_fired), steps_hit: onceEach(coverage.steps_hit) },
    hides: new Map(openKinds(report).map(({ kind, shown_by, ...open }) => [kind, { reports: 1, ...open, shown_by }])),
    ledger: {
      skipped_lines: ledger.skipped_lines ?? 0,
      implied: ledger.implied,
      inferred: ledger.inferred,
      lost: ledger.lost,
      unknown_events: countsOf(ledger.unknown_events),
      unknown_fields: countsOf(ledger.unknown_fields),
      not_modelled: countsOf(ledger.not_modelled),
      unfollowed: countsOf(ledger.unfollowed),
      weak_orderings: countsOf(ledger.weak_orderings),
      skipped_checks: countsOf(ledger.skipped_checks),
      refused: countsOf(ledger.refused),
      assumptions: countsOf(ledger.assumptions),
      unordered_ts: ledger.unordered_ts,
    },
  };
}

/** What the trace hides and that left something open. */
export function openKinds({ records }: Pick<Report, 'records'>): readonly OpenKind[] {
  return (records?.hides ?? [])
    .filter(({ places, checks }) => places + checks > 0)
    .map(({ kind, places, checks, shown_by }) => ({ kind, places, checks, shown_by }));
}

type OpenKind = NonNullable<Report['records']>['hides'][number];

/** Distributions of one value each; none where no guest was entered. */
function perEntry(report: MergeableReport): KernelSums['per_entry'] {
  const entries = entriesOf(report);
  if (entries === 0) return new Map();
  const costs = Object.entries(report.cost.total);
  const bytes = sumOf(costs.map(([, cost]) => cost.bytes ?? 0));
  return new Map(
    [...costs.map(([name, { count }]) => [name, count] as const), ['bytes', bytes] as const].map(([name, value]) => [
      name,
      sketchOf(value / entries),
    ]),
  );
}
