/** Kernels of one mode that differ in nothing but what their steps cost. */

import { MODELS, type Model } from '../../models/models.ts';
import type { Mode, Profile } from '../../models/profile.ts';

const always = (): boolean => true;
const notInVhe = (mode: Mode): boolean => mode === 'vhe';
const onlyInVhe = (mode: Mode): boolean => mode !== 'vhe';
const onlyInPkvm = (mode: Mode): boolean => mode !== 'pkvm';

/** Switches that say nothing but what a step costs, or whether a barrier is missing that only --strict asks for. */
const COSTS = [
  ...(['pkvmLoadPut', 'cptrVhe', 'mdcrSite', 'dsbNsh', 'fgt', 'hcrxRestore', 'csselr', 'vpidr'] as const),
  ...(['stage2Vhe', 'isbAfterFpexc', 'mpam', 'isbBeforeFp', 'isbBeforeUnmask'] as const),
];

/** In which modes a switch cannot change what is confirmed or violated. */
const SILENT: Partial<Record<keyof Profile, (mode: Mode) => boolean>> = {
  ...Object.fromEntries(COSTS.map((name) => [name, always])),
  ...{ e0poe: onlyInVhe, panicGuard: onlyInVhe, pmuserenrFlag: onlyInVhe, runningVcpuVhe: onlyInVhe },
  ...{ hostSveTz: notInVhe, hostBuf: notInVhe, el2Synchronises: notInVhe, cptrCompute: notInVhe },
  ...{ pkvmFp: onlyInPkvm, pkvmDebug: onlyInPkvm },
};

/** Models that one replay is that of all of them. */
export function kindsOf(mode: Mode): Model[][] {
  const kinds = new Map<string, Model[]>();
  for (const model of MODELS.filter(({ modes }) => modes.includes(mode))) {
    const switches = Object.entries(model.profile).filter(([name]) => SILENT[name as keyof Profile]?.(mode) !== true);
    const key = JSON.stringify(switches.sort());
    kinds.set(key, [...(kinds.get(key) ?? []), model]);
  }
  return [...kinds.values()];
}
