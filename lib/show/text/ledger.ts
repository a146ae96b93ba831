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

/** What each entry of the ledger counts, and what is said of one of them, and of several; those with names list the most frequent ones. */
const ENTRIES: readonly {
  readonly noun: string;
  readonly nouns?: string;
  readonly is: string;
  readonly are?: string;
  readonly count: (ledger: Ledger) => number | Counts;
}[] = [
  {
    noun: 'line',
    is: 'that is no event, left out',
    are: 'that are no events, left out',
    count: (l) => l.skipped_lines ?? 0,
  },
  { noun: 'event', is: 'that the trace says is missing', are: 'that the trace says are missing', count: (l) => l.lost },
  { noun: 'event', is: 'of unknown name, ignored', count: (l) => l.unknown_events },
  {
    noun: 'event',
    is: 'whose step is not modelled',
    are: 'whose steps are not modelled',
    count: (l) => l.not_modelled,
  },
  { noun: 'step', is: 'that could not be followed', count: (l) => l.unfollowed },
  { noun: 'check', is: 'skipped for want of a known value', count: (l) => l.skipped_checks },
  { noun: 'assumption', is: 'made', count: (l) => l.assumptions },
  { noun: 'register access', nouns: 'register accesses', is: 'that the kernel refuses', count: (l) => l.refused },
  { noun: 'weak ordering', is: 'that the model is known for', count: (l) => l.weak_orderings },
  { noun: 'unknown field', is: 'ignored', count: (l) => l.unknown_fields },
  { noun: 'event', is: 'whose ts is below that of the event before', count: (l) => l.unordered_ts },
  { noun: 'event', is: 'deduced, not seen', count: (l) => l.inferred },
  { noun: 'step', is: 'implied, which the trace leaves out', count: (l) => l.implied },
];

function entriesOf({ ledger }: Report) {
  return ENTRIES.flatMap(({ noun, nouns = `${noun}s`, is, are = is, count }) => {
    const counts = count(ledger);
    const total = sum(counts);
    return total === 0
      ? []
      : [{ counts, total: formatCount(total), text: total === 1 ? `${noun} ${is}` : `${nouns} ${are}` }];
  });
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
