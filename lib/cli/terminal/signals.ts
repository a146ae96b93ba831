/** SIGHUP, SIGINT and SIGTERM. They end the process, unless a command takes the first of them to end in good order. */

import { EXIT } from '../exit.ts';
import type { Io, Signal, Writable } from './io.ts';
import { standardOutput } from './standard-output.ts';

const SIGNALS: readonly Signal[] = ['SIGHUP', 'SIGINT', 'SIGTERM'];

/** The process as commands see it. To be called once. A signal that nobody takes runs the `exit` handlers. */
export function processIo(): Io {
  let take: ((signal: Signal) => void) | undefined;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      const taken = take;
      take = undefined;
      if (taken === undefined) process.exit(EXIT[signal]);
      taken(signal);
    });
  }
  let stdout: Writable | undefined;
  let stderr: Writable | undefined;
  return {
    // Streams are made when they are first used: each takes 1 or 2 ms.
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      stdout ??= standardOutput();
      return stdout;
    },
    get stderr() {
      // A closed stderr is no error: there is nobody left to tell.
      stderr ??= process.stderr.on('error', () => {});
      return stderr;
    },
    env: process.env,
    onSignal(next) {
      take = next;
      return () => {
        if (take === next) take = undefined;
      };
    },
  };
}

/** Ends the process with `code`, everything written. After a signal at once, since a read may be going on for ever. */
export function endProcess(code: number): void {
  process.exitCode = code;
  const interrupted = SIGNALS.some((signal) => EXIT[signal] === code);
  if (interrupted) process.stderr.write('', () => process.exit(code));
}

/** What a command asks for that ends in good order at a signal. */
export interface Interruption {
  /** The signal that came. */
  readonly signal: Signal | undefined;
  /** Called at the signal; one at a time. */
  onSignal: () => void;
  /** The next signal ends the process again. */
  release(): void;
}

export function takeSignal(io: Io): Interruption {
  let signal: Signal | undefined;
  const release = io.onSignal?.((taken) => {
    signal = taken;
    interruption.onSignal();
  });
  const interruption = {
    get signal() {
      return signal;
    },
    onSignal() {},
    release: () => release?.(),
  };
  return interruption;
}

/** The items up to the signal, also where the next one never comes. */
export async function* untilSignal<T>(items: AsyncIterable<T>, interruption: Interruption): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  let waiting = false;
  try {
    while (interruption.signal === undefined) {
      waiting = true;
      const next = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
        interruption.onSignal = () => resolve(undefined);
        iterator.next().then(resolve, reject);
      });
      if (next === undefined) return;
      waiting = false;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // The return of an iterator that is waiting would wait as well.
    if (!waiting) await iterator.return?.();
  }
}
