/** Coverage as a page that needs nothing else: a table of states and events for each kernel, rules and switches by trace. */

import { replaceInvisible } from '../../text/escape.ts';
import type { Coverage, KernelCoverage } from './coverage.ts';

const STYLE =
  'body{font:14px sans-serif;margin:2em}table{border-collapse:collapse;margin:1em 0}th,td{border:1px solid #bbb;padding:2px 6px}' +
  'th{text-align:left;font-weight:normal}thead th{vertical-align:bottom}thead th span{writing-mode:vertical-rl}' +
  'td{text-align:right}.no{background:#fdd}.yes{background:#dfd}';

export function coveragePage(coverage: Coverage): string {
  const parts = [
    ...Object.entries(coverage.kernels).map(([name, kernel]) => kernelPart(name, kernel)),
    matrix('Rules by trace', coverage, Object.keys(coverage.rules), ({ rules }) => rules),
    matrix('Switches of the kernel by trace', coverage, Object.keys(coverage.switches), ({ noticed = [] }) => noticed),
    `<h2>Nowhere</h2>${paragraph('Kernels without a trace', coverage.without)}${paragraph('Rules that no trace violates', coverage.never_fired)}${paragraph('Steps that no trace takes', coverage.never_hit)}`,
  ];
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Coverage</title><style>${STYLE}</style></head>\n<body><h1>Coverage of ${coverage.traces.length} traces</h1>\n${parts.join('\n')}\n</body></html>\n`;
}

function kernelPart(name: string, { reached, reachable, situations, unreached }: KernelCoverage): string {
  const states = [...new Set([...Object.keys(situations), ...Object.keys(unreached)])].sort();
  const events = [
    ...new Set([...Object.values(situations).flatMap(Object.keys), ...Object.values(unreached).flat()]),
  ].sort();
  const rows = states.map((state) => [
    state,
    ...events.map((event): Cell => {
      const times = situations[state]?.[event];
      if (times !== undefined) return { text: String(times), kind: 'yes' };
      return unreached[state]?.includes(event) ? { text: '0', kind: 'no' } : { text: '' };
    }),
  ]);
  return `<h2>${html(name)}: ${reached} of ${reachable} situations</h2>${table(['state', ...events], rows)}`;
}

type Matrix = (
  title: string,
  coverage: Coverage,
  columns: readonly string[],
  marked: (trace: Coverage['traces'][number]) => readonly string[],
) => string;

const matrix: Matrix = (title, { traces }, columns, marked) => {
  if (columns.length === 0) return '';
  const rows = traces.map((trace) => [
    trace.name,
    ...columns.map((column): Cell => (marked(trace).includes(column) ? { text: '\u00d7', kind: 'yes' } : { text: '' })),
  ]);
  return `<h2>${html(title)}</h2>${table(['trace', ...columns], rows)}`;
};

interface Cell {
  readonly text: string;
  readonly kind?: 'yes' | 'no';
}

function table(head: readonly string[], rows: readonly (readonly (string | Cell)[])[]): string {
  const cell = (each: string | Cell): string =>
    typeof each === 'string'
      ? `<th>${html(each)}</th>`
      : `<td${each.kind ? ` class="${each.kind}"` : ''}>${html(each.text)}</td>`;
  const lines = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`);
  return `<table><thead><tr>${head.map((name) => `<th><span>${html(name)}</span></th>`).join('')}</tr></thead><tbody>\n${lines.join('\n')}\n</tbody></table>`;
}

const paragraph = (title: string, names: readonly string[]): string =>
  names.length === 0 ? '' : `<p>${html(title)}: ${html(names.join(', '))}</p>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that a page shows as it is; what cannot be seen is replaced. */
function html(text: string): string {
  return replaceInvisible(text, () => '\ufffd').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
