/** What the importer remembers of a CPU and of a task while it turns the lines of a trace into events. */

import { WHAT } from '../payload/event-names.ts';
import type { Vcpu } from './identities.ts';
import type { Entry, TraceEvent } from './queue.ts';

/** How far a guest run has come on a CPU. */
export const PHASE = {
  /** In the host. */
  out: 0,
  /** ctxflush was entered; its return, or kvm_entry, is the entry to the guest. */
  flushed: 1,
  guest: 2,
} as const;

export interface CpuState {
  readonly cpu: number;
  /** The task that runs; NO_TASK where it is not known, AWAITED where the next line says it. */
  current: number;
  /** The task that sched_switch announced and thread_switch has not switched to yet; NO_TASK. */
  switchTo: number;
  /** The switch has been given out. */
  switched: boolean;
  /** A task_switch that waits for the next line to say who runs. */
  switchEntry: Entry | undefined;
  /** Who leaves the CPU with it, and that he was seen on another before anything told who came. */
  switchFrom: number;
  leftUnseen: boolean;
  /** Before it: that its task is a new one, and that another CPU has lost the switch away from it. */
  newEntry: Entry | undefined;
  lostEntry: Entry | undefined;
  switchPointer: number;
  /** Lines that it has had. */
  lines: number;
  /** What its last line was: one of WHAT. */
  what: number;
  loaded: Vcpu | undefined;
  /** The task that loaded it. */
  loader: number;
  /** Something is missing before this point, and no load has been seen since: what is loaded is not known. */
  blind: boolean;
  phase: number;
  /** iflags.DEBUG_DIRTY at the entry of ctxflush or ctxsync, and the vCPU's own fp_owner at that of ctxsync; -1 where not known. */
  debugDirty: number;
  syncOwner: number;
  /** fp_owner at the entry of ctxflush, and as the guest was entered; -1 where it is not known. */
  flushOwner: number;
  ownerAtEntry: number;
  /** Kernel-mode NEON has used the registers since the last load or ctxsync: the next ctxflush finds TIF_FOREIGN_FPSTATE. */
  foreign: boolean;
  /** A task has entered kernel_neon_begin or kernel_neon_end, and no line has told yet whether that had its effect. */
  neon: NeonEntered | undefined;
  /** kvm_entry was printed for this run. */
  entered: boolean;
  /** An FP trap was seen in this run. */
  trapped: boolean;
  /** The guest exit that waits for its kvm_exit, and the trap before it that may have to be deduced. */
  exit: Entry | undefined;
  possibleTrap: Entry | undefined;
  trapAt: number | string | undefined;
  /** An event that saves or loads the current task's registers, of which the next line may say how; what still waits with it. */
  transfer: TraceEvent | undefined;
  transferEntry: Entry | undefined;
  /** The end of do_sve_acc() may be before the switch under way. */
  accEnd: Entry | undefined;
  /** fpsimd_save_and_flush_cpu_state() has been entered, and no line has shown yet that it called what saves. */
  unsaved: boolean;
  /** A put of which it is not known yet whether it was the scheduler's. */
  put: Entry | undefined;
  putter: number;
  /** Events pushed for this CPU, observations apart; at its value when the last observation was made. */
  events: number;
  observedAt: number;
  observed: {
    owner: number;
    kernelOwner: number;
    last: number;
    vcpuOwner: number;
    vcpu: Vcpu | undefined;
    dirty: number;
  };
  /** Time of the last line, to tell lines that are repeated or out of order. */
  seconds: number;
  nanoseconds: number;
  disordered: boolean;
}

export interface NeonEntered {
  readonly of: 'begin' | 'end';
  readonly pid: number;
  /** fpsimd_last_state.st as it was entered. */
  readonly last: number;
  readonly held: Entry[];
  /** The task was switched away, and what that left is not known yet. */
  switched: boolean;
  /** That to a task which is inside of a region. */
  intoRegion: boolean;
}

/** Values of `current` and `switchTo` that are no pid. */
export const NO_TASK = -1;
export const AWAITED = -2;

