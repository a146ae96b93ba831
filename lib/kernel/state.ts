/**
 * The state of the emulator: what the kernel believes (fp_owner, TIF_FOREIGN_FPSTATE, fpsimd_last_state, flags) beside
 * what the silicon holds (whose FP value, which generation). Plain data; names are the kernel's.
 */

/** A truth value that the trace may not determine: 0, 1 or UNKNOWN. */
export type Tristate = number;
export const UNKNOWN = -1;

/** enum of fp_owner, in the kernel's order (FREE is the zero initialisation), and UNKNOWN_OWNER of ours. */
export const FREE = 0;
export const HOST_OWNED = 1;
export const GUEST_OWNED = 2;
export const UNKNOWN_OWNER = 3;
/** FP_STATE_USER_OWNED of the RFC of 2024: in memory, in the format for userspace. */
export const USER_OWNED = 4;
export const OWNER_NAMES: readonly string[] = ['free', 'host', 'guest', 'unknown', 'user'];

/** What an entity is. */
export const NOBODY = 0;
export const ANYBODY = 1;
export const TASK = 2;
export const VCPU = 3;
export const KERNEL_NEON = 4;

/** `auth` of an entity whose newest value is in memory, or that is not determined; else the CPU that holds it. */
export const IN_MEMORY = -1;
export const AUTH_UNKNOWN = -2;
/** The newest value is in EL2's own memory, for the time of a run of protected KVM. */
export const AT_EL2 = -3;

/** NR_CPUS in `thread.fpsimd_cpu`: bound to no CPU. */
export const NO_CPU = -1;
export const CPU_UNKNOWN = -2;

export const NOTHING_IMPLIED = -1;

/** Whoever can have a value in the FP registers: semantics 3.4. */
export interface Entity {
  readonly kind: number;
  /** pid of a task (or of the task whose kernel-mode NEON it is), vcpu_id of a vCPU. */
  readonly id: number;
  readonly vm: number;
  /** Generation of its newest FP value; it grows with every use. */
  generation: number;
  /** Generation of the copy in memory. */
  memory: number;
  /** Where the newest value is: IN_MEMORY, a CPU, AT_EL2, or AUTH_UNKNOWN. */
  auth: number;
  /** The same two generations for FPMR, which some kernels save apart from the rest. */
  fpmr: number;
  fpmrMemory: number;
  /** A loss of its value was reported; what follows from it is not news. */
  condemned: boolean;
}

export interface Task extends Entity {
  tif_foreign_fpstate: Tristate;
  tif_sve: Tristate;
  /** Its live SVE registers are described as FPSIMD: what is above 128 bits is lost at the next save. */
  sveMisdescribed: boolean;
  /** SVCR in memory: streaming mode and ZA of its user state. */
  svcr_sm: number;
  svcr_za: number;
  /** TIF_KERNEL_FPSTATE: inside a preemptible kernel-mode NEON region. */
  tif_kernel_fpstate: boolean;
  /** thread.fpsimd_cpu: NO_CPU, CPU_UNKNOWN or a CPU. */
  fpsimd_cpu: number;
  /** CPU on which it is current; NO_CPU where on none. */
  cpu: number;
  /** Its kernel-mode NEON state, as an entity. */
  kernelNeon: Entity | undefined;
  /** It has been current on some CPU since the trace began. */
  seen: boolean;
  /** Losses of events that this task's state takes account of. */
  epoch: number;
}

/** Which set of debug registers. */
export const DEBUG_HOST = 0;
export const DEBUG_GUEST = 1;
export const DEBUG_EXTERNAL = 2;
export const DEBUG_SET_NAMES: readonly string[] = ['host', 'guest', 'external'];

