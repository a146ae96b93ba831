/** What differs of transitions and costs, as tables of 80 columns. */

import type { Report } from '../../report/report.ts';
import { formatCount } from '../../text/numbers.ts';
import { atMost, pageWidth } from '../../text/page.ts';
import type { Paint } from '../../text/paint.ts';
import { type Column, formatTable, left, right } from '../../text/table.ts';
import { show } from '../../text/wrap.ts';
import type { Comparison } from './compare.ts';
import { bytesOf, type Change, change, type RunDifference } from './differences.ts';

/** Rows of a table, where one table has all kernels and where it takes several; more are in the JSON. */
const MOST_ROWS = 20;
const MOST_ROWS_OF_SEVERAL = 8;

export const nameOf = ({ model, mode }: RunDifference): string => `${show(model, 40)} ${show(mode, 40)}`;
export const signed = (value: number): string => `${value < 0 ? '-' : '+'}${formatCount(Math.abs(value))}`;

/** "+50.0%", beyond tenfold "x 12.3", or '' where nothing changed or there was nothing before. */
export function percentOf({ difference, percent }: Change): string {
  if (difference === 0 || percent === null) return '';
  if (percent >= 900) return `x ${(1 + percent / 100).toFixed(1)}`;
  return `${percent < 0 ? '-' : '+'}${Math.abs(percent).toFixed(1)}%`;
}

interface CostRow {
  readonly name: string;
  /** One for each run. */
  readonly changes: readonly Change[];
}

/** What differs of costs and of transitions, the first kernel beside as many others as fit, in as many tables as that takes. */
export function costTables(comparison: Comparison, paint: Paint): readonly (readonly string[])[] {
  const { payload, rest } = costRows(comparison);
  const all = [...payload, ...edgeRows(comparison), ...rest];
  if (all.length === 0) {
    return comparison.runs.length < 2 ? [] : [['Transitions and costs are the same.']];
  }
  const fitting = all.slice(0, atMost(MOST_ROWS));
  const one = changeTable(comparison, fitting, 1, comparison.runs.length);
  const fits = one.every((line) => line.length <= pageWidth());
  const rows = fits ? fitting : all.slice(0, atMost(MOST_ROWS_OF_SEVERAL));
  const tables = (fits ? [one] : splitTables(comparison, rows)).map(([head = '', ...lines]) => [
    paint.quiet(head),
    ...lines,
  ]);
  const more = all.length - rows.length;
  if (more > 0) tables.at(-1)?.push(`  ${formatCount(more)} more; --all lists them.`);
  return tables;
}

function splitTables(comparison: Comparison, rows: readonly CostRow[]): readonly (readonly string[])[] {
  const tables: (readonly string[])[] = [];
  for (let next = 1; next < comparison.runs.length; ) {
    let last = comparison.runs.length;
    let table = changeTable(comparison, rows, next, last);
    while (last > next + 1 && table.some((line) => line.length > pageWidth())) {
      last -= 1;
      table = changeTable(comparison, rows, next, last);
    }
    tables.push(table);
    next = last;
  }
  return tables;
}

/** The table of the first run and of runs [from, to). */
function changeTable(
  { differences }: Comparison,
  rows: readonly CostRow[],
  from: number,
  to: number,
): readonly string[] {
  const others = differences.runs.slice(from, to);
  const table = formatTable(
    [
      left('what differs'),
      right(nameOf(differences.runs[0] as RunDifference)),
      ...others.flatMap((run): readonly Column[] => [right(nameOf(run)), { title: '', align: 'right', gap: 1 }]),
    ],
    rows.map(({ name, changes: [first, ...rest] }) => [
      name,
      formatCount(first?.value ?? 0),
      ...rest.slice(from - 1, to - 1).flatMap((each) => [formatCount(each.value), beside(each)]),
    ]),
  );
  return [table.head, ...table.rows];
}

/** The percentage; where there is none, the difference. */
function beside(each: Change): string {
  if (each.difference === 0) return '';
  return each.percent === null ? signed(each.difference) : percentOf(each);
}

/** Transitions by edge that are not the same everywhere. */
function edgeRows({ runs, differences }: Comparison): readonly CostRow[] {
  const edges = new Set(differences.runs.flatMap((run) => Object.keys(run.by_edge)));
  return [...edges].sort().map((edge) => ({
    name: show(edge),
    changes: runs.map((run) => change(runs[0]?.transitions.by_edge[edge] ?? 0, run.transitions.by_edge[edge] ?? 0)),
  }));
}

/** Primitives that are not the same everywhere: those that move registers, with their bytes below them, and the others. */
function costRows({ runs, differences }: Comparison): {
  readonly payload: readonly CostRow[];
  readonly rest: readonly CostRow[];
} {
  const names = [...new Set(differences.runs.flatMap((run) => Object.keys(run.costs)))];
  const row = (label: string, of: (run: Report) => number): CostRow => ({
    name: label,
    changes: runs.map((run) => change(of(runs[0] as Report), of(run))),
  });
  const most = (of: (run: Report) => number): number => Math.max(...runs.map(of));
  const bytes = (name: string) => (run: Report) => run.cost.total[name]?.bytes ?? 0;
  const count = (name: string) => (run: Report) => run.cost.total[name]?.count ?? 0;
  const sorted = names.sort(
    (a, b) => most(bytes(b)) - most(bytes(a)) || most(count(b)) - most(count(a)) || (a < b ? -1 : 1),
  );
  const moving = sorted.filter((name) => most(bytes(name)) > 0);
  return {
    payload:
      moving.length === 0
        ? []
        : [
            row('bytes moved', bytesOf),
            ...moving.flatMap((name) => [row(show(name), count(name)), row('  bytes', bytes(name))]),
          ],
    rest: sorted.filter((name) => !moving.includes(name)).map((name) => row(show(name), count(name))),
  };
}
