/** The plan of a kernel in the cache; it takes a second to find, so the last ones are kept. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { factsIn, type Laboratory } from './boot.ts';
import { findImage } from './fetch-kernel.ts';
import { type Plan, planOf } from './plan.ts';
import { parseSymbols, type Symbols } from './symbols.ts';
import { readText } from './text.ts';

export interface KernelPlan {
  readonly plan: Plan;
  readonly symbols: Symbols;
}

const known = new Map<string, KernelPlan>();

export function kernelPlan(lab: Laboratory, release: string): KernelPlan {
  const before = known.get(release);
  if (before !== undefined) return before;
  const folder = join(lab.kernels, release);
  const symbols = parseSymbols(readFileSync(factsIn(folder).kallsyms, 'latin1'));
  const plan = planOf(symbols, readText(readFileSync(findImage(folder, release)), symbols));
  known.clear();
  known.set(release, { plan, symbols });
  return { plan, symbols };
}
