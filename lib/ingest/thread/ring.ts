/**
 * Memory that two threads share, for batches of records on their way from one to the other. Neither thread sends a
 * message for a batch, which would cost a system call each time: the writer sleeps when all slots are full, until half
 * of them are free again, and the reader when all are empty.
 */

import { BATCH_WORDS } from '../fast/layout.ts';
import type { Fault } from '../fault.ts';

/** Batches on their way: enough that neither thread waits for the other for long. */
const SLOTS = 32;
const WRITER_WAKES_AT = SLOTS / 2;

/** Counters: batches written and released since the start, and which side sleeps: Atomics.notify takes 8 us even where nobody waits. */
const WRITTEN = 0;
const RELEASED = 1;
const READER_SLEEPS = 2;
const WRITER_SLEEPS = 3;
const COUNTERS = 4;

/** Numbers at the head of a slot. */
const HEAD = 5;
const LENGTH = 0;
const FIRST_LINE = 1;
const LINES = 2;
const BYTES = 3;
const WITH_MESSAGE = 4;

export interface RingMemory {
  readonly counters: SharedArrayBuffer;
  readonly slots: readonly SharedArrayBuffer[];
}

/** What a message that goes with a batch says. */
export interface RingMessage {
  /** The lines of the batch that the scanner did not take. */
  readonly slow: (string | Fault)[];
  /** No batch comes after this one; with why, where the input did not simply end. */
  readonly end: boolean;
  readonly fault: Fault | undefined;
}

export interface SlotHead {
  /** Records in the batch. */
  readonly length: number;
  readonly firstLine: number;
  /** Lines and bytes of the input read so far. */
  readonly lines: number;
  readonly bytes: number;
  /** A message, sent before, belongs to the batch. */
  readonly withMessage: boolean;
}

export function createRingMemory(): RingMemory {
  const bytes = HEAD * Float64Array.BYTES_PER_ELEMENT + BATCH_WORDS * Int32Array.BYTES_PER_ELEMENT;
  return {
    counters: new SharedArrayBuffer(COUNTERS * Int32Array.BYTES_PER_ELEMENT),
    slots: Array.from({ length: SLOTS }, () => new SharedArrayBuffer(bytes)),
  };
}

function slotsOf({ slots }: RingMemory): { readonly head: Float64Array; readonly words: Int32Array }[] {
  return slots.map((slot) => ({
    head: new Float64Array(slot, 0, HEAD),
    words: new Int32Array(slot, HEAD * Float64Array.BYTES_PER_ELEMENT),
  }));
}

export interface RingWriter {
  /** The words of the next batch; sleeps until there is a slot for it. */
  claim(): Int32Array;
  /** Hands over the batch whose words were claimed. */
  publish(head: SlotHead): void;
}

export function createRingWriter(memory: RingMemory): RingWriter {
  const counters = new Int32Array(memory.counters);
  const slots = slotsOf(memory);
  let written = 0;
  const slotOf = (number: number) => slots[number % SLOTS] as (typeof slots)[number];
  // The counters wrap around at 2^32, and so does their difference.
  const onTheirWay = (released: number): number => (written - released) | 0;
  return {
    claim() {
      let released = Atomics.load(counters, RELEASED);
      if (onTheirWay(released) < SLOTS) return slotOf(written).words;
      Atomics.store(counters, WRITER_SLEEPS, 1);
      while (onTheirWay(released) > WRITER_WAKES_AT) {
        Atomics.wait(counters, RELEASED, released);
        released = Atomics.load(counters, RELEASED);
      }
      Atomics.store(counters, WRITER_SLEEPS, 0);
      return slotOf(written).words;
    },
    publish({ length, firstLine, lines, bytes, withMessage }) {
      const { head } = slotOf(written);
      head[LENGTH] = length;
      head[FIRST_LINE] = firstLine;
      head[LINES] = lines;
      head[BYTES] = bytes;
      head[WITH_MESSAGE] = withMessage ? 1 : 0;
      written += 1;
      Atomics.store(counters, WRITTEN, written | 0);
      if (Atomics.load(counters, READER_SLEEPS) === 1) Atomics.notify(counters, WRITTEN);
    },
  };
}

export interface RingReader {
  /** The next batch, to be released before the one after it is asked for; undefined where none came for `patience` ms. */
  next(patience: number): (SlotHead & { readonly words: Int32Array }) | undefined;
  release(): void;
}

export function createRingReader(memory: RingMemory): RingReader {
  const counters = new Int32Array(memory.counters);
  const slots = slotsOf(memory);
  let released = 0;
  return {
    next(patience) {
      if (Atomics.load(counters, WRITTEN) === (released | 0)) {
        Atomics.store(counters, READER_SLEEPS, 1);
        Atomics.wait(counters, WRITTEN, released | 0, patience);
        Atomics.store(counters, READER_SLEEPS, 0);
        if (Atomics.load(counters, WRITTEN) === (released | 0)) return undefined;
      }
      const { head, words } = slots[released % SLOTS] as (typeof slots)[number];
      const [length, firstLine, lines, bytes, withMessage] = head as unknown as [
        number,
        number,
        number,
        number,
        number,
      ];
      return { words, length, firstLine, lines, bytes, withMessage: withMessage === 1 };
    },
    release() {
      released += 1;
      Atomics.store(counters, RELEASED, released | 0);
      const isTime = ((Atomics.load(counters, WRITTEN) - released) | 0) <= WRITER_WAKES_AT;
      if (isTime && Atomics.load(counters, WRITER_SLEEPS) === 1) Atomics.notify(counters, RELEASED);
    },
  };
}