export interface Vcpu extends Entity {
  sve: boolean;
  sme: boolean;
  aarch32: boolean;
  nested: boolean;
  protected: boolean;
  /** The VM has FEAT_FPMR. */
  hasFpmr: boolean;
  /** Largest vector length in units of 128 bits; 0 without SVE. */
  vq: number;
  /** SME: largest streaming vector length in units of 128 bits, 0 without SME; SME2; FEAT_SME_FA64. */
  smeVq: number;
  sme2: boolean;
  fa64: boolean;
  /** SVCR in memory, and the SVCR.SM that the vectors in memory were stored under. */
  svcr_sm: number;
  svcr_za: number;
  formatSm: number;
  /** The memory copy is in the format for userspace (RFC of 2024). */
  userFormat: boolean;
  /** Generation of ZA; it grows when ZA is zeroed. */
  zaGeneration: number;
  /** Z, P and FFR are known to be zero since the last change of SVCR.SM. */
  vectorsZero: boolean;
  /** Lines of the first Z, P, V or FFR, and of the first ZA or ZT0, that userspace wrote since the last run; 0: none. */
  vectorsWritten: number;
  zaWritten: number;
  /** `arch.fp_state`, where the owner lives in the vCPU. */
  fp_state: number;
  /** Line at which it was written, and by which load..put window. */
  fp_stateLine: number;
  /** `cpu` of struct kvm_vcpu: NO_CPU while not loaded. */
  cpu: number;
  /** The task that loaded it last. */
  task: Task | undefined;
  /** The task whose FP state kvm_arch_vcpu_run_map_fp() mapped last; undefined where the trace does not tell. */
  mapped: Task | undefined;
  /** DEBUG_DIRTY (dirty profile) or debug_owner (owner profile: FREE, HOST_OWNED, GUEST_OWNED). */
  debug_dirty: Tristate;
  debug_owner: number;
  /** The debug state above is the initial one, taken for granted and not seen. */
  debugAssumed: boolean;
  guest_debug_singlestep: boolean;
  /** UNKNOWN where nothing is known of guest debug at all. */
  guest_debug_use_hw: Tristate;
  /** A guest_debug event told of it, since the trace began or events were lost. */
  guest_debugTold: boolean;
  /** DEBUG_GUEST or DEBUG_EXTERNAL. */
  debug_ptr: number;
  mdscr_mde: Tristate;
  mdscr_kde: Tristate;
  /** MDSCR_EL1 as kvm_arm_setup_debug() found it, which kvm_arm_clear_debug() gives back; undefined where it does not. */
  guest_debug_preserved: { mde: Tristate; kde: Tristate } | undefined;
  oslock: boolean;
  /** `arch.mdcr_el2`, the bits that change: TDA and TDE. */
  mdcr_tda: Tristate;
  /** TDA in its present or last run; UNKNOWN once a trapped access of that run was reported. */
  tda: Tristate;
  mdcr_tde: boolean;
  /** `arch.mdcr_el2_host`: CPU whose value it holds, and the window it was read in. */
  mdcr_el2_host: number;
  mdcr_el2_hostWindow: number;
  /** CPU whose host debug registers `arch.host_debug_state` holds. */
  host_debug_state: number;
  /** The cached cptr_el2 traps SVE even where the guest owns the registers: it was worked out at a bad moment. */
  cptrTrapsSve: boolean;
  /** SYSREGS_ON_CPU: the EL1 registers are the guest's (VHE, load..put). */
  sysregs_on_cpu: boolean;
  /** LEN of the guest's ZCR_EL1 + 1, in memory; UNKNOWN until it is seen. */
  zcr_el1: number;
  /** The value that the guest last had in its register while it owned the FP state; UNKNOWN until it is seen. */
  zcr_el1Live: number;
  epoch: number;
}

/** One instance of struct kvm_host_data. */
export interface HostData {
  /** As kallsyms names it. */
  readonly symbol: string;
  fp_owner: number;
  /** Line at which fp_owner was written, and the load..put window of the CPU it was written in. */
  fp_ownerLine: number;
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
  /** Ghost: SVCR. UNKNOWN where the trace does not tell; the host's ZA outlives a task switch. */
  svcr_sm: Tristate;
  svcr_za: Tristate;
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
  /** Vector length that the host kernel sees since the last exit, in units of 128 bits; UNKNOWN until it matters. */
  hostVq: number;
  /** The last exit left SVE trapped for the host: CPTR_EL2.TZ, or ZEN clear. */
  hostSveTraps: boolean;
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
}

function createEntity(kind: number, id: number, vm: number): Entity {
  return {
    kind,
    id,
    vm,
    generation: 0,
    memory: 0,
    auth: AUTH_UNKNOWN,
    fpmr: 0,
    fpmrMemory: 0,
    condemned: false,
  };
}

/** No entity: the registers hold nothing of value, `fpsimd_last_state.st` is NULL. Shared and never written. */
export const nobody: Entity = Object.freeze(createEntity(NOBODY, -1, -1));
/** Not determined by the trace so far. Shared and never written. */
export const anybody: Entity = Object.freeze(createEntity(ANYBODY, -1, -1));

