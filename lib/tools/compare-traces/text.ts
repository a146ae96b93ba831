/** Two traces side by side, as text. */

import { basename } from 'node:path';
import type { Report } from '../../report/report.ts';
import { countOf, formatCount } from '../../text/numbers.ts';
import { atMost, pageWidth } from '../../text/page.ts';
import type { Paint } from '../../text/paint.ts';
import { sheetText } from '../../text/sheet.ts';
import { formatTable, left, right } from '../../text/table.ts';
import { labelled, show, wrap } from '../../text/wrap.ts';
import { changesBetween, type Moment } from '../state/state.ts';
import { stepLines } from '../state/text.ts';
import type { Figure, Figures, Parting } from './compare-traces.ts';
import { type EntryCosts, entrySheet } from './per-entry.ts';

export interface TraceComparison {
  readonly a: Report;
  readonly b: Report;
  /** null where they tell the same. */
  readonly parting: Parting | null;
  /** The state at the parting, in either. */
  readonly moments: { readonly a?: Moment; readonly b?: Moment };
  readonly figures: Figures;
  readonly per_entry: EntryCosts;
}

const MOST = 8;

export function formatTraceComparison(comparison: TraceComparison, paint: Paint): string {
  const { a, b, figures } = comparison;
  const { rows } = formatTable(
    [left(''), left(''), left(''), left(''), right('')],
    (['a', 'b'] as const).map((which) => {
      const { inputs, model, verdict } = which === 'a' ? a : b;
      return [
        which.toUpperCase(),
        show(basename(inputs[0]?.name ?? '-'), 40),
        `${show(model.name)}, ${show(model.mode)}`,
        verdict,
        countOf(figures.entries[which], 'guest entry').replace(/ys$/, 'ies'),
      ];
    }),
  );
  return [
    ...rows,
    '',
    ...partingLines(comparison, paint),
    ...entryLines(comparison.per_entry, paint),
    ...figureLines('bytes for an entry', figures.bytes, paint),
    ...figureLines('costs for an entry', figures.costs, paint),
    ...figureLines('fp_owner for an entry', figures.transitions, paint),
    '',
  ].join('\n');
}

/** "They part after 2 events, another event: a.ndjson:4, b.ndjson:4". */
export function partingText(a: Report, b: Report, parting: Parting | null): string {
  if (parting === null) return 'They tell the same, event by event.';
  const where = (report: Report, line: number | undefined): string =>
    line === undefined
      ? `${show(report.inputs[0]?.name ?? '-')} ends`
      : `${show(report.inputs[0]?.name ?? '-')}:${line}`;
  const what = { event: 'another event', state: 'the same event leaves another state', end: 'one of them ends' }[
    parting.what
  ];
  return `They part after ${countOf(parting.common, 'event')}, ${what}: ${where(a, parting.a)}, ${where(b, parting.b)}`;
}

function partingLines({ a, b, parting, moments }: TraceComparison, paint: Paint): readonly string[] {
  if (parting === null) return [paint.good(partingText(a, b, parting))];
  const lines = wrap(partingText(a, b, parting), pageWidth()).map((line) => paint.heading(line));
  for (const [name, moment] of Object.entries(moments)) {
    lines.push(...(moment?.events ?? []).flatMap((step) => stepLines(step, `${name.toUpperCase()} `, paint)));
  }
  const { a: left, b: right } = moments;
  if (left !== undefined) {
    const cpu = left.events.find((event) => event.cpu !== undefined)?.cpu;
    const state = left.before.find((one) => one.cpu === cpu);
    const telling = Object.entries(state?.values ?? {}).filter(([field]) => TELLING.includes(field));
    if (telling.length > 0) {
      const list = telling.map(([field, value]) => `${field}=${show(value)}`).join(' ');
      lines.push(...labelled(2, 8, 'before', list, paint.quiet));
    }
  }
  if (left !== undefined && right !== undefined && left.before.length === right.before.length) {
    const differs = changesBetween(left.before, right.before).slice(0, atMost(MOST));
    lines.push(
      ...differs.map(({ of, field, before, after }) =>
        paint.quiet(`  before, ${show(of)} ${show(field)}: ${show(before)} in A, ${show(after)} in B`),
      ),
    );
  }
  return lines;
}

function entryLines(costs: EntryCosts, paint: Paint): readonly string[] {
  if (Object.keys(costs).length === 0) return [];
  return [...sheetText(entrySheet(costs), paint), ...labelled(2, 0, '', HOW, paint.quiet)];
}

export const HOW =
  '95 of 100 differences of the means lie from low to high, where entries are drawn anew from those of the traces.';

/** What is said of the state in any case. */
const TELLING: readonly string[] = ['fp_owner', 'registers', 'fpsimd_last_state', 'TIF_FOREIGN_FPSTATE', 'loaded'];

function figureLines(title: string, figures: readonly Figure[], paint: Paint): readonly string[] {
  if (figures.length === 0) return [];
  const { head, rows } = formatTable(
    [left(title), right('A'), right('B'), right('B / A'), right('A in all'), right('B in all')],
    figures
      .slice(0, atMost(MOST))
      .map(({ name, a, b, aPerEntry, bPerEntry, ratio }) => [
        show(name),
        aPerEntry.toFixed(2),
        bPerEntry.toFixed(2),
        ratio === undefined ? '' : ratio.toFixed(2),
        formatCount(a),
        formatCount(b),
      ]),
  );
  const more = figures.length - atMost(MOST);
  return ['', paint.heading(head), ...rows, ...(more > 0 ? [paint.quiet(`${more} more; --all lists them`)] : [])];
}
