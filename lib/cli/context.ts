/** What every command runs in. */

import type { Command } from 'commander';
import type { Io } from './terminal/io.ts';
import type { Output } from './terminal/output.ts';

export interface Context {
  /** Where results go. */
  readonly stdout: Output;
  readonly io: Io;
}

/** Adds the arguments, options and help of a command, and `act` as what it does. */
export type Declare = (command: Command, act: Act) => void;

/** Makes a command of a function that returns its exit code. `parsed`: what commander delivers, arguments first. */
// biome-ignore lint/suspicious/noExplicitAny: commander does not know the types of what it has parsed.
export type Act = (run: (context: Context, ...parsed: any[]) => Promise<number>) => (...parsed: any[]) => Promise<void>;
