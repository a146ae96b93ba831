/** Costs as text, Markdown and CSV: the same tables. */

import { formatCount } from '../../text/numbers.ts';
import type { Paint } from '../../text/paint.ts';
import { MAIL, type Sheet, sheetMarkdown, sheetsCsv, sheetText } from '../../text/sheet.ts';
import { formatTable, left, right } from '../../text/table.ts';
import { labelled, show, wrap } from '../../text/wrap.ts';
import type { CostsReport } from './costs.ts';
import { MEASURE_NAMES, type Measure } from './measures.ts';
import { UNITS } from './units.ts';

const COLUMNS = ['min', 'median', 'p90', 'p99', 'max', 'total'] as const;

export function sheetsOf(costs: CostsReport): readonly Sheet[] {
  const { distributions, by_exit: byExit, series, per } = costs;
  const measures = MEASURE_NAMES.filter((name) => distributions[name] !== undefined);
  const amountsOf = (amounts: Partial<Record<Measure, number>>): number[] => measures.map((name) => amounts[name] ?? 0);
  // Each entry has one exit, which says nothing.
  const inMedian = measures.filter(
    (name) => name !== 'exits' && byExit?.some(({ median }) => median[name] !== undefined),
  );
  return [
    {
      title: `per ${per}`,
      head: [`per ${per}`, ...COLUMNS],
      rows: measures.map((name) => [name, ...COLUMNS.map((column) => distributions[name]?.[column] ?? 0)]),
    },
    ...(byExit === undefined || byExit.length === 0
      ? []
      : [
          {
            title: 'median by exit',
            head: ['exit', 'entries', ...inMedian],
            rows: byExit.map(({ exit, entries, median }): [string, ...number[]] => [
              exit,
              entries,
              ...inMedian.map((name) => median[name] ?? 0),
            ]),
          },
        ]),
    ...(series === undefined
      ? []
      : [
          {
            title: 'over time',
            head: ['from', ...measures],
            rows: series.map(({ from, ...amounts }): [string, ...number[]] => [secondsOf(from), ...amountsOf(amounts)]),
          },
        ]),
  ];
}

/** "0.010000000s", since the first event that cost something. */
function secondsOf(ns: number): string {
  return `${(ns / 1e9).toFixed(9)}s`;
}

function summaryOf({ model, units, per }: CostsReport): string {
  const noun = per === 'entry' ? 'entries' : `${per}s`;
  return `${formatCount(units)} ${units === 1 ? per : noun} under ${show(model.name)} ${show(model.mode)}: ${UNITS[per]}`;
}

function outsideLine({ outside, per }: CostsReport): string | undefined {
  const parts = Object.entries(outside).map(([name, amount]) => `${formatCount(amount)} ${name}`);
  return parts.length === 0 ? undefined : `of no ${per}: ${parts.join(', ')}`;
}

/** Tables of at most 80 columns, and how the bytes are distributed as bars. */
export function formatCostsText(costs: CostsReport, paint: Paint): string {
  const lines = labelled(0, 0, '', summaryOf(costs), (text) => text);
  for (const sheet of sheetsOf(costs)) lines.push(...sheetText(sheet, paint));
  lines.push(...histogramLines(costs, paint));
  const outside = outsideLine(costs);
  if (outside !== undefined) lines.push('', ...labelled(0, 0, '', outside, (text) => text));
  return `${lines.join('\n')}\n`;
}

/** Columns that a bar has at most. */
const BAR = 40;

function histogramLines({ histogram, per }: CostsReport, paint: Paint): readonly string[] {
  if (histogram.length < 2) return [];
  const most = Math.max(...histogram.map(({ units }) => units));
  const { head, rows } = formatTable(
    [{ title: `bytes per ${per}`, align: 'left' }, right('units'), left('')],
    histogram.map(({ from, to, units }) => [
      from === to ? formatCount(from) : `${formatCount(from)} to ${formatCount(to)}`,
      formatCount(units),
      '#'.repeat(Math.ceil((BAR * units) / most)),
    ]),
  );
  return ['', paint.quiet(head), ...rows];
}

/** As it can be read in a mail. */
export function formatCostsMarkdown(costs: CostsReport): string {
  const parts = [wrap(summaryOf(costs), MAIL).join('\n'), ...sheetsOf(costs).flatMap(sheetMarkdown)];
  const outside = outsideLine(costs);
  if (outside !== undefined) parts.push(wrap(outside, MAIL).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

export const formatCostsCsv = (costs: CostsReport): string => sheetsCsv(sheetsOf(costs));
