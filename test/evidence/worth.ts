/** What each kind of event is worth: what is still said of a known bug where the trace does not show it. */

import { readFileSync } from 'node:fs';
import { createReplay } from '../../lib/replay/replay.ts';
import type { Report } from '../../lib/report/report.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { HIDDEN, HIDEABLE, type HideableKind } from '../../lib/trace/hidden.ts';
import { CORPUS } from '../support/corpus.ts';
import { nameOf } from '../traces/bugs.ts';
import { CATALOGUE, type Kernel } from '../traces/catalogue.ts';
import { WITH } from './struck.ts';

/** A trace of a kernel that is broken, and the kernel. */
export interface Broken {
  readonly path: string;
  readonly kernel: Kernel;
}

/** What is taken away: columns of the table. */
export interface Column {
  readonly name: string;
  readonly hidden: readonly HideableKind[];
}

/** What a host shows that has no kprobes. */
const tracepoint = (kind: HideableKind): boolean => HIDDEN[kind].shownBy.startsWith('tracepoint');

export const COLUMNS: readonly Column[] = [
  { name: 'nothing', hidden: [] },
  ...HIDEABLE.map((kind) => ({ name: kind, hidden: [kind] })),
  { name: 'all but tracepoints', hidden: HIDEABLE.filter((kind) => !tracepoint(kind)) },
  { name: 'all', hidden: HIDEABLE },
];

/** Every trace of the catalogue on the first kernel that has the bug, and the capture of such a kernel. */
export const BROKEN: readonly Broken[] = [
  ...new Map(
    CATALOGUE.flatMap(({ cases }) => cases).map(({ trace, wrong }) => [
      trace,
      { path: `bugs/${trace}.ndjson`, kernel: wrong[0] },
    ]),
  ).values(),
  { path: 'real/6.12-seed-v1-nvhe.ndjson', kernel: { model: 'seed-v1', mode: 'nvhe' } },
];

export type Said = 'error' | 'warning' | 'open' | 'pass';

/** What is said of the trace without the events of these kinds, which it says that it does not show. */
export function saidWithout(broken: Broken, hidden: readonly HideableKind[]): Said {
  const { verdict, violations } = reportWithout(broken, hidden);
  if (verdict === 'fail') return 'error';
  if (violations.length > 0) return 'warning';
  return verdict === 'pass' ? 'pass' : 'open';
}

function reportWithout({ path, kernel }: Broken, hidden: readonly HideableKind[]): Report {
  const { model, mode, strict = false } = kernel;
  const gone = new Set<unknown>(hidden.flatMap((kind) => [kind, ...(WITH[kind] ?? [])]));
  const lines = readFileSync(new URL(path, CORPUS), 'utf8').trimEnd().split('\n');
  const replay = createReplay({ model, mode, strict, records: { only: HIDEABLE, without: hidden } });
  const record = createEventRecord();
  for (const [at, line] of lines.entries()) {
    const event = JSON.parse(line);
    if (gone.has(event.event)) continue;
    const error = decode(event, record);
    if (error !== undefined) throw new Error(`${path}:${at + 1}: ${error.field}: ${error.expected}`);
    record.line = at + 1;
    replay.step(record);
  }
  return replay.finish([{ name: path, lines: lines.length, events: lines.length }]);
}

/** A row a trace, a column a kind; the last row counts what is found. */
export function worthTable(): string {
  const said = BROKEN.map((broken) => COLUMNS.map(({ hidden }) => saidWithout(broken, hidden)));
  const rows = BROKEN.map(({ path, kernel }, row) => [
    `${path.replace(/^.*\/|\.ndjson$/g, '')} (${nameOf(kernel)})`,
    ...(said[row] ?? []),
  ]);
  const isFound = (one: Said | undefined): boolean => one === 'error' || one === 'warning';
  const found = COLUMNS.map((_, at) => String(said.filter((row) => isFound(row[at])).length));
  const table = [
    ['hidden', ...COLUMNS.map(({ name }) => name)],
    ['---', ...COLUMNS.map(() => '---')],
    ...rows,
    [`found, of ${BROKEN.length}`, ...found],
  ];
  return table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
