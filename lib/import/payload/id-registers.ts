/** Features of a machine, from its ID registers. Data: Arm ARM, D24.2; which of them the kernel asks, arch/arm64/kvm/hyp/include/hyp/switch.h. */

import type { Feature } from '../../trace/vocabulary.ts';

interface FeatureField {
  readonly feature: Feature;
  readonly register: string;
  /** Lowest bit of the field, of 4 bits. */
  readonly at: number;
  /** The least value that means the feature; 15 is a PMU of another kind. */
  readonly least: number;
}

const field = (feature: Feature, register: string, at: number, least = 1): FeatureField => ({
  feature,
  register,
  at,
  least,
});

const FEATURE_FIELDS: readonly FeatureField[] = [
  field('pmuv3', 'id_aa64dfr0', 8),
  field('spe', 'id_aa64dfr0', 32),
  field('trbe', 'id_aa64dfr0', 44),
  field('brbe', 'id_aa64dfr0', 52),
  field('exs', 'id_aa64mmfr0', 44),
  field('fgt', 'id_aa64mmfr0', 56),
  field('fgt2', 'id_aa64mmfr0', 56, 2),
  field('hcx', 'id_aa64mmfr1', 40),
  field('poe', 'id_aa64mmfr3', 16),
  field('ras', 'id_aa64pfr0', 28),
  field('mpam', 'id_aa64pfr0', 40),
  field('amu', 'id_aa64pfr0', 44),
  field('mpam', 'id_aa64pfr1', 16),
  field('sme2', 'id_aa64pfr1', 24, 2),
  field('fpmr', 'id_aa64pfr2', 32),
  field('fa64', 'id_aa64smfr0', 60, 8),
];

/** Members of struct cpuinfo_arm64 that are read, without `reg_` (arch/arm64/include/asm/cpu.h). */
export const ID_REGISTERS: readonly string[] = [...new Set(FEATURE_FIELDS.map(({ register }) => register))];

const PMU_OF_ANOTHER_KIND = 15;

/**
 * `meta.features` of a machine of which these registers were read; one that its kernel does not know of it does not use. Empty where
 * none was read. `pmu`: whether KVM has found a PMU, where the kernel says so.
 */
export function featuresOf(registers: ReadonlyMap<string, bigint>, pmu: boolean | undefined): string[] {
  if (registers.size === 0) return [];
  const has = ({ feature, register, at, least }: FeatureField): boolean => {
    const value = Number(((registers.get(register) ?? 0n) >> BigInt(at)) & 0xfn);
    if (feature === 'pmuv3') return pmu ?? (value >= least && value !== PMU_OF_ANOTHER_KIND);
    return value >= least;
  };
  const found = new Set(FEATURE_FIELDS.filter(has).map(({ feature }) => feature));
  return [...(found.has('pmuv3') ? [] : ['no_pmuv3']), ...found];
}
