/** What a command has of the process around it. `process` is one; tests make their own. */

/** As much of a stream of Node.js as commands use; it copies bytes that it cannot write at once. */
export interface Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** False: the buffer is full, and `drain` says when it is empty. */
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

export type Signal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';
