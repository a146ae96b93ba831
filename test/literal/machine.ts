/** The state of semantics 3, as plain objects. */

import type { Mode, Profile } from './profiles.ts';

export type Owner = 'free' | 'host' | 'guest';
/** What the last event gave: an errno of 5.14, -EINVAL of a pKVM run that is refused (5.13), or ok. */
export type Result = 'ok' | 'ENOENT' | 'EPERM' | 'EINVAL' | 'EBUSY';

/** `auth` of an entity whose newest value is in memory. */
export const MEM = -1;
/** `thread.fpsimd_cpu` that means "no CPU". */
export const NR_CPUS = -1;
/** `auth` of an entity whose newest value is in EL2's area of a CPU (3.4, pKVM eager). */
export function inHyp(cpu: number): number {
  return -2 - cpu;
}

/** Whatever can have a value in the registers: a task, a vCPU, a region of kernel-mode NEON; and the ZA array of each. */
export interface Entity {
  /** `task:7`, `vcpu:0/1`, `kneon:7`. */
  name: string;
  /** Which registers: V, Z, P, FFR, FPSR, FPCR and FPMR, or ZA and ZT0. */
  readonly file: 'fp' | 'za';
  /** Generation of the newest value. */
  gen: number;
  /** Generation of the memory copy; -1 where it is not a value of this entity at all. */
  memGen: number;
  /** The memory copy is in streaming format (SM-04). */
  memStreaming: boolean;
  /** MEM, the CPU whose registers hold the newest value, or `inHyp`. */
  auth: number;
}

export interface Svcr {
  SM: boolean;
  ZA: boolean;
}

export interface Task extends Entity {
  pid: number;
  TIF_FOREIGN_FPSTATE: boolean;
  TIF_SVE: boolean;
  /** `thread.fp_type`: how the memory copy is laid out. */
  fp_type: 'FPSIMD' | 'SVE';
  TIF_KERNEL_FPSTATE: boolean;
  fpsimd_cpu: number;
  /** `thread.svcr`: the memory copy. */
  svcr: Svcr;
  za: Entity;
  /** `thread.kernel_fpsimd_state`: the task's own region of kernel-mode NEON. */
  kernel_fpsimd_state: Entity;
  /** A softirq's region that interrupted this task. */
  softirqNeon: Entity;
}

export interface Mdscr {
  MDE: boolean;
  KDE: boolean;
  SS: boolean;
}

/** What vcpu_create says; vector lengths in bytes, 0 where the vCPU lacks the extension. */
export interface VcpuFeatures {
  readonly sve_max_vl: number;
  readonly sme_max_vl: number;
  readonly sme2: boolean;
  readonly fa64: boolean;
  readonly fpmr: boolean;
  readonly protected: boolean;
}

export interface Vcpu extends Entity {
  sve: boolean;
  sve_max_vl: number;
  sme: boolean;
  features: VcpuFeatures;
  /** The memory copy. */
  SVCR: Svcr;
  za: Entity;
  /** VCPU_SVE_FINALIZED, where there is anything to finalise. */
  finalised: boolean;
  /** IN_NESTED_ERET or IN_NESTED_EXCEPTION. */
  inNested: boolean;
  cpu: number;
  /** `fp_state`; only where `ownerLoc` is vcpu. */
  fp_state: Owner;
  host_fpsimd_state: Task | null;
  guest_debug: { enabled: boolean; SINGLESTEP: boolean; USE_HW: boolean };
  MDSCR_EL1: Mdscr;
  osLock: boolean;
  /** MDCR_EL2.TDA of `v.mdcr_el2`. */
  TDA: boolean;
  DEBUG_DIRTY: boolean;
  debug_ptr: 'vcpu_debug_state' | 'external_debug_state';
  guest_debug_preserved: Mdscr;
  debug_owner: Owner;
  external_mdscr_el1: Mdscr;
  /** Accesses which trapped in this run; handle_exit carries them out. */
  trappedMdscr: { MDE: boolean | undefined; KDE: boolean | undefined } | null;
  trappedOsLock: boolean | null;
}

