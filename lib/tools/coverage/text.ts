/** Coverage for people, in 80 columns as far as the names of traces let it. */

import { escapeText } from '../../text/escape.ts';
import { countOf, formatCount } from '../../text/numbers.ts';
import { type Column, formatTable } from '../../text/table.ts';
import { labelled } from '../../text/wrap.ts';
import type { Coverage, KernelCoverage } from './coverage.ts';

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });
const plain = (text: string): string => text;

const table = (columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] => {
  const { head, rows: lines } = formatTable(columns, rows);
  return [head, ...lines];
};

export function formatCoverage(coverage: Coverage): string {
  const sections = [
    kernels(coverage),
    ...Object.entries(coverage.kernels).map(unreached),
    list('kernels without a trace', coverage.without),
    list('rules that no trace violates', coverage.never_fired),
    list('steps that no trace takes', coverage.never_hit),
    rules(coverage),
    switches(coverage),
  ].filter((lines) => lines.length > 0);
  return sections.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

function kernels({ kernels, traces }: Coverage): readonly string[] {
  const rows = Object.entries(kernels).map(([name, { traces, reached, reachable }]) => [
    name,
    formatCount(traces),
    `${reached} of ${reachable}`,
    `${Math.floor((100 * reached) / reachable)}%`,
  ]);
  return [
    countOf(traces.length, 'trace'),
    '',
    ...table([left('kernel'), right('traces'), right('situations'), right('')], rows),
  ];
}

function unreached([name, { unreached }]: readonly [string, KernelCoverage]): readonly string[] {
  const lines = Object.entries(unreached).flatMap(([state, events]) =>
    labelled(2, 28, state, events.join(', '), plain),
  );
  return lines.length === 0 ? [] : [`${name}: where no trace is`, ...lines];
}

function list(title: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [title, ...labelled(0, 2, '', names.join(', '), plain)];
}

/** Trace x rule, as a list: the matrix is mostly empty. */
function rules({ traces }: Coverage): readonly string[] {
  const rows = traces.filter(({ rules }) => rules.length > 0);
  if (rows.length === 0) return [];
  const lines = rows.flatMap(({ name, kernel, rules }) => [
    `  ${escapeText(name, 200)} (${kernel})`,
    ...labelled(4, 0, '', escapeText(rules.join(', '), 400), plain),
  ]);
  return ['rules that traces violate', ...lines];
}

function switches({ switches }: Coverage): readonly string[] {
  const rows = Object.entries(switches).map(([change, traces]) => [
    change,
    traces === 0 ? 'none' : formatCount(traces),
  ]);
  return rows.length === 0 ? [] : table([left('switch of the kernel'), right('traces that notice it')], rows);
}
