import type { Report, Severity } from '../../report/report.ts';
import { countOf, formatCount } from '../../text/numbers.ts';
import { atMost, pageWidth } from '../../text/page.ts';
import { type Paint, verdictColour } from '../../text/paint.ts';
import { formatTable, left, right } from '../../text/table.ts';
import { labelled, show, wrap } from '../../text/wrap.ts';

const LABEL = 10;
const MOST_INPUTS = 8;
const MOST_REASONS = 8;

/** What came out, in a line. */
export function verdictLine(report: Report, paint: Paint): readonly string[] {
  const colour = verdictColour(paint, report.verdict);
  const word = report.verdict.toUpperCase();
  const lines = wrap(summary(report), pageWidth() - word.length - 2);
  return lines.map((line, index) =>
    index === 0 ? `${colour(word)}  ${paint.heading(line)}` : `${' '.repeat(word.length + 2)}${paint.heading(line)}`,
  );
}

/** What came out, why, and what it was that was replayed. */
export function verdictSection(report: Report, paint: Paint): readonly string[] {
  return [...verdictLine(report, paint), '', ...reasonSection(report, paint)];
}

/** Why it came out so, and what it was that was replayed. */
export function reasonSection(report: Report, paint: Paint): readonly string[] {
  const { verdict, model, reasons } = report;
  const listed = reasons.slice(0, atMost(MOST_REASONS));
  const field = (label: string, text: string) => labelled(2, LABEL, label, text, paint.quiet);
  return [
    ...(verdict === 'pass' ? [] : listed.flatMap((reason, index) => field(index === 0 ? 'because' : '', show(reason)))),
    ...(reasons.length > listed.length ? field('', `and ${formatCount(reasons.length - listed.length)} more`) : []),
    ...field('model', `${show(model.name)}, ${show(model.mode)}`),
    ...inputLines(report, paint),
    ...(report.span === undefined ? [] : field('time', spanText(report.span))),
    ...(report.filter === undefined ? [] : field('filter', filterText(report.filter, report))),
  ];
}

function inputLines(report: Report, paint: Paint): readonly string[] {
  const rows = report.inputs.map(({ name, lines, events }) => [
    show(name),
    countOf(lines, 'line'),
    countOf(events, 'event'),
  ]);
  const shown = rows.slice(0, atMost(MOST_INPUTS));
  const { rows: lines } = formatTable([left(''), right(''), right('')], shown);
  const more = rows.length - shown.length;
  const all = more === 0 ? lines : [...lines, `and ${formatCount(more)} more`];
  return all.map((line, index) => `  ${paint.quiet((index === 0 ? 'trace' : '').padEnd(LABEL))}${line}`);
}

/** "2 errors (3 more followed from them), 1 warning, 4 divergences": what is wrong, in one line. */
function summary(report: Report): string {
  const { diverged } = report.observations;
  const violations = violationCounts(report);
  const parts = [...violations, ...(diverged === 0 ? [] : [countOf(diverged, 'divergence')])];
  const { length } = report.causes;
  const causes = length === 0 ? '' : `${countOf(length, 'cause')}: `;
  const none = report.filter === undefined ? 'no violation' : 'no violation in what the filter leaves';
  const found = parts.length === 0 ? none : `${causes}${parts.join(', ')}`;
  return report.verdict === 'inconclusive' ? `${found}, but not everything could be checked` : found;
}

/** Root causes by severity, as far as they are listed, and what followed from them. */
function violationCounts(report: Report): string[] {
  const listed = (severity: Severity) =>
    report.violations.filter((violation) => violation.severity === severity).length;
  const counts = Object.values(report.violation_counts);
  const followed = counts.reduce((sum, count) => sum + count.followed, 0);
  const unlisted = counts.reduce((sum, count) => sum + count.total - count.followed - count.listed, 0);
  const parts = [
    listed('error') > 0 ? countOf(listed('error'), 'error') : '',
    listed('warning') > 0 ? countOf(listed('warning'), 'warning') : '',
    listed('suspicious') > 0 ? `${formatCount(listed('suspicious'))} suspicious` : '',
    unlisted > 0 ? `${countOf(unlisted, 'violation')} not listed` : '',
  ].filter((part) => part !== '');
  const last = parts.pop();
  if (last !== undefined) parts.push(followed === 0 ? last : `${last} (${formatCount(followed)} more followed)`);
  return parts;
}

/** "from 3.917238 to 4.234001, 0.316763 s", as ftrace prints times and as `--from` takes them. */
function spanText({ from, to }: NonNullable<Report['span']>): string {
  const [first, last] = [BigInt(from), BigInt(to)];
  return `${secondsText(first)} to ${secondsText(last)}, ${secondsText(last - first)} s`;
}

/** Microseconds are all that a trace of the kernel has; more digits where there are any. */
function secondsText(ns: bigint): string {
  const fraction = String(ns % 1_000_000_000n).padStart(9, '0');
  return `${ns / 1_000_000_000n}.${fraction.endsWith('000') ? fraction.slice(0, 6) : fraction}`;
}

/** What was left out, so that nobody takes the rest for the whole. */
function filterText({ options, events }: NonNullable<Report['filter']>, { inputs }: Report): string {
  const all = inputs.reduce((sum, input) => sum + input.events, 0);
  const given = Object.entries(options).map(([name, value]) => `--${name} ${show(value)}`);
  const left =
    events === 0 ? `none of ${countOf(all, 'event')} is in it` : `${formatCount(events)} of ${countOf(all, 'event')}`;
  return `${given.join(' ')}: ${left}; the verdict is of the whole trace`;
}
