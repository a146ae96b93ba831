/** A comparison of kernels for people: one screen of 80 columns that says what they do differently and what that costs. */

import { countOf, formatCount } from '../../report/number.ts';
import { type Paint, verdictColour } from '../../report/paint.ts';
import { type Column, formatTable } from '../../report/table.ts';
import { show, WIDTH, wrap } from '../../report/wrap.ts';
import type { Comparison } from '../compare.ts';
import { bytesOf, type Change, change, type RunDifference } from './differences.ts';

/** Rows of a table of what differs, where one table has all kernels and where it takes several; more are in the JSON. */
const MOST_ROWS = 20;
const MOST_ROWS_OF_SEVERAL = 8;
const MOST_VIOLATIONS = 8;
const INDENT = 2;

/** The whole text, with a line feed at its end. */
export function formatComparison(comparison: Comparison, paint: Paint): string {
  const sections = [
    [title(comparison, paint)],
    kernelTable(comparison.differences.runs, paint),
    ...costTables(comparison, paint),
    violationLines(comparison, paint),
    noteLines(comparison),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function title({ runs }: Comparison, paint: Paint): string {
  const inputs = runs[0]?.inputs ?? [];
  const events = inputs.reduce((sum, input) => sum + input.events, 0);
  const [first] = inputs;
  const name = first === undefined ? '' : `${show(first.name, 40)}${inputs.length > 1 ? ', ...' : ''}: `;
  return paint.heading(`${name}${countOf(events, 'event')} under ${countOf(runs.length, 'kernel')}`);
}

const nameOf = ({ model, mode }: RunDifference): string => `${model} ${mode}`;
const signed = (value: number): string => `${value < 0 ? '-' : '+'}${formatCount(Math.abs(value))}`;

/** "+50.0%", or '' where nothing changed or there was nothing before. */
function percentOf({ difference, percent }: Change): string {
  if (difference === 0 || percent === null) return '';
  return `${percent < 0 ? '-' : '+'}${Math.abs(percent).toFixed(1)}%`;
}

/** A line for each kernel: what became of the trace, and what it moved beside the first. */
function kernelTable(runs: readonly RunDifference[], paint: Paint): readonly string[] {
  const right = (heading: string): Column => ({ title: heading, align: 'right' });
  const { head, rows } = formatTable(
    [
      { title: 'kernel', align: 'left' },
      { title: 'verdict', align: 'left' },
      ...['violations', 'transitions', 'bytes', 'difference', ''].map(right),
    ],
    runs.map((run, index) => [
      nameOf(run),
      run.verdict,
      formatCount(run.violations.value),
      formatCount(run.transitions.value),
      formatCount(run.bytes.value),
      ...(index === 0 ? [] : [run.bytes.difference === 0 ? '0' : signed(run.bytes.difference), percentOf(run.bytes)]),
    ]),
  );
  // The verdict is coloured in place: its column is as wide as it is.
  return [
    paint.quiet(head),
    ...rows.map((row, index) => {
      const run = runs[index] as RunDifference;
      const at = row.indexOf(run.verdict, nameOf(run).length);
      const after = at + run.verdict.length;
      return row.slice(0, at) + verdictColour(paint, run.verdict)(run.verdict) + row.slice(after);
    }),
  ];
}

interface CostRow {
  readonly name: string;
  /** One for each run. */
  readonly changes: readonly Change[];
}

/** What differs of costs and of transitions, the first kernel beside as many others as fit, in as many tables as that takes. */
function costTables(comparison: Comparison, paint: Paint): readonly (readonly string[])[] {
  const all = [...edgeRows(comparison), ...costRows(comparison)];
  if (all.length === 0) {
    return comparison.runs.length < 2 ? [] : [['Transitions and costs are the same.']];
  }
  const fitting = all.slice(0, MOST_ROWS);
  const one = changeTable(comparison, fitting, 1, comparison.runs.length);
  const fits = one.every((line) => line.length <= WIDTH);
  const rows = fits ? fitting : all.slice(0, MOST_ROWS_OF_SEVERAL);
  const tables = (fits ? [one] : splitTables(comparison, rows)).map(([head = '', ...lines]) => [
    paint.quiet(head),
    ...lines,
  ]);
  const more = all.length - rows.length;
  if (more > 0) tables.at(-1)?.push(`${' '.repeat(INDENT)}${formatCount(more)} more; --format json has all.`);
  return tables;
}

function splitTables(comparison: Comparison, rows: readonly CostRow[]): readonly (readonly string[])[] {
  const tables: (readonly string[])[] = [];
  for (let next = 1; next < comparison.runs.length; ) {
    let last = comparison.runs.length;
    let table = changeTable(comparison, rows, next, last);
    while (last > next + 1 && table.some((line) => line.length > WIDTH)) {
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
      { title: 'what differs', align: 'left' },
      { title: nameOf(differences.runs[0] as RunDifference), align: 'right' },
      ...others.flatMap((run): readonly Column[] => [
        { title: nameOf(run), align: 'right' },
        { title: '', align: 'right', gap: 1 },
      ]),
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
    name: edge,
    changes: runs.map((run) => change(runs[0]?.transitions.by_edge[edge] ?? 0, run.transitions.by_edge[edge] ?? 0)),
  }));
}

/** Primitives that are not the same everywhere: those that move registers first, with their bytes below them. */
function costRows({ runs, differences }: Comparison): readonly CostRow[] {
  const names = [...new Set(differences.runs.flatMap((run) => Object.keys(run.costs)))];
  const [base] = runs;
  if (base === undefined || names.length === 0) return [];
  const row = (label: string, of: (run: (typeof runs)[number]) => number): CostRow => ({
    name: label,
    changes: runs.map((run) => change(of(base), of(run))),
  });
  const most = (of: (run: (typeof runs)[number]) => number): number => Math.max(...runs.map(of));
  const bytes = (name: string) => (run: (typeof runs)[number]) => run.cost.total[name]?.bytes ?? 0;
  const count = (name: string) => (run: (typeof runs)[number]) => run.cost.total[name]?.count ?? 0;
  const sorted = names.sort(
    (a, b) => most(bytes(b)) - most(bytes(a)) || most(count(b)) - most(count(a)) || (a < b ? -1 : 1),
  );
  return [
    row('bytes moved', bytesOf),
    ...sorted.flatMap((name) => [
      row(show(name), count(name)),
      ...(most(bytes(name)) > 0 ? [row('  bytes', bytes(name))] : []),
    ]),
  ];
}

/** Violations that not all kernels have, under the kernels that have them. */
function violationLines({ runs, differences }: Comparison, paint: Paint): readonly string[] {
  const { violations } = differences;
  if (violations.length === 0) return [];
  const shown = violations.slice(0, MOST_VIOLATIONS);
  const lines = [paint.heading(`${countOf(violations.length, 'violation')} that not all of them have`)];
  let heading = '';
  for (const violation of shown) {
    const names = violation.runs.map((index) => nameOf(differences.runs[index] as RunDifference)).join(', ');
    const under = violation.runs.length === 1 ? `only ${names}` : names;
    if (under !== heading) lines.push(...wrap(under, WIDTH - INDENT).map((line) => paint.name(`  ${line}`)));
    heading = under;
    const input = (runs[0]?.inputs.length ?? 0) > 1 ? `input ${violation.input} ` : '';
    const text = `${violation.rule} ${input}line ${violation.line}, ${violation.event}: ${show(violation.message, 200)}`;
    lines.push(...wrap(text, WIDTH - 6).map((line, index) => `${' '.repeat(index === 0 ? 4 : 6)}${line}`));
  }
  const more = violations.length - shown.length;
  if (more > 0) lines.push(`  ${formatCount(more)} more; --format json has all that the reports list.`);
  return lines;
}

function noteLines({ differences }: Comparison): readonly string[] {
  const { guest_fp_trap_read_as_use: traps, observe_left_out: observed } = differences;
  return [
    ...(traps === 0
      ? []
      : [
          `${countOf(traps, 'guest FP trap')} of the trace: read as use of FP, of which each kernel decides whether it traps.`,
        ]),
    ...(observed === 0 ? [] : [`${countOf(observed, 'observation')} of the traced kernel: left out.`]),
  ].flatMap((text) => wrap(text, WIDTH));
}
