/** The report as Markdown that can be read as it is, at the 72 columns of a mail. */

import type { Report } from '../report/report.ts';
import { countOf, formatCount } from '../text/numbers.ts';
import { PLAIN } from '../text/paint.ts';
import { show, wrap } from '../text/wrap.ts';
import type { Reporter, Sink, Style } from './reporter.ts';
import { sentenceOf } from './text/causes.ts';
import { byCount } from './text/ownership.ts';
import { verdictLine } from './text/verdict.ts';

const WIDTH = 72;
const MOST_CAUSES = 10;
const MOST_REASONS = 8;
const MOST_ROWS = 12;

export function createReporter(sink: Sink, style: Style): Reporter {
  return { report: (report) => sink.write(formatMarkdown(report, style.paths)) };
}

function formatMarkdown(report: Report, paths: readonly string[] | undefined): string {
  const sections = [
    wrap(
      `**${verdictLine(report, PLAIN)
        .map((line) => line.trim())
        .join(' ')}**`,
      WIDTH,
    ),
    summaryLines(report, paths),
    ...report.causes.slice(0, MOST_CAUSES).map((_cause, at) => causeLines(report, at, paths)),
    report.causes.length > MOST_CAUSES ? [`${countOf(report.causes.length - MOST_CAUSES, 'more cause')}.`] : [],
    tableLines(['ownership', 'transitions'], byCount(report.transitions.by_edge)),
    costLines(report),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function summaryLines(report: Report, paths: readonly string[] | undefined): readonly string[] {
  const { model, inputs, observations } = report;
  const traces = inputs.map(({ name, events }, at) => `${code(paths?.[at] ?? name)} (${countOf(events, 'event')})`);
  const reasons = report.verdict === 'pass' ? [] : report.reasons.slice(0, MOST_REASONS).map(text);
  return [
    ...item(`${text(model.name)} ${text(model.mode)}, ${traces.slice(0, MOST_REASONS).join(', ')}`),
    ...(observations.checked === 0
      ? []
      : item(
          `${countOf(observations.checked, 'observed value')} compared, ${formatCount(observations.diverged)} diverged`,
        )),
    ...reasons.flatMap((reason) => item(reason)),
  ];
}

function causeLines(report: Report, at: number, paths: readonly string[] | undefined): readonly string[] {
  const cause = report.causes[at] as Report['causes'][number];
  const consequences = byCount(cause.consequences).map(([rule, count]) => `${text(rule)} ${formatCount(count)}`);
  const place = (input: number, line: number): string =>
    code(`${paths?.[input] ?? report.inputs[input]?.name ?? '?'}:${line}`);
  return [
    ...wrap(`**${cause.severity}: ${text(cause.title)}**`, WIDTH),
    '',
    ...cause.steps.flatMap((step, index) =>
      item(`${place(step.input, step.line)}: ${text(sentenceOf(step))}`, `${index + 1}. `),
    ),
    ...(cause.steps.length > 0 ? [''] : []),
    ...wrap(`In all: ${consequences.join(', ')}`, WIDTH),
  ];
}

function costLines({ cost: { total } }: Report): readonly string[] {
  const rows = Object.entries(total)
    .sort(([a, x], [b, y]) => (y.bytes ?? 0) - (x.bytes ?? 0) || y.count - x.count || (a < b ? -1 : 1))
    .map(([name, { count, bytes }]): readonly [string, ...number[]] => [name, count, bytes ?? 0]);
  return tableLines(['cost', 'count', 'bytes'], rows);
}

/** Columns of one width; what is beyond the first rows is one row. */
function tableLines(head: readonly string[], rows: readonly (readonly [string, ...number[]])[]): readonly string[] {
  if (rows.length === 0) return [];
  const rest = rows.slice(MOST_ROWS);
  const sums = head.slice(1).map((_title, at) => rest.reduce((sum, row) => sum + ((row[at + 1] as number) ?? 0), 0));
  const all = [
    ...rows.slice(0, MOST_ROWS),
    ...(rest.length === 0 ? [] : [[`${rest.length} others`, ...sums] as const]),
  ];
  const cells = [head, ...all.map(([name, ...numbers]) => [text(name), ...numbers.map(formatCount)])];
  const widths = head.map((_title, at) => Math.max(3, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, at) => (at === 0 ? (row[at] ?? '').padEnd(width) : (row[at] ?? '').padStart(width))).join(' | ')} |`;
  const rule = widths.map((width, at) => (at === 0 ? `:${'-'.repeat(width + 1)}` : `${'-'.repeat(width + 1)}:`));
  return [line(head), `|${rule.join('|')}|`, ...cells.slice(1).map(line)];
}

/** A list item with a hanging indent. */
function item(content: string, mark = '- '): readonly string[] {
  return wrap(content, WIDTH - mark.length).map((line, at) => (at === 0 ? mark : ' '.repeat(mark.length)) + line);
}

/** Text of the report, safe to print, in which nothing is markup. Underscores within words are none. */
function text(content: string): string {
  return show(content).replace(/[`*<|[\]]|(?<!\S)>/g, '\\$&');
}

function code(content: string): string {
  return `\`${show(content).replaceAll('`', "'")}\``;
}
