/** What cannot be read as events: the first such line ends the run, or with --keep-going all are said and left out. */

import { formatInputError } from '../ingest/message.ts';
import type { InputError, InputProgress } from '../ingest/source.ts';
import { InputFailure } from './exit.ts';

/** Bad lines that are said; all are counted. */
const MOST_TOLD = 100;

export interface BadLines {
  /** Lines left out so far. */
  readonly skippedLines: number;
  /** Why an input ended early. */
  readonly partial: string | undefined;
  /** Throws `Failure` for what ends the run. */
  take(error: InputError): void;
  /** What ends the run in any case, if it is anything. */
  end(error: InputError | undefined): void;
  /** Says how many more there were than were said. */
  finish(): void;
}

/**
 * `inputs` as they were given, `progress` what was read of them, `say` gets lines for people. An input that breaks off, as
 * the trace of a machine that went down does, is read up to there with `keepGoing`; one of which nothing can be read ends
 * the run in any case.
 */
export function createBadLines(
  keepGoing: boolean,
  inputs: readonly string[],
  progress: readonly InputProgress[],
  say: (line: string) => void,
): BadLines {
  let skippedLines = 0;
  let partial: string | undefined;
  return {
    get skippedLines() {
      return skippedLines;
    },
    get partial() {
      return partial;
    },
    take(error) {
      const failure = new InputFailure(error, inputs);
      const isLine = error.line > 0;
      const names = progress.map(({ name }) => name);
      if (!keepGoing || (!isLine && (progress[error.input]?.lines ?? 0) === 0)) throw failure;
      if (isLine) skippedLines += 1;
      else partial ??= formatInputError(error, names);
      if (!isLine || skippedLines <= MOST_TOLD) say(`${failure.said}\n`);
    },
    end(error) {
      if (error !== undefined) throw new InputFailure(error, inputs);
    },
    finish() {
      const more = skippedLines - MOST_TOLD;
      if (more > 0) say(`error: ${more} more line${more === 1 ? '' : 's'} that cannot be read as events\n`);
    },
  };
}
