/**
 * A ring buffer that overflowed is told of where its CPU's next line comes, not where its last one was: in between, what that CPU
 * did is missing, and tasks and vCPUs have come and gone. So a capture is read some way ahead, and a loss is told where it began.
 */

import type { Block } from '../ingest/lines.ts';
import { createLine, textOf } from './columns/line.ts';
import { logPrefixEnd } from './columns/log.ts';
import { renderingOf } from './columns/rendering.ts';
import { readLost } from './columns/trace-cmd.ts';

export interface Loss {
  readonly count: number;
  readonly cpu: number;
}

/** Lines that have been read, with what was found to be lost behind them. */
export interface Held {
  readonly bytes: Buffer;
  readonly faults: Block['faults'];
  /** Number of the first line, from 1. */
  readonly first: number;
  /** Where the line feed of each line is. Lines may be empty: numbers of four bytes, not objects. */
  readonly ends: Int32Array;
}

export interface LookAhead {
  push(block: Block): void;
  /** The oldest lines, where more than `most` bytes are held. */
  take(most: number): Held | undefined;
  /** What was lost on a CPU behind the line of that number. */
  lostAfter(line: number): readonly Loss[];
  /** The line tells of a loss that `lostAfter` has told of. */
  isTold(line: number): boolean;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NONE: readonly Loss[] = [];
/** What a line has that tells of a loss; to look for a capital letter first is several times as fast as for a blank. */
const LOST = 'EVENTS';

function lineFeedsIn(bytes: Buffer): Int32Array {
  let ends = new Int32Array(1 + (bytes.length >> 6));
  let count = 0;
  for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, end + 1)) {
    if (count === ends.length) {
      const more = new Int32Array(2 * ends.length);
      more.set(ends);
      ends = more;
    }
    ends[count++] = end;
  }
  return ends.slice(0, count);
}

export function createLookAhead(): LookAhead {
  const held: Held[] = [];
  /** Index of the oldest that is held. Those before it go in large pieces: to shift a long array takes time for each of it. */
  let oldest = 0;
  const losses = new Map<number, Loss[]>();
  const told = new Set<number>();
  /** By CPU: number of its last line. Kept from the first loss on, which in most captures never comes. */
  let lastLines: Map<number, number> | undefined;
  let lines = 0;
  let bytesHeld = 0;
  let taken = 0;
  const line = createLine();

  /** Calls `look` with each line of the block. */
  function eachLine(
    { bytes, faults, first, ends }: Held,
    look: (start: number, end: number, number: number) => void,
  ): void {
    let start = 0;
    for (const [index, end] of ends.entries()) {
      if (!faults.has(index))
        look(start, bytes[end - 1] === CARRIAGE_RETURN && end > start ? end - 1 : end, first + index);
      start = end + 1;
    }
  }

  function note(block: Held): void {
    const last = lastLines as Map<number, number>;
    eachLine(block, (start, end, number) => {
      const { bytes } = block;
      line.bytes = bytes;
      line.start = start;
      line.end = end;
      line.start = logPrefixEnd(line);
      if (bytes[line.start] === 0x43 && bytes[line.start + 1] === 0x50) {
        const lost = readLost(textOf(line));
        if (lost !== undefined) {
          lose(last, lost.count, lost.cpu, number);
          return;
        }
      }
      if (renderingOf(line) !== '') last.set(line.cpu, number);
    });
  }

  function lose(last: ReadonlyMap<number, number>, count: number, cpu: number, number: number): void {
    const after = last.get(cpu);
    // Of a CPU that has had no line nothing is known yet; and what has been taken cannot be put right.
    if (after === undefined || after <= taken) return;
    const there = losses.get(after) ?? [];
    there.push({ count: Math.max(1, count), cpu });
    losses.set(after, there);
    told.add(number);
  }

  return {
    push({ bytes, faults }) {
      const copy = Buffer.from(bytes);
      const ends = lineFeedsIn(copy);
      const block: Held = { bytes: copy, faults, first: lines + 1, ends };
      held.push(block);
      lines += ends.length;
      bytesHeld += copy.length;
      if (lastLines !== undefined) note(block);
      else if (copy.includes(LOST)) {
        lastLines = new Map();
        for (const one of held.slice(oldest)) note(one);
      }
    },
    take(most) {
      if (bytesHeld <= most) return undefined;
      const block = held[oldest];
      if (block === undefined) return undefined;
      oldest++;
      if (oldest > held.length / 2) {
        held.splice(0, oldest);
        oldest = 0;
      }
      bytesHeld -= block.bytes.length;
      taken = block.first + block.ends.length - 1;
      return block;
    },
    lostAfter(number) {
      if (losses.size === 0) return NONE;
      const there = losses.get(number);
      losses.delete(number);
      return there ?? NONE;
    },
    isTold: (number) => told.size > 0 && told.delete(number),
  };
}