export function createKernelNeon(id: number): Entity {
  const entity = createEntity(KERNEL_NEON, id, -1);
  entity.auth = IN_MEMORY;
  return entity;
}

/**
 * Written out, as a vCPU is: of objects made by spreading another each ends up with a hidden class of its own, and a
 * replay takes 1.3 times as long.
 */
export function createTask(id: number): Task {
  return {
    kind: TASK,
    id,
    vm: -1,
    generation: 0,
    memory: 0,
    auth: AUTH_UNKNOWN,
    fpmr: 0,
    fpmrMemory: 0,
    condemned: false,
    tif_foreign_fpstate: UNKNOWN,
    tif_sve: UNKNOWN,
    sveMisdescribed: false,
    svcr_sm: 0,
    svcr_za: 0,
    tif_kernel_fpstate: false,
    fpsimd_cpu: CPU_UNKNOWN,
    cpu: NO_CPU,
    kernelNeon: undefined,
    seen: false,
    epoch: 0,
  };
}

/** pid of a task that nothing names: the one that is current on a CPU before the trace says which. */
export const UNNAMED = -1;

export function createVcpu(vm: number, id: number): Vcpu {
  return {
    kind: VCPU,
    id,
    vm,
    generation: 0,
    memory: 0,
    auth: IN_MEMORY, // every load follows a put
    fpmr: 0,
    fpmrMemory: 0,
    condemned: false,
    sve: false,
    sme: false,
    aarch32: false,
    nested: false,
    protected: false,
    hasFpmr: false,
    vq: 0,
    smeVq: 0,
    sme2: false,
    fa64: false,
    svcr_sm: 0,
    svcr_za: 0,
    formatSm: 0,
    userFormat: false,
    zaGeneration: 0,
    vectorsZero: false,
    vectorsWritten: 0,
    zaWritten: 0,
    fp_state: UNKNOWN_OWNER,
    fp_stateLine: 0,
    cpu: NO_CPU,
    task: undefined,
    mapped: undefined,
    debug_dirty: 0,
    debug_owner: FREE,
    debugAssumed: true,
    guest_debug_singlestep: false,
    guest_debug_use_hw: 0,
    guest_debugTold: false,
    debug_ptr: DEBUG_GUEST,
    mdscr_mde: 0,
    mdscr_kde: 0,
    guest_debug_preserved: undefined,
    oslock: false,
    mdcr_tda: 1,
    tda: UNKNOWN,
    mdcr_tde: false,
    mdcr_el2_host: NO_CPU,
    mdcr_el2_hostWindow: 0,
    host_debug_state: NO_CPU,
    cptrTrapsSve: false,
    sysregs_on_cpu: false,
    zcr_el1: UNKNOWN,
    zcr_el1Live: UNKNOWN,
    epoch: 0,
  };
}

function createHostData(symbol: string): HostData {
  return {
    symbol,
    fp_owner: UNKNOWN_OWNER,
    fp_ownerLine: 0,
    fp_ownerWindow: 0,
    fpsimd_state: undefined,
    mpidr_el1: false,
    __hyp_running_vcpu: undefined,
    runningUnknown: true,
    mdcr_el2Window: 0,
    host_debug_state: false,
  };
}

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
    hostVq: UNKNOWN,
    hostSveTraps: false,
    host_sve_enabled: UNKNOWN,
    mpidrGood: true,
    mpidr: undefined,
    last: anybody,
    lastSve: false,
    current: createTask(UNNAMED),
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
    exitImplied: NOTHING_IMPLIED,
    exitImpliedLine: 0,
    softirqNeon: createKernelNeon(-1 - id),
    neonInSoftirq: false,
    initialised: false,
    lostEpoch: 0,
  };
}

/** A name for people: "task:41", "vcpu:0/1", "none", "unknown". */
export function nameOf(entity: Entity): string {
  switch (entity.kind) {
    case TASK:
      return entity.id === UNNAMED ? 'task:?' : `task:${entity.id}`;
    case VCPU:
      return `vcpu:${entity.vm}/${entity.id}`;
    case KERNEL_NEON:
      return entity.id < 0 ? 'kernel NEON in softirq' : `kernel NEON of task:${entity.id}`;
    case NOBODY:
      return 'none';
    default:
      return 'unknown';
  }
}
