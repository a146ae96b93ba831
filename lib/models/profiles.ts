/**
 * The models: a kernel version is a row of switches. Steps ask the profile; nothing asks for a version.
 * Sources: the switches are those of the semantics, section 2.2. CHANGES says which commit set a switch, in which release,
 * and how that was found out; the profile of a release, and of a stable one, is worked out from it.
 */

import { AS_MOVED, type HostData, hostDataOf } from './host-data.ts';
import { isBefore, type Release } from './release-number.ts';

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
  /** pKVM loads and puts vCPUs by hypercall. */
  readonly pkvmLoadPut: boolean;
  /** What a nested hypervisor writes to ZCR_EL2 is capped at the vCPU's largest. */
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
  /** kernel_neon_begin() may run with interrupts off. */
  readonly neonIrqsOff: boolean;
  /** PMUSERENR_ON_CPU. */
  readonly pmuserenrFlag: boolean;
  /** dsb(nsh) around the MMU switch of nVHE. */
  readonly dsbNsh: boolean;
  /** SME can be built into the host; it depended on BROKEN for a while. */
  readonly hostSme: boolean;
  /** Which HFG* registers are switched. */
  readonly fgt: 'sme' | 'cond' | 'always';
  /** What HCRX_EL2 gets back. */
  readonly hcrxRestore: 'none' | 'const' | 'saved';
  /** __kvm_host_psci_cpu_entry() writes SCTLR_EL1, and SPSR_EL2 itself. */
  readonly cpuOnSctlr: boolean;
  /** Where FPSIMD registers are loaded, FPCR is written if its value differs, or always. */
  readonly fpcrLoad: 'differs' | 'always';
  /** VHE writes MDCR_EL2 once at a load, or once or twice, which differs between releases of one model. */
  readonly mdcrAtLoad: 'once' | 'either';
  /** CSSELR_EL1 is part of the EL1 context, until the cache configuration was emulated. */
  readonly csselr: boolean;
  /** VPIDR_EL2 is written with the EL1 context. */
  readonly vpidr: boolean;
  /** VHE loads stage 2 in the run loop, or with the vCPU (v6.7). */
  readonly stage2Vhe: 'run' | 'load';
  /** Instruction barriers of a VHE exit after the trap register is opened, before EL2 touches FP: 257d0aa8e250 (v6.16). */
  readonly isbBeforeFp: boolean;
  /** Host debug registers are synchronised before debug exceptions are unmasked: cade3d57e456. */
  readonly isbBeforeUnmask: boolean;
  /** An instruction barrier after the write of FPEXC32_EL2, for 32-bit guests. */
  readonly isbAfterFpexc: boolean;
  /** MPAM2_EL2 at activation and deactivation of traps: left alone, written, or read, modified and written. */
  readonly mpam: 'none' | 'write' | 'update';
  /** CPACR_EL1.E0POE, which lets EL0 reach POR_EL0: unknown to the kernel, lost at a VHE exit, or given back there. */
  readonly e0poe: 'none' | 'lost' | 'kept';
  /** The panic path of VHE looks whether a vCPU is loaded before it uses it. */
  readonly panicGuard: boolean;
  /**
   * What EL2 of pKVM learns of the debug registers: nothing, whose they are and their values, or all that there is, the
   * MDSCR_EL1 of a debugger as well.
   */
  readonly pkvmDebug: 'none' | 'registers' | 'all';
  /** Exception entry and exit at EL2 are context synchronisation events on a machine with FEAT_ExS (SCTLR_EL2.EIS, EOS). */
  readonly el2Synchronises: boolean;
  /**
   * How fork and signals save what the current task has: fpsimd_preserve_current_state() leaves it in the registers, and sigreturn
   * loads at once; fpsimd_save_and_flush_current_state() has it loaded at the return to user mode.
   */
  readonly saveCurrent: 'preserve' | 'flush';
  /** First uses of SVE, or of SME too, of a task that is not loaded have it loaded anew wherever it goes on. */
  readonly accFlushes: 'none' | 'sve' | 'all';
  /** A task that is switched in within kernel-mode NEON: the CPU's state is flushed before its own is loaded. */
  readonly neonFlushFirst: boolean;
  /** exec resets FPMR. */
  readonly execFpmr: boolean;
  /** A tracer that writes the registers of streaming mode leaves ZA of the task alone: sme_alloc() keeps the storage there is. */
  readonly ptraceKeepsZa: boolean;
}

