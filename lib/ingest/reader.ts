/** Reads traces: one input, or several merged by time. The door through which every command gets its events. */

import { basename } from 'node:path';
import { decode } from '../trace/decode.ts';
import type { EventRecord } from '../trace/event.ts';
import { KIND } from '../trace/vocabulary.ts';
import { type Fault, fault } from './fault.ts';
import { createLineSplitter } from './lines.ts';
import { mergeBatches } from './merge.ts';
import { createRowParser, type Row } from './ndjson.ts';
import { DEFAULT_CHUNK_SIZE, type OpenOptions, openBytes, sizeOf } from './open.ts';
import type { Batch, InputError, InputProgress, Source } from './source.ts';

export interface ReadOptions extends Omit<OpenOptions, 'onBytes'> {
  /** Which reader turns bytes into events; `ndjson` is the reference. */
  readonly reader?: keyof typeof READERS;
  /** Longest line in bytes, without its LF or CR LF; default 1 MiB. A longer one is an input error. */
  readonly maxLineBytes?: number;
}

export const DEFAULT_MAX_LINE_BYTES = 1024 * 1024;
/** Inputs that are read together share the memory of one, down to this chunk size in bytes. */
const LEAST_SHARED_CHUNK = 64 * 1024;

/** Reads one input into batches; keeps `lines` and `bytes` of its progress, while `events` is kept for it. */
type InputReader = (path: string, input: number, progress: InputProgress, options: ReadOptions) => AsyncIterable<Batch>;

/** Another reader has to deliver the same events and errors as `ndjson` does. */
const READERS = { ndjson: readRows } satisfies Record<string, InputReader>;

/**
 * The events of `inputs` (paths, '-' for stdin, each plain, gzip or zstd): of one in the order of its lines, of
 * several merged by time. A batch must be read before the next is asked for, and each of its entries once: that is
 * what `events` of the progress counts. Bad lines and inputs are entries of their own; after a bad line the later
 * ones still follow.
 */
export function readTrace(inputs: readonly string[], options: ReadOptions = {}): Source {
  const progress = inputs.map(
    (path): InputProgress => ({
      name: path === '-' ? path : basename(path),
      lines: 0,
      events: 0,
      bytes: 0,
      size: sizeOf(path),
    }),
  );
  const { chunkSize = Math.max(DEFAULT_CHUNK_SIZE / Math.max(1, inputs.length), LEAST_SHARED_CHUNK) } = options;
  const read = READERS[options.reader ?? 'ndjson'];
  const sources = progress.map((of, input) => {
    const path = inputs[input] ?? '';
    if (path === '-' && inputs.indexOf('-') !== input) return stdinTwice(input);
    return read(path, input, of, { ...options, chunkSize });
  });
  const [only] = sources;
  const batches = only && sources.length === 1 ? only : mergeBatches(sources);
  return { inputs: progress, batches: countEvents(batches, progress) };
}

async function* countEvents(batches: AsyncIterable<Batch>, progress: readonly InputProgress[]): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    yield {
      length: batch.length,
      read(index, into) {
        const error = batch.read(index, into);
        const of = progress[into.input];
        if (error === undefined && of) of.events++;
        return error;
      },
    };
  }
}

async function* stdinTwice(input: number): AsyncGenerator<Batch> {
  yield errorBatch(input, fault('stdin only once', 'it twice'));
}

function errorBatch(input: number, fault: Fault): Batch {
  return { length: 1, read: () => errorOf(fault, input, 0) };
}

async function* readRows(
  path: string,
  input: number,
  progress: InputProgress,
  options: ReadOptions,
): AsyncGenerator<Batch> {
  const { maxLineBytes = DEFAULT_MAX_LINE_BYTES } = options;
  const splitter = createLineSplitter(maxLineBytes);
  const parser = createRowParser(maxLineBytes);
  let isFirst = true;

  function* batchesOf(blocks: ReturnType<typeof splitter.end>): Generator<Batch> {
    for (const block of blocks) {
      const rows = parser.parse(block);
      progress.lines = parser.lines;
      if (rows.length === 0) continue;
      yield rowBatch(rows, input, isFirst);
      isFirst = false;
    }
  }

  const bytes = openBytes(path, {
    ...options,
    onBytes: (count) => {
      progress.bytes += count;
    },
  });
  try {
    for await (const chunk of bytes) {
      if (!(chunk instanceof Uint8Array)) {
        // The line that was cut short with the input is not looked at: this error is about it as well.
        yield errorBatch(input, chunk);
        return;
      }
      yield* batchesOf(splitter.push(chunk));
    }
    yield* batchesOf(splitter.end());
  } finally {
    parser.close();
  }
}

/** `isFirst`: the batch begins with the first line of the input that is not blank, where `meta` may stand. */
function rowBatch(rows: readonly Row[], input: number, isFirst: boolean): Batch {
  return {
    length: rows.length,
    read(index, into) {
      const row = rows[index];
      if (row === undefined) throw new RangeError(`no entry ${index} in a batch of ${rows.length}`);
      into.input = input;
      into.line = row.line;
      const wrong = row.fault ?? decode(row.value, into) ?? misplaced(into, isFirst && index === 0);
      return wrong && errorOf(wrong, input, row.line);
    },
  };
}

function misplaced(event: EventRecord, isFirst: boolean): Fault | undefined {
  if (event.kind !== KIND.meta || isFirst) return undefined;
  return fault('meta only on the first line', '"meta"', 'event');
}

function errorOf({ field, expected, found }: Fault, input: number, line: number): InputError {
  return { input, line, field, expected, found };
}
