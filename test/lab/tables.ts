/** Results as text for a terminal, and as Markdown. */

import { agrees, type Cell, cellName, type Result } from './cell.ts';
import { holds, type Row } from './compare.ts';

/** A cell that could not be taken. */
export interface Failure extends Cell {
  readonly error: string;
}

const PLACES = 4;

/** One cell: what the replay said, and every primitive of which either side saw any. */
export function cellTable(result: Result): string {
  const rows = seenRows(result).map((row) => [
    row.primitive,
    String(row.kernel),
    String(row.tool),
    agreement(row),
    holds(row) ? '' : places(row.where),
  ]);
  return [
    `${result.release}, ${result.mode}, workload ${result.workload}: ${result.verdict} as ${result.model}`,
    `${result.checked} values held against the model, ${result.diverged} diverge; violations: ${violations(result)}`,
    ...result.reasons.map((reason) => `- ${reason}`),
    '',
    ...columns([['primitive', 'kernel', 'tool', '', 'where the kernel did it'], ...rows]),
    '',
    ...result.notes.map((note) => `  ${printable(note)}`),
    '',
  ].join('\n');
}

/** What a machine said, without what a terminal would take for commands. */
export const printable = (text: string): string => text.replace(/[^\n\t\x20-\x7e]/g, '');

/** One line for each cell. */
export function summaryTable(results: readonly Result[]): string {
  const rows = results.map((result) => [
    cellName(result),
    equalOf(result),
    result.verdict,
    `${result.diverged} of ${result.checked}`,
    violations(result),
    differences(result),
  ]);
  return `${columns([['cell', 'equal', 'verdict', 'diverge', 'violations', 'kernel / tool'], ...rows]).join('\n')}\n`;
}

/** The first of the places, and how many more there are. */
function places(where: Result['rows'][number]['where']): string {
  const shown = where.slice(0, PLACES).map(([name, count]) => `${name} ${count}`);
  return [...shown, ...(where.length > PLACES ? [`and ${where.length - PLACES} more`] : [])].join(', ');
}

/** Equal, or within the tool's interval, or by how much it is off. */
function agreement(row: Row): string {
  const { kernel, tool, least } = row;
  if (tool === kernel) return 'equal';
  if (holds(row)) return `in ${intervalText(row)}`;
  return least === undefined ? signed(tool - kernel) : `not in ${intervalText(row)}`;
}

const intervalText = ({ tool, least = tool, most }: Row): string => `${least}..${most ?? ''}`;

const seenRows = (result: Result) => result.rows.filter(({ kernel, tool }) => kernel > 0 || tool > 0);

function equalOf(result: Result): string {
  const rows = seenRows(result);
  const within = rows.filter((row) => row.kernel !== row.tool && holds(row)).length;
  const equal = `${rows.filter(({ kernel, tool }) => kernel === tool).length} of ${rows.length}`;
  return within === 0 ? equal : `${equal}, ${within} within`;
}

const differences = (result: Result): string =>
  result.rows
    .filter((row) => !holds(row))
    .map((row) => `${row.primitive} ${row.kernel} / ${row.least === undefined ? row.tool : intervalText(row)}`)
    .join(', ');

const violations = (result: Result): string =>
  Object.entries(result.violations)
    .map(([rule, count]) => `${rule} ${count}`)
    .join(', ') || 'none';

const signed = (value: number): string => (value > 0 ? `+${value}` : String(value));

/** Columns of one width; numbers in columns 1 and 2 stand at the right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, column) =>
        /^\d+$/.test(text) ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** The nightly matrix: a row for each kernel and mode, a column for each workload. */
export function matrixTable(results: readonly (Result | Failure)[]): string {
  const workloads = [...new Set(results.map(({ workload }) => workload))];
  const kernels = [...new Set(results.map(({ series, mode }) => `${series} ${mode}`))];
  const of = (kernel: string) => results.filter((one) => `${one.series} ${one.mode}` === kernel);
  const row = (kernel: string): string => {
    const cells = workloads.map((workload) => matrixCell(of(kernel).find((one) => one.workload === workload)));
    const release = of(kernel).flatMap((one) => ('error' in one ? [] : [one.release.replace(/-arm64$/, '')]))[0] ?? '';
    return `| ${[kernel, release, ...cells].join(' | ')} |`;
  };
  const head = `| kernel | release | ${workloads.join(' | ')} |`;
  return [head, `|${'---|'.repeat(workloads.length + 2)}`, ...kernels.map(row)].join('\n');
}

function matrixCell(result: Result | Failure | undefined): string {
  if (result === undefined) return '';
  if ('error' in result) return 'no capture';
  const marks = [result.diverged > 0 ? `${result.diverged} diverge` : '', violations(result).replace('none', '')];
  return [`${result.verdict}, ${equalOf(result)}`, ...marks].filter((mark) => mark !== '').join(', ');
}

/** The matrix in a sentence. `cells`: of how many cells it is. */
export function matrixSummary(results: readonly (Result | Failure)[], cells: number): string {
  const taken = results.flatMap((result) => ('error' in result ? [] : [result]));
  const rows = taken.flatMap(seenRows);
  const equal = rows.filter(({ kernel, tool }) => kernel === tool).length;
  const within = rows.filter((row) => row.kernel !== row.tool && holds(row)).length;
  const of = (verdict: string): number => taken.filter((result) => result.verdict === verdict).length;
  const captures =
    taken.length === cells ? `${cells} captures` : `${taken.length} of ${cells} captures, the others were not taken`;
  const verdicts = ['pass', 'inconclusive', 'fail'].map((verdict) => `${verdict} ${of(verdict)}`).join(', ');
  const outside = rows.length - equal - within;
  return `${captures}: ${verdicts}. Of ${rows.length} counts ${equal} are equal, ${within} within what the report says they can be, ${outside} not.`;
}

/** The matrix with what is not equal, and what could not be taken, below. `date`: YYYY-MM-DD. */
export function matrixDocument(results: readonly (Result | Failure)[], date: string, cells = results.length): string {
  const below = results.flatMap((result) => ('error' in result || agrees(result) ? [] : [differenceRow(result)]));
  const failed = results.flatMap((result) =>
    'error' in result ? [`- ${cellName(result)}: ${result.error.split('\n')[0]}`] : [],
  );
  return [
    `# What kernels executed, and what the tool reports: ${date}`,
    '',
    'Written by `npm run lab -- --all`. In a cell: the verdict of a replay with no option, and of how many counted primitives',
    'the count is equal, out of those of which there were any; of the others, how many are within the interval that the tool gives.',
    '',
    matrixTable(results),
    '',
    matrixSummary(results, cells),
    ...(below.length > 0 ? ['', '| not equal | kernel / tool |', '|---|---|', ...below] : []),
    ...(failed.length > 0 ? ['', 'No capture:', '', ...failed] : []),
    '',
  ].join('\n');
}

const differenceRow = (result: Result): string => `| ${cellName(result)} | ${differences(result) || result.verdict} |`;
