/** Initial values: semantics 3.5. */

import {
  type Cpu,
  type Entity,
  type HostData,
  type Machine,
  type MachineFeatures,
  MEM,
  NR_CPUS,
  type Task,
  type Vcpu,
  type VcpuFeatures,
} from './machine.ts';
import type { Mode, Profile } from './profiles.ts';

function createEntity(name: string, file: Entity['file'] = 'fp'): Entity {
  return { name, file, gen: 0, memGen: 0, memStreaming: false, auth: MEM };
}

/** As after fork or for the init task: no CPU, TIF_FOREIGN_FPSTATE set. */
export function createTask(pid: number): Task {
  return {
    ...createEntity(`task:${pid}`),
    pid,
    TIF_FOREIGN_FPSTATE: true,
    TIF_SVE: false,
    fp_type: 'FPSIMD',
    TIF_KERNEL_FPSTATE: false,
    fpsimd_cpu: NR_CPUS,
    svcr: { SM: false, ZA: false },
    za: createEntity(`task:${pid}`, 'za'),
    kernel_fpsimd_state: createEntity(`kneon:${pid}`),
    softirqNeon: createEntity(`kneon:${pid}`),
  };
}

/** The vcpu rows. */
export function createVcpu(name: string, features: VcpuFeatures): Vcpu {
  return {
    ...createEntity(name),
    sve: features.sve_max_vl > 0,
    sve_max_vl: features.sve_max_vl,
    sme: features.sme_max_vl > 0,
    features,
    SVCR: { SM: false, ZA: false },
    za: createEntity(name, 'za'),
    finalised: true,
    inNested: false,
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
function createCpu(id: number): Cpu {
  const idle = createTask(0);
  return {
    id,
    current: idle,
    idle,
    HDv: createHostData(),
    HDn: createHostData(),
    fpsimd_last_state: {
      st: null,
      sme_state: null,
      svcr: null,
      to_save: 'CURRENT',
      sve_vl: 0,
      sme_vl: 0,
      zt: false,
    },
    hw: { entity: null, gen: 0 },
    za: { entity: null, gen: 0 },
    SVCR: { SM: false, ZA: false },
    hypArea: null,
    vcpu: null,
    lastVcpu: null,
    inGuest: false,
    refused: false,
    leaving: false,
    cptr: { fp: true, sve: true, sme: true },
    guestMdscr: { MDE: false, KDE: false, SS: false },
    TDA: true,
    debugSwitched: false,
    hostMpidr: true,
    kvm_hyp_initialized: false,
    neon: null,
  };
}

export function createMachine(profile: Profile, mode: Mode, cpus: number, features: MachineFeatures): Machine {
  return {
    ...features,
    profile,
    mode,
    cpus: Array.from({ length: cpus }, (_, id) => createCpu(id)),
    tasks: new Map(),
    vcpus: new Map(),
    entities: new Map(),
    pkvmFinalised: false,
    lastResult: 'ok',
    seenType: undefined,
    bytes: 0,
    debugSwitches: 0,
    incidents: { lost: 0, staleLoad: 0, staleSave: 0, foreignSave: 0, foreignRun: 0, wrongFormat: 0 },
  };
}
