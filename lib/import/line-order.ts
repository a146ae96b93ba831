/**
 * Puts the lines of each CPU in the order of time before they are imported. A CPU's ring buffer is in order; a line that is not was
 * moved by what printed, merged or copied the text, or its time was damaged. As far as a window of lines reaches, what was moved
 * goes back; and a time that is later than those of nearly all lines after it is wrong, which costs that line and no other.
 */

import { type Columns, columnsOf, createLine, NO_TIME } from './columns/line.ts';
import { logPrefixEnd } from './columns/log.ts';
import { createFiles } from './columns/margin.ts';
import { renderingOf } from './columns/rendering.ts';
import type { Held } from './look-ahead.ts';
import type { Shown } from './survey.ts';

/** Lines that are waited for. */
const WINDOW = 512;
/** Lines of its CPU that a line can go back behind; one that would go further has a wrong time, or is of another capture. */
const FURTHEST = 64;
/** A time is wrong where fewer lines of its CPU than FEW are as late, and as many as MANY after it are not. */
const FEW = 4;
const MANY = 8;

/** A place in the bytes that were read. */
export interface LineAt {
  readonly held: Held;
  /** Index in its block. */
  readonly index: number;
  readonly start: number;
  readonly end: number;
  /** Number in the order in which lines were read. */
  readonly at: number;
  /** -1 where the line is none of a CPU, or has no time. */
  readonly cpu: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  /** What its columns say; undefined where they were not read. */
  readonly columns: Columns | undefined;
}

export interface LineOrder {
  /** The next line as it was read; the lines that need not wait any longer come out by `give`. */
  push(held: Held, index: number, start: number, end: number): void;
  /** No more lines. */
  end(): void;
  /** Lines that came out before lines that were read earlier. */
  readonly moved: number;
}

/** What is wrong with a line that is not to be used. */
export type Flaw = 'too late' | 'printed twice' | undefined;

type Give = (line: LineAt, flaw: Flaw) => void;

type Time = Pick<LineAt, 'seconds' | 'nanoseconds'>;

const isBefore = (a: Time, b: Time): boolean =>
  a.seconds < b.seconds || (a.seconds === b.seconds && a.nanoseconds < b.nanoseconds);

const isSame = (a: LineAt, b: LineAt): boolean =>
  a.held.bytes.compare(b.held.bytes, b.start, b.end, a.start, a.end) === 0;

/** By CPU; of lines only their time, so that nothing keeps the bytes. */
type Times = ({ seconds: number; nanoseconds: number } | undefined)[];

function setTime(times: Times, cpu: number, { seconds, nanoseconds }: Time): void {
  const time = times[cpu];
  if (time === undefined) times[cpu] = { seconds, nanoseconds };
  else {
    time.seconds = seconds;
    time.nanoseconds = nanoseconds;
  }
}

