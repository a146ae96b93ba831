/**
 * The part that all text renderings of a trace share: who printed the event, on which CPU, when, and its name.
 * Scanned byte by byte, without regular expressions: this runs for every line.
 */

import { MAX_CPU } from '../../trace/vocabulary.ts';
import { find, isDigit, textAt } from './bytes.ts';

/**
 * One line of a trace, as its columns say; filled again for every line. It is a place in the bytes that were read: to make a string
 * of each line takes longer than to read all of its fields. What stands at `end` is a line end, no character of a line.
 */
export interface Line {
  bytes: Buffer;
  start: number;
  end: number;
  /** Line of the input, from 1. */
  number: number;
  pid: number;
  cpu: number;
  /** The hardirq/softirq column says that a softirq was running. */
  softirq: boolean;
  /** Time as the line has it: whole seconds and nanoseconds; NO_TIME in `seconds` where the clock counts no time. */
  seconds: number;
  nanoseconds: number;
  /** The event's name without its group, and where the rest begins. */
  nameStart: number;
  nameEnd: number;
  body: number;
  /** The function tracer's form, `function <-caller`. */
  isFunction: boolean;
  /** Where the columns begin: behind the name of the file that the line is of, where several are printed together. */
  margin: number;
  /** Where the columns of flags stand; of no length where there are none. */
  flagsStart: number;
  flagsEnd: number;
  /** Which column of flags is hardirq/softirq, from 0, as the header over the columns says; -1 where there was none. */
  softirqColumn: number;
  /** How many columns of flags the lines of that header have named so far. */
  flagsNamed: number;
}

export const NO_TIME = -1;
/** In `pid`: the line does not say which task ran. */
export const UNSAID = -3;
/** PID_MAX_LIMIT of 64-bit kernels (include/linux/threads.h). */
const MAX_PID = 4_194_304;

const SPACE = 32;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const PAREN = 0x28;
const CLOSING_PAREN = 0x29;
const COLON = 0x3a;
const DOT = 0x2e;
const DASH = 0x2d;
const PLUS = 0x2b;
const LESS = 0x3c;
const SMALL_S = 0x73;
const LARGE_H = 0x48;

/** What reading the columns of a line gives, to be kept until the line is used. */
export type Columns = Readonly<Omit<Line, 'bytes' | 'number' | 'softirq' | 'softirqColumn' | 'flagsNamed'>> & {
  readonly rendering: string;
};

const EMPTY = Buffer.alloc(0);

export function createLine(): Line {
  return {
    bytes: EMPTY,
    start: 0,
    end: 0,
    number: 0,
    pid: 0,
    cpu: 0,
    softirq: false,
    seconds: NO_TIME,
    nanoseconds: 0,
    nameStart: 0,
    nameEnd: 0,
    body: 0,
    isFunction: false,
    margin: 0,
    flagsStart: 0,
    flagsEnd: 0,
    softirqColumn: -1,
    flagsNamed: 0,
  };
}

/** A line that is not among the bytes that are read. Characters beyond U+00FF do not come so far. */
export function setText(line: Line, text: string): void {
  line.bytes = Buffer.from(`${text}\n`, 'latin1');
  line.start = 0;
  line.end = text.length;
}

/** The line as a string, for what is looked at rarely. */
export function columnsOf(line: Line, rendering: string): Columns {
  const { start, end, pid, cpu, seconds, nanoseconds, nameStart, nameEnd, body, isFunction, margin } = line;
  const { flagsStart, flagsEnd } = line;
  return {
    rendering,
    start,
    end,
    pid,
    cpu,
    seconds,
    nanoseconds,
    nameStart,
    nameEnd,
    body,
    isFunction,
    margin,
    flagsStart,
    flagsEnd,
  };
}

/** Fills `line`, whose bytes are theirs, as reading them once more would. */
export function setColumns(line: Line, columns: Columns): void {
  line.start = columns.start;
  line.end = columns.end;
  line.pid = columns.pid;
  line.cpu = columns.cpu;
  line.seconds = columns.seconds;
  line.nanoseconds = columns.nanoseconds;
  line.nameStart = columns.nameStart;
  line.nameEnd = columns.nameEnd;
  line.body = columns.body;
  line.isFunction = columns.isFunction;
  line.margin = columns.margin;
  line.flagsStart = columns.flagsStart;
  line.flagsEnd = columns.flagsEnd;
  line.softirq = columns.flagsEnd > columns.flagsStart && isInSoftirq(line.bytes, line);
}

export function textOf(line: Line): string {
  return textAt(line.bytes, line.start, line.end);
}

/** The event's name. */
export function nameOf(line: Line): string {
  return textAt(line.bytes, line.nameStart, line.nameEnd);
}

/** What follows the event's name. */
export function bodyOf(line: Line): string {
  return textAt(line.bytes, line.body, line.end);
}

export function skipSpaces(bytes: Uint8Array, at: number): number {
  let i = at;
  while (bytes[i] === SPACE) i++;
  return i;
}

/** End of the digits that start at `at`; `at` where there are none. */
export function skipDigits(bytes: Uint8Array, at: number): number {
  let i = at;
  while (isDigit(bytes[i])) i++;
  return i;
}

/** The decimal number in [start, end): exact up to 15 digits, -1 where there is none or more than that. */
export function decimalAt(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 15) return -1;
  let value = 0;
  for (let i = start; i < end; i++) value = value * 10 + (bytes[i] as number) - 0x30;
  return value;
}

/** The pid in [start, end) into the line; false where it can be none. */
export function readPid(bytes: Uint8Array, start: number, end: number, line: Line): boolean {
  line.pid = decimalAt(bytes, start, end);
  return line.pid >= 0 && line.pid <= MAX_PID;
}

