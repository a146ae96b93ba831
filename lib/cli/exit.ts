/** The one place where what happened becomes a message and an exit code. */

import { inspect } from 'node:util';
import { partsOfInputError } from '../ingest/message.ts';
import type { InputError } from '../ingest/source.ts';
import type { Report } from '../report/report.ts';
import { escapeText } from '../text/escape.ts';
import { unknownReason } from '../text/system-errors.ts';

export const EXIT = {
  ok: 0,
  /** A violation of severity error, a divergence, or a difference between reports. */
  failed: 1,
  /** Usage error, or input or output that cannot be read or written. */
  usage: 2,
  /** A bug of ours. */
  internal: 3,
  /** Not everything could be checked, with --strict or --fail-on inconclusive; nothing was there to be checked. */
  inconclusive: 4,
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

/** The code of a run whose process of that end ("SIGINT", "exit code 3") did not answer: whoever ends it ends them all. */
export function exitCodeOfDeath(died: string): number {
  return died === 'SIGHUP' || died === 'SIGINT' || died === 'SIGTERM' ? EXIT[died] : EXIT.internal;
}

/** Something the user can put right: a wrong option, an unreadable trace, a full disk. `message` is safe to print. */
export class Failure extends Error {
  /** What stderr says. */
  get said(): string {
    return `error: ${this.message}`;
  }
}

/** Of an input: `FILE:LINE: error: ...`, as compilers write it, so that editors jump there. */
export class InputFailure extends Failure {
  readonly #said: string;

  constructor(error: InputError, inputs: readonly string[]) {
    const { place, what } = partsOfInputError(error, inputs);
    super(`${place}: ${what}`);
    this.#said = error.line > 0 ? `${place}: error: ${what}` : `error: ${this.message}`;
  }

  override get said(): string {
    return this.#said;
  }
}

export type FailOn = 'error' | 'warning' | 'inconclusive';

/** Of a replay: what makes it fail. */
export interface ExitOptions {
  readonly strict: boolean;
  /** With `warning` any violation fails it, not only errors; with `inconclusive` what was not checked does as well. */
  readonly failOn: FailOn;
  /** The code of an inconclusive verdict, where that counts. */
  readonly exitInconclusive?: number;
  /** A trace without any event is as good as another. */
  readonly allowEmpty?: boolean;
}

/** What a run ends with that came to its end. */
export function exitCodeOf(
  report: Pick<Report, 'verdict' | 'violation_counts' | 'events'>,
  options: ExitOptions,
): number {
  const { strict, failOn, exitInconclusive, allowEmpty } = options;
  const violated = Object.values(report.violation_counts).some(({ total }) => total > 0);
  if (report.verdict === 'fail' || (failOn === 'warning' && violated)) return EXIT.failed;
  if (report.verdict !== 'inconclusive') return EXIT.ok;
  const counts = strict || failOn === 'inconclusive' || exitInconclusive !== undefined;
  const isEmpty = Object.keys(report.events).every((name) => name === 'meta');
  return counts || (isEmpty && allowEmpty !== true) ? (exitInconclusive ?? EXIT.inconclusive) : EXIT.ok;
}

export interface Explained {
  readonly code: number;
  /** What stderr says about it; empty where commander has written its own. */
  readonly message: string;
}

/** The exit code for an exception, and its message. */
export function explain(error: unknown): Explained {
  if (isCommanderError(error)) return { code: error.exitCode === 0 ? EXIT.ok : EXIT.usage, message: '' };
  if (error instanceof Failure) return { code: EXIT.usage, message: error.said };
  const lines = inspect(error)
    .split('\n')
    .map((line) => escapeText(line));
  return {
    code: EXIT.internal,
    message: [
      `internal error: ${lines.join('\n')}`,
      '',
      'This is a bug of worldswitch, not of the trace. Please report it with the lines above, the command, and',
      'if you can the trace (or the part of it that still shows the error).',
    ].join('\n'),
  };
}

/** By its code, so that commander need not be loaded to ask. */
function isCommanderError(error: unknown): error is Error & { readonly exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}

/** "no such file or directory" for an error of the file system; escaped. */
export function reasonOf(error: unknown): string {
  if (error instanceof Failure) return error.message;
  if (!(error instanceof Error)) return escapeText(String(error));
  const unknown = unknownReason(error);
  if (unknown !== undefined) return unknown;
  // "ENOENT: no such file or directory, open 'trace'": the caller names the path, and only once.
  const match = /^[A-Z0-9]+: (.*?)(?:, \w+(?: '.*)?)?$/s.exec(error.message);
  return escapeText('code' in error && match?.[1] !== undefined ? match[1] : error.message);
}
