/** Lets the event loop turn during a run: for signals, for progress, and for slow readers of what is written. */

import type { Reporting } from '../reporting.ts';

/** Longest time without a turn, in seconds. */
const TURN = 0.05;

/** A function to be awaited between batches. */
export function createBreather(reporting: Pick<Reporting, 'ready'>): () => Promise<void> {
  let last = process.uptime();
  return async () => {
    await reporting.ready();
    if (process.uptime() - last < TURN) return;
    await new Promise((resolve) => setImmediate(resolve));
    last = process.uptime();
  };
}
