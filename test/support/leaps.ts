/** How much of a trace a replay takes from the table of steps that were seen before. */

import { readTrace } from '../../lib/ingest/reader.ts';
import { leapIn } from '../../lib/replay/leaping.ts';
import { createReplay } from '../../lib/replay/replay.ts';
import { createEventRecord } from '../../lib/trace/event.ts';

export interface Leaps {
  readonly leapt: number;
  readonly events: number;
}

/** Learns from the first event on. Throws for a trace that cannot be read. */
export async function leapsIn(path: string): Promise<Leaps> {
  const replay = createReplay({ leapsAfter: 0 });
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
  return { leapt, events };
}
