/** Reads traces as they come: NDJSON, and captures, text or binary, that are imported on the way. Their content says which they are. */

import { type Fault, fault } from '../ingest/fault.ts';
import type { ByteSource } from '../ingest/open/open.ts';
import { type ReadOptions, readTrace } from '../ingest/reader.ts';
import type { ForeignReader } from '../ingest/recognise.ts';
import type { Batch, InputError, InputProgress, Source } from '../ingest/source.ts';
import { decode } from '../trace/decode.ts';
import type { Foreign, ImportAccount } from './account.ts';
import { detectFormat, type InputFormat } from './columns/rendering.ts';
import type { ImportOptions } from './importer.ts';
import type { TraceEvent } from './state/queue.ts';

export interface CaptureOptions extends Omit<ReadOptions, 'recognise'> {
  /** How captures are imported. */
  readonly importing?: ImportOptions;
  /** Gets the bytes of captures as they are read; a chunk is valid during the call. */
  readonly onText?: (chunk: Uint8Array, input: number) => void;
}

const LINE_FEED = 0x0a;

/** A capture that has been read to its end. */
export interface Capture {
  readonly account: ImportAccount;
  /** What it says of its kernel, or the options of the import did. */
  readonly model: string | undefined;
  readonly mode: string | undefined;
  /** What was taken for granted of its kernel. */
  readonly presumed?: ImportAccount['presumed'];
}

export interface CaptureSource extends Source {
  /** By input; undefined for NDJSON, and before its end. */
  readonly captures: readonly (Capture | undefined)[];
}

/** What a user can do about what cannot be read. */
const REFUSED: Partial<Record<InputFormat, string>> = {
  'perf script without columns':
    'lines of perf script that lack the thread or the CPU (print them with perf script -F comm,pid,tid,cpu,time,event,trace)',
};

/**
 * The events of `inputs`, as `readTrace` delivers them; the line of an event of a capture is that of the raw text. All lines
 * of a capture can be read: what is not understood is in its account, and what is damaged or missing comes as `lost`.
 */
export function readCaptures(inputs: readonly string[], options: CaptureOptions = {}): CaptureSource {
  const captures: (Capture | undefined)[] = inputs.map(() => undefined);
  const readCapture: ForeignReader = (bytes, input, progress) =>
    captureBatches(bytes, inputs, input, progress, options, (capture) => {
      captures[input] = capture;
    });
  const source = readTrace(inputs, {
    ...options,
    recognise(first) {
      const format = detectFormat(first);
      if (format === 'unknown') return 'more';
      if (format === 'ndjson') return 'ndjson';
      const refused = REFUSED[format];
      return refused === undefined
        ? readCapture
        : (_bytes, input) => refuse(input, fault('the text of a trace', refused));
    },
  });
  return { ...source, captures };
}

async function* refuse(input: number, what: Fault, line = 0): AsyncGenerator<Batch> {
  yield { length: 1, read: () => ({ ...errorOf(input, what), line }) };
}

/** What is wrong with a capture of another architecture. */
export function foreignFault({ machine, event }: Foreign): Fault {
  return fault('a capture of KVM on arm64', `${event} of ${machine}`);
}

/** Said of what is far longer than what may stand before the entries of a trace. */
export const NO_TRACE = fault('the text of a trace', 'no entry of one as far as was read');

async function* captureBatches(
  bytes: ByteSource,
  inputs: readonly string[],
  input: number,
  progress: InputProgress,
  options: CaptureOptions,
  done: (capture: Capture) => void,
): AsyncGenerator<Batch> {
  // Loaded here, for most traces are NDJSON.
  const { createTextImport } = await import('./text.ts');
  const { asText } = await import('./binary/as-text.ts');
  const { partOf } = await import('./pairing.ts');
  const { importing = {}, maxLineBytes, onText } = options;
  const { isTaken, companion } = await partOf(inputs, input, options);
  if (isTaken) {
    for await (const chunk of bytes) if (chunk instanceof Uint8Array) progress.lines += linesIn(chunk);
    return;
  }
  if (companion !== undefined && 'expected' in companion) {
    yield* refuse(input, companion);
    return;
  }
  let events: TraceEvent[] = [];
  let lines: number[] = [];
  let meta: TraceEvent | undefined;
  const take = (): Batch => {
    const batch = batchOf(events, lines, input);
    progress.lines = lines.at(-1) ?? progress.lines;
    events = [];
    lines = [];
    return batch;
  };
  const limits = maxLineBytes === undefined ? {} : { maxLineBytes };
  const importer = createTextImport(
    { ...importing, ...limits, ...(companion !== undefined && { companion }) },
    (event, line) => {
      if (event.event === 'meta') meta = event;
      events.push(event);
      lines.push(line);
    },
  );
  const onBytes = (count: number): void => {
    progress.bytes += count;
  };
  for await (const chunk of asText(bytes, inputs[input] as string, { onBytes })) {
    if (!(chunk instanceof Uint8Array)) {
      yield* refuse(input, chunk);
      return;
    }
    onText?.(chunk, input);
    importer.push(chunk);
    if (importer.foreign !== undefined)
      return yield* refuse(input, foreignFault(importer.foreign), importer.foreign.line);
    if (importer.isNone) return yield* refuse(input, NO_TRACE);
    if (events.length > 0) yield take();
  }
  for (const _ of importer.rest()) {
    if (importer.foreign !== undefined)
      return yield* refuse(input, foreignFault(importer.foreign), importer.foreign.line);
    if (events.length > 0) yield take();
  }
  const account = importer.finish();
  yield take();
  progress.lines = account.lines;
  done({ account, model: meta?.model, mode: meta?.mode, presumed: account.presumed });
}

function linesIn(chunk: Uint8Array): number {
  let count = 0;
  for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

function batchOf(events: readonly TraceEvent[], lines: readonly number[], input: number): Batch {
  return {
    length: events.length,
    read(index, into) {
      const event = events[index];
      if (event === undefined) throw new RangeError(`no entry ${index} in a batch of ${events.length}`);
      into.input = input;
      into.line = lines[index] as number;
      const error = decode(event, into);
      return error && { ...errorOf(input, error), line: into.line };
    },
  };
}

function errorOf(input: number, fault: Fault): InputError {
  return { input, line: 0, ...fault };
}
