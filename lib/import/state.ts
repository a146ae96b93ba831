/** What the importer remembers of CPUs and tasks while it turns the lines of a trace into events. */

import type { Account } from './account.ts';
import { WHAT, WHAT_COUNT } from './event-names.ts';
import { type Identities, UNKNOWN, type Vcpu } from './identities.ts';
import type { ProbeFields } from './kprobe-events.ts';
import type { Line } from './line.ts';
import type { Entry, Queue, TraceEvent } from './queue.ts';

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
  /** A task_switch that waits for the next line to say who runs. */
  switchEntry: Entry | undefined;
  switchPointer: number;
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
  /** kvm_entry was printed for this run. */
  entered: boolean;
  /** An FP trap was seen in this run. */
  trapped: boolean;
  /** The guest exit that waits for its kvm_exit, and the trap before it that may have to be deduced. */
  exit: Entry | undefined;
  possibleTrap: Entry | undefined;
  trapAt: number | string | undefined;
  /** A put of which it is not known yet whether it was the scheduler's. */
  put: Entry | undefined;
  putter: number;
  /** The neon_end that stands behind a neon_begin unless a probe tells of the real one. */
  neonEnd: Entry | undefined;
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

export const NO_TASK = -1;
export const AWAITED = -2;

export interface TaskState {
  readonly pid: number;
  /** The vCPU it last ran. */
  vcpu: Vcpu | undefined;
  /** The scheduler took its vCPU off: the next load is the scheduler's. */
  preempted: boolean;
  /** It is inside of fpsimd_restore_current_state: `entered`, or `done` where the effect has been told already. */
  restoring: 'no' | 'entered' | 'done';
  /** fpsimd_last_state.st at that entry, and whether nothing came in between. */
  restoreLast: number;
  restoreQuiet: boolean;
  /** The vCPU that its KVM_SET_GUEST_DEBUG is about. */
  debugVcpu: Vcpu | undefined;
  /** kvm_sys_access has told of the debug register access that trap_reg tells of again. */
  debugAccess: boolean;
}

export interface Assembly {
  readonly queue: Queue;
  readonly account: Account;
  readonly ids: Identities;
  readonly line: Line;
  readonly fields: ProbeFields;
  /** By WHAT: such a line has been seen. */
  readonly seen: Uint8Array;
  /** Time of the line, as events carry it. */
  ts: number | string | undefined;
  /** fp_owner is the kernel's private copy (protected KVM). */
  kernelCopy: boolean;
  debugScheme: 'dirty' | 'owner' | undefined;
  sveVl: number | undefined;
  readonly cpus: CpuState[];
  readonly tasks: Map<number, TaskState>;
  /** vCPUs by the hashed pointer that tracepoints print. */
  readonly hashed: Map<number, Vcpu>;
}

export function createAssembly(parts: Pick<Assembly, 'queue' | 'account' | 'ids' | 'line' | 'fields'>): Assembly {
  return {
    ...parts,
    seen: new Uint8Array(WHAT_COUNT),
    ts: undefined,
    kernelCopy: false,
    debugScheme: undefined,
    sveVl: undefined,
    cpus: [],
    tasks: new Map(),
    hashed: new Map(),
  };
}

export function cpuOf(assembly: Assembly, cpu: number): CpuState {
  let state = assembly.cpus[cpu];
  if (state === undefined) {
    // No holes: a hole would turn the array into a dictionary.
    for (let i = assembly.cpus.length; i <= cpu; i++) assembly.cpus.push(createCpuState(i));
    state = assembly.cpus[cpu] as CpuState;
  }
  return state;
}

function createCpuState(cpu: number): CpuState {
  return {
    cpu,
    current: NO_TASK,
    switchTo: NO_TASK,
    switchEntry: undefined,
    switchPointer: 0,
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
    entered: false,
    trapped: false,
    exit: undefined,
    possibleTrap: undefined,
    trapAt: undefined,
    put: undefined,
    putter: NO_TASK,
    neonEnd: undefined,
    events: 0,
    observedAt: -1,
    observed: { owner: -1, kernelOwner: -1, last: -1, vcpuOwner: -1, vcpu: undefined, dirty: -1 },
    seconds: -1,
    nanoseconds: 0,
    disordered: false,
  };
}

const TASK_LIMIT = 65_536;

export function taskOf(assembly: Assembly, pid: number): TaskState {
  let task = assembly.tasks.get(pid);
  if (task === undefined) {
    if (assembly.tasks.size >= TASK_LIMIT) forgetQuietTasks(assembly.tasks);
    task = {
      pid,
      vcpu: undefined,
      preempted: false,
      restoring: 'no',
      restoreLast: -1,
      restoreQuiet: false,
      debugVcpu: undefined,
      debugAccess: false,
    };
    assembly.tasks.set(pid, task);
  }
  return task;
}

function forgetQuietTasks(tasks: Map<number, TaskState>): void {
  for (const [pid, task] of tasks) if (task.vcpu === undefined && task.restoring === 'no') tasks.delete(pid);
  if (tasks.size >= TASK_LIMIT) tasks.clear();
}

/** An event of this line's time and CPU. */
export function eventAt(assembly: Assembly, event: TraceEvent['event'], here: CpuState): TraceEvent {
  const ts = assembly.ts;
  return ts === undefined ? { event, cpu: here.cpu } : { event, ts, cpu: here.cpu };
}

/** Sends out an event of a CPU. */
export function push(assembly: Assembly, here: CpuState, event: TraceEvent): void {
  here.events++;
  assembly.queue.push(event, assembly.line.number);
}

/**
 * Events are missing on the CPU: what ran there is not known any more. The event says so, and the replay knows nothing of that
 * CPU until its next load.
 */
export function lose(assembly: Assembly, here: CpuState, count: number, note: string): void {
  forget(assembly, here);
  const event = eventAt(assembly, 'lost', here);
  event.count = count;
  event.note = note;
  push(assembly, here, event);
  assembly.account.lost += count;
}

/** What the CPU was doing is not known any more. */
export function forget(assembly: Assembly, here: CpuState): void {
  release(assembly, here);
  here.blind = true;
  if (here.loaded !== undefined) here.loaded.on = UNKNOWN;
  here.loaded = undefined;
  here.phase = PHASE.out;
  here.switchTo = NO_TASK;
  here.current = NO_TASK;
  here.foreign = false;
  here.observedAt = -1;
}

/** What still waits on this CPU will not be told any more. */
export function release(assembly: Assembly, here: CpuState): void {
  settleExit(assembly, here);
  settleTrap(assembly, here);
  if (here.put !== undefined) {
    assembly.queue.settle(here.put);
    here.put = undefined;
  }
  if (here.switchEntry !== undefined) {
    here.switchEntry.event = undefined;
    assembly.queue.settle(here.switchEntry);
    here.switchEntry = undefined;
    assembly.account.assume('a task switch to a task that is not known');
  }
  if (here.neonEnd !== undefined) {
    assembly.queue.settle(here.neonEnd);
    here.neonEnd = undefined;
  }
}

/** The exit goes out as it is. */
export function settleExit(assembly: Assembly, here: CpuState): void {
  if (here.exit === undefined) return;
  assembly.queue.settle(here.exit);
  here.exit = undefined;
}

/** The trap before an exit goes out where it has been deduced. */
export function settleTrap(assembly: Assembly, here: CpuState): void {
  if (here.possibleTrap === undefined) return;
  assembly.queue.settle(here.possibleTrap);
  here.possibleTrap = undefined;
}
