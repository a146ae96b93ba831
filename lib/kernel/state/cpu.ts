/** A physical CPU: its two instances of struct kvm_host_data, what is bound to it, and what its registers hold. */

import { anybody, createKernelNeon, type Entity, nobody, type Tristate, UNKNOWN, UNNAMED } from './entity.ts';
import { UNKNOWN_OWNER } from './owner.ts';
import { createTask, type Task } from './task.ts';
import { DEBUG_HOST, type Vcpu } from './vcpu.ts';

/** No event implied the last exit. */
export const NOTHING_IMPLIED = -1;

/** One instance of struct kvm_host_data. */
export interface HostData {
  /** As kallsyms names it. */
  readonly symbol: string;
  fp_owner: number;
  /** Line at which fp_owner was written, and the load..put window of the CPU it was written in. */
  fp_ownerLine: number;
  /** The event (`Machine.sequence`) that wrote it. */
  fp_ownerEvent: number;
  fp_ownerWindow: number;
  /** The task at whose state `fpsimd_state` points. */
  fpsimd_state: Task | undefined;
  /** host_ctxt.MPIDR_EL1 was initialised through this instance. */
  mpidr_el1: boolean;
  /** host_ctxt.__hyp_running_vcpu. */
  __hyp_running_vcpu: Vcpu | undefined;
  /** The vCPU pointer is not known. */
  runningUnknown: boolean;
  /** host_debug_state.mdcr_el2 holds the host's value, read in this window; 0: never. */
  mdcr_el2Window: number;
  /** host_debug_state.regs holds the host's registers. */
  host_debug_state: boolean;
}

export interface Cpu {
  readonly id: number;
  /** The VHE instance and the nVHE instance. */
  readonly vhe: HostData;
  readonly nvhe: HostData;
  /** The instance that kernel code reaches, and the one that hyp code reaches: semantics 2.4. */
  readonly kernel: HostData;
  readonly hyp: HostData;

  /** Ghost: whose value is in the FP registers, and which generation of it. */
  holder: Entity;
  generation: number;
  /** Ghost: what the registers held when the run began, and what EL2 keeps of it during the run (pKVM). */
  entryHolder: Entity;
  entryGeneration: number;
  el2Holder: Entity;
  el2Generation: number;
  /** Ghost: SVCR. 0 where the trace does not tell; the host's ZA outlives a task switch. */
  svcr_sm: number;
  svcr_za: number;
  /** Ghost: whose value is in ZA and ZT0, and which generation of it; nobody's where SVCR.ZA is 0. PSTATE.SM does not touch it. */
  zaHolder: Entity;
  zaGeneration: number;
  /** It may be set although the trace has not told of it. */
  svcrOpen: boolean;
  /** The host's buffers in use, and what the present entry found of them. */
  spe: boolean;
  trbe: boolean;
  brbe: boolean;
  speSaved: boolean;
  trbeSaved: boolean;
  brbeSaved: boolean;
  buffersWindow: number;
  /** PMUSERENR_EL0 as the host wants it, the copy in host_ctxt, and PMUSERENR_ON_CPU. */
  pmuserenr: bigint;
  pmuserenrSaved: bigint;
  pmuserenrOnCpu: boolean;
  /** Window in which the trap controls of the host were saved. */
  trapsWindow: number;
  /** Line of the last guest_fp_trap with the EC of SME, if nothing came after it. */
  smeTrapSeen: boolean;
  /** Ghost: the debug registers in the CPU, and the vCPU whose they are. */
  debugSet: number;
  /** Ghost: MDCR_EL2 is the guest's. */
  mdcrGuest: boolean;
  /** CPACR_EL1.ZEN_EL0EN as host EL0 would find it. */
  zen_el0en: Tristate;
  /** CPACR_EL1.SMEN_EL0EN as it was set for the task that was bound last. */
  smen_el0en: Tristate;
  /** CPACR_EL1.E0POE is as the kernel set it: host EL0 reaches POR_EL0. */
  e0poe: Tristate;
  /** Vector length that the host kernel sees since the last exit, in units of 128 bits; UNKNOWN until it matters. */
  hostVq: number;
  /** The last exit left SVE trapped for the host: CPTR_EL2.TZ, or ZEN clear. */
  hostSveTraps: boolean;
  /** An FP trap of a guest with SVE has set ZCR_EL2 here. */
  zcrEl2Set: boolean;
  /** HOST_SVE_ENABLED. */
  host_sve_enabled: Tristate;
  /** What the host reads as MPIDR_EL1 is its own. */
  mpidrGood: boolean;
  mpidr: bigint | undefined;