/** One instance of kvm_host_data; static per-CPU data, all zero at boot (3.5). */
export interface HostData {
  fp_owner: Owner;
  fpsimd_state: Task | null;
  /** host_ctxt.MPIDR_EL1 was written. */
  mpidr: boolean;
}

/** Ghost: what a register file holds. */
export interface Registers {
  entity: Entity | null;
  gen: number;
}

/** `fpsimd_last_state`: where USER_SAVE saves to, and at which vector lengths (bytes). */
export interface LastState {
  st: Entity | null;
  sme_state: Entity | null;
  svcr: Svcr | null;
  to_save: 'CURRENT' | 'FPSIMD' | 'SVE';
  sve_vl: number;
  sme_vl: number;
  /** ZT0 goes with ZA. */
  zt: boolean;
}

export interface Cpu {
  id: number;
  current: Task;
  idle: Task;
  HDv: HostData;
  HDn: HostData;
  fpsimd_last_state: LastState;
  /** V, Z, P and FFR. */
  hw: Registers;
  /** ZA and ZT0; nobody's where SVCR.ZA is 0. */
  za: Registers;
  SVCR: Svcr;
  /** EL2's area under pKVM: the registers of before the run, and whether they held the only newest value. */
  hypArea: (Registers & { live: boolean }) | null;
  /** kvm_running_vcpu, and the one before it. */
  vcpu: Vcpu | null;
  lastVcpu: Vcpu | null;
  inGuest: boolean;
  /** The run in progress was refused with -EINVAL: the guest does not run. */
  refused: boolean;
  /** An exception of the guest was left to the host; its guest_exit has not come yet. */
  leaving: boolean;
  /** Traps of the run in progress, or of the last one. */
  cptr: { fp: boolean; sve: boolean; sme: boolean };
  /** MDSCR_EL1 as the guest's registers hold it. */
  guestMdscr: Mdscr;
  TDA: boolean;
  debugSwitched: boolean;
  /** MPIDR_EL1 as the host reads it is right. */
  hostMpidr: boolean;
  kvm_hyp_initialized: boolean;
  /** The innermost region of kernel-mode NEON running here. */
  neon: Entity | null;
}

/** The machine's vector lengths in bytes (0: no such extension) and what its SME has. */
export interface MachineFeatures {
  readonly sveVl: number;
  /** current_pt_regs() are of a system call. */
  inSystemCall: boolean;
  readonly smeVl: number;
  readonly sme2: boolean;
  readonly fa64: boolean;
  readonly fpmr: boolean;
}

export interface Machine extends MachineFeatures {
  profile: Profile;
  mode: Mode;
  cpus: Cpu[];
  /** By pid; without the idle tasks. */
  tasks: Map<number, Task>;
  /** By `vm/vcpu`. */
  vcpus: Map<string, Vcpu>;
  /** The same tasks and vCPUs by name. */
  entities: Map<string, Task | Vcpu>;
  /** The static key kvm_protected_mode_initialized. */
  pkvmFinalised: boolean;
  lastResult: Result;
  /** As what the event under way says that the task's registers are saved or loaded. */
  seenType: 'fpsimd' | 'sve' | undefined;
  bytes: number;
  debugSwitches: number;
  incidents: Record<Incident, number>;
}

/** What must never happen to an FP value. */
export type Incident =
  /** The registers were overwritten while they held the only newest value of another entity. */
  | 'lost'
  /** The memory copy that was loaded is not the entity's newest value. */
  | 'staleLoad'
  /** An older value was stored over a newer one. */
  | 'staleSave'
  /** The registers of one entity were stored in the memory of another. */
  | 'foreignSave'
  /** A task or guest executed FP instructions on registers which do not hold its newest value. */
  | 'foreignRun'
  /** A memory copy was loaded under another SVCR.SM than it was saved under. */
  | 'wrongFormat';
