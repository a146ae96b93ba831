/** What became of the lines: nothing is dropped without being counted and named. */

import { escapeText } from '../text/escape.ts';
import { boundedName } from '../text/order.ts';
import type { Presumption } from './kernel.ts';

/** Lines of one kind that gave no event. */
export interface Unused {
  /** What it is: `event foo`, `damaged vcpu_load`, `text that is no line of a trace`. */
  readonly what: string;
  count: number;
  /** Line of the input, from 1, and its text (at most 200 characters, not escaped). */
  readonly firstLine: number;
  readonly sample: string;
}

export interface ImportAccount {
  /** How the text was rendered: `ftrace`, `perf script`, ...; several where they are mixed; '' where there was no event line. */
  readonly format: string;
  /** Lines read, blank ones included; of them, lines that are an entry of a trace. */
  readonly lines: number;
  readonly records: number;
  /** Events given out, by name. */
  readonly events: Readonly<Record<string, number>>;
  /** Of them, deduced. */
  readonly inferred: number;
  /** Events that are missing: said by the trace, or seen from what does not fit together. */
  readonly lost: number;
  /** Lines that were not understood, or could not be used: the most frequent first. */
  readonly unused: readonly Unused[];
  /** Entries that are known and say nothing a trace could hold, by name. */
  readonly noted: Readonly<Record<string, number>>;
  /** What had to be taken for granted, and how often. */
  readonly assumptions: Readonly<Record<string, number>>;
  /** What was taken for granted of the kernel itself. */
  readonly presumed: readonly Presumption[];
}

/** A line that only a kernel of another architecture prints. */
export interface Foreign {
  readonly machine: string;
  readonly line: number;
  readonly event: string;
}

export interface Account {
  /** The first one. */
  foreign: Foreign | undefined;
  lines: number;
  records: number;
  lost: number;
  countFormat(format: string): void;
  countEvent(name: string, inferred: boolean): void;
  /** An entry that was not understood or not used. */
  unused(what: string, line: number, text: string): void;
  note(name: string): void;
  assume(what: string, times?: number): void;
  presume(presumption: Presumption): void;
  result(): ImportAccount;
}

/** Different names counted apart; the names come from the input. */
const KIND_LIMIT = 200;
const OTHER = 'more than 200 kinds of other lines';
const SAMPLE_LENGTH = 200;

export function createAccount(): Account {
  const formats = new Set<string>();
  const events = new Map<string, number>();
  const unused = new Map<string, Unused>();
  const noted = new Map<string, number>();
  const assumptions = new Map<string, number>();
  const presumed: Presumption[] = [];
  let inferredCount = 0;
  let lastFormat = '';
  return {
    foreign: undefined,
    lines: 0,
    records: 0,
    lost: 0,
    countFormat(format) {
      if (format === lastFormat) return;
      lastFormat = format;
      formats.add(format);
    },
    countEvent(name, inferred) {
      events.set(name, (events.get(name) ?? 0) + 1);
      if (inferred) inferredCount++;
    },
    unused(whole, line, text) {
      const what = boundedName(whole);
      const key = unused.has(what) || unused.size < KIND_LIMIT ? what : OTHER;
      const entry = unused.get(key);
      if (entry !== undefined) entry.count++;
      else unused.set(key, { what: key, count: 1, firstLine: line, sample: copyOf(text.slice(0, SAMPLE_LENGTH)) });
    },
    note: (name) => noted.set(name, (noted.get(name) ?? 0) + 1),
    assume: (what, times = 1) => assumptions.set(what, (assumptions.get(what) ?? 0) + times),
    presume: (presumption) => presumed.push(presumption),
    result() {
      return {
        format: [...formats].sort().join(', '),
        lines: this.lines,
        records: this.records,
        events: sorted(events),
        inferred: inferredCount,
        lost: this.lost,
        unused: [...unused.values()].sort((a, b) => b.count - a.count || a.firstLine - b.firstLine),
        noted: sorted(noted),
        assumptions: sorted(assumptions),
        presumed,
      };
    },
  };
}

/** A string of its own: a part of another one keeps the whole of it in memory. */
export function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  const entries = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}

/** The account for people, a line each; text of the input is escaped. */
export function describeAccount(account: ImportAccount): string[] {
  const total = Object.values(account.events).reduce((sum, count) => sum + count, 0);
  const lines = [
    `${account.format || 'no trace'}: ${count(account.lines, 'line')}, ${count(account.records, 'entry', 'entries')}, ` +
      `${count(total, 'event')}, ${account.inferred} of them deduced`,
  ];
  if (account.lost > 0)
    lines.push(`${count(account.lost, 'event')} lost: the verdict on this trace can only be inconclusive`);
  lines.push(...describeUnused(account));
  for (const [what, number] of Object.entries(account.assumptions)) lines.push(`assumed ${times(number)}: ${what}`);
  for (const { what } of account.presumed) lines.push(`presumed: ${what}`);
  return lines;
}

/** Of each kind of lines that gave nothing, how many there are and the first one. */
export function describeUnused(account: ImportAccount): string[] {
  return account.unused.map(
    ({ what, count: number, firstLine, sample }) =>
      `not used: ${escapeText(what, 80)}, ${times(number)}, first in line ${firstLine}: ${escapeText(sample.trim(), 100)}`,
  );
}

function times(number: number): string {
  return number === 1 ? 'once' : `${number} times`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
