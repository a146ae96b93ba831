/** What a command has of the process around it. `process` is one; tests make their own. */

/** As much of a stream of Node.js as commands use; bytes that wait to be written are copied by whoever makes them wait. */
export interface Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** False: it piles up, and `drain` says when it no longer does. */
  write(text: string | Uint8Array, done?: () => void): boolean;
  on(event: 'error' | 'drain', take: (error: Error) => void): unknown;
}

export interface Io {
  readonly stdin: { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls `take` at the next signal, which then does not end the process. Returns a function that takes this back. */
  readonly onSignal?: (take: (signal: Signal) => void) => () => void;
}

export type Signal = 'SIGINT' | 'SIGTERM';
