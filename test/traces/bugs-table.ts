/** The table of the bug catalogue, made by replaying its traces. */

import { nameOf, rightTraceOf, rulesFired } from './bugs.ts';
import { type Bug, CATALOGUE, type Case, type Kernel } from './catalogue.ts';

/** The entries that README shows: silent loss, protected KVM, the CVE, a signal to the VMM, buffers, lost user data. */
export const TELLING: readonly number[] = [1, 3, 4, 6, 19];

const COLUMNS = ['#', 'commits', 'what went wrong', 'trace', 'violates', 'on', 'and not on', 'prevented by'];
const NOTES = 'Why a row has no trace, or more or fewer rules than the bug is known for:';

/**
 * The rows of those entries, or of all; `folder`: where their traces are, as seen from the file. Throws where the kernels of one
 * list do not agree about a trace.
 */
export function bugsTable(folder: string, numbers?: readonly number[]): string {
  const bugs = CATALOGUE.filter(({ number }) => numbers?.includes(number) ?? true);
  const lines = [COLUMNS, COLUMNS.map(() => '---'), ...bugs.flatMap((bug) => rowsOf(bug, folder))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Why some have no trace, or other rules than one would think. */
export function bugNotes(): string {
  return [NOTES, '', ...CATALOGUE.flatMap(noteOf)].join('\n');
}

const noteOf = ({ number, why }: Bug): string[] => (why === undefined ? [] : [`- ${number}: ${why}`]);

function rowsOf({ number, commits, what, cases }: Bug, folder: string): string[][] {
  const about = [String(number), commits.join(', '), what];
  if (cases.length === 0) return [[...about, 'none', '', '', '', '']];
  const columns = cases.map((example) => columnsOf(example, (trace) => `[${trace}](${folder}${trace}.ndjson)`));
  return columns.map((cells, index) => (index === 0 ? [...about, ...cells] : ['', '', '', ...cells]));
}

function columnsOf(example: Case, link: (trace: string) => string): string[] {
  const { trace, wrong, right } = example;
  const other = rightTraceOf(example);
  const clean = agreed(other, right);
  if (clean !== '') throw new Error(`${other}: ${clean} on ${right.map(nameOf).join(', ')}`);
  const instead = other === trace ? '' : ` (${link(other)})`;
  const prevented = example.preventedBy === null ? 'no switch' : `\`${example.preventedBy}\``;
  return [link(trace), agreed(trace, wrong), kernels(wrong), kernels(right) + instead, prevented];
}

/** What all of the kernels say of the trace. */
function agreed(trace: string, on: readonly Kernel[]): string {
  const said = new Set(on.map((kernel) => rulesFired(trace, kernel).join(', ')));
  const [first = ''] = said;
  if (said.size > 1) throw new Error(`${trace}: ${[...said].join(' or ')}`);
  return first;
}

const kernels = (of: readonly Kernel[]): string => of.map(nameOf).join(', ');
