/**
 * The models: a kernel version is a row of switches. Steps ask the profile; nothing asks for a version.
 * Sources: the switches are those of the semantics, section 2.2; commits are named where one changed a switch.
 */

import type { HostDataLayout } from './host-data.ts';

export const MODES = ['vhe', 'nvhe', 'hvhe', 'pkvm'] as const;
export type Mode = (typeof MODES)[number];

export interface Profile {
  /** Where fp_owner lives: in the vCPU (`fp_state`), or in struct kvm_host_data since 5294afdbf45a (v6.10). */
  readonly ownerLoc: 'vcpu' | 'hd';
  /** How kernel code reaches kvm_host_data: host_data_ptr() of 87f842c6c654, or that of the series' first posting. */
  readonly accessor: 'explicit' | 'v1bug' | 'ok';
  /** When the host's FP registers are saved: at the guest's first FP trap, or at load since fbc7e61195e2 (v6.14). */
  readonly hostSave: 'lazy' | 'eager';
  /** What load_fp does about TIF_SVE: BUG_ON, fpsimd_kvm_prepare(), or nothing. */
  readonly tifSveAtLoad: 'BUG' | 'prepare' | 'none';
  /** HOST_SVE_ENABLED and HOST_SME_ENABLED, until 459f059be702 and 407a99c4654e. */
  readonly el0enTracking: boolean;
  /** The guest's ZCR_EL1: read back in put_fp, or switched at each entry and exit since 59419f10045b. */
  readonly zcr: 'put' | 'lazysw';
  /** nVHE and hVHE leave SVE trapped for the host while the guest owns the registers. */
  readonly hostSveTz: boolean;
  /** Who keeps the FP state of protected KVM. */
  readonly pkvmFp: 'direct' | 'copy' | 'split' | 'eager';
  /** pKVM loads and puts vCPUs by hypercall (v7.1). */
  readonly pkvmLoadPut: boolean;
  /** What a nested hypervisor writes to ZCR_EL2 is capped at the vCPU's largest (837263307489). */
  readonly nestedVlCap: boolean;
  /** What sve_state is sized for: the SVE vector length, or the larger of both. */
  readonly sveStateSize: 'sve' | 'max';
  /** The vectors are converted, lazily, to a format at the larger vector length when userspace looks (RFC of 2024). */
  readonly userFormat: boolean;
  /** Guests may have SME (the guest series, not merged). */
  readonly guestSme: boolean;
  /** Trap register of nVHE and hVHE: a constant or cached `vcpu->arch.cptr_el2`, or computed since 2fd5b4b0e7b4. */
  readonly cptrCompute: 'const' | 'cached' | 'scratch';
  /** Trap register of VHE at entry: CPACR_EL1 read, modified and written, or computed. */
  readonly cptrVhe: 'rmw' | 'scratch';
  /** The FP trap handler ends with __activate_cptr_traps (59e6e101a6fa, v6.16). */
  readonly trapReactivate: boolean;
  /** kvm_arch_vcpu_run_map_fp; removed by 42ce432522a1 (v6.16). */
  readonly runMapFp: 'share+pin' | 'share' | 'none';
  /** Who the debug registers belong to: DEBUG_DIRTY, or `debug_owner` since v6.14. */
  readonly dbg: 'dirty' | 'owner';
  /** Where MDCR_EL2 is saved and restored: __activate_traps_common, or apart since v6.14. */
  readonly mdcrSite: 'common' | 'split';
  /** Host profiling and trace buffers: flags in the vCPU, flags in the host data, or disabled (07695f7dc1e1, v7.1). */
  readonly hostBuf: 'vcpu' | 'hd' | 'disable';
  /** VHE sets __hyp_running_vcpu at each run, or at load and put since 9a39359903fe (v6.10). */
  readonly runningVcpuVhe: 'run' | 'loadput';
  /** FPMR is switched (ef3be86021c3, v6.12). */
  readonly fpmr: boolean;
  /** load_fp and put_fp return early inside nested transitions. */
  readonly nestedSkip: boolean;
  /** Kernel-mode NEON of a task is switched with the task (v6.8). */
  readonly neonPreemptible: boolean;
  /** kernel_neon_begin() may run with interrupts off (7.x). */
  readonly neonIrqsOff: boolean;
  /** PMUSERENR_ON_CPU (v6.4). */
  readonly pmuserenrFlag: boolean;
  /** dsb(nsh) around the MMU switch of nVHE (v6.3). */
  readonly dsbNsh: boolean;
  /** SME can be built into the host; depended on BROKEN from 81235ae0c846 (v6.12) until v6.16. */
  readonly hostSme: boolean;
  /** Which HFG* registers are switched. */
  readonly fgt: 'sme' | 'cond' | 'always';
  /** What HCRX_EL2 gets back. */
  readonly hcrxRestore: 'const' | 'saved';
  /** CSSELR_EL1 is part of the EL1 context, until the cache configuration was emulated (v6.3). */
  readonly csselr: boolean;
  /** VPIDR_EL2 is written with the EL1 context (7.x). */
  readonly vpidr: boolean;
  /** VHE loads stage 2 in the run loop, or with the vCPU (v6.7). */
  readonly stage2Vhe: 'run' | 'load';
  /** Instruction barriers of a VHE exit after the trap register is opened, before EL2 touches FP: 257d0aa8e250 (v6.16). */
  readonly isbBeforeFp: boolean;
  /**
   * How fork and signals save what the current task has: fpsimd_preserve_current_state() leaves it in the registers, and sigreturn
   * loads at once; fpsimd_save_and_flush_current_state() has it loaded at the return to user mode (v6.16).
   */
  readonly saveCurrent: 'preserve' | 'flush';
  /** Host debug registers are synchronised before debug exceptions are unmasked: cade3d57e456. */
  readonly isbBeforeUnmask: boolean;
}

