/** By how much the costs can be off, and why: an interval for each primitive of which the trace does not tell everything. */

import { DOUBTS } from '../costs/doubts.ts';
import { type CostTable, STEPS } from '../costs/steps.ts';
import type { Costs, Report } from '../report/report.ts';
import { createTally, primitiveCounts, type Tally } from './meter.ts';

export interface UncertainCosts {
  add(doubt: number, step: number, fewer: number, more: number): void;
  /** The costs with their intervals. */
  within(costs: Costs, table: CostTable): Costs;
  /** The section of the report: undefined where every count is certain. */
  doubts(table: CostTable): Report['cost']['doubts'];
}

interface Doubt {
  readonly fewer: Tally;
  readonly more: Tally;
}

export function createUncertainCosts(): UncertainCosts {
  const byDoubt: (Doubt | undefined)[] = [];

  return {
    add(doubt, step, fewer, more) {
      let of = byDoubt[doubt];
      if (of === undefined) {
        of = { fewer: createTally(), more: createTally() };
        byDoubt[doubt] = of;
      }
      of.fewer[step] = (of.fewer[step] as number) + fewer;
      of.more[step] = (of.more[step] as number) + more;
    },
    within(costs, table) {
      const fewer = primitiveCounts(sumOf(byDoubt.map((of) => of?.fewer)), table);
      const more = primitiveCounts(sumOf(byDoubt.map((of) => of?.more)), table);
      const names = [...new Set([...Object.keys(costs), ...Object.keys(more)])].sort();
      return Object.fromEntries(
        names.map((name) => {
          const cost = costs[name] ?? { count: 0 };
          const [less, above] = [fewer[name] ?? 0, more[name] ?? 0];
          if (less === 0 && above === 0) return [name, cost];
          const most = cost.count + above;
          return [name, { ...cost, least: Math.max(0, cost.count - less), ...(Number.isFinite(most) && { most }) }];
        }),
      );
    },
    doubts(table) {
      const rows = DOUBTS.flatMap((row, doubt) => {
        const of = byDoubt[doubt];
        if (of === undefined) return [];
        const counts = [primitiveCounts(of.fewer, table), primitiveCounts(of.more, table)];
        const primitives = [...new Set(counts.flatMap((count) => Object.keys(count)))].sort();
        return primitives.length === 0 ? [] : [{ why: row.why, shown_by: row.shownBy, primitives }];
      });
      return rows.length === 0 ? undefined : rows;
    },
  };
}

function sumOf(tallies: readonly (Tally | undefined)[]): Tally {
  const total = createTally();
  for (const tally of tallies) {
    for (let step = 0; step < STEPS.length; step++) total[step] = (total[step] as number) + (tally?.[step] ?? 0);
  }
  return total;
}
