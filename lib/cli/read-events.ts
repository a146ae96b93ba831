/** Reads traces for a command that looks at every event and prints its result at the end. */

import { formatInputError } from '../ingest/message.ts';
import { readTrace } from '../ingest/reader.ts';
import type { InputError, InputProgress, Source } from '../ingest/source.ts';
import { createEventRecord, type EventRecord } from '../trace/event.ts';
import { createBreather } from './breather.ts';
import { Failure } from './exit.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';
import { createProgress } from './progress.ts';

export interface ReadEventsOptions {
  readonly progress: boolean;
  readonly maxLineBytes: number;
}

/**
 * Shows every event to `visit`, in order, in one record that is filled again for each; returns what was read. Throws
 * `Failure` for what cannot be read, and for an error that `visit` returns.
 */
export async function readEvents(
  inputs: readonly string[],
  options: ReadEventsOptions,
  stdout: Output,
  io: Io,
  visit: (event: EventRecord) => InputError | undefined,
  source: Source = readTrace(inputs, { maxLineBytes: options.maxLineBytes }),
): Promise<readonly InputProgress[]> {
  const progress = createProgress(io, options.progress);
  const breathe = createBreather(stdout);
  const event = createEventRecord();
  try {
    for await (const batch of source.batches) {
      for (let index = 0; index < batch.length; index++) {
        const error = batch.read(index, event) ?? visit(event);
        if (error !== undefined) throw new Failure(formatInputError(error, inputs));
      }
      progress.update(source.inputs);
      await breathe();
    }
    return source.inputs;
  } catch (error) {
    if (error instanceof Failure || event.line === 0) throw error;
    throw new Error(`at line ${event.line} of input ${event.input}`, { cause: error });
  } finally {
    progress.clear();
  }
}
