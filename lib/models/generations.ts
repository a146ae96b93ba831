/** Models by what they keep of the host, and where. */

import type { HostData } from './host-data.ts';
import { MODELS } from './models.ts';

export interface Generation extends HostData {
  /** Models of this layout, as `worldswitch models` names them, oldest first. */
  readonly models: readonly string[];
}

function generations(): readonly Generation[] {
  const found = new Map<string, Generation>();
  for (const { name, hostData } of MODELS) {
    const key = JSON.stringify([hostData.vcpu, hostData.cpu].map((side) => Object.entries(side).sort()));
    found.set(key, { ...hostData, models: [...(found.get(key)?.models ?? []), name] });
  }
  return [...found.values()];
}

export const GENERATIONS: readonly Generation[] = generations();
