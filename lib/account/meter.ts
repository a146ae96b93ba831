/** Counts steps and bytes by event, CPU and vCPU; what they cost is worked out once, at the end. */

import type { Primitive } from '../costs/primitives.ts';
import type { CostTable } from '../costs/steps.ts';
import { STEPS } from '../costs/steps.ts';
import type { Cost, Costs } from '../report/report.ts';
import { entry, sorted } from '../text/order.ts';

/** Counts of steps at [0, STEPS), their bytes behind. */
export type Tally = Float64Array;

export const createTally = (): Tally => new Float64Array(2 * STEPS.length);

export function add(tally: Tally, step: number, bytes: number, times = 1): void {
  tally[step] = (tally[step] as number) + times;
  if (bytes !== 0) tally[STEPS.length + step] = (tally[STEPS.length + step] as number) + bytes * times;
}

/** The sum of tallies, such as those of all events. */
export function sum(tallies: Iterable<Tally>): Tally {
  const total = createTally();
  for (const tally of tallies) {
    for (let index = 0; index < tally.length; index++)
      total[index] = (total[index] as number) + (tally[index] as number);
  }
  return total;
}

/** Primitives by name, then barriers, exceptions and system-register accesses, which the primitives are made of. */
export function costsOf(tally: Tally, table: CostTable): Costs {
  const costs: Record<string, Cost> = {};
  const count = (name: string, times: number): Cost => {
    const cost = entry(costs, name, () => ({ count: 0 }));
    cost.count += times;
    return cost;
  };
  forEachPrimitive(tally, table, (name, primitive, times, bytes) => {
    const isBarrier = name === 'isb' || name === 'hvc' || name === 'dsb' || name === 'any';
    if (!isBarrier) {
      const cost = count(name, times);
      if (bytes > 0) cost.bytes = (cost.bytes ?? 0) + bytes;
    }
    if (primitive.isb) count('isb', times * primitive.isb);
    if (primitive.dsb) count('dsb', times * primitive.dsb);
    if (primitive.hvc) count('hvc', times * primitive.hvc);
    if (primitive.read?.length) count('sysreg_read', times * primitive.read.length);
    if (primitive.write?.length) count('sysreg_write', times * primitive.write.length);
  });
  return sorted(costs);
}

/** How often each primitive, barrier and kind of access is in the steps; those that are not in any are left out. */
export function primitiveCounts(tally: Tally, table: CostTable): Record<string, number> {
  const costs = costsOf(tally, table);
  return Object.fromEntries(Object.entries(costs).map(([name, { count }]) => [name, count]));
}

export function sysregsOf(tally: Tally, table: CostTable): Record<string, { read: number; write: number }> {
  const registers: Record<string, { read: number; write: number }> = {};
  const of = (name: string) => entry(registers, name, () => ({ read: 0, write: 0 }));
  forEachPrimitive(tally, table, (_name, primitive, times) => {
    for (const name of primitive.read ?? []) of(name).read += times;
    for (const name of primitive.write ?? []) of(name).write += times;
  });
  return sorted(registers);
}

function forEachPrimitive(
  tally: Tally,
  table: CostTable,
  visit: (name: string, primitive: Primitive, times: number, bytes: number) => void,
): void {
  for (const [step, names] of table.steps.entries()) {
    const times = tally[step] as number;
    if (times === 0) continue;
    const bytes = tally[STEPS.length + step] as number;
    for (const name of names) visit(name, table.primitives[name] as Primitive, times, bytes);
  }
}
