/** A merged report for people: which kernels, what went wrong and where, what was left open, what an entry costs. */

import { escapeText } from '../text/escape.ts';
import { countOf, formatCount } from '../text/numbers.ts';
import { compareNames } from '../text/order.ts';
import { type Column, formatTable } from '../text/table.ts';
import { labelled } from '../text/wrap.ts';
import type { Merged } from './merged.ts';
import { quantilesOf } from './sketch.ts';

/** Causes that are told; JSON has all. */
const MOST_CAUSES = 20;

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

export function formatMerged(merged: Merged): string {
  const reports = Object.values(merged.kernels).reduce((sum, kernel) => sum + kernel.reports, 0);
  const all = [kernels(merged), causes(merged), doubts(merged), costs(merged), costDoubts(merged)];
  const sections = all.filter((lines) => lines.length > 0);
  return [[countOf(reports, 'report')], ...sections].map((lines) => `${lines.join('\n')}\n`).join('\n');
}

const table = (columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] => {
  const { head, rows: lines } = formatTable(columns, rows);
  return [head, ...lines];
};

function kernels({ kernels }: Merged): readonly string[] {
  const rows = Object.entries(kernels).map(([name, { reports, verdicts, partial, entries, observations }]) => [
    escapeText(name, 40),
    ...[reports, verdicts.pass, verdicts.fail, verdicts.inconclusive, partial, entries, observations.diverged].map(
      (n) => formatCount(n ?? 0),
    ),
  ]);
  const columns = ['reports', 'pass', 'fail', 'inconclusive', 'partial', 'entries', 'diverged'].map(right);
  return rows.length === 0 ? [] : table([left('kernel'), ...columns], rows);
}

function causes({ causes }: Merged): readonly string[] {
  const worst = Object.entries(causes).sort(
    ([a, one], [b, other]) => other.reports - one.reports || other.count - one.count || compareNames(a, b),
  );
  const lines = worst
    .slice(0, MOST_CAUSES)
    .flatMap(([name, { count, consequences, reports, kernels, examples }]) => [
      ...labelled(0, 2, '', escapeText(name, 600), (label) => label),
      ...labelled(
        4,
        2,
        '',
        `${countOf(reports, 'report')} of ${names(kernels)}; ${formatCount(count)} of ${names(consequences)}`,
        (label) => label,
      ),
      ...examples.map(({ input, line }) => `    ${escapeText(input, 200)}:${line}`),
    ]);
  const more = worst.length - MOST_CAUSES;
  return lines.length === 0 ? [] : ['causes', ...lines, ...(more > 0 ? [`  ${formatCount(more)} more, in JSON`] : [])];
}

/** The first of them, escaped. */
const names = (counts: Readonly<Record<string, number>>): string => escapeText(Object.keys(counts).join(', '), 200);

function doubts({ kernels }: Merged): readonly string[] {
  const rows = Object.entries(kernels).flatMap(([kernel, { hides }]) =>
    Object.entries(hides).map(([kind, { reports, checks, places, shown_by }]) => [
      escapeText(kernel, 40),
      escapeText(kind, 40),
      ...[reports, checks, places].map(formatCount),
      escapeText(shown_by, 80),
    ]),
  );
  const columns = [left('kernel'), left('hidden'), ...['reports', 'checks', 'places'].map(right), left('shown by')];
  return rows.length === 0 ? [] : ['what traces hide', ...table(columns, rows)];
}

function costs({ kernels }: Merged): readonly string[] {
  const rows = Object.entries(kernels).flatMap(([kernel, { entries, cost, per_entry }]) =>
    Object.entries(per_entry).map(([name, distribution]) => {
      const { count, least, most } = cost.total[name] ?? { count: 0, least: 0, most: 0 };
      const sum = name === 'bytes' ? bytesOf(cost.total) : count;
      const ends =
        least === most ? ['', ''] : [perEntry(least / entries), most === null ? 'any' : perEntry(most / entries)];
      const quantiles = quantilesOf(distribution, [0.5, 0.9, 0.99]).map(perEntry);
      return [escapeText(kernel, 40), escapeText(name, 40), perEntry(sum / entries), ...ends, ...quantiles];
    }),
  );
  const columns = ['mean', 'least', 'most', 'p50', 'p90', 'p99'].map(right);
  return rows.length === 0 ? [] : table([left('kernel'), left('cost of a guest entry'), ...columns], rows);
}

/** Why costs have a least and a most, once for all kernels. */
function costDoubts({ kernels }: Merged): readonly string[] {
  const byWhy = new Map<string, { reports: number; shown_by: string }>();
  for (const { cost } of Object.values(kernels))
    for (const [why, { reports, shown_by }] of Object.entries(cost.doubts))
      byWhy.set(why, { reports: reports + (byWhy.get(why)?.reports ?? 0), shown_by });
  const lines = [...byWhy].flatMap(([why, { reports, shown_by }]) =>
    labelled(
      2,
      2,
      '',
      escapeText(`${why} (${countOf(reports, 'report')}). Shown by ${shown_by}.`, 600),
      (label) => label,
    ),
  );
  return lines.length === 0 ? [] : ['why costs have a least and a most', ...lines];
}

const bytesOf = (costs: Merged['kernels'][string]['cost']['total']): number =>
  Object.values(costs).reduce((sum, { bytes }) => sum + bytes, 0);

const perEntry = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(value < 100 ? 2 : 0));
