/** How much of a trace a replay takes from the table of steps that were seen before. */

import { readTrace } from '../../lib/ingest/reader.ts';
import { leapIn } from '../../lib/replay/leaping.ts';
import { createReplay, type Replay, type ReplayOptions } from '../../lib/replay/replay.ts';
import { createEventRecord } from '../../lib/trace/event.ts';

export interface Leaps {
  readonly leapt: number;
  readonly events: number;
  /** After the last event. */
  readonly replay: Replay;
}

/** Learns from the first event on, if nothing else is said. Throws for a trace that cannot be read. */
export async function leapsIn(path: string, options: ReplayOptions = { leapsAfter: 0 }): Promise<Leaps> {
  const replay = createReplay(options);
  const event = createEventRecord();
  let [leapt, events] = [0, 0];
  for await (const batch of readTrace([path], { threads: 1 }).batches) {
    events += batch.length;
    for (let index = 0; index < batch.length; index++) {
      const first = leapIn(batch, index, batch.length, replay.leap);
      leapt += first - index;
      index = first;
      if (index === batch.length) break;
      const error = batch.read(index, event) ?? replay.step(event);
      if (error !== undefined) throw new Error(`line ${error.line}: ${error.expected}`);
    }
  }
  return { leapt, events, replay };
}
