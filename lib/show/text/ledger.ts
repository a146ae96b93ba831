import type { Report } from '../../report/report.ts';
import { formatCount } from '../../text/numbers.ts';
import { atMost, pageWidth } from '../../text/page.ts';
import type { Paint } from '../../text/paint.ts';
import { labelled, show, wrap } from '../../text/wrap.ts';
import { byCount } from './ownership.ts';

type Ledger = Report['ledger'];
type Counts = Readonly<Record<string, number>>;

const MOST_NAMES = 5;
const LONGEST_NAME = 100;

/** What each entry of the ledger means to a reader; those with names list the most frequent ones. */
const ENTRIES: readonly {
  readonly one: string;
  readonly many: string;
  readonly count: (ledger: Ledger) => number | Counts;
}[] = [
  {
    one: 'line that is no event, left out',
    many: 'lines that are no events, left out',
    count: (ledger) => ledger.skipped_lines ?? 0,
  },
  {
    one: 'event that the trace says is missing',
    many: 'events that the trace says are missing',
    count: (ledger) => ledger.lost,
  },
  {
    one: 'event of unknown name, ignored',
    many: 'events of unknown name, ignored',
    count: (ledger) => ledger.unknown_events,
  },
  {
    one: 'event whose step is not modelled',
    many: 'events whose steps are not modelled',
    count: (ledger) => ledger.not_modelled,
  },
  {
    one: 'step that could not be followed',
    many: 'steps that could not be followed',
    count: (ledger) => ledger.unfollowed,
  },
  {
    one: 'check skipped for want of a known value',
    many: 'checks skipped for want of a known value',
    count: (ledger) => ledger.skipped_checks,
  },
  { one: 'assumption made', many: 'assumptions made', count: (ledger) => ledger.assumptions },
  {
    one: 'register access that the kernel refuses',
    many: 'register accesses that the kernel refuses',
    count: (ledger) => ledger.refused,
  },
  {
    one: 'weak ordering that the model is known for',
    many: 'weak orderings that the model is known for',
    count: (ledger) => ledger.weak_orderings,
  },
  { one: 'unknown field ignored', many: 'unknown fields ignored', count: (ledger) => ledger.unknown_fields },
  {
    one: 'event whose ts is below that of the event before',
    many: 'events whose ts is below that of the event before',
    count: (ledger) => ledger.unordered_ts,
  },
  { one: 'event deduced, not seen', many: 'events deduced, not seen', count: (ledger) => ledger.inferred },
  {
    one: 'step implied, which the trace leaves out',
    many: 'steps implied, which the trace leaves out',
    count: (ledger) => ledger.implied,
  },
];

function entriesOf({ ledger }: Report) {
  return ENTRIES.map((entry) => ({ ...entry, counts: entry.count(ledger) }))
    .map(({ one, many, counts }) => ({ counts, total: formatCount(sum(counts)), text: sum(counts) === 1 ? one : many }))
    .filter(({ total }) => total !== '0');
}

/** The same in a line. */
export function ledgerInBrief(report: Report, paint: Paint): readonly string[] {
  const list = entriesOf(report).map(({ text, total }) => `${total} ${text}`);
  return list.length === 0 ? [] : labelled(0, 8, 'Ledger', list.join('; '), paint.heading);
}

/** What the report rests on beside the events that were seen. */
export function ledgerSection(report: Report, paint: Paint): readonly string[] {
  const entries = entriesOf(report);
  if (entries.length === 0) return [];
  const width = Math.max(...entries.map(({ total }) => total.length));
  return [
    paint.heading('Ledger'),
    ...entries.flatMap(({ text, counts, total }) => [
      ...labelled(2, width + 2, total.padStart(width), text, (label) => label),
      ...nameLines(counts, width + 4).map((line) => paint.quiet(line)),
    ]),
  ];
}

function sum(counts: number | Counts): number {
  return typeof counts === 'number' ? counts : Object.values(counts).reduce((total, count) => total + count, 0);
}

/** The most frequent names, wrapped and indented by `indent` columns. */
function nameLines(counts: number | Counts, indent: number): readonly string[] {
  if (typeof counts === 'number') return [];
  const names = byCount(counts);
  const list = names
    .slice(0, atMost(MOST_NAMES))
    .map(([name, count]) => `${show(name, LONGEST_NAME)} ${formatCount(count)}`);
  if (names.length > atMost(MOST_NAMES)) list.push(`${formatCount(names.length - MOST_NAMES)} more names`);
  return list.flatMap((name) => wrap(name, pageWidth() - indent)).map((line) => ' '.repeat(indent) + line);
}
