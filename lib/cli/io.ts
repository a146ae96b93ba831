/** What a command has of the process around it. `process` is one; tests make their own. */

export interface Writable extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
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
