/** Reads traces and captures for a command that looks at every event and prints its result at the end. */

import { type Capture, readCaptures } from '../import/read.ts';
import type { InputError, InputProgress, Source } from '../ingest/source.ts';
import type { EventRecord } from '../trace/event.ts';
import { type CaptureCommandOptions, readingOf, tellUnused } from './captures.ts';
import type { Context } from './context.ts';
import { type EventLoop, eachEvent } from './event-loop.ts';
import { InputFailure } from './exit.ts';
import type { Io } from './terminal/io.ts';

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
  { stdout, io }: { readonly stdout: EventLoop['output']; readonly io: Io },
  visit: (event: EventRecord) => InputError | undefined,
  source: Source,
): Promise<void> {
  const refuse = (error: InputError): void => {
    if (options.keepGoing !== true) throw new InputFailure(error, inputs);
  };
  const take = (event: EventRecord): void => {
    const error = visit(event);
    if (error !== undefined) refuse(error);
  };
  await eachEvent({ source, visit: take, fault: refuse, output: stdout, progress: options.progress }, io);
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
