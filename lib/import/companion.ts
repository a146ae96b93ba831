/**
 * The hypervisor's own trace beside a capture of its host: two files of one machine, whose lines are imported together in the order
 * of time, for each CPU's entries and exits belong between the lines of that CPU.
 */

import { createLine, type Line, NO_TIME, setText, textOf } from './columns/line.ts';
import { HYPERVISOR, renderingOf } from './columns/rendering.ts';
import { readLost } from './columns/trace-cmd.ts';
import { WHAT } from './payload/event-names.ts';
import type { Shown } from './survey.ts';

/** An entry of the hypervisor, or entries of it that are lost. */
export interface CompanionLine {
  readonly text: string;
  /** Time as the host counts it. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** Where it is no entry: so many are missing on the CPU. */
  readonly lost?: { readonly cpu: number; readonly count: number };
}

export interface Companion {
  /** What is to be added to its times was said, be it 0: they are those of the host then, whatever its clock is. */
  readonly isShifted: boolean;
  readonly lines: readonly CompanionLine[];
  /** Lines that are neither: the number of the first, and its text. */
  readonly unused: readonly { readonly number: number; readonly text: string }[];
}

const SECOND = 1_000_000_000n;
const MOST_UNUSED = 1000;

/** `offset`: ns to be added to its times, where somebody says so. Lines that are not understood are kept as such, up to a limit. */
export function readCompanion(text: string, offset?: bigint): Companion {
  const lines: CompanionLine[] = [];
  const unused: { number: number; text: string }[] = [];
  const line = createLine();
  let waiting: { cpu: number; count: number }[] = [];
  for (const [index, one] of text.split('\n').entries()) {
    if (one.trim() === '' || one.startsWith('#')) continue;
    const lost = readLost(one);
    if (lost !== undefined) {
      waiting.push({ cpu: lost.cpu, count: Math.max(1, lost.count) });
      continue;
    }
    setText(line, one.replace(/\r$/, ''));
    if (renderingOf(line) !== HYPERVISOR || line.seconds === NO_TIME) {
      if (unused.length < MOST_UNUSED) unused.push({ number: index + 1, text: one });
      continue;
    }
    const time = BigInt(line.seconds) * SECOND + BigInt(line.nanoseconds) + (offset ?? 0n);
    if (time < 0n) continue;
    const place = { seconds: Number(time / SECOND), nanoseconds: Number(time % SECOND) };
    for (const loss of waiting) lines.push({ text: '', ...place, lost: loss });
    waiting = [];
    lines.push({ text: textOf(line), ...place });
  }
  return { isShifted: offset !== undefined, lines, unused };
}

/** How far the import has come in the companion of a capture. */
export interface Beside {
  /** The import begins; whether there are lines of it, which `shown` then has. */
  begin(clock: string | undefined): boolean;
  readonly unused: Companion['unused'];
  /** Whether lines of it come before that line of the host, whose clock is `clock`. */
  hasBefore(line: Line, clock: string | undefined): boolean;
  /** The next that is not later. */
  next(seconds: number, nanoseconds: number): CompanionLine | undefined;
  /** Why its lines were not used; undefined where they were. */
  whyNot(clock: string | undefined): string | undefined;
}

/** The hypervisor's clock (trace_clock of the remote). */
const CLOCK = 'boot';

export function createBeside(companion: Companion | undefined, shown: Shown): Beside {
  const { lines = [], unused = [], isShifted = false } = companion ?? {};
  let index = 0;
  let hostHasTimes = false;
  const fits = (clock: string | undefined): boolean => isShifted || clock === undefined || clock === CLOCK;
  const isUpTo = (seconds: number, nanoseconds: number): boolean => {
    const next = lines[index];
    if (next === undefined) return false;
    return next.seconds < seconds || (next.seconds === seconds && next.nanoseconds <= nanoseconds);
  };
  return {
    unused,
    begin(clock) {
      if (lines.length === 0 || !fits(clock)) return false;
      for (const what of [WHAT.hypEnter, WHAT.hypExit]) shown.kinds[what] = 1;
      return true;
    },
    hasBefore(line, clock) {
      if (lines.length === 0 || line.seconds === NO_TIME || !fits(clock)) return false;
      hostHasTimes = true;
      return isUpTo(line.seconds, line.nanoseconds);
    },
    next: (seconds, nanoseconds) => (isUpTo(seconds, nanoseconds) ? lines[index++] : undefined),
    whyNot(clock) {
      if (lines.length === 0) return undefined;
      if (!fits(clock)) return `the hypervisor's trace: its clock is ${CLOCK}, the capture's ${clock} (--clock-offset)`;
      return hostHasTimes ? undefined : "the hypervisor's trace: the capture has no times to merge it by";
    },
  };
}

/** Whether the text of an input, of which these are the first bytes, is the hypervisor's. */
export function isOfHypervisor(first: Uint8Array): boolean {
  const line = createLine();
  for (const one of Buffer.from(first).toString('latin1').split('\n')) {
    setText(line, one.trimEnd());
    const rendering = renderingOf(line);
    if (rendering !== '') return rendering === HYPERVISOR;
  }
  return false;
}
