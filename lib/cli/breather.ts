/** Lets the event loop turn during a run: for signals, for progress, and for slow readers of what is written. */

import type { Reporting } from './reporting.ts';

/** Longest time without a turn, in ms. */
const TURN = 50;

/** A function to be awaited between batches. */
export function createBreather(reporting: Pick<Reporting, 'ready'>): () => Promise<void> {
  let last = performance.now();
  return async () => {
    await reporting.ready();
    if (performance.now() - last < TURN) return;
    await new Promise((resolve) => setImmediate(resolve));
    last = performance.now();
  };
}