/** `shown.inLog`: lines of the capture have the prefix of the kernel's log. `file`: which of several it is about. */
export function createLineOrder(shown: Pick<Shown, 'inLog'>, file: string | undefined, give: Give): LineOrder {
  const line = createLine();
  const files = createFiles(file);
  const waiting: LineAt[] = [];
  let oldest = 0;
  let read = 0;
  let moved = 0;
  /** By CPU: the latest time that was read, and the last one that was given. */
  const latest: Times = [];
  const given: Times = [];
  /** By CPU: its last line was printed before. */
  const repeating: boolean[] = [];
  /** Lines that went before the one that has waited longest. */
  let overtaken = 0;
  /** Of those that wait: lines that stay where they are, although they are earlier than others before them. */
  const stale = new Set<LineAt>();
  const printedTwice = new Set<LineAt>();
  /** Up to that line there is one that is earlier than one before it. */
  let suspect = -1;

  function lineAt(held: Held, index: number, start: number, end: number): LineAt {
    line.bytes = held.bytes;
    line.start = start;
    line.end = end > start && held.bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    line.start = logPrefixEnd(line);
    const isLooked = !held.faults.has(index) && (line.start === start || shown.inLog);
    const columns = isLooked ? columnsOf(line, renderingOf(line)) : undefined;
    const isEntry = columns !== undefined && columns.rendering !== '';
    const isTimed = isEntry && line.seconds !== NO_TIME && !files.isOther(line);
    const { cpu, seconds, nanoseconds } = line;
    return { held, index, start, end, at: read++, cpu: isTimed ? cpu : -1, seconds, nanoseconds, columns };
  }

  function note(next: LineAt): void {
    const { cpu } = next;
    if (cpu < 0) return;
    const last = latest[cpu];
    if (last === undefined || isBefore(last, next)) {
      setTime(latest, cpu, next);
      repeating[cpu] = false;
    } else if (!isBefore(next, last)) {
      // At one time a CPU may say the same twice; at the end of a piece that is printed again it did not.
      if (repeating[cpu] === true) noteTwin(next);
    } else if (goesBack(next)) suspect = next.at;
    else stale.add(next);
  }

  /** Its place is not far, nor before what has been given. */
  function goesBack(next: LineAt): boolean {
    if (isStale(next)) return false;
    noteTwin(next);
    const mine = waiting.slice(oldest).filter(({ cpu }) => cpu === next.cpu);
    return mine.filter((other) => isBefore(next, other) && !stale.has(other)).length <= FURTHEST;
  }

  function noteTwin(next: LineAt): void {
    const isTwin = (other: LineAt) => other.cpu === next.cpu && isSame(other, next);
    const has = waiting.findLastIndex(isTwin) >= oldest;
    repeating[next.cpu] = has;
    if (has) printedTwice.add(next);
  }

  /** Gives the line that comes first of those that wait. */
  function giveFirst(): void {
    const head = waiting[oldest] as LineAt;
    if (head.cpu >= 0 && head.at <= suspect && !isStale(head)) {
      const others = waiting.slice(oldest + 1).filter(({ cpu }) => cpu === head.cpu);
      const earlier = others.filter((other) => isBefore(other, head) && !isStale(other));
      if (earlier.length > 0) {
        const later = others.length - earlier.length;
        if (later < FEW && earlier.length + overtaken >= MANY) drop(head, others);
        else move(earlier.reduce((first, other) => (isBefore(other, first) ? other : first)));
        return;
      }
    }
    take(oldest);
    if (head.cpu >= 0 && !isStale(head)) setTime(given, head.cpu, head);
    if (stale.size > 0) stale.delete(head);
    give(head, printedTwice.size > 0 && printedTwice.delete(head) ? 'printed twice' : undefined);
  }

  const isStale = (other: LineAt): boolean => {
    const last = given[other.cpu];
    return (stale.size > 0 && stale.has(other)) || (last !== undefined && isBefore(other, last));
  };

  function drop(head: LineAt, others: readonly LineAt[]): void {
    take(oldest);
    setTime(
      latest,
      head.cpu,
      others.reduce((last, other) => (isBefore(other, last) ? last : other)),
    );
    give(head, 'too late');
  }

  function move(first: LineAt): void {
    take(waiting.indexOf(first, oldest));
    overtaken++;
    setTime(given, first.cpu, first);
    if (printedTwice.delete(first)) give(first, 'printed twice');
    else {
      moved++;
      give(first, undefined);
    }
  }

  function take(index: number): void {
    if (index > oldest) {
      waiting.splice(index, 1);
      return;
    }
    overtaken = 0;
    if (++oldest < WINDOW) return;
    waiting.splice(0, oldest);
    oldest = 0;
  }

  return {
    get moved() {
      return moved;
    },
    push(held, index, start, end) {
      const next = lineAt(held, index, start, end);
      note(next);
      waiting.push(next);
      while (waiting.length - oldest > WINDOW) giveFirst();
    },
    end() {
      while (waiting.length > oldest) giveFirst();
    },
  };
}

const CARRIAGE_RETURN = 0x0d;
