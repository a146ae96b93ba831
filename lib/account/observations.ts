/** Values read inside a kernel: how many were compared, and which the emulator did not predict. */

import type { Observation } from '../kernel/machine.ts';
import { entry, sorted } from './order.ts';
import type { Divergence, Report } from './report.ts';

/** Divergences that the report lists; all are counted. */
const LISTED = 20;

interface FieldCount {
  checked: number;
  diverged: number;
  learned: number;
}

export interface ObservationAccount {
  count(field: string, outcome: Observation): void;
  list(divergence: Divergence): void;
  observations(): Report['observations'];
}

const createFieldCount = (): FieldCount => ({ checked: 0, diverged: 0, learned: 0 });

function add(count: FieldCount, outcome: Observation): void {
  if (outcome === 'learned') count.learned += 1;
  else count.checked += 1;
  if (outcome === 'diverged') count.diverged += 1;
}

export function createObservationAccount(): ObservationAccount {
  const byField: Record<string, FieldCount> = {};
  const total = createFieldCount();
  const diverging: Divergence[] = [];
  return {
    count(field, outcome) {
      add(total, outcome);
      add(entry(byField, field, createFieldCount), outcome);
    },
    list(divergence) {
      if (diverging.length < LISTED) diverging.push(divergence);
    },
    observations: () => ({ ...total, by_field: sorted(byField), diverging }),
  };
}