const A2: Profile = {
  ownerLoc: 'vcpu',
  accessor: 'explicit',
  hostSave: 'lazy',
  tifSveAtLoad: 'prepare',
  el0enTracking: true,
  zcr: 'put',
  hostSveTz: true,
  pkvmFp: 'copy',
  pkvmLoadPut: false,
  nestedVlCap: false,
  sveStateSize: 'sve',
  userFormat: false,
  guestSme: false,
  cptrCompute: 'const',
  cptrVhe: 'rmw',
  trapReactivate: false,
  runMapFp: 'share+pin',
  dbg: 'dirty',
  mdcrSite: 'common',
  hostBuf: 'vcpu',
  runningVcpuVhe: 'run',
  fpmr: false,
  nestedSkip: false,
  neonPreemptible: false,
  neonIrqsOff: false,
  pmuserenrFlag: false,
  dsbNsh: false,
  hostSme: true,
  fgt: 'sme',
  hcrxRestore: 'const',
  csselr: true,
  vpidr: false,
  stage2Vhe: 'run',
  isbBeforeFp: false,
  isbBeforeUnmask: false,
  saveCurrent: 'preserve',
};
const A1: Profile = { ...A2, tifSveAtLoad: 'BUG', pkvmFp: 'direct', hostSme: false };
/** The layout of A with the floating point of D: the stable backport of the February 2025 rework. */
const As: Profile = {
  ...A2,
  hostSave: 'eager',
  tifSveAtLoad: 'none',
  el0enTracking: false,
  zcr: 'lazysw',
  hostSveTz: false,
  pkvmFp: 'direct',
  cptrCompute: 'scratch',
  hostSme: false,
};
const C0: Profile = {
  ...A2,
  ownerLoc: 'hd',
  accessor: 'ok',
  pkvmFp: 'split',
  cptrCompute: 'cached',
  runningVcpuVhe: 'loadput',
  neonPreemptible: true,
  pmuserenrFlag: true,
  dsbNsh: true,
  fgt: 'cond',
  csselr: false,
  stage2Vhe: 'load',
};
/** A2 semantics with the state in kvm_host_data, reached through this_cpu_ptr() in every mode. */
const B: Profile = { ...C0, accessor: 'v1bug', runningVcpuVhe: 'run' };
const C: Profile = { ...C0, pkvmFp: 'eager', runMapFp: 'share' };
const C612: Profile = { ...C, cptrVhe: 'scratch', fpmr: true, hostSme: false };
const Cs: Profile = {
  ...C612,
  hostSave: 'eager',
  tifSveAtLoad: 'none',
  el0enTracking: false,
  zcr: 'lazysw',
  hostSveTz: false,
  cptrCompute: 'scratch',
};
const D: Profile = { ...Cs, dbg: 'owner', mdcrSite: 'split', hostBuf: 'hd' };
const D2: Profile = {
  ...D,
  trapReactivate: true,
  runMapFp: 'none',
  hostSme: true,
  nestedVlCap: true,
  isbBeforeFp: true,
  isbBeforeUnmask: true,
  saveCurrent: 'flush',
};
const E: Profile = {
  ...D2,
  hostBuf: 'disable',
  nestedSkip: true,
  neonIrqsOff: true,
  pkvmLoadPut: true,
  fgt: 'always',
  hcrxRestore: 'saved',
  vpidr: true,
};

/** v7.1 with SME guests: the series as posted, v12. */
const ES: Profile = { ...E, guestSme: true, sveStateSize: 'max' };
/** The RFC of early 2024 on the lazy kernels: SME guests whose state is kept in a format for userspace, per vCPU. */
const R24: Profile = {
  ...C,
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
  readonly hostData: HostDataLayout;
  /** The first release that behaves so, up to that of the next model; absent where no released kernel does. */
  readonly since?: readonly [major: number, minor: number];
  /** The patch level from which a stable series behaves so, by its change log. */
  readonly stable?: Readonly<Record<string, number>>;
  /** A release candidate that behaves so. */
  readonly candidate?: string;
}

