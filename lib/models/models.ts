/** The models: a kernel version is a row of switches. */

import { profileOf } from './changes.ts';
import { AS_MOVED, type HostData, hostDataOf } from './host-data.ts';
import { MODES, type Mode, type Profile } from './profile.ts';
import { isBefore, type Release } from './release-number.ts';

/** The first posting of the series, on v6.8-rc6: the state in kvm_host_data, reached through this_cpu_ptr() in every mode. */
const SEED_V1: Profile = { ...profileOf([6, 8]), ownerLoc: 'hd', accessor: 'v1bug', pkvmFp: 'split' };
/** Before the fixes of protected KVM that v6.10 has. */
const V6_10_RC1: Profile = { ...profileOf([6, 10]), pkvmFp: 'split', runMapFp: 'share+pin' };
/** debug_owner has come, and the rework of the FP state has not, but for 2fd5b4b0e7b4. */
const V6_14_RC1: Profile = {
  ...profileOf([6, 14]),
  hostSave: 'lazy',
  tifSveAtLoad: 'prepare',
  el0enTracking: true,
  zcr: 'put',
  hostSveTz: true,
  pkvmDebug: 'none',
};
/** v7.2 with SME guests: the series as posted, v12. */
const SME_V12: Profile = { ...profileOf([7, 2]), guestSme: true, sveStateSize: 'max' };
/** The RFC of early 2024 on the lazy kernels: SME guests whose state is kept in a format for userspace, per vCPU. */
const SME_RFC: Profile = {
  ...profileOf([6, 10]),
  ownerLoc: 'vcpu',
  accessor: 'explicit',
  guestSme: true,
  sveStateSize: 'max',
  userFormat: true,
};

export interface Model {
  /** As the command line and `meta` name it. */
  readonly name: string;
  /** Generation, as the semantics call it. */
  readonly id: string;
  /** Kernels that behave so. */
  readonly kernels: string;
  /** What distinguishes it, in a line. */
  readonly summary: string;
  readonly modes: readonly Mode[];
  readonly profile: Profile;
  /** What it keeps of the host, and where. */
  readonly hostData: HostData;
  /** The first release that behaves so; absent where none does. */
  readonly since?: Release;
  /** A release candidate that behaves so. */
  readonly candidate?: string;
}

const BEFORE_HVHE: readonly Mode[] = ['vhe', 'nvhe', 'pkvm'];

type Released = Omit<Model, 'profile' | 'since' | 'modes' | 'hostData'>;

/** A release, and all later ones that have the same switches. hVHE is of v6.5. */
const released = (since: Release, row: Released): Model => ({
  ...row,
  modes: isBefore(since, [6, 5]) ? BEFORE_HVHE : MODES,
  profile: profileOf(since),
  hostData: hostDataOf(since),
  since,
});