/** `[cpu] flags time: name: ` from `at` on, with a `(tgid)` before it, and all that may follow it. */
export function readFromCpu(bytes: Uint8Array, at: number, line: Line): boolean {
  let i = skipSpaces(bytes, at);
  if (bytes[i] === PAREN) {
    const close = find(bytes, CLOSING_PAREN, i, line.end);
    if (close < 0 || close - i > 10) return false;
    i = skipSpaces(bytes, close + 1);
  }
  if (bytes[i] !== OPEN) return false;
  const end = skipDigits(bytes, i + 1);
  line.cpu = decimalAt(bytes, i + 1, end);
  if (line.cpu < 0 || line.cpu > MAX_CPU || bytes[end] !== CLOSE) return false;
  i = skipSpaces(bytes, end + 1);
  return readFlags(bytes, i, line);
}

function readFlags(bytes: Uint8Array, at: number, line: Line): boolean {
  line.softirq = false;
  line.flagsStart = 0;
  line.flagsEnd = 0;
  let i = at;
  if (!isDigit(bytes[i])) {
    while ((bytes[i] as number) > SPACE) i++;
    if (!readFlagColumns(bytes, at, i, line)) return false;
    i = skipSpaces(bytes, i);
  }
  const end = readTime(bytes, i, line);
  return end > 0 && readName(bytes, skipDifference(bytes, end), line);
}

/**
 * The columns irqs-off, need-resched, hardirq/softirq, preempt-depth, migrate-disable in [start, end); PREEMPT_RT kernels up to
 * 6.12 have need-resched-lazy before the third and preempt-lazy-depth before the last.
 */
export function readFlagColumns(bytes: Uint8Array, start: number, end: number, line: Line): boolean {
  const count = end - start;
  if (count < 3 || count > 8) return false;
  line.flagsStart = start;
  line.flagsEnd = end;
  line.softirq = isInSoftirq(bytes, line);
  return true;
}

function isInSoftirq(bytes: Uint8Array, { flagsStart, flagsEnd, softirqColumn }: Line): boolean {
  const usual = flagsEnd - flagsStart >= 7 ? 3 : 2;
  const column = bytes[flagsStart + (softirqColumn < 0 ? usual : softirqColumn)];
  // `s`: softirq; `H`: a hardirq that interrupted one (trace_print_lat_fmt, kernel/trace/trace_output.c).
  return column === SMALL_S || column === LARGE_H;
}

/** `(+12)` of `trace-cmd report --ts-diff`, behind the time. */
function skipDifference(bytes: Uint8Array, at: number): number {
  const open = skipSpaces(bytes, at);
  if (bytes[open] !== PAREN || bytes[open + 1] !== PLUS) return at;
  const end = skipDigits(bytes, open + 2);
  return bytes[end] === CLOSING_PAREN ? end + 1 : at;
}

/** `seconds.fraction:`; other clocks print a bare count, which is no time. Returns where the colon ends, 0 where it is none. */
export function readTime(bytes: Uint8Array, at: number, line: Line): number {
  const dot = skipDigits(bytes, at);
  const seconds = decimalAt(bytes, at, dot);
  if (seconds < 0) return 0;
  if (bytes[dot] === COLON) {
    line.seconds = NO_TIME;
    return dot + 1;
  }
  if (bytes[dot] !== DOT) return 0;
  const end = skipDigits(bytes, dot + 1);
  const digits = end - dot - 1;
  if (digits < 1 || digits > 9 || bytes[end] !== COLON) return 0;
  line.seconds = seconds;
  line.nanoseconds = decimalAt(bytes, dot + 1, end) * (digits === 6 ? 1000 : 10 ** (9 - digits));
  return end + 1;
}

/** `name: rest`, perf's `group:name: rest`, or the function tracer's `name <-caller`. */
export function readName(bytes: Uint8Array, at: number, line: Line): boolean {
  let start = skipSpaces(bytes, at);
  let i = start;
  for (;;) {
    const code = bytes[i] as number;
    if (code === COLON) {
      const next = bytes[i + 1];
      if (i > start && (next === SPACE || i + 1 >= line.end)) break;
      start = i + 1;
    } else if (code === SPACE || code === PAREN || code === PLUS) {
      return readCaller(bytes, start, i, line);
    } else if (!(code > SPACE)) {
      return false;
    }
    i++;
  }
  line.nameStart = start;
  line.nameEnd = i;
  line.body = skipSpaces(bytes, i + 1);
  line.isFunction = false;
  return true;
}

/**
 * The function tracer's ` <-caller` behind the name that ends at `end`; in between its arguments, its offset and its address,
 * with the options func-args, sym-offset and sym-addr: `kvm_arch_vcpu_load+0x0/0x220 <ffff800080012345> <-vcpu_load`.
 */
function readCaller(bytes: Uint8Array, start: number, end: number, line: Line): boolean {
  if (end === start) return false;
  for (let arrow = find(bytes, LESS, end, line.end); arrow >= 0; arrow = find(bytes, LESS, arrow + 1, line.end)) {
    if (bytes[arrow + 1] !== DASH || bytes[arrow - 1] !== SPACE) continue;
    line.nameStart = start;
    line.nameEnd = end;
    line.body = arrow;
    line.isFunction = true;
    return true;
  }
  return false;
}

/**
 * Time in ns as trace format 1 writes it: a number while it is exact, else decimal digits; undefined where there is none.
 */
export function timeOf(line: Line): number | string | undefined {
  if (line.seconds === NO_TIME) return undefined;
  // 9,007,199 s is the last whole second below 2^53 ns.
  if (line.seconds < 9_007_199) return line.seconds * 1_000_000_000 + line.nanoseconds;
  return `${line.seconds}${String(line.nanoseconds).padStart(9, '0')}`;
}
