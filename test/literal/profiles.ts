/**
 * The switches of semantics 2.2 which the literal model looks at, one row a kernel model, typed in from the table
 * by hand. Nothing here comes from `lib`: the model is a second witness and shares no data with the first.
 */

export interface Profile {
  /** Column of the table. */
  readonly id: string;
  /** Where fp_owner lives: `v.fp_state` or kvm_host_data. */
  readonly ownerLoc: 'vcpu' | 'hd';
  /** Which instance of kvm_host_data the kernel's accessor reaches (2.4). */
  readonly accessor: 'explicit' | 'v1bug' | 'ok';
  /** lazy: the host's registers are saved at the FP trap; eager: at vcpu_load. */
  readonly hostSave: 'lazy' | 'eager';
  /** A1 only: BUG_ON(TIF_SVE) at load, and KVM toggles TIF_SVE. */
  readonly tifSveBug: boolean;
  /** How FP ownership crosses into EL2 under pKVM (5.13). */
  readonly pkvmFp: 'direct' | 'copy' | 'split' | 'eager';
  /** nvhe and hvhe: value of v.cptr_el2 (constant or cached) or computed from nothing at each entry. */
  readonly cptrCompute: 'vcpu' | 'scratch';
  /** The FP trap handler ends with `__activate_cptr_traps`. */
  readonly trapReactivate: boolean;
  readonly dbg: 'dirty' | 'owner';
  /** Kernel-mode NEON of a task is preemptible and switched with it. */
  readonly neonPreemptible: boolean;
  /** 5.12: the CPU's state is flushed before a task's kernel state is loaded, not after (01098d893fa8). */
  readonly neonFlushFirst: boolean;
  /** hVHE exists (v6.5). */
  readonly hvhe: boolean;
  readonly fpmr: boolean;
  /** SME can be built into the host. */
  readonly hostSme: boolean;
  /** Column ES: a vCPU can have SME. */
  readonly smeGuests: boolean;
  /** Nested transitions exist: 5.18 speaks of Cs, D, D2 and E. */
  readonly nested: boolean;
  /** 5.19: fork and signals. */
  readonly saveCurrent: 'preserve' | 'flush';
  /** 5.19: fp_acc_end with TIF_FOREIGN_FPSTATE set. */
  readonly accFlushes: 'none' | 'sve' | 'all';
  /** load_fp and put_fp return early in a nested transition. */
  readonly nestedSkip: boolean;
}

const A1: Profile = {
  id: 'A1',
  ownerLoc: 'vcpu',
  accessor: 'explicit',
  hostSave: 'lazy',
  tifSveBug: true,
  pkvmFp: 'direct',
  cptrCompute: 'vcpu',
  trapReactivate: false,
  dbg: 'dirty',
  neonPreemptible: false,
  neonFlushFirst: false,
  hvhe: false,
  fpmr: false,
  hostSme: false,
  smeGuests: false,
  nested: false,
  nestedSkip: false,
  saveCurrent: 'preserve',
  accFlushes: 'none',
};
const A2: Profile = { ...A1, id: 'A2', tifSveBug: false, pkvmFp: 'copy', hostSme: true };
const As: Profile = {
  ...A2,
  id: 'As',
  hostSave: 'eager',
  pkvmFp: 'direct',
  cptrCompute: 'scratch',
  hostSme: false,
  accFlushes: 'sve',
};
const A28: Profile = { ...A2, hvhe: true, neonPreemptible: true };
const B: Profile = { ...A28, id: 'B', ownerLoc: 'hd', accessor: 'v1bug', pkvmFp: 'split' };
const C0: Profile = { ...B, id: 'C0', accessor: 'ok' };
const C: Profile = { ...C0, id: 'C', pkvmFp: 'eager' };
const C612: Profile = { ...C, fpmr: true, hostSme: false, accFlushes: 'sve' };
const Cs: Profile = { ...C612, id: 'Cs', hostSave: 'eager', cptrCompute: 'scratch', nested: true };
const D: Profile = { ...Cs, id: 'D', dbg: 'owner' };
const D2: Profile = {
  ...D,
  id: 'D2',
  trapReactivate: true,
  neonFlushFirst: true,
  hostSme: true,
  saveCurrent: 'flush',
  accFlushes: 'all',
};
const E: Profile = { ...D2, id: 'E' };
const E72: Profile = { ...E, nestedSkip: true };
const ES: Profile = { ...E72, id: 'ES', smeGuests: true };

/** Where the table says "from version x on" (A1: host SME from 5.19), the row is that of the version in the name. */
export const PROFILES: Readonly<Record<string, Profile>> = {
  'v5.18': A1,
  'v6.2': A2,
  'v6.1-stable': As,
  'v6.8': A28,
  'seed-v1': B,
  'v6.10-rc1': C0,
  'v6.10': C,
  'v6.12': C612,
  'v6.12-stable': Cs,
  'v6.14': D,
  'v6.16': D2,
  'v7.1': E,
  'v7.2': E72,
  'sme-guest-v12': ES,
};

export type Mode = 'vhe' | 'nvhe' | 'hvhe' | 'pkvm';

/** The modes of 2.3 which a profile has. */
export function modesOf(profile: Profile): readonly Mode[] {
  return profile.hvhe ? ['vhe', 'nvhe', 'hvhe', 'pkvm'] : ['vhe', 'nvhe', 'pkvm'];
}

/** The kernel's accessor reaches another instance of the owner than the hypervisor's: the models that go wrong. */
export function twoInstances(profile: Profile, mode: Mode): boolean {
  return (profile.accessor === 'v1bug' && mode !== 'vhe') || (profile.pkvmFp === 'split' && mode === 'pkvm');
}