const BEFORE_HVHE: readonly Mode[] = ['vhe', 'nvhe', 'pkvm'];

/** Every model, oldest first: all that is known of a kernel is in its row. */
export const MODELS: readonly Model[] = [
  {
    name: 'v5.18',
    id: 'A1',
    kernels: 'v5.18 .. v6.1',
    summary: 'all state per vCPU; BUG_ON(TIF_SVE) at load; TIF_SVE toggled by KVM',
    modes: BEFORE_HVHE,
    profile: A1,
    hostData: 'perVcpu',
    since: [5, 18],
  },
  {
    name: 'v6.2',
    id: 'A2',
    kernels: 'v6.2 .. v6.9',
    summary: 'as v5.18, with fpsimd_kvm_prepare(); hVHE from v6.5',
    modes: MODES,
    profile: A2,
    hostData: 'perVcpu',
    since: [6, 2],
  },
  {
    name: 'v6.1-stable',
    id: 'As',
    kernels: '6.1.y with the February 2025 backport',
    summary: 'state per vCPU, host FP saved at load',
    modes: BEFORE_HVHE,
    profile: As,
    hostData: 'perVcpuWithoutPointer',
    stable: { '6.1': 135 },
  },
  {
    name: 'seed-v1',
    id: 'B',
    kernels: 'first posting of the series, on v6.8-rc6',
    summary: 'state in kvm_host_data, wrong instance from kernel code outside of VHE',
    modes: MODES,
    profile: B,
    hostData: 'perCpu',
  },
  {
    name: 'v6.10-rc1',
    id: 'C0',
    kernels: 'v6.10-rc1, before the pKVM fixes',
    summary: 'right instance; pKVM ownership in two copies that do not meet',
    modes: MODES,
    profile: C0,
    hostData: 'perCpu',
    candidate: '6.10.0-rc1',
  },
  {
    name: 'v6.10',
    id: 'C',
    kernels: 'v6.10 .. v6.11',
    summary: 'lazy host save; pKVM restores the host at every exit',
    modes: MODES,
    profile: C,
    hostData: 'sveState',
    since: [6, 10],
  },
  {
    name: 'v6.12',
    id: 'C',
    kernels: 'v6.12 .. v6.13',
    summary: 'as v6.10, with FPMR, and without SME in the host',
    modes: MODES,
    profile: C612,
    hostData: 'fpmr',
    since: [6, 12],
  },
  {
    name: 'v6.12-stable',
    id: 'Cs',
    kernels: '6.12.y with the February 2025 backport',
    summary: 'host FP saved at load; debug registers by DEBUG_DIRTY',
    modes: MODES,
    profile: Cs,
    hostData: 'eagerSave',
    stable: { '6.12': 21, '6.13': 9 },
  },
  {
    name: 'v6.14',
    id: 'D',
    kernels: 'v6.14 .. v6.15',
    summary: 'host FP saved at load; debug registers by debug_owner',
    modes: MODES,
    profile: D,
    hostData: 'debugOwner',
    since: [6, 14],
  },
  {
    name: 'v6.16',
    id: 'D2',
    kernels: 'v6.16 .. v7.0',
    summary: 'as v6.14, with the ISB and CPTR series, without run_map_fp',
    modes: MODES,
    profile: D2,
    hostData: 'debugOwner',
    since: [6, 16],
  },
  {
    name: 'v7.1',
    id: 'E',
    kernels: 'v7.1 .. v7.3',
    summary: 'as v6.16, with the nested FP skip and host buffers disabled in guests',
    modes: MODES,
    profile: E,
    hostData: 'bufferLimits',
    since: [7, 1],
  },
  {
    name: 'sme-guest-v12',
    id: 'ES',
    kernels: 'v12 of the SME guest series, not merged',
    summary: 'as v7.1, with SME in guests: native format, SVCR first',
    modes: MODES,
    profile: ES,
    // What it would keep of the host's SME state under pKVM is not counted.
    hostData: 'bufferLimits',
  },
  {
    name: 'sme-rfc-2024',
    id: 'R24',
    kernels: 'the RFC of early 2024, not merged',
    summary: 'as v6.10, with SME in guests and FP_STATE_USER_OWNED: a format for userspace',
    modes: ['vhe', 'nvhe', 'hvhe'],
    profile: R24,
    // It was written on kernels before the series.
    hostData: 'perVcpu',
  },
];

export const DEFAULT_MODEL = 'v6.10';
export const DEFAULT_MODE: Mode = 'vhe';

/** The model of that name; undefined where there is none. */
export function findModel(name: string): Model | undefined {
  return MODELS.find((model) => model.name === name);
}

export function isMode(name: string): name is Mode {
  return (MODES as readonly string[]).includes(name);
}
