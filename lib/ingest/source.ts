/** What every reader delivers: batches of lines that fill the caller's record, with the bad ones in-band. */

import type { EventRecord } from '../trace/event.ts';

/** A line that cannot be read as an event. A value, not an exception: the caller decides what it ends. */
export interface InputError {
  /** Index of the input among those of the run. */
  readonly input: number;
  /** Line of the input, from 1; 0 where the fault is of the input as a whole (cannot be opened, cut short). */
  readonly line: number;
  /** Field at fault; '' where it is the line as a whole. */
  readonly field: string;
  /** What was expected, in words: "an integer from 0 to 4095". */
  readonly expected: string;
  /** What was found instead, unescaped and at most 80 characters: escape it before it is printed. */
  readonly found: string;
  /** Where inputs contradict each other: the one that said what was expected. */
  readonly saidBy?: number;
  /** Where a limit was passed: the option of the command line that lifts it. */
  readonly option?: string;
}

/** Entries as the scanner made them: rows of integers (fast/layout.ts). */
export interface Scanned {
  readonly words: Int32Array;
  /** Line of the input from which the entries count their own. */
  readonly firstLine: number;
}

/** Lines read together. Blank lines are counted by the reader but are not entries. */
export interface Batch {
  readonly length: number;
  /** Fills `into` with the event of entry `index`, or says why it cannot. Entries are in the order of the lines. */
  read(index: number, into: EventRecord): InputError | undefined;
  /** Its entries, where they are all of one input, and as that has them. */
  readonly scanned?: Scanned | undefined;
  /** So many of its entries were taken from `scanned`, and are not read. */
  leapt?(entries: number): void;
}

/** How far a run has come, for progress and for the report. */
export interface InputProgress {
  /** As the report names it: the file's base name, '-' for stdin. */
  readonly name: string;
  /** Lines read so far, blank ones included. */
  lines: number;
  /** Events read so far. */
  events: number;
  /** Bytes of the file read so far (compressed ones, where it is compressed). */
  bytes: number;
  /** Size of the file in bytes; undefined where it is not known (a pipe). */
  readonly size: number | undefined;
}

export interface Source {
  readonly inputs: readonly InputProgress[];
  /** To be iterated once. An input that cannot be read further ends it with an error entry. */
  readonly batches: AsyncIterable<Batch>;
}
