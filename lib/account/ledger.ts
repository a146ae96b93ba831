/** The trust ledger: everything about a trace and its replay that is less than seen and checked. */

import type { RuleCount } from '../check/checker.ts';
import { isModelled } from '../kernel/events/step.ts';
import type { Report } from '../report/report.ts';
import { boundedName, createCounter, sorted } from '../text/order.ts';
import { ABSENT, createEventRecord, type EventRecord, timestampOf } from '../trace/event.ts';
import { EVENTS, KIND, LEFT_OUT, UNKNOWN_EVENT } from '../trace/vocabulary.ts';

/** Names told apart in each part of the ledger; a trace may invent any number. */
const NAMES = 100;

/** What the reader of a trace found that no event tells, by name. */
export interface Findings {
  /** What was not understood. */
  readonly unknownEvents: Readonly<Record<string, number>>;
  /** What was understood, but could not be made an event of. */
  readonly unfollowed: Readonly<Record<string, number>>;
  readonly assumptions: Readonly<Record<string, number>>;
  /** What was taken for granted of the kernel that the trace is of: nothing that is found under it is certain. */
  readonly presumed?: readonly { readonly of: 'model' | 'mode'; readonly what: string }[];
}

export interface Ledger {
  /** Takes account of the event itself, before its step. */
  event(event: EventRecord): void;
  /** So many events of a kind, whose times are taken account of by `time`. */
  settle(kind: number, inferred: number, times: number): void;
  /** The time of an event. */
  time(input: number, tsHigh: number, tsLow: number): void;
  implied(times?: number): void;
  refused(errno: string): void;
  assumed(what: string, times?: number): void;
  unfollowed(what: string, times?: number): void;
  note(findings: Findings): void;
  readonly presumed: ReadonlySet<string>;
  /** Events that the trace says are missing, so far. */
  lost(): number;
  /** Events by name. */
  events(): Record<string, number>;
  span(): Report['span'];
  /** `checks`: what became of each rule. */
  ledger(checks: readonly RuleCount[]): Report['ledger'];
}

export function createLedger(): Ledger {
  const byKind = new Float64Array(EVENTS.length);
  const unknownEvents = createCounter(NAMES, '(others)');
  const unknownFields = createCounter(NAMES, '(others)');
  const assumptions = createCounter(NAMES, '(others)');
  const refusals = createCounter(NAMES, '(others)');
  const unfollowed = createCounter(NAMES, '(others)');
  const presumed = new Set<string>();
  let implied = 0;
  let inferred = 0;
  let lost = 0;
  let unordered = 0;
  const span = createSpan();
  const lastHigh: number[] = [];
  const lastLow: number[] = [];

  /** Whether the event's time is before that of the one before it in the same input. */
  function noteTime(input: number, tsHigh: number, tsLow: number): void {
    if (tsHigh === ABSENT) return;
    span.note(tsHigh, tsLow);
    const high = lastHigh[input] ?? 0;
    const low = lastLow[input] ?? 0;
    if (tsHigh < high || (tsHigh === high && tsLow < low)) unordered += 1;
    lastHigh[input] = tsHigh;
    lastLow[input] = tsLow;
  }

  const BY_ABOUT = { unknown: unknownEvents, unfollowed, assumed: assumptions } as const;

  /** As the import would have noted it itself. */
  function leftOut({ about, what, count }: EventRecord): void {
    const name = LEFT_OUT[about] as (typeof LEFT_OUT)[number];
    if (name === 'presumed' || name === 'presumed_mode') presumed.add(boundedName(what));
    else BY_ABOUT[name].addTimes(what, count === ABSENT ? 1 : count);
  }

  return {
    event(event) {
      if (event.kind === UNKNOWN_EVENT) unknownEvents.add(event.unknownEvent);
      else if (event.kind === KIND.left_out) leftOut(event);
      else byKind[event.kind] = (byKind[event.kind] as number) + 1;
      if (event.inferred === 1) inferred += 1;
      // Beyond, a sum of numbers is not exact: at least so many.
      if (event.kind === KIND.lost) lost = Math.min(lost + event.count, Number.MAX_SAFE_INTEGER);
      if (event.unknownFields.length > 0) for (const field of event.unknownFields) unknownFields.add(field);
      noteTime(event.input, event.tsHigh, event.tsLow);
    },
    settle(kind, isInferred, times) {
      byKind[kind] = (byKind[kind] as number) + times;
      inferred += isInferred * times;
    },
    time: noteTime,
    presumed,
    lost: () => lost,
    implied: (times = 1) => {
      implied += times;
    },
    refused: refusals.add,
    assumed: (what, times = 1) => assumptions.addTimes(what, times),
    unfollowed: (what, times = 1) => unfollowed.addTimes(what, times),
    note(findings) {
      addAll(unknownEvents, findings.unknownEvents);
      addAll(unfollowed, findings.unfollowed);
      addAll(assumptions, findings.assumptions);
      for (const { what } of findings.presumed ?? []) presumed.add(what);
    },
    events: () => countsByName(byKind, () => true),
    span: span.span,
    ledger: (checks) => ({
      implied,
      inferred,
      lost,
      unknown_events: unknownEvents.counts(),
      unknown_fields: unknownFields.counts(),
      not_modelled: countsByName(byKind, (kind) => !isModelled(kind)),
      unfollowed: unfollowed.counts(),
      weak_orderings: countsOfRules(checks, 'weak'),
      skipped_checks: countsOfRules(checks, 'skipped'),
      refused: refusals.counts(),
      assumptions: assumptions.counts(),
      unordered_ts: unordered,
    }),
  };
}

/** The least and the greatest time, in halves as events have them. */
function createSpan() {
  const [from, to] = [createEventRecord(), createEventRecord()];
  const copy = (into: EventRecord, tsHigh: number, tsLow: number): void => {
    into.tsHigh = tsHigh;
    into.tsLow = tsLow;
  };
  return {
    note(high: number, low: number): void {
      if (to.tsHigh === ABSENT || to.tsHigh < high || (to.tsHigh === high && to.tsLow < low)) copy(to, high, low);
      if (from.tsHigh === ABSENT || high < from.tsHigh || (high === from.tsHigh && low < from.tsLow))
        copy(from, high, low);
    },
    span: (): Report['span'] => {
      const [first, last] = [timestampOf(from), timestampOf(to)];
      return first === undefined || last === undefined ? undefined : { from: first, to: last };
    },
  };
}

function addAll(counter: ReturnType<typeof createCounter>, counts: Readonly<Record<string, number>>): void {
  for (const [name, times] of Object.entries(counts)) counter.addTimes(name, times);
}

function countsOfRules(checks: readonly RuleCount[], what: 'weak' | 'skipped'): Record<string, number> {
  return sorted(
    Object.fromEntries(checks.filter((count) => count[what] > 0).map((count) => [count.rule.id, count[what]])),
  );
}

function countsByName(byKind: Float64Array, wanted: (kind: number) => boolean): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [kind, count] of byKind.entries()) {
    if (count > 0 && wanted(kind)) counts[(EVENTS[kind] as { name: string }).name] = count;
  }
  return sorted(counts);
}
