/** Several inputs as one, ordered by time; by the order of the inputs, then of the lines, where times are equal. */

import { ABSENT, createEventRecord, type EventRecord, timestampOf } from '../trace/event.ts';
import { KIND } from '../trace/vocabulary.ts';
import type { Batch, InputError } from './source.ts';

/** An input and how far it has been merged. */
interface Cursor {
  readonly input: number;
  readonly batches: AsyncIterator<Batch>;
  batch: Batch | undefined;
  /** The next entry of the batch. */
  index: number;
  /** Its time, in two halves; that of the entry before it where it has none, so that an error keeps its place. */
  high: number;
  low: number;
  /** Line that the time is from; 0 before the first. */
  line: number;
  /** What is wrong with the next entry beyond what its batch says. */
  error: InputError | undefined;
}

interface Entry {
  readonly batch: Batch;
  readonly index: number;
  readonly error: InputError | undefined;
}

/**
 * Merges inputs, each of which has to be sorted by `ts`. A `meta` line and bad lines before the first time come first.
 * An entry without a time, or with one before that of its predecessor in the same input, is delivered as an error.
 * Holds one batch of each input; entries of its batches are read twice, once for their time.
 */
export async function* mergeBatches(sources: readonly AsyncIterable<Batch>[]): AsyncGenerator<Batch> {
  const cursors: Cursor[] = sources.map((source, input) => ({
    input,
    batches: source[Symbol.asyncIterator](),
    batch: undefined,
    index: -1,
    high: ABSENT,
    low: 0,
    line: 0,
    error: undefined,
  }));
  try {
    yield* mergeCursors(cursors);
  } finally {
    await Promise.all(cursors.map(({ batches }) => batches.return?.()));
  }
}

async function* mergeCursors(cursors: readonly Cursor[]): AsyncGenerator<Batch> {
  const scratch = createEventRecord();
  /** Those that are not at their end, the next to deliver first. */
  const queue: Cursor[] = [];
  for (const cursor of cursors) {
    if (await refill(cursor)) {
      advance(cursor, scratch);
      enqueue(queue, cursor);
    }
  }
  let entries: Entry[] = [];
  for (let cursor = queue.shift(); cursor; cursor = queue.shift()) {
    // Only cursors with a batch are in the queue.
    const batch = cursor.batch as Batch;
    entries.push({ batch, index: cursor.index, error: cursor.error });
    if (cursor.index + 1 === batch.length) {
      // What is merged so far has to be read before the batch that it is in gives way to the next.
      yield batchOf(entries);
      entries = [];
      if (!(await refill(cursor))) continue;
    }
    advance(cursor, scratch);
    enqueue(queue, cursor);
  }
}

function batchOf(entries: readonly Entry[]): Batch {
  return {
    length: entries.length,
    read(index, into) {
      const entry = entries[index];
      if (entry === undefined) throw new RangeError(`no entry ${index} in a batch of ${entries.length}`);
      return entry.batch.read(entry.index, into) ?? entry.error;
    },
  };
}

/** The next batch that has entries; false at the end of the input. */
async function refill(cursor: Cursor): Promise<boolean> {
  for (let next = await cursor.batches.next(); !next.done; next = await cursor.batches.next()) {
    if (next.value.length === 0) continue;
    cursor.batch = next.value;
    cursor.index = -1;
    return true;
  }
  return false;
}

function advance(cursor: Cursor, scratch: EventRecord): void {
  cursor.index++;
  cursor.error = undefined;
  if (cursor.batch?.read(cursor.index, scratch) !== undefined || scratch.kind === KIND.meta) return;
  if (scratch.tsHigh === ABSENT) {
    cursor.error = timeError(scratch, 'a time, which merging inputs needs', 'nothing');
  } else if (isBefore(scratch.tsHigh, scratch.tsLow, cursor)) {
    const last = timestampOf({ ...scratch, tsHigh: cursor.high, tsLow: cursor.low });
    const expected = `a time not before that of line ${cursor.line} (${last}), as merging inputs needs`;
    cursor.error = timeError(scratch, expected, String(timestampOf(scratch)));
  } else {
    cursor.high = scratch.tsHigh;
    cursor.low = scratch.tsLow;
    cursor.line = scratch.line;
  }
}

function timeError({ input, line }: EventRecord, expected: string, found: string): InputError {
  return { input, line, field: 'ts', expected, found };
}

function isBefore(high: number, low: number, other: Cursor): boolean {
  return high < other.high || (high === other.high && low < other.low);
}

/** Puts the cursor where it belongs; near the front mostly, since the one that was just first tends to stay there. */
function enqueue(queue: Cursor[], cursor: Cursor): void {
  let at = 0;
  for (let other = queue[at]; other && comesAfter(cursor, other); other = queue[at]) at++;
  queue.splice(at, 0, cursor);
}

function comesAfter(cursor: Cursor, other: Cursor): boolean {
  if (isBefore(cursor.high, cursor.low, other)) return false;
  if (isBefore(other.high, other.low, cursor)) return true;
  return cursor.input > other.input;
}