  /** fpsimd_last_state.st. */
  last: Entity;
  /** fpsimd_last_state.to_save == FP_STATE_SVE. */
  lastSve: boolean;
  current: Task;
  /** Who is current where a trace that shows less does not say; whoever it was before is then somebody again. */
  readonly stranger: Task;
  loaded: Vcpu | undefined;
  /** Whether a vCPU is loaded is not known. */
  loadedUnknown: boolean;
  lastLoaded: Vcpu | undefined;
  running: boolean;
  /** Nothing but observations since load_fp. */
  justLoaded: boolean;
  /** The load..put window, counted from 1 on each CPU. */
  window: number;
  /** Guest accesses that would trap to EL2 in the present run. */
  trapFp: Tristate;
  trapSve: Tristate;
  trapSme: Tristate;
  /** Whether DEBUG_DIRTY was set when setup_debug began, and after it. */
  dirtyAtSetup: Tristate;
  dirtyAtEnter: Tristate;
  dirtyAtExit: Tristate;
  /** The debug switch of this run was made. */
  debugSwitched: boolean;
  /** Whether it was made is not known. */
  debugOpen: boolean;
  /** Kind of the event that implied the last exit, since the last entry; NOTHING_IMPLIED where none did. */
  exitImplied: number;
  exitImpliedLine: number;
  /** Kernel-mode NEON in softirq context. */
  softirqNeon: Entity;
  neonInSoftirq: boolean;
  /** hyp_init was seen or implied. */
  initialised: boolean;
  /** Losses of events on this CPU. */
  lostEpoch: number;
  /** Events were lost on it, and none has come since. */
  lossOpen: boolean;
}

function createHostData(symbol: string): HostData {
  return {
    symbol,
    fp_owner: UNKNOWN_OWNER,
    fp_ownerLine: 0,
    fp_ownerEvent: 0,
    fp_ownerWindow: 0,
    fpsimd_state: undefined,
    mpidr_el1: false,
    __hyp_running_vcpu: undefined,
    runningUnknown: true,
    mdcr_el2Window: 0,
    host_debug_state: false,
  };
}

/** The task by which a vCPU that it loads can be found again: nobody who may be another the next time. */
export const threadOn = ({ current, stranger }: Cpu): Task | undefined => (current === stranger ? undefined : current);

/** A CPU of which nothing is known yet. `kernelVhe`, `hypVhe`: which instance each kind of code reaches. */
export function createCpu(id: number, kernelVhe: boolean, hypVhe: boolean): Cpu {
  const vhe = createHostData('kvm_host_data');
  const nvhe = createHostData('__kvm_nvhe_kvm_host_data');
  return {
    id,
    vhe,
    nvhe,
    kernel: kernelVhe ? vhe : nvhe,
    hyp: hypVhe ? vhe : nvhe,
    holder: anybody,
    generation: 0,
    entryHolder: anybody,
    entryGeneration: 0,
    el2Holder: anybody,
    el2Generation: 0,
    svcr_sm: 0,
    svcr_za: 0,
    zaHolder: nobody,
    zaGeneration: 0,
    svcrOpen: false,
    spe: false,
    trbe: false,
    brbe: false,
    speSaved: false,
    trbeSaved: false,
    brbeSaved: false,
    buffersWindow: 0,
    pmuserenr: 0n,
    pmuserenrSaved: 0n,
    pmuserenrOnCpu: false,
    trapsWindow: 0,
    smeTrapSeen: false,
    debugSet: DEBUG_HOST,
    mdcrGuest: false,
    zen_el0en: UNKNOWN,
    smen_el0en: UNKNOWN,
    e0poe: 1,
    hostVq: UNKNOWN,
    hostSveTraps: false,
    zcrEl2Set: false,
    host_sve_enabled: UNKNOWN,
    mpidrGood: true,
    mpidr: undefined,
    last: anybody,
    lastSve: false,
    current: createTask(UNNAMED),
    stranger: createTask(UNNAMED),
    loaded: undefined,
    loadedUnknown: true,
    lastLoaded: undefined,
    running: false,
    justLoaded: false,
    window: 0,
    trapFp: UNKNOWN,
    trapSve: UNKNOWN,
    trapSme: UNKNOWN,
    dirtyAtSetup: UNKNOWN,
    dirtyAtEnter: UNKNOWN,
    dirtyAtExit: UNKNOWN,
    debugSwitched: false,
    debugOpen: false,
    exitImplied: NOTHING_IMPLIED,
    exitImpliedLine: 0,
    softirqNeon: createKernelNeon(-1 - id),
    neonInSoftirq: false,
    initialised: false,
    lostEpoch: 0,
    lossOpen: false,
  };
}
