/** struct kvm_vcpu_arch: what of it the world switch changes. */

import { type Entity, IN_MEMORY, type Tristate, UNKNOWN, VCPU } from './entity.ts';
import { FREE, UNKNOWN_OWNER } from './owner.ts';
import { NO_CPU, type Task } from './task.ts';

/** Which set of debug registers. */
export const DEBUG_HOST = 0;
export const DEBUG_GUEST = 1;
export const DEBUG_EXTERNAL = 2;
export const DEBUG_SET_NAMES: readonly string[] = ['host', 'guest', 'external'];

export interface Vcpu extends Entity {
  /** The trace says, or has shown, what it has. */
  declared: boolean;
  sve: boolean;
  sme: boolean;
  aarch32: boolean;
  nested: boolean;
  protected: boolean;
  /** Its SVE and SME state has been allocated: KVM_ARM_VCPU_FINALIZE. */
  finalised: boolean;
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
  /** Z, P and FFR are known to be zero since the last change of SVCR.SM. */
  vectorsZero: boolean;
  /** Lines of the first Z, P, V or FFR, and of the first ZA or ZT0, that userspace wrote since the last run; 0: none. */
  vectorsWritten: number;
  zaWritten: number;
  /** `arch.fp_state`, where the owner lives in the vCPU. */
  fp_state: number;
  /** Line at which it was written, and by which load..put window. */
  fp_stateLine: number;
  fp_stateEvent: number;
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
  /** OSLSR_EL1.OSLK. */
  oslock: Tristate;
  /** Switches of the debug registers, into the guest or back, that may have been made since the load: nothing tells. */
  openSwitches: number;
  /** Its guest could write MDSCR_EL1 unseen, in a trace that tells of no write at all; and the debug owner was worked out from it. */
  mdscrOpen: boolean;
  ownerOpen: boolean;
  /** IN_NESTED_ERET or IN_NESTED_EXCEPTION: the put and the load are of a nested transition. */
  inNested: boolean;
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
    zaGeneration: 0,
    zaMemory: 0,
    zaAuth: IN_MEMORY, // until SVCR.ZA is set there is none
    zaOn: false,
    condemned: false,
    declared: false,
    sve: false,
    sme: false,
    aarch32: false,
    nested: false,
    protected: false,
    finalised: true,
    hasFpmr: false,
    vq: 0,
    smeVq: 0,
    sme2: false,
    fa64: false,
    svcr_sm: 0,
    svcr_za: 0,
    formatSm: 0,
    userFormat: false,
    vectorsZero: false,
    vectorsWritten: 0,
    zaWritten: 0,
    fp_state: UNKNOWN_OWNER,
    fp_stateLine: 0,
    fp_stateEvent: 0,
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
    oslock: 0,
    openSwitches: 0,
    mdscrOpen: false,
    ownerOpen: false,
    inNested: false,
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
