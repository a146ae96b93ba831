/** The verdict, and why it is not `pass`. */

import type { Report, Verdict } from '../report/report.ts';
import { didYouMean } from '../text/suggest.ts';
import { EVENTS, FIELDS } from '../trace/vocabulary.ts';

const EVENT_NAMES = EVENTS.map(({ name }) => name);
const FIELD_NAMES = Object.keys(FIELDS);

interface Evidence extends Pick<Report, 'events' | 'observations' | 'ledger'> {
  readonly records?: Report['records'] | undefined;
  /** Why the replay ended before its input did. */
  readonly partial?: string | undefined;
  /** The trace does not show everything, and no rule was asked. */
  readonly idle?: boolean;
  /** What was taken for granted of the kernel. */
  readonly presumed?: readonly string[];
}

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, n) => sum + n, 0);

const names = (counts: Readonly<Record<string, number>>): string => Object.keys(counts).slice(0, 8).join(', ');

/** `errors`: violations of severity error, listed or not. */
export function verdictOf(errors: number, evidence: Evidence): { verdict: Verdict; reasons: string[] } {
  const { presumed = [] } = evidence;
  const failures = failuresOf(errors, evidence);
  const doubts = [...presumed, ...doubtsOf(evidence)];
  // Under another kernel they may be none.
  if (failures.length > 0 && presumed.length > 0) {
    const found = failures.map((failure) => `${failure}, under a kernel that is presumed`);
    return { verdict: 'inconclusive', reasons: [...found, ...doubts] };
  }
  const verdict = failures.length > 0 ? 'fail' : doubts.length > 0 ? 'inconclusive' : 'pass';
  return { verdict, reasons: [...failures, ...doubts] };
}

/** A number and what is counted; `noun` must be one that takes an s. */
const some = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function failuresOf(errors: number, { observations }: Evidence): string[] {
  const reasons: string[] = [];
  if (errors > 0) reasons.push(`${some(errors, 'violation')} of severity error`);
  if (observations.diverged > 0) {
    const { checked, diverged } = observations;
    reasons.push(
      `${diverged} of ${some(checked, 'observed value')} ${diverged === 1 ? 'diverges' : 'diverge'} from the model`,
    );
  }
  return reasons;
}

function doubtsOf({ events, ledger, partial, records, idle = false }: Evidence): string[] {
  const reasons: string[] = [];
  if (partial !== undefined) reasons.push(`only a part was replayed: ${partial}`);
  const skipped = ledger.skipped_lines ?? 0;
  if (skipped > 0)
    reasons.push(`${skipped} line${skipped === 1 ? ' that is no event was' : 's that are no events were'} left out`);
  if (ledger.lost > 0) reasons.push(ledger.lost === 1 ? '1 event was lost' : `${ledger.lost} events were lost`);
  reasons.push(...misspeltOf(ledger));
  const parts: [Readonly<Record<string, number>>, string][] = [
    [ledger.not_modelled, 'event$ not modelled yet'],
    [ledger.unfollowed, 'step$ could not be followed'],
    [ledger.skipped_checks, 'check$ skipped, for lack of a known value'],
  ];
  for (const [counts, what] of parts) {
    if (total(counts) > 0)
      reasons.push(`${total(counts)} ${what.replace('$', total(counts) === 1 ? '' : 's')}: ${names(counts)}`);
  }
  reasons.push(...hiddenOf(records));
  const isEmpty = Object.keys(events).every((name) => name === 'meta');
  if (isEmpty && reasons.length === 0) reasons.push('there is no event in it');
  else if (idle && reasons.length === 0) reasons.push('no rule could be asked of what it shows');
  return reasons;
}

/** Names that are not those of the format: events, and fields that are nearly those of the format. */
function misspeltOf({ unknown_events, unknown_fields }: Report['ledger']): string[] {
  const events = Object.keys(unknown_events).map((name) => name + didYouMean(name, EVENT_NAMES));
  const fields = Object.keys(unknown_fields)
    .map((name) => [name, didYouMean(name, FIELD_NAMES)] as const)
    .filter(([, meant]) => meant !== '');
  const told = (names: readonly string[]): string => names.slice(0, 8).join(', ');
  return [
    ...(events.length > 0 ? [`${some(total(unknown_events), 'unknown event')}: ${told(events)}`] : []),
    ...(fields.length > 0
      ? [`unknown field${fields.length === 1 ? '' : 's'}: ${told(fields.map((words) => words.join('')))}`]
      : []),
  ];
}

/** What the trace hides and that mattered, with what would show it. */
function hiddenOf(records: Report['records']): string[] {
  return (records?.hides ?? [])
    .filter(({ places, checks }) => places + checks > 0)
    .map(({ kind, places, checks, shown_by }) => {
      const open = checks > 0 ? `${some(checks, 'check')} open, ` : '';
      return `${kind} is not in the trace and may have happened (${open}${some(places, 'place')}): ${shown_by} shows it`;
    });
}
