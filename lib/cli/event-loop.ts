/** The loop over the events of traces: every command that reads them goes through here. */

import type { Batch, InputError, Source } from '../ingest/source.ts';
import { type Leap, leapIn } from '../replay/leaping.ts';
import { createEventRecord, type EventRecord } from '../trace/event.ts';
import { Failure } from './exit.ts';
import { createBreather } from './terminal/breather.ts';
import type { Io } from './terminal/io.ts';
import { createProgress } from './terminal/progress.ts';
import { type Interruption, untilSignal } from './terminal/signals.ts';

/** Events between two looks at the clock: a millisecond's worth where a command replays many kernels at once. */
const EVENTS = 256;

export interface EventLoop {
  readonly source: Source;
  /** Gets every event, in order, in one record that is filled again for each. */
  readonly visit: (event: EventRecord) => void;
  /** Visits entries as the scanner made them, where it can. */
  readonly leap?: Leap;
  /** Gets every line that is no event. */
  readonly fault: (error: InputError) => void;
  /** The output, which may be slow; the loop ends where it is closed. */
  readonly output: { readonly closed?: boolean; ready(): Promise<void> | undefined };
  /** Whether progress is shown. */
  readonly progress: boolean;
  /** Ends the loop early. */
  readonly interruption?: Interruption;
}

/** Runs to the end of the source, to a signal, or until nobody reads the output any more. */
export async function eachEvent(loop: EventLoop, io: Io): Promise<void> {
  const { source, visit, leap, fault, output, interruption } = loop;
  const progress = createProgress(io, loop.progress);
  const breathe = createBreather(output);
  const event = createEventRecord();
  const isOver = () => output.closed === true || interruption?.signal !== undefined;
  const batches = interruption === undefined ? source.batches : untilSignal(source.batches, interruption);
  const visitSome = (batch: Batch, from: number, to: number): void => {
    for (let index = from; index < to; index++) {
      if (leap !== undefined) index = leapIn(batch, index, to, leap);
      if (index === to) return;
      const error = batch.read(index, event);
      if (error === undefined) visit(event);
      else {
        progress.clear(); // What is said of it goes to the same terminal.
        fault(error);
      }
    }
  };
  try {
    for await (const batch of batches) {
      for (let from = 0; from < batch.length; from += EVENTS) {
        visitSome(batch, from, Math.min(from + EVENTS, batch.length));
        await breathe();
        if (isOver()) return;
      }
      progress.update(source.inputs);
      await breathe();
      if (isOver()) return;
    }
  } catch (error) {
    if (error instanceof Failure || event.line === 0) throw error;
    throw new Error(`at line ${event.line} of input ${event.input}`, { cause: error });
  } finally {
    progress.clear();
  }
}