/** Every model, oldest first: all that is known of a kernel is in its row, and in CHANGES. */
export const MODELS: readonly Model[] = [
  released([5, 18], {
    name: 'v5.18',
    id: 'A1',
    kernels: 'v5.18',
    summary: 'all state per vCPU; BUG_ON(TIF_SVE) at load; TIF_SVE toggled by KVM',
  }),
  released([5, 19], {
    name: 'v5.19',
    id: 'A1',
    kernels: 'v5.19 .. v6.1; 6.1.0 .. 6.1.119',
    summary: 'as v5.18, with SME in the host',
  }),
  released([6, 1, 135], {
    name: 'v6.1-stable',
    id: 'As',
    kernels: '6.1.135 and later, with the February 2025 backport',
    summary: 'state per vCPU, host FP saved at load',
  }),
  released([6, 2], {
    name: 'v6.2',
    id: 'A2',
    kernels: 'v6.2',
    summary: 'as v5.19, with fpsimd_kvm_prepare()',
  }),
  released([6, 3], {
    name: 'v6.3',
    id: 'A2',
    kernels: 'v6.3',
    summary: 'as v6.2, without CSSELR_EL1 in the EL1 context',
  }),
  released([6, 4], {
    name: 'v6.4',
    id: 'A2',
    kernels: 'v6.4',
    summary: 'as v6.3, with PMUSERENR_ON_CPU, and dsb(nsh) at entry and exit',
  }),
  released([6, 5], {
    name: 'v6.5',
    id: 'A2',
    kernels: 'v6.5',
    summary: 'as v6.4, with hVHE; cptr_el2 kept from KVM_ARM_VCPU_INIT',
  }),
  released([6, 6], {
    name: 'v6.6',
    id: 'A2',
    kernels: 'v6.6; 6.6.0 .. 6.6.60',
    summary: 'as v6.5, with fine-grained traps of nested guests',
  }),
  released([6, 6, 85], {
    name: 'v6.6-stable',
    id: 'As',
    kernels: '6.6.85 and later, with the February 2025 backport',
    summary: 'as v6.6, host FP saved at load',
  }),
  released([6, 7], {
    name: 'v6.7',
    id: 'A2',
    kernels: 'v6.7',
    summary: 'as v6.6, stage 2 of VHE loaded with the vCPU',
  }),
  released([6, 8], {
    name: 'v6.8',
    id: 'A2',
    kernels: 'v6.8 .. v6.9',
    summary: 'as v6.7, kernel-mode NEON switched with the task',
  }),
  {
    name: 'seed-v1',
    id: 'B',
    kernels: 'first posting of the series, on v6.8-rc6',
    summary: 'state in kvm_host_data, wrong instance from kernel code outside of VHE',
    modes: MODES,
    profile: SEED_V1,
    hostData: AS_MOVED,
  },
  {
    name: 'v6.10-rc1',
    id: 'C0',
    kernels: 'v6.10-rc1, before the pKVM fixes',
    summary: 'right instance; pKVM ownership in two copies that do not meet',
    modes: MODES,
    profile: V6_10_RC1,
    hostData: AS_MOVED,
    candidate: '6.10.0-rc1',
  },
  released([6, 10], {
    name: 'v6.10',
    id: 'C',
    kernels: 'v6.10',
    summary: 'lazy host save; pKVM restores the host at every exit',
  }),
  released([6, 11], {
    name: 'v6.11',
    id: 'C',
    kernels: 'v6.11; 6.11.0 .. 6.11.7',
    summary: 'as v6.10, the trap register of VHE computed at entry',
  }),
  released([6, 12], {
    name: 'v6.12',
    id: 'C',
    kernels: 'v6.12; 6.12.0 .. 6.12.20',
    summary: 'as v6.11, with FPMR, and without SME in the host',
  }),
  released([6, 12, 34], {
    name: 'v6.12-stable',
    id: 'Cs',
    kernels: '6.12.34 and later; with the February 2025 backport, which 6.12.21 has',
    summary: 'host FP saved at load; debug registers by DEBUG_DIRTY',
  }),
  released([6, 13], {
    name: 'v6.13',
    id: 'C',
    kernels: 'v6.13; 6.13.0 .. 6.13.8',
    summary: 'as v6.12, with MPAM trapped',
  }),
  released([6, 13, 9], {
    name: 'v6.13-stable',
    id: 'Cs',
    kernels: '6.13.9 and later, with the February 2025 backport',
    summary: 'as v6.12-stable, with MPAM trapped',
  }),
  {
    name: 'v6.14-rc1',
    id: 'D0',
    kernels: 'v6.14-rc1',
    summary: 'lazy host save; debug registers by debug_owner, of which EL2 of pKVM is not told',
    modes: MODES,
    profile: V6_14_RC1,
    // Whether the flags of the host's SVE and SME were there as well is not counted.
    hostData: hostDataOf([6, 14]),
    candidate: '6.14.0-rc1',
  },
  released([6, 14], {
    name: 'v6.14',
    id: 'D',
    kernels: 'v6.14',
    summary: 'host FP saved at load; debug registers by debug_owner',
  }),
  released([6, 15], {
    name: 'v6.15',
    id: 'D',
    kernels: 'v6.15; 6.15.0 .. 6.15.3',
    summary: 'as v6.14, HCRX_EL2 saved, VPIDR_EL2 in the EL1 context',
  }),
  released([6, 15, 4], {
    name: 'v6.15-stable',
    id: 'D',
    kernels: '6.15.4 and later',
    summary: 'as v6.15, an ISB before debug exceptions are unmasked',
  }),
  released([6, 16], {
    name: 'v6.16',
    id: 'D2',
    kernels: 'v6.16 .. v6.18; 6.18.0 .. 6.18.35',
    summary: 'as v6.15, with the ISB and CPTR series, without run_map_fp',
  }),
  released([6, 18, 36], {
    name: 'v6.18-stable',
    id: 'D2',
    kernels: '6.18.36 and later',
    summary: 'as v6.16, host user mode keeps POR_EL0',
  }),
  released([6, 19], {
    name: 'v6.19',
    id: 'D2',
    kernels: 'v6.19',
    summary: 'as v6.16, kernel-mode NEON where interrupts are off',
  }),
  released([7, 0], {
    name: 'v7.0',
    id: 'D2',
    kernels: 'v7.0; 7.0.0 .. 7.0.11',
    summary: 'as v6.19, without the ISB after FPEXC32_EL2; EL2 may not synchronise',
  }),
  released([7, 0, 13], {
    name: 'v7.0-stable',
    id: 'D2',
    kernels: '7.0.13 and later',
    summary: 'as v7.0, host user mode keeps POR_EL0, nested vector length capped',
  }),
  released([7, 1], {
    name: 'v7.1',
    id: 'E',
    kernels: 'v7.1',
    summary: 'host buffers disabled in guests, nested vector length capped',
  }),
  released([7, 2], {
    name: 'v7.2',
    id: 'E',
    kernels: 'v7.2',
    summary: 'as v7.1, with the nested FP skip',
  }),
  released([7, 3], {
    name: 'v7.3',
    id: 'E',
    kernels: 'v7.3',
    summary: 'as v7.2, EL2 of pKVM is told MDSCR_EL1 of a debugger',
  }),
  {
    name: 'sme-guest-v12',
    id: 'ES',
    kernels: 'v12 of the SME guest series, not merged',
    summary: 'as v7.2, with SME in guests: native format, SVCR first',
    modes: MODES,
    profile: SME_V12,
    // What it would keep of the host's SME state under pKVM is not counted.
    hostData: hostDataOf([7, 2]),
  },
  {
    name: 'sme-rfc-2024',
    id: 'R24',
    kernels: 'the RFC of early 2024, not merged',
    summary: 'as v6.10, with SME in guests and FP_STATE_USER_OWNED: a format for userspace',
    modes: ['vhe', 'nvhe', 'hvhe'],
    profile: SME_RFC,
    // It was written on kernels before the series.
    hostData: hostDataOf([6, 8]),
  },
];

/** The newest release of which anything is known. */
export const NEWEST: Release = [7, 3];

export const DEFAULT_MODEL = 'v6.10';
export const DEFAULT_MODE: Mode = 'vhe';

/** The model of that name; undefined where there is none. */
export function findModel(name: string): Model | undefined {
  return MODELS.find((model) => model.name === name);
}