/**
 * How the first release was found: a tree with the change and one without were read, next to each other; an announcement,
 * pull request or change log names it; it is inferred from the dates of its patches; or the instructions of two kernels show it.
 */
export type Evidence = 'source' | 'announced' | 'inferred' | 'instructions';

/** One change of the kernel that sets switches. */
export interface Change {
  readonly sets: Partial<Profile>;
  /** The first release that has it; its first release candidate need not. */
  readonly since: Release;
  /** Mainline commits; of a series, those that set the switches. None where only instructions show it. */
  readonly commits: readonly string[];
  readonly found: Evidence;
  /** By stable series: the patch level that brought it. */
  readonly stable?: Readonly<Record<string, number>>;
}

/** v5.18, the oldest kernel there is a model of. */
const BASE: Profile = {
  ownerLoc: 'vcpu',
  accessor: 'explicit',
  hostSave: 'lazy',
  tifSveAtLoad: 'BUG',
  el0enTracking: true,
  zcr: 'put',
  hostSveTz: true,
  pkvmFp: 'direct',
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
  hostSme: false,
  fgt: 'sme',
  hcrxRestore: 'none',
  cpuOnSctlr: false,
  fpcrLoad: 'differs',
  mdcrAtLoad: 'once',
  csselr: true,
  vpidr: false,
  stage2Vhe: 'run',
  isbBeforeFp: false,
  isbBeforeUnmask: false,
  isbAfterFpexc: true,
  mpam: 'none',
  e0poe: 'none',
  panicGuard: false,
  pkvmDebug: 'all',
  el2Synchronises: true,
  saveCurrent: 'preserve',
  accFlushes: 'none',
  neonFlushFirst: false,
  execFpmr: false,
  ptraceKeepsZa: true,
};

/** The rework of February 2025 (CVE-2025-22013). */
const REWORK = { '6.1': 135, '6.6': 85, '6.12': 21, '6.13': 9 };

