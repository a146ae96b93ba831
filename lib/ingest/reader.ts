/** Reads traces: one input, or several merged by time. The door through which every command gets its events. */

import { basename } from 'node:path';
import type { EventRecord } from '../trace/event.ts';
import type { BlockReader } from './block-reader.ts';
import { createRecordReader } from './fast/record-reader.ts';
import { type Fault, fault } from './fault.ts';
import { type Block, createLineSplitter, DEFAULT_MAX_LINE_BYTES } from './lines.ts';
import { mergeBatches } from './merge.ts';
import { type ByteSource, DEFAULT_CHUNK_SIZE, type OpenOptions, openBytes, sizeOf } from './open/open.ts';
import { errorOf } from './plain/row.ts';
import { type Recognise, recognised } from './recognise.ts';
import { offsetOf, shiftedBatches } from './shift.ts';
import type { Batch, InputError, InputProgress, Source } from './source.ts';

export interface ReadOptions extends Omit<OpenOptions, 'onBytes'> {
  /** Which reader turns bytes into events: `fast` (default), or the reference, `ndjson`. */
  readonly reader?: ReaderName;
  /** Longest line in bytes, without its LF or CR LF; default 1 MiB. A longer one is an input error. */
  readonly maxLineBytes?: number;
  /** How many threads read one input with the fast reader, 1 or 2; default: 2 where that is faster. */
  readonly threads?: 1 | 2;
  /** What is added to the times of an input, in ns, by its path or its file's name. */
  readonly clockOffsets?: ReadonlyMap<string, bigint>;
  /** Finds the reader of an input that is not NDJSON; default: there is none. */
  readonly recognise?: Recognise;
}

/** Inputs that are read together share the memory of one, down to this chunk size in bytes. */
const LEAST_SHARED_CHUNK = 64 * 1024;
/** Below this many bytes a second thread takes longer to start than it saves. */
const LEAST_FOR_THREAD = 32 * 1024 * 1024;

type CreateBlockReader = (input: number, maxLineBytes: number) => BlockReader | Promise<BlockReader>;

/** All deliver the same events and errors. */
const READERS = {
  /** The reference. The package that it uses is loaded only for it. */
  ndjson: async (input, maxLineBytes) => (await import('./plain/row-reader.ts')).createRowReader(input, maxLineBytes),
  fast: (input) => createRecordReader(input),
} satisfies Record<string, CreateBlockReader>;

export type ReaderName = keyof typeof READERS;

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
  const sources = progress.map((of, input) => {
    const path = inputs[input] as string;
    if (path === '-' && inputs.indexOf('-') !== input) return stdinTwice(input);
    const inThisThread = (): AsyncIterable<Batch> => {
      const onBytes = (count: number): void => {
        of.bytes += count;
      };
      const bytes = openBytes(path, { ...options, chunkSize, onBytes });
      const readLines = (plain: ByteSource) => readNdjson(plain, input, of, options);
      return options.recognise === undefined
        ? readLines(bytes)
        : recognised(bytes, options.recognise, (foreign, plain) => foreign(plain, input, of), readLines);
    };
    if (inputs.length > 1 || !mayTakeThread(of.size, options)) return inThisThread();
    const { maxLineBytes = DEFAULT_MAX_LINE_BYTES } = options;
    return readLarge({ path, maxLineBytes, chunkSize }, input, of, options, inThisThread);
  });
  const shifted = sources.map((source, input) => {
    const offset = offsetOf(inputs[input] as string, options.clockOffsets);
    return offset === 0n ? source : shiftedBatches(source, offset);
  });
  const [only] = shifted;
  const batches = only && shifted.length === 1 ? only : mergeBatches(shifted);
  return { inputs: progress, batches: countEvents(batches, progress) };
}

function mayTakeThread(size: number | undefined, { reader = 'fast', threads }: ReadOptions): boolean {
  return reader === 'fast' && size !== undefined && (threads ?? (size >= LEAST_FOR_THREAD ? 2 : 1)) === 2;
}

/** Batches that count what is read of them: one object, as many calls go through it. */
async function* countEvents(batches: AsyncIterable<Batch>, progress: readonly InputProgress[]): AsyncGenerator<Batch> {
  let current: Batch | undefined;
  const counting: { length: number; scanned: Batch['scanned'] } & Batch = {
    length: 0,
    scanned: undefined,
    leapt(entries) {
      (progress[0] as InputProgress).events += entries;
    },
    read(index: number, into: EventRecord): InputError | undefined {
      const error = (current as Batch).read(index, into);
      if (error === undefined) (progress[into.input] as InputProgress).events++;
      return error;
    },
  };
  for await (const batch of batches) {
    current = batch;
    counting.length = batch.length;
    counting.scanned = batch.scanned;
    yield counting;
  }
}

async function* stdinTwice(input: number): AsyncGenerator<Batch> {
  yield errorBatch(input, fault('stdin only once', 'it twice'));
}

/** Reads on two threads where they are of use. What that takes is loaded only here. */
async function* readLarge(
  task: { readonly path: string; readonly maxLineBytes: number; readonly chunkSize: number },
  input: number,
  progress: InputProgress,
  { threads, recognise }: ReadOptions,
  inThisThread: () => AsyncIterable<Batch>,
): AsyncGenerator<Batch> {
  const { hasCoreForThread, isPlainNdjson } = await import('./thread/thread-gain.ts');
  if ((threads === 2 || hasCoreForThread()) && isPlainNdjson(task.path, recognise)) {
    const { readInThread } = await import('./thread/two-threads.ts');
    yield* readInThread(task, input, progress, (fault) => errorBatch(input, fault));
  } else yield* inThisThread();
}

function errorBatch(input: number, fault: Fault): Batch {
  return { length: 1, read: () => errorOf(fault, input, 0) };
}

async function* readNdjson(
  bytes: ByteSource,
  input: number,
  progress: InputProgress,
  { maxLineBytes = DEFAULT_MAX_LINE_BYTES, reader: name = 'fast' }: ReadOptions,
): AsyncGenerator<Batch> {
  const splitter = createLineSplitter(maxLineBytes);
  const reader: BlockReader = await READERS[name](input, maxLineBytes);

  function* batchesOf(blocks: Iterable<Block>): Generator<Batch> {
    for (const block of blocks) {
      yield* reader.batches(block);
      progress.lines = reader.lines;
    }
  }

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
    reader.close();
  }
}
