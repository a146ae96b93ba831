/** The kernel's counts held against the tool's report. */

import type { Counts } from './counts.ts';
import type { Plan } from './plan.ts';
import { HYP_PREFIX, PRIMITIVES, type Primitive } from './primitives.ts';
import type { Site } from './sites.ts';
import { nearest, type Symbols } from './symbols.ts';

/** What is read of `replay --format json`. */
export interface Report {
  readonly model: { readonly name?: string; readonly mode?: string };
  readonly verdict: string;
  readonly reasons?: readonly string[];
  readonly violation_counts?: Readonly<Record<string, number>>;
  readonly observations?: { readonly checked: number; readonly diverged: number };
  readonly cost: { readonly total: Readonly<Record<string, { readonly count: number }>> };
}

export interface Row {
  readonly primitive: string;
  readonly kernel: number;
  readonly tool: number;
  /** Where the kernel did it: function and count, most first. */
  readonly where: readonly (readonly [place: string, count: number])[];
}

export function compare(plan: Plan, counts: Counts, symbols: Symbols, report: Report): Row[] {
  return PRIMITIVES.map((primitive) => {
    const sites = sitesOf(plan, primitive);
    return {
      primitive: primitive.name,
      kernel: sum(sites, counts),
      tool: report.cost.total[primitive.name]?.count ?? 0,
      where: where(sites, counts, symbols),
    };
  });
}

function sitesOf(plan: Plan, primitive: Primitive): Site[] {
  const entries = [
    ...primitive.functions,
    ...(primitive.hypFunctions ?? primitive.functions).map((name) => HYP_PREFIX + name),
  ];
  return [
    ...plan.sites.filter((site) => primitive.sites.includes(site.primitive)),
    ...plan.entries.filter((site) => entries.includes(site.primitive)),
  ];
}

const executed = (site: Site, counts: Counts): number => counts.get(site.address)?.count ?? 0;

function sum(sites: readonly Site[], counts: Counts): number {
  return sites.reduce((total, site) => total + executed(site, counts), 0);
}

/** Executions of places by the function that they are in. */
export function where(sites: readonly Site[], counts: Counts, symbols: Symbols): [string, number][] {
  const byName = new Map<string, number>();
  for (const site of sites) {
    const count = executed(site, counts);
    const { name } = nearest(symbols, site.address);
    if (count > 0) byName.set(name, (byName.get(name) ?? 0) + count);
  }
  return [...byName].sort((a, b) => b[1] - a[1]);
}
