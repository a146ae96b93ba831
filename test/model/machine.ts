/** The state of semantics 3, as plain objects. */

import type { Mode, Profile } from './profiles.ts';

export type Owner = 'free' | 'host' | 'guest';

/** `auth` of an entity whose newest value is in memory. */
export const MEM = -1;
/** `thread.fpsimd_cpu` that means "no CPU". */
export const NR_CPUS = -1;

/** Whatever can have a value in the FP registers: a task, a vCPU, a region of kernel-mode NEON. */
export interface Entity {
  /** `task:7`, `vcpu:0/1`, `kneon:7`. */
  name: string;
  /** Generation of the newest value. */
  gen: number;
  /** Generation of the memory copy; -1 where it is not a value of this entity at all. */
  memGen: number;
  /** MEM, or the CPU whose registers hold the newest value. */
  auth: number;
}

export interface Task extends Entity {
  pid: number;
  TIF_FOREIGN_FPSTATE: boolean;
  TIF_SVE: boolean;
  TIF_KERNEL_FPSTATE: boolean;
  fpsimd_cpu: number;
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

export interface Vcpu extends Entity {
  sve: boolean;
  /** Bytes. */
  sve_max_vl: number;
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

export interface Cpu {
  id: number;
  current: Task;
  idle: Task;
  HDv: HostData;
  HDn: HostData;
  fpsimd_last_state: { st: Entity | null; to_save: 'CURRENT' | 'FPSIMD' | 'SVE'; sve_vl: number };
  /** Ghost: what the FP registers hold. */
  hw: { entity: Entity | null; gen: number };
  /** kvm_running_vcpu, and the one before it. */
  vcpu: Vcpu | null;
  lastVcpu: Vcpu | null;
  inGuest: boolean;
  /** Traps of the run in progress, or of the last one. */
  cptr: { fp: boolean; sve: boolean };
  /** MDSCR_EL1 as the guest's registers hold it. */
  guestMdscr: Mdscr;
  TDA: boolean;
  debugSwitched: boolean;
  /** MPIDR_EL1 as the host reads it is right. */
  hostMpidr: boolean;
  /** The innermost region of kernel-mode NEON running here. */
  neon: Entity | null;
}

export interface Machine {
  profile: Profile;
  mode: Mode;
  /** Bytes; 0: no SVE. */
  sveVl: number;
  cpus: Cpu[];
  /** By pid; without the idle tasks. */
  tasks: Map<number, Task>;
  /** By `vm/vcpu`. */
  vcpus: Map<string, Vcpu>;
  /** The same tasks and vCPUs by name. */
  entities: Map<string, Entity>;
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
  | 'foreignRun';

function createEntity(name: string): Entity {
  return { name, gen: 0, memGen: 0, auth: MEM };
}

/** 3.5: as after fork or for the init task: no CPU, TIF_FOREIGN_FPSTATE set. */
export function createTask(pid: number): Task {
  return {
    ...createEntity(`task:${pid}`),
    pid,
    TIF_FOREIGN_FPSTATE: true,
    TIF_SVE: false,
    TIF_KERNEL_FPSTATE: false,
    fpsimd_cpu: NR_CPUS,
    kernel_fpsimd_state: createEntity(`kneon:${pid}`),
    softirqNeon: createEntity(`kneon:${pid}`),
  };
}

/** 3.5, vcpu rows. */
export function createVcpu(name: string, sve: boolean, sve_max_vl: number): Vcpu {
  return {
    ...createEntity(name),
    sve,
    sve_max_vl,
    cpu: -1,
    fp_state: 'free',
    host_fpsimd_state: null,
    guest_debug: { enabled: false, SINGLESTEP: false, USE_HW: false },
    MDSCR_EL1: { MDE: false, KDE: false, SS: false },
    osLock: false,
    TDA: true,
    DEBUG_DIRTY: false,
    debug_ptr: 'vcpu_debug_state',
    guest_debug_preserved: { MDE: false, KDE: false, SS: false },
    debug_owner: 'free',
    external_mdscr_el1: { MDE: false, KDE: false, SS: false },
    trappedMdscr: null,
    trappedOsLock: null,
  };
}

function createHostData(): HostData {
  return { fp_owner: 'free', fpsimd_state: null, mpidr: false };
}

/** A CPU at boot: its idle task is current, the registers hold nothing of anybody. */
export function createCpu(id: number): Cpu {
  const idle = createTask(0);
  return {
    id,
    current: idle,
    idle,
    HDv: createHostData(),
    HDn: createHostData(),
    fpsimd_last_state: { st: null, to_save: 'CURRENT', sve_vl: 0 },
    hw: { entity: null, gen: 0 },
    vcpu: null,
    lastVcpu: null,
    inGuest: false,
    cptr: { fp: true, sve: true },
    guestMdscr: { MDE: false, KDE: false, SS: false },
    TDA: true,
    debugSwitched: false,
    hostMpidr: true,
    neon: null,
  };
}