/** What set the switches since, oldest first; a test holds that each of them does something. */
export const CHANGES: readonly Change[] = [
  { sets: { hostSme: true }, since: [5, 19], commits: ['a1f4ccd25cc2'], found: 'announced' },
  // As a prerequisite of the rework it came to v6.1.y together with that.
  { sets: { tifSveAtLoad: 'prepare' }, since: [6, 2], commits: ['93ae6b01bafe'], found: 'announced' },
  // The hypervisor's own copy of a vCPU.
  { sets: { pkvmFp: 'copy' }, since: [6, 2], commits: ['be66e67f1750'], found: 'inferred' },
  { sets: { csselr: false }, since: [6, 3], commits: ['7af0c2534f4c'], found: 'announced' },
  { sets: { pmuserenrFlag: true }, since: [6, 4], commits: ['0c2f9acf6ae7'], found: 'announced' },
  // "nvhe: Synchronise with page table walker on vcpu run"; some level of v6.3.y has it, v6.1.y has not.
  {
    sets: { dsbNsh: true },
    since: [6, 4],
    commits: ['ea8a8bbb6f89'],
    found: 'announced',
    stable: { '6.3': 1 },
  },
  { sets: { hcrxRestore: 'const' }, since: [6, 5], commits: ['306b4c9f7120'], found: 'inferred' },
  { sets: { cptrCompute: 'cached' }, since: [6, 5], commits: ['75c76ab5a641'], found: 'announced' },
  // CVE-2024-26618. Stable series had it for a while as well, 6.1.47 and later, 6.4.12; mended in 6.6.15 and 6.7.3. Those levels are
  // left out: no capture tells what a tracer writes.
  { sets: { ptraceKeepsZa: false }, since: [6, 5], commits: ['5d0a8d2fba50'], found: 'announced' },
  { sets: { fgt: 'cond' }, since: [6, 6], commits: ['15b4d82d69d7'], found: 'announced' },
  { sets: { stage2Vhe: 'load' }, since: [6, 7], commits: ['934bf871f011'], found: 'announced' },
  { sets: { neonPreemptible: true }, since: [6, 8], commits: ['aefbab8e77eb', '9b19700e623f'], found: 'announced' },
  { sets: { ptraceKeepsZa: true }, since: [6, 8], commits: ['dc7eb8755797'], found: 'announced' },
  { sets: { ownerLoc: 'hd' }, since: [6, 10], commits: ['5294afdbf45a'], found: 'announced' },
  { sets: { accessor: 'ok' }, since: [6, 10], commits: ['87f842c6c654'], found: 'announced' },
  { sets: { runningVcpuVhe: 'loadput' }, since: [6, 10], commits: ['9a39359903fe'], found: 'announced' },
  { sets: { pkvmFp: 'eager' }, since: [6, 10], commits: ['b5b9955617bc', 'e511e08a9f49'], found: 'announced' },
  { sets: { runMapFp: 'share' }, since: [6, 10], commits: ['d48965bc47e4'], found: 'inferred' },
  { sets: { cptrVhe: 'scratch' }, since: [6, 11], commits: ['1785f020b112', '5326303bb7d9'], found: 'announced' },
  { sets: { fpmr: true }, since: [6, 12], commits: ['ef3be86021c3'], found: 'announced' },
  // "Make SME depend on BROKEN for now". The levels of the stable series are those of the change that came with it.
  {
    sets: { hostSme: false },
    since: [6, 12],
    commits: ['81235ae0c846'],
    found: 'source',
    stable: { '6.1': 120, '6.6': 61, '6.11': 8 },
  },
  // CVE-2024-50275.
  {
    sets: { accFlushes: 'sve' },
    since: [6, 12],
    commits: ['751ecf6afd65'],
    found: 'announced',
    stable: { '6.1': 120, '6.6': 61, '6.11': 8 },
  },
  // Permission overlays for host user space (ARM64_POE).
  { sets: { e0poe: 'lost' }, since: [6, 12], commits: ['bf83dae90fbc'], found: 'source' },
  // FEAT_MPAM is trapped and hidden from guests.
  { sets: { mpam: 'write' }, since: [6, 13], commits: ['31ff96c38ea3'], found: 'announced' },
  { sets: { cptrCompute: 'scratch' }, since: [6, 14], commits: ['2fd5b4b0e7b4'], found: 'source', stable: REWORK },
  {
    sets: { hostSave: 'eager', tifSveAtLoad: 'none' },
    since: [6, 14],
    commits: ['fbc7e61195e2'],
    found: 'source',
    stable: REWORK,
  },
  {
    sets: { el0enTracking: false },
    since: [6, 14],
    commits: ['459f059be702', '407a99c4654e'],
    found: 'source',
    stable: REWORK,
  },
  {
    sets: { zcr: 'lazysw', hostSveTz: false },
    since: [6, 14],
    commits: ['59419f10045b'],
    found: 'source',
    stable: REWORK,
  },
  { sets: { dbg: 'owner' }, since: [6, 14], commits: ['58db67e9acca', 'beb470d96cec'], found: 'source' },
  { sets: { pkvmDebug: 'registers' }, since: [6, 14], commits: ['0f1a6c5c9784'], found: 'announced' },
  { sets: { mdcrSite: 'split' }, since: [6, 14], commits: ['b47ffd13fda8', '75a5fbaf6623'], found: 'source' },
  // kvm_arm_setup_mdcr_el2() writes it, and in 6.16.12 __activate_traps_common() does again; in 6.18.15 that no longer does.
  { sets: { mdcrAtLoad: 'either' }, since: [6, 14], commits: [], found: 'instructions' },
  { sets: { hostBuf: 'hd' }, since: [6, 14], commits: ['38131c02a53f'], found: 'source' },
  { sets: { pkvmLoadPut: true }, since: [6, 14], commits: ['f7d03fcbf1f4'], found: 'source' },
  { sets: { hcrxRestore: 'saved' }, since: [6, 15], commits: ['ffea7c73d181'], found: 'announced' },
  // Some level of v6.12.y has it; taken for that of the rework.
  {
    sets: { cpuOnSctlr: true },
    since: [6, 15],
    commits: ['3855a7b91d42'],
    found: 'announced',
    stable: { '6.12': REWORK['6.12'] },
  },
  { sets: { vpidr: true }, since: [6, 15], commits: ['d0d81e03e629'], found: 'announced' },
  {
    sets: { isbBeforeUnmask: true },
    since: [6, 16],
    commits: ['cade3d57e456'],
    found: 'announced',
    stable: { '6.15': 4 },
  },
  { sets: { isbBeforeFp: true }, since: [6, 16], commits: ['257d0aa8e250'], found: 'announced' },
  {
    sets: { trapReactivate: true },
    since: [6, 16],
    commits: ['59e6e101a6fa', '186b58bacd74', 'e62dd507844f'],
    found: 'announced',
  },
  { sets: { runMapFp: 'none' }, since: [6, 16], commits: ['42ce432522a1'], found: 'announced' },
  // SME can be selected again, with the rework of its signal and ptrace code.
  { sets: { hostSme: true }, since: [6, 16], commits: ['929fa99b1215', '99560c9452bb'], found: 'announced' },
  { sets: { saveCurrent: 'flush' }, since: [6, 16], commits: ['d3a181588df9', '929fa99b1215'], found: 'announced' },
  // Of the next two the levels of stable series (6.12.34, 6.1.142) are left out: without SME they change nothing there.
  { sets: { accFlushes: 'all' }, since: [6, 16], commits: ['d3eaab3c7090'], found: 'announced' },
  { sets: { neonFlushFirst: true }, since: [6, 16], commits: ['01098d893fa8'], found: 'announced' },
  { sets: { execFpmr: true }, since: [6, 16], commits: ['a90878f297d3'], found: 'announced', stable: { '6.12': 34 } },
  { sets: { fgt: 'always' }, since: [6, 16], commits: ['ea266c724968'], found: 'announced' },
  { sets: { mdcrAtLoad: 'once' }, since: [6, 19], commits: [], found: 'instructions' },
  { sets: { neonIrqsOff: true }, since: [6, 19], commits: ['7137a203b251'], found: 'source' },
  { sets: { isbAfterFpexc: false }, since: [7, 0], commits: ['b1a9a9b96169'], found: 'announced' },
  // SCTLR_EL2 is made of what the architecture's description says: its RES1 bits, EIS and EOS among them, became 0.
  { sets: { el2Synchronises: false }, since: [7, 0], commits: ['0a35bd285f43'], found: 'announced' },
  { sets: { el2Synchronises: true }, since: [7, 1], commits: ['d7396a72eae7'], found: 'announced' },
  { sets: { hostBuf: 'disable' }, since: [7, 1], commits: ['07695f7dc1e1', 'd133aa75e39d'], found: 'source' },
  { sets: { nestedVlCap: true }, since: [7, 1], commits: ['837263307489'], found: 'source', stable: { '7.0': 12 } },
  {
    sets: { e0poe: 'kept' },
    since: [7, 1],
    commits: ['cbaffe843a94'],
    found: 'source',
    stable: { '6.18': 36, '7.0': 13 },
  },
  { sets: { panicGuard: true }, since: [7, 1], commits: ['300fac4cc266'], found: 'source' },
  { sets: { mpam: 'update' }, since: [7, 1], commits: ['eda1cd1f9d29'], found: 'source' },
  // fpsimd_load_state() of 7.0.13 compares before it writes, what is inlined in 7.2.13 does not.
  { sets: { fpcrLoad: 'always' }, since: [7, 2], commits: [], found: 'instructions' },
  { sets: { nestedSkip: true }, since: [7, 2], commits: ['435c46619614', '27ae400e6e88'], found: 'source' },
  { sets: { pkvmDebug: 'all' }, since: [7, 3], commits: ['119a9a23fbae'], found: 'source' },
];

/** Whether a release has a change: mainline's of that number, and a patch level of a series that brought it. */
function hasChange([major, minor, patch = 0]: Release, { since, stable }: Change): boolean {
  if (!isBefore([major, minor], since)) return true;
  return patch >= (stable?.[`${major}.${minor}`] ?? Number.POSITIVE_INFINITY);
}

/** The switches of a release that Linus Torvalds or the stable team made. */
export function profileOf(release: Release): Profile {
  const sets = CHANGES.filter((change) => hasChange(release, change)).map((change) => change.sets);
  return Object.assign({ ...BASE }, ...sets);
}

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

export function isMode(name: string): name is Mode {
  return (MODES as readonly string[]).includes(name);
}
