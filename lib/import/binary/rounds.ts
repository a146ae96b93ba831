/**
 * Puts samples of perf.data into the order of time. perf writes what it finds in the buffers of the CPUs, one after the other;
 * after each round, whatever is older than the youngest sample of the round before it can be given out
 * (ordered_events__flush, tools/perf/util/ordered-events.c).
 */

import type { Recorded } from './ring-buffer.ts';

export interface Rounds {
  add(entry: Recorded): void;
  finishRound(): Generator<Recorded>;
  /** Gives out the older half where too many wait. */
  overflow(): Generator<Recorded>;
  finish(): Generator<Recorded>;
}

/** Entries that wait at most: perf's rounds have some thousands. */
const MOST_WAITING = 1_000_000;

export function createRounds(most = MOST_WAITING): Rounds {
  let waiting: Recorded[] = [];
  let youngest = 0n;
  /** Of the round before. */
  let limit = -1n;

  const byTime = (a: Recorded, b: Recorded): number => (a.time < b.time ? -1 : Number(a.time > b.time));

  /** The sort is stable: entries of one time keep the order in which they were written. */
  function* give(count: (sorted: readonly Recorded[]) => number): Generator<Recorded> {
    waiting.sort(byTime);
    const given = waiting.slice(0, count(waiting));
    waiting = waiting.slice(given.length);
    yield* given;
  }

  return {
    add(entry) {
      waiting.push(entry);
      if (entry.time > youngest) youngest = entry.time;
    },
    *finishRound() {
      const until = limit;
      limit = youngest;
      yield* give((sorted) => {
        const first = sorted.findIndex(({ time }) => time > until);
        return first < 0 ? sorted.length : first;
      });
    },
    *overflow() {
      if (waiting.length > most) yield* give((sorted) => Math.floor(sorted.length / 2));
    },
    *finish() {
      yield* give((sorted) => sorted.length);
    },
  };
}
