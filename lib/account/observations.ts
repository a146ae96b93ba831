/** Values read inside a kernel: how many were compared, and which the emulator did not predict. */

import type { Observation } from '../kernel/state/watcher.ts';
import type { Divergence, Report } from '../report/report.ts';
import { sorted } from '../text/order.ts';

/** Divergences that the report lists; all are counted. */
const LISTED = 20;

interface FieldCount {
  readonly field: string;
  checked: number;
  diverged: number;
  learned: number;
}

export interface ObservationAccount {
  count(field: string, outcome: Observation, times?: number): void;
  /** There is room to `list` one more. */
  readonly hasRoom: boolean;
  list(divergence: Divergence): void;
  observations(): Report['observations'];
}

export function createObservationAccount(): ObservationAccount {
  /** There are few: to compare their names is faster than to look one up. */
  const counts: FieldCount[] = [];
  const diverging: Divergence[] = [];

  function countOf(field: string): FieldCount {
    for (const known of counts) if (known.field === field) return known;
    const made = { field, checked: 0, diverged: 0, learned: 0 };
    counts.push(made);
    return made;
  }

  const sumOf = (what: 'checked' | 'diverged' | 'learned'): number => counts.reduce((sum, of) => sum + of[what], 0);

  return {
    count(field, outcome, times = 1) {
      const count = countOf(field);
      if (outcome === 'learned') count.learned += times;
      else count.checked += times;
      if (outcome === 'diverged') count.diverged += times;
    },
    get hasRoom() {
      return diverging.length < LISTED;
    },
    list: (divergence) => diverging.push(divergence),
    observations: () => ({
      checked: sumOf('checked'),
      diverged: sumOf('diverged'),
      learned: sumOf('learned'),
      by_field: sorted(Object.fromEntries(counts.map(({ field, ...count }) => [field, count]))),
      diverging,
    }),
  };
}
