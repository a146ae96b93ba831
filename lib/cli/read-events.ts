/** Reads traces and captures for a command that looks at every event and prints its result at the end. */

import { type Capture, readCaptures } from '../import/read.ts';
import { formatInputError } from '../ingest/message.ts';
import type { InputError, InputProgress, Source } from '../ingest/source.ts';
import { createEventRecord, type EventRecord } from '../trace/event.ts';
import { type CaptureCommandOptions, readingOf, tellUnused } from './captures.ts';
import type { Context } from './context.ts';
import { Failure } from './exit.ts';
import { createBreather } from './terminal/breather.ts';
import { createProgress } from './terminal/progress.ts';

/** Of a command that takes traces and captures as they come. */
export interface ReadingOptions extends Omit<CaptureCommandOptions, 'model' | 'mode'> {
  readonly progress: boolean;
}

export interface WhatWasRead {
  readonly inputs: readonly InputProgress[];
  /** By input; undefined for NDJSON. */
  readonly captures: readonly (Capture | undefined)[];
}

/**
 * Shows every event to `visit`, in order, in one record that is filled again for each. Throws `Failure` for what cannot be
 * read, and for an error that `visit` returns; with `keepGoing` these are passed over.
 */
export async function readEvents(
  inputs: readonly string[],
  options: { readonly progress: boolean; readonly keepGoing?: boolean },
  { stdout, io }: Context,
  visit: (event: EventRecord) => InputError | undefined,
  source: Source,
): Promise<void> {
  const progress = createProgress(io, options.progress);
  const breathe = createBreather(stdout);
  const event = createEventRecord();
  try {
    for await (const batch of source.batches) {
      for (let index = 0; index < batch.length; index++) {
        const error = batch.read(index, event) ?? visit(event);
        if (error !== undefined && options.keepGoing !== true) throw new Failure(formatInputError(error, inputs));
      }
      progress.update(source.inputs);
      await breathe();
    }
  } catch (error) {
    if (error instanceof Failure || event.line === 0) throw error;
    throw new Error(`at line ${event.line} of input ${event.input}`, { cause: error });
  } finally {
    progress.clear();
  }
}

/** The same for traces and captures as they come; says on stderr what of captures was not used. */
export async function readEverything(
  inputs: readonly string[],
  options: ReadingOptions,
  context: Context,
  visit: (event: EventRecord) => InputError | undefined,
): Promise<WhatWasRead> {
  const source = readCaptures(inputs, readingOf(options));
  await readEvents(inputs, options, context, visit, source);
  tellUnused(source.captures, inputs, context.io);
  return source;
}