export function createCpuState(cpu: number): CpuState {
  return {
    cpu,
    current: NO_TASK,
    switchTo: NO_TASK,
    switched: false,
    switchEntry: undefined,
    switchFrom: NO_TASK,
    leftUnseen: false,
    newEntry: undefined,
    lostEntry: undefined,
    switchPointer: 0,
    lines: 0,
    what: WHAT.unknown,
    loaded: undefined,
    loader: NO_TASK,
    blind: false,
    phase: PHASE.out,
    debugDirty: -1,
    syncOwner: -1,
    flushOwner: -1,
    ownerAtEntry: -1,
    foreign: false,
    neon: undefined,
    entered: false,
    trapped: false,
    exit: undefined,
    possibleTrap: undefined,
    trapAt: undefined,
    transfer: undefined,
    unsaved: false,
    transferEntry: undefined,
    accEnd: undefined,
    put: undefined,
    putter: NO_TASK,
    events: 0,
    observedAt: -1,
    observed: { owner: -1, kernelOwner: -1, last: -1, vcpuOwner: -1, vcpu: undefined, dirty: -1 },
    seconds: -1,
    nanoseconds: 0,
    disordered: false,
  };
}

/** Whose registers a CPU has, as seen from a task; undefined where it is not known. */
export type Whose = 'own' | 'other' | undefined;

export interface TaskState {
  readonly pid: number;
  /** How many events had been lost as it was switched to last. */
  lost: number;
  /** The vCPU it last ran. */
  vcpu: Vcpu | undefined;
  /** The scheduler took its vCPU off: the next load is the scheduler's. */
  preempted: boolean;
  /** It is inside of fpsimd_restore_current_state: `entered`, or `done` where the effect has been told already. */
  restoring: 'no' | 'entered' | 'done';
  /** fpsimd_last_state.st at that entry, and whether nothing came in between. */
  restoreLast: number;
  /** How many lines its CPU had had then. */
  restoreAt: number;
  restoreQuiet: boolean;
  /** thread.fpsimd_cpu of the state that was bound was another then. */
  restoreFlushed: boolean;
  /** It was switched out since, perhaps before the effect and perhaps after. */
  restoreSwitched: boolean;
  /** Returns to user mode that may have happened at interruptions of that; whose the registers were as it came back last. */
  maybes: Entry[];
  restoreResumed: Whose;
  /** TIF_SVE as its last return to user mode found it, where the capture reads it there (up to v6.1). */
  tifSve: boolean | undefined;
  /** It is inside of do_sve_acc() or do_sme_acc(), before the effect as far as is known. */
  inAcc: 'sve' | 'sme' | undefined;
  /** It was preempted in kernel_neon_begin or kernel_neon_end, before the effect. */
  neonDue: NeonEntered['of'] | undefined;
  /** It has entered kernel_neon_begin, and no line has shown yet that it called what saves. */
  unsaved: boolean;
  /** Where it has entered either last. */
  neonOn: CpuState | undefined;
  /** It is inside of a region; the end of one has been given out before kernel_neon_end. */
  inRegion: boolean;
  neonEnded: boolean;
  /** The vCPU that its KVM_SET_GUEST_DEBUG is about. */
  debugVcpu: Vcpu | undefined;
  /** Its access to a debug register may not have been handled yet; it has written OSLAR_EL1, and its put has not come yet: OSLK, or
   * UNKNOWN. */
  debugPending: boolean;
  oslar: number | undefined;
  /** kvm_sys_access has told of the debug register access that trap_reg tells of again. */
  debugAccess: boolean;
}

export function createTaskState(pid: number): TaskState {
  return {
    pid,
    lost: 0,
    vcpu: undefined,
    preempted: false,
    restoring: 'no',
    restoreLast: -1,
    restoreAt: -1,
    restoreQuiet: false,
    restoreFlushed: false,
    restoreSwitched: false,
    maybes: [],
    restoreResumed: undefined,
    tifSve: undefined,
    inAcc: undefined,
    neonDue: undefined,
    unsaved: false,
    neonOn: undefined,
    inRegion: false,
    neonEnded: false,
    debugVcpu: undefined,
    debugAccess: false,
    debugPending: false,
    oslar: undefined,
  };
}
