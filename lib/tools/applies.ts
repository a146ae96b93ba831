/** What of the format and of the emulator applies to a kernel: events, rules, and costs. */

import { RULES } from '../check/rules.ts';
import type { MachineFeatures } from '../costs/primitives.ts';
import { buildCosts, STEPS } from '../costs/steps.ts';
import { isModelled } from '../kernel/events/step.ts';
import type { Mode, Profile } from '../models/profile.ts';
import { EVENTS, type EventName } from '../trace/vocabulary.ts';

export interface Applies {
  /** Names of events that do something, or that a rule judges. */
  readonly events: readonly string[];
  /** Ids of rules. */
  readonly rules: readonly string[];
  readonly costs: {
    /** Steps that cost anything on a machine with every feature, and the primitives that they are made of. */
    readonly steps: readonly string[];
    readonly primitives: readonly string[];
  };
}

const EVERY_FEATURE: MachineFeatures = {
  sveVl: 256,
  smeVl: 256,
  brps: 16,
  wrps: 16,
  features: new Set(['pmuv3', 'fpmr', 'poe', 'exs', 'fgt', 'fgt2', 'amu', 'hcx', 'ras', 'mpam', 'spe', 'trbe', 'brbe']),
};

/** Events that mean nothing to some kernels (semantics 2.2 and the section of each); all others apply everywhere. */
const CONDITIONS: Partial<Record<EventName, (profile: Profile, mode: Mode) => boolean>> = {
  // The relay is the hypervisor's of protected KVM: __kvm_host_psci_cpu_entry().
  cpu_on: (_profile, mode) => mode === 'pkvm',
  // kvm_arch_vcpu_run_map_fp(), removed by 42ce432522a1.
  map_fp: ({ runMapFp }) => runMapFp !== 'none',
  // ARM64_SME depended on BROKEN.
  host_svcr: ({ hostSme }) => hostSme,
  // __debug_save_host_buffers_nvhe() is of the other modes only.
  host_buffers: (_profile, mode) => mode !== 'vhe',
  // kvm_set_pmuserenr() has an effect with VHE only.
  pmuserenr: ({ pmuserenrFlag }, mode) => pmuserenrFlag && mode === 'vhe',
  // Nested virtualisation needs VHE.
  nested_eret: (_profile, mode) => mode === 'vhe',
  nested_exception: (_profile, mode) => mode === 'vhe',
};

export function appliesTo(profile: Profile, mode: Mode): Applies {
  const { steps } = buildCosts(profile, mode, EVERY_FEATURE);
  return {
    events: EVENTS.map(({ name }) => name).filter(
      (name, kind) => isModelled(kind) && (CONDITIONS[name]?.(profile, mode) ?? true),
    ),
    rules: RULES.filter((rule) => rule.applies(profile, mode)).map(({ id }) => id),
    costs: {
      steps: STEPS.filter((_step, index) => (steps[index] ?? []).length > 0),
      primitives: [...new Set(steps.flat())].sort(),
    },
  };
}
