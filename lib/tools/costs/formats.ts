/** Costs as text, Markdown and CSV: the same tables. */

import { formatCount } from '../../text/numbers.ts';
import { pageWidth } from '../../text/page.ts';
import type { Paint } from '../../text/paint.ts';
import { type Column, formatTable, left, right } from '../../text/table.ts';
import { labelled, show, wrap } from '../../text/wrap.ts';
import type { CostsReport } from './costs.ts';
import { MEASURE_NAMES, type Measure } from './measures.ts';
import { UNITS } from './units.ts';

interface Table {
  readonly title: string;
  readonly head: readonly string[];
  /** Numbers, but for the first cell. */
  readonly rows: readonly (readonly [string, ...number[]])[];
}

const COLUMNS = ['min', 'median', 'p90', 'p99', 'max', 'total'] as const;

export function tablesOf(costs: CostsReport): readonly Table[] {
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
  for (const { head, rows } of tablesOf(costs)) {
    const cells = rows.map(([name, ...amounts]) => [show(name), ...amounts.map(formatCount)]);
    for (const columns of partsOf(widthsOf([head, ...cells]), 2, pageWidth())) {
      const table = formatTable(
        columns.map((at): Column => ({ title: head[at] ?? '', align: at === 0 ? 'left' : 'right' })),
        cells.map((row) => columns.map((at) => row[at] ?? '')),
      );
      lines.push('', paint.quiet(table.head), ...table.rows);
    }
  }
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

function widthsOf(cells: readonly (readonly string[])[]): readonly number[] {
  return (cells[0] ?? []).map((_title, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
}

/** Widest line of a mail. */
const MAIL = 72;

/** Columns of one width, so that it can be read in a mail as it is; a table that is too wide for one is several. */
export function formatCostsMarkdown(costs: CostsReport): string {
  const parts = [wrap(summaryOf(costs), MAIL).join('\n'), ...tablesOf(costs).flatMap(markdownTables)];
  const outside = outsideLine(costs);
  if (outside !== undefined) parts.push(wrap(outside, MAIL).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

function markdownTables({ head, rows }: Table): readonly string[] {
  const cells = [
    [...head],
    ...rows.map(([name, ...amounts]) => [show(name).replaceAll('|', '\\|'), ...amounts.map(String)]),
  ];
  const widths = widthsOf(cells).map((width) => Math.max(3, width));
  return partsOf(widths, 3, MAIL - 4).map((columns) => {
    const line = (row: readonly string[]): string => `| ${columns.map((at) => cellOf(row, at, widths)).join(' | ')} |`;
    const rules = columns.map((at) =>
      at === 0 ? `:${'-'.repeat((widths[at] ?? 0) + 1)}` : `${'-'.repeat((widths[at] ?? 0) + 1)}:`,
    );
    const [first = [], ...others] = cells;
    return [line(first), `|${rules.join('|')}|`, ...others.map(line)].join('\n');
  });
}

/** Columns in as many tables as are needed for none to be wider than `most`; each begins with the first column. */
function partsOf(widths: readonly number[], gap: number, most: number): readonly (readonly number[])[] {
  const [first = 0] = widths;
  const parts: number[][] = [];
  let wide = most;
  for (let at = 1; at < widths.length; at++) {
    const width = (widths[at] ?? 0) + gap;
    if (wide + width > most) {
      parts.push([0]);
      wide = first;
    }
    parts.at(-1)?.push(at);
    wide += width;
  }
  return parts;
}

function cellOf(row: readonly string[], at: number, widths: readonly number[]): string {
  const [cell = '', width = 0] = [row[at], widths[at]];
  return at === 0 ? cell.padEnd(width) : cell.padStart(width);
}

/** RFC 4180, with a line feed: one table of all, long, so that it loads into anything. */
export function formatCostsCsv(costs: CostsReport): string {
  const rows = tablesOf(costs).flatMap(({ title, head, rows }) =>
    rows.flatMap(([name, ...amounts]) =>
      amounts.map((amount, at) => [title, name, head[at + 1] ?? '', String(amount)]),
    ),
  );
  return `${[['table', 'row', 'column', 'value'], ...rows].map((row) => row.map(csvCell).join(',')).join('\n')}\n`;
}

function csvCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
