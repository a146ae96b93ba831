/** A line of a trace, as a user names it: a number, FILE:LINE as reports print it, or a time. */

import { basename } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { readCaptures } from '../../import/read.ts';
import { escapeText } from '../../text/escape.ts';
import type { Spot } from '../../tools/state/look.ts';
import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { type CaptureCommandOptions, readingOf } from '../captures.ts';
import type { Context } from '../context.ts';
import { Failure } from '../exit.ts';
import { readEvents } from '../read-events.ts';
import { time } from './arguments.ts';

export type At =
  | { readonly line: number; readonly file?: string }
  /** ns. */
  | { readonly time: bigint };

/** An option's value: "12", "trace.ndjson:12", "4.1s". */
export function at(text: string): At {
  const [, file, number] = /^(?:(.+):)?(\d{1,15})$/s.exec(text) ?? [];
  if (number !== undefined && Number(number) > 0) {
    return { line: Number(number), ...(file !== undefined && { file }) };
  }
  try {
    return { time: time(text) };
  } catch {
    throw new InvalidArgumentError('Expected a line, such as 12 or trace.ndjson:12, or a time, such as 4.1s.');
  }
}

/** The line that is meant: for a time, that of the first event then or later, for which files are read once. Throws `Failure`. */
export async function spotOf(
  where: At,
  inputs: readonly string[],
  options: CaptureCommandOptions & { readonly progress: boolean },
  context: Context,
): Promise<Spot> {
  if ('line' in where) return { input: inputOf(where.file, inputs), line: where.line };
  if (inputs.includes('-')) throw new Failure('--at with a time reads the trace twice: it must be a file, no pipe');
  let found: Spot | undefined;
  const output = {
    get closed() {
      return found !== undefined;
    },
    ready: () => context.stdout.ready(),
  };
  await readEvents(
    inputs,
    options,
    { stdout: output, io: context.io },
    (event) => {
      if (found === undefined && isAtOrAfter(event, where.time)) found = { input: event.input, line: event.line };
      return undefined;
    },
    readCaptures(inputs, readingOf(options)),
  );
  if (found === undefined) throw new Failure('no event of the trace is at that time or later');
  return found;
}

function isAtOrAfter({ tsHigh, tsLow }: EventRecord, from: bigint): boolean {
  return tsHigh !== ABSENT && ((BigInt(tsHigh) << 32n) | BigInt(tsLow)) >= from;
}

function inputOf(file: string | undefined, inputs: readonly string[]): number {
  if (file === undefined && inputs.length === 1) return 0;
  if (file === undefined) throw new Failure('there are several traces: say FILE:LINE');
  const index = inputs.findIndex((input) => input === file || basename(input) === file);
  if (index < 0) throw new Failure(`none of the traces is ${escapeText(file, 200)}`);
  return index;
}
