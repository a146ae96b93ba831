/** Where results go: a stream, or a file that appears under its name only when it is complete. */

import type { Sink } from '../../show/reporter.ts';
import { Failure, reasonOf } from '../exit.ts';
import type { Writable } from './io.ts';

export interface Output extends Sink {
  /** Nobody reads it any more: the other end of the pipe is closed. What is written to it is dropped. */
  readonly closed: boolean;
  /** A promise where what was written piles up: to be awaited before more is written. */
  ready(): Promise<void> | undefined;
  /** Resolves when everything has arrived. Throws `Failure` where it cannot be written. */
  finish(): Promise<void>;
  /** Takes back what can be taken back, after a failure. */
  discard(): void;
}

/** A stream, called `name` in messages. The reader closing a pipe early is no error. */
export function streamOutput(stream: Writable, name = 'to standard output'): Output {
  let closed = false;
  let failure: Error | undefined;
  let full = false;
  /** A stream that nothing is written to may be one that cannot be written to. */
  let used = false;
  /** Ends the wait that is going on, of which there is one at most. */
  let settle = (): void => {};
  const wait = (): Promise<void> =>
    new Promise((resolve) => {
      settle = resolve;
    });
  stream.on('error', (error: NodeJS.ErrnoException) => {
    closed = true;
    if (error.code !== 'EPIPE') failure = error;
    settle();
  });
  stream.on('drain', () => {
    full = false;
    settle();
  });
  return {
    get closed() {
      return closed;
    },
    write(text) {
      if (closed || text.length === 0) return;
      used = true;
      full = !stream.write(text);
    },
    ready: () => (full && !closed ? wait() : undefined),
    async finish() {
      if (used && !closed) {
        const arrived = wait();
        stream.write('', () => settle());
        await arrived;
      }
      // The error of a write is announced in the turn after its callback.
      await new Promise((resolve) => setImmediate(resolve));
      if (failure === undefined) return;
      const reason = reasonOf(failure);
      // Reported once, even where `finish` is called again.
      failure = undefined;
      throw new Failure(`cannot write ${name}: ${reason}`);
    },
    discard() {},
  };
}
