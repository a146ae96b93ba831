/** Prints README's table of the bug catalogue, made by replaying its traces: `node --import tsx test/traces/readme-table.ts`. */

import { pathToFileURL } from 'node:url';
import { nameOf, rightTraceOf, rulesFired } from './bugs.ts';
import { type Bug, CATALOGUE, type Case, type Kernel } from './catalogue.ts';

/** Between these lines of README stands the table. */
export const BEGIN = '<!-- bugs:begin -->';
export const END = '<!-- bugs:end -->';

const COLUMNS = ['#', 'commits', 'what went wrong', 'trace', 'violates', 'on', 'and not on'];
const NOTES = 'Why a row has no trace, or more or fewer rules than the bug is known for:';

/** The table and its notes, with a final line feed. Throws where the kernels of one list do not agree about a trace. */
export function readmeTable(): string {
  const lines = [COLUMNS, COLUMNS.map(() => '---'), ...CATALOGUE.flatMap(rowsOf)].map(
    (cells) => `| ${cells.join(' | ')} |`,
  );
  return `${[...lines, '', NOTES, '', ...CATALOGUE.flatMap(noteOf)].join('\n')}\n`;
}

const noteOf = ({ number, why }: Bug): string[] => (why === undefined ? [] : [`- ${number}: ${why}`]);

function rowsOf({ number, commits, what, cases }: Bug): string[][] {
  const about = [String(number), commits.join(', '), what];
  if (cases.length === 0) return [[...about, 'none', '', '', '']];
  return cases.map(columnsOf).map((cells, index) => (index === 0 ? [...about, ...cells] : ['', '', '', ...cells]));
}

function columnsOf(example: Case): string[] {
  const { trace, wrong, right } = example;
  const other = rightTraceOf(example);
  const clean = agreed(other, right);
  if (clean !== '') throw new Error(`${other}: ${clean} on ${right.map(nameOf).join(', ')}`);
  const instead = other === trace ? '' : ` (${link(other)})`;
  return [link(trace), agreed(trace, wrong), kernels(wrong), kernels(right) + instead];
}

/** What all of the kernels say of the trace. */
function agreed(trace: string, on: readonly Kernel[]): string {
  const said = new Set(on.map((kernel) => rulesFired(trace, kernel).join(', ')));
  const [first = ''] = said;
  if (said.size > 1) throw new Error(`${trace}: ${[...said].join(' or ')}`);
  return first;
}

const kernels = (of: readonly Kernel[]): string => of.map(nameOf).join(', ');
const link = (trace: string): string => `[${trace}](traces/bugs/${trace}.ndjson)`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(readmeTable());
