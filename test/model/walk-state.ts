/** The walk's own picture of the machine, and the events which make everything known. */

import type { TraceEvent } from './literal-steps.ts';

/** What some models trap and others do not; asked between two events of a walk. A literal model is one. */
export interface Oracle {
  /** EC of the trap that an FP instruction of the running guest takes now; 0: none. */
  trapOf(cpu: number, isa: string): number;
  /** An access of the running guest to a debug register traps. */
  tda(cpu: number): boolean;
}

export interface WalkOptions {
  readonly seed: number;
  readonly cpus: number;
  readonly vms?: number;
  readonly vcpusPerVm?: number;
  /** User tasks beside the vCPU threads. */
  readonly tasks?: number;
  readonly kernelThreads?: number;
  /** Vector length of the vCPUs with SVE (every second one), in bytes; absent: no SVE. */
  readonly sveVl?: number;
  /** A task's region of kernel-mode NEON can be preempted and interrupted by a softirq's (>= 6.8). */
  readonly neonPreemptible: boolean;
  /** Tells where a trap is possible; without one there are no guest_fp_trap and no debug events. */
  readonly oracle?: Oracle;
  /** No debug events even so. */
  readonly noDebug?: boolean;
}

export interface WalkTask {
  readonly pid: number;
  readonly kind: 'idle' | 'kernel' | 'user' | 'thread';
  /** CPU it runs on or is about to; -1: none. */
  cpu: number;
  /** In a system call: it was in user mode and has not finished a KVM_RUN since. */
  fromUser: boolean;
  /** Holds the mutex of this vCPU. */
  runs: WalkVcpu | null;
  own: WalkVcpu | null;
  inNeon: boolean;
}

export interface WalkVcpu {
  readonly vm: number;
  readonly vcpu: number;
  readonly sve: boolean;
  holder: WalkTask | null;
  /** Task that last ran it; map_fp where it changes. */
  pid: number;
}

export interface WalkCpu {
  readonly id: number;
  readonly idle: WalkTask;
  task: WalkTask;
  inUser: boolean;
  inGuest: boolean;
  loaded: boolean;
  /** Events that have to come next on this CPU. */
  readonly queue: TraceEvent[];
}

export interface WalkState {
  readonly options: WalkOptions;
  readonly cpus: readonly WalkCpu[];
  readonly tasks: readonly WalkTask[];
  readonly vcpus: readonly WalkVcpu[];
  /** Debug events are wanted and can be made. */
  readonly debug: boolean;
  readonly random: (below: number) => number;
}

/** mulberry32; integers in [0, below). */
export function createRandom(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000) * below);
  };
}

function createTask(pid: number, kind: WalkTask['kind'], own: WalkVcpu | null): WalkTask {
  return { pid, kind, cpu: -1, fromUser: false, runs: null, own, inNeon: false };
}

export function createState(options: WalkOptions): WalkState {
  const vcpus: WalkVcpu[] = [];
  for (let vm = 0; vm < (options.vms ?? 2); vm++) {
    for (let vcpu = 0; vcpu < (options.vcpusPerVm ?? 2); vcpu++) {
      vcpus.push({ vm, vcpu, sve: options.sveVl !== undefined && vcpus.length % 2 === 1, holder: null, pid: -1 });
    }
  }
  let pid = 100;
  const tasks = vcpus.map((v) => createTask(pid++, 'thread', v));
  for (let n = 0; n < (options.tasks ?? 2); n++) tasks.push(createTask(pid++, 'user', null));
  for (let n = 0; n < (options.kernelThreads ?? 1); n++) tasks.push(createTask(pid++, 'kernel', null));
  const cpus = Array.from({ length: options.cpus }, (_, id) => {
    const idle = createTask(0, 'idle', null);
    const queue: TraceEvent[] = [];
    return { id, idle, task: idle, inUser: false, inGuest: false, loaded: false, queue };
  });
  const debug = options.oracle !== undefined && options.noDebug !== true;
  return { options, cpus, tasks, vcpus, debug, random: createRandom(options.seed) };
}

/** On CPU 0 every task comes from user mode, every vCPU runs once and says what its debug state is; then all CPUs idle. */
export function prologue(state: WalkState): TraceEvent[] {
  const events: TraceEvent[] = state.cpus.map((cpu) => ({ event: 'hyp_init', cpu: cpu.id }));
  const sveVl = state.options.sveVl;
  for (const { vm, vcpu, sve } of state.vcpus) {
    events.push({ event: 'vcpu_create', vm, vcpu, ...(sve && sveVl !== undefined ? { sve, sve_vl: sveVl } : {}) });
    events.push({ event: 'guest_debug', vm, vcpu });
  }
  for (const { pid, kind, own } of state.tasks) {
    events.push({ event: 'task_switch', cpu: 0, next: pid });
    if (kind === 'kernel') continue;
    events.push({ event: 'return_to_user', cpu: 0, task: pid }, { event: 'host_fp', cpu: 0 });
    if (own === null) continue;
    const { vm, vcpu } = own;
    own.pid = pid;
    events.push(
      { event: 'map_fp', vm, vcpu, task: pid },
      { event: 'vcpu_load', cpu: 0, vm, vcpu, task: pid },
      { event: 'guest_enter', cpu: 0 },
      { event: 'guest_mdscr', cpu: 0, mde: 0, kde: 0 },
      { event: 'guest_exit', cpu: 0, ec: '0x18' },
      { event: 'debug_dirty', cpu: 0 },
      { event: 'guest_enter', cpu: 0 },
      { event: 'guest_oslock', cpu: 0, locked: false },
      { event: 'guest_exit', cpu: 0 },
      { event: 'vcpu_put', cpu: 0, vm, vcpu },
      { event: 'return_to_user', cpu: 0, task: pid },
    );
  }
  const user = state.tasks.find((task) => task.kind !== 'kernel');
  for (const cpu of state.cpus) {
    // Somebody returns to user on each CPU, so that what is bound there is known.
    if (user !== undefined) {
      events.push({ event: 'task_switch', cpu: cpu.id, next: user.pid });
      events.push({ event: 'return_to_user', cpu: cpu.id, task: user.pid });
    }
    events.push({ event: 'task_switch', cpu: cpu.id, next: 0 });
  }
  return events;
}
