/** A report as rows, for questions over many of them: one for the report, each rule, cause, primitive and doubt of it. */

import { replaceInvisible } from '../text/escape.ts';
import { toJson } from '../text/json.ts';
import { consequencesOf, entriesOf, kindOf, type MergeableReport, openKinds } from './tally.ts';

/** `count`, `bytes`: 0 where the row has none. Every row says all of its report, so that no question needs a join. */
export interface Row {
  /** As the report names its input. */
  readonly input: string;
  readonly host: string;
  readonly model: string;
  readonly mode: string;
  readonly verdict: string;
  /** Guest entries in the report. */
  readonly entries: number;
  /** What the row is of. */
  readonly what: 'report' | 'rule' | 'cause' | 'cost' | 'doubt';
  /** The rule, cause or primitive; of a doubt the kind of event that the trace hides. Of a report empty. */
  readonly name: string;
  /** Violations, occurrences, or checks and places that a doubt leaves open; of a report its events. */
  readonly count: number;
  readonly bytes: number;
  /** Of a doubt what would show it, of a report why its verdict is no pass, of a cost between what its count is, if that is not sure. */
  readonly detail: string;
}

export const COLUMNS = [
  ...(['input', 'host', 'model', 'mode', 'verdict', 'entries', 'what', 'name', 'count', 'bytes', 'detail'] as const),
] satisfies readonly (keyof Row)[];

/** The host of an input: what the pattern matches of its path, its first group where it has one; '' where it does not match. */
export function hostOf(input: string, pattern: RegExp): string {
  const match = pattern.exec(input);
  return match?.slice(1).find((group) => group !== undefined) ?? match?.[0] ?? '';
}

/** The folder that the capture is in, else its name up to the first dot. */
export const HOST = /^(?:.*\/)?([^/]+)\/[^/]*$|^([^/.]+)/s;

export function rowsOf(report: MergeableReport & { readonly reasons?: unknown }, host: RegExp): readonly Row[] {
  const input = report.inputs[0]?.name ?? '';
  const { model, verdict } = report;
  const all = {
    input,
    host: hostOf(input, host),
    model: model.name,
    mode: model.mode,
    verdict,
    entries: entriesOf(report),
  };
  const row = (what: Row['what'], name: string, count: number, bytes = 0, detail = ''): Row => ({
    ...{ ...all, what, name, count, bytes, detail },
  });
  const causes = new Map<string, number>();
  for (const cause of report.causes) {
    causes.set(kindOf(cause), (causes.get(kindOf(cause)) ?? 0) + consequencesOf(cause));
  }
  const events = report.inputs.reduce((sum, each) => sum + each.events, 0);
  const reasons = Array.isArray(report.reasons) ? report.reasons.join('; ') : '';
  return [
    row('report', '', events, 0, reasons),
    ...Object.entries(report.violation_counts).map(([rule, { total }]) => row('rule', rule, total)),
    ...[...causes].map(([cause, count]) => row('cause', cause, count)),
    ...Object.entries(report.cost.total).map(([name, { count, bytes, least, most }]) =>
      row('cost', name, count, bytes, least === undefined ? '' : `${least}..${most ?? ''}`),
    ),
    ...openKinds(report).map(({ kind, places, checks, shown_by }) => row('doubt', kind, places + checks, 0, shown_by)),
  ];
}

/** Formats of rows: what stands before them, and a line for each, without its line feed. */
export const ROW_FORMATS = {
  csv: { head: `${COLUMNS.join(',')}\n`, line: (row: Row) => COLUMNS.map((column) => cell(row[column])).join(',') },
  ndjson: { head: '', line: (row: Row) => toJson(row) },
} as const;

/** RFC 4180; what cannot be seen is replaced, since CSV has no escapes. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const visible = replaceInvisible(value, () => '\ufffd');
  return /[",]/.test(visible) ? `"${visible.replaceAll('"', '""')}"` : visible;
}
