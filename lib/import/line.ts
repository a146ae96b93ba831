/**
 * The part that all text renderings of a trace share: who printed the event, on which CPU, when, and its name.
 * Scanned by character codes, without regular expressions: this runs for every line.
 */

import { MAX_CPU } from '../trace/vocabulary.ts';

/**
 * One line of a trace, as its columns say; filled again for every line. It is a part of a longer text, not a string of its own:
 * a part of a string is slower to look into than the whole. What stands at `end` is a line end or nothing, no character of a line.
 */
export interface Line {
  text: string;
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
}

export const NO_TIME = -1;
/** PID_MAX_LIMIT of 64-bit kernels (include/linux/threads.h). */
const MAX_PID = 4_194_304;

const SPACE = 32;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const PAREN = 0x28;
const COLON = 0x3a;
const DOT = 0x2e;
const DASH = 0x2d;
const LESS = 0x3c;
const SMALL_S = 0x73;
const LARGE_H = 0x48;

export function createLine(): Line {
  return {
    text: '',
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
  };
}

/** The line as a string of its own, for what is looked at rarely. */
export function textOf(line: Line): string {
  return line.text.slice(line.start, line.end);
}

/** What follows the event's name. */
export function bodyOf(line: Line): string {
  return line.text.slice(line.body, line.end);
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function skipSpaces(text: string, at: number): number {
  let i = at;
  while (text.charCodeAt(i) === SPACE) i++;
  return i;
}

/** End of the digits that start at `at`; `at` where there are none. */
export function skipDigits(text: string, at: number): number {
  let i = at;
  while (isDigit(text.charCodeAt(i))) i++;
  return i;
}

/** The decimal number in [start, end): exact up to 15 digits, -1 where there is none or more than that. */
export function decimalAt(text: string, start: number, end: number): number {
  if (end <= start || end - start > 15) return -1;
  let value = 0;
  for (let i = start; i < end; i++) value = value * 10 + text.charCodeAt(i) - 0x30;
  return value;
}

/** The pid in [start, end) into the line; false where it can be none. */
export function readPid(text: string, start: number, end: number, line: Line): boolean {
  line.pid = decimalAt(text, start, end);
  return line.pid >= 0 && line.pid <= MAX_PID;
}

/** `[cpu] flags time: name: ` from `at` on, with a `(tgid)` before it, and all that may follow it. */
export function readFromCpu(text: string, at: number, line: Line): boolean {
  let i = skipSpaces(text, at);
  if (text.charCodeAt(i) === PAREN) {
    const close = text.indexOf(')', i);
    if (close < 0 || close - i > 10 || close > line.end) return false;
    i = skipSpaces(text, close + 1);
  }
  if (text.charCodeAt(i) !== OPEN) return false;
  const end = skipDigits(text, i + 1);
  line.cpu = decimalAt(text, i + 1, end);
  if (line.cpu < 0 || line.cpu > MAX_CPU || text.charCodeAt(end) !== CLOSE) return false;
  i = skipSpaces(text, end + 1);
  return readFlags(text, i, line);
}

/** The columns irqs-off, need-resched, hardirq/softirq, preempt-depth, migrate-disable, where they are printed. */
function readFlags(text: string, at: number, line: Line): boolean {
  line.softirq = false;
  let i = at;
  if (!isDigit(text.charCodeAt(i))) {
    while (text.charCodeAt(i) > SPACE) i++;
    if (i - at < 3 || i - at > 8) return false;
    line.softirq = isSoftirq(text.charCodeAt(at + 2));
    i = skipSpaces(text, i);
  }
  const end = readTime(text, i, line);
  return end > 0 && readName(text, end, line);
}

/** `s`: softirq; `H`: a hardirq that interrupted one (trace_print_lat_fmt, kernel/trace/trace_output.c). */
export function isSoftirq(column: number): boolean {
  return column === SMALL_S || column === LARGE_H;
}

/** `seconds.fraction:`; other clocks print a bare count, which is no time. Returns where the colon ends, 0 where it is none. */
function readTime(text: string, at: number, line: Line): number {
  const dot = skipDigits(text, at);
  const seconds = decimalAt(text, at, dot);
  if (seconds < 0) return 0;
  if (text.charCodeAt(dot) === COLON) {
    line.seconds = NO_TIME;
    return dot + 1;
  }
  if (text.charCodeAt(dot) !== DOT) return 0;
  const end = skipDigits(text, dot + 1);
  const digits = end - dot - 1;
  if (digits < 1 || digits > 9 || text.charCodeAt(end) !== COLON) return 0;
  line.seconds = seconds;
  line.nanoseconds = decimalAt(text, dot + 1, end) * (digits === 6 ? 1000 : 10 ** (9 - digits));
  return end + 1;
}

/** `name: rest`, perf's `group:name: rest`, or the function tracer's `name <-caller`. */
export function readName(text: string, at: number, line: Line): boolean {
  let start = skipSpaces(text, at);
  let i = start;
  for (;;) {
    const code = text.charCodeAt(i);
    if (code === COLON) {
      const next = text.charCodeAt(i + 1);
      if (i > start && (next === SPACE || i + 1 >= line.end)) break;
      start = i + 1;
    } else if (code === SPACE) {
      return readCaller(text, start, i, line);
    } else if (!(code > SPACE)) {
      return false;
    }
    i++;
  }
  line.nameStart = start;
  line.nameEnd = i;
  line.body = skipSpaces(text, i + 1);
  line.isFunction = false;
  return true;
}

function readCaller(text: string, start: number, end: number, line: Line): boolean {
  const arrow = skipSpaces(text, end);
  if (end === start || text.charCodeAt(arrow) !== LESS || text.charCodeAt(arrow + 1) !== DASH) return false;
  line.nameStart = start;
  line.nameEnd = end;
  line.body = arrow;
  line.isFunction = true;
  return true;
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
