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
  /** Streaming vector length of the machine, in bytes; absent: no SME. */
  readonly smeVl?: number;
  /** The host has SME: tasks write SVCR. */
  readonly hostSme?: boolean;
  /**
   * The host's FP is saved at the guest's trap, by an EL2 that does not save SVCR: a vCPU thread whose memory copy says
   * SM or ZA and who cleared it since gets it back. Such threads switch ZA on, and no more.
   */
  readonly lazyHostSave?: boolean;
  /** vCPUs with SME exist: every kind of vCPU takes its turn, from one that the seed picks. */
  readonly smeGuests?: boolean;
  /** Every second VM is protected. */
  readonly pkvm?: boolean;
  /** Every second vCPU is a nested one, and makes nested transitions. */
  readonly nested?: boolean;
  /** Guests try instructions of extensions which they lack. */
  readonly lacking?: boolean;
  /** KVM_GET_ONE_REG, KVM_SET_ONE_REG and resets of vCPUs. */
  readonly registers?: boolean;
  /** Tasks fork, execute programs, get signals, are traced and use SVE for the first time; idle CPUs lose their registers (5.19). */
  readonly hostTasks?: boolean;
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
  /** In do_sve_acc(), before its effect. */
  inAcc: boolean;
  /** Between signal_begin and signal_end. */
  inSignal: boolean;
  /** Its SVCR.SM, as of its last time in user mode: a system call clears it, an interrupt does not. */
  streaming: boolean;
}

export interface WalkVcpu {
  readonly vm: number;
  readonly vcpu: number;
  readonly sve: boolean;
  readonly sme: boolean;
  readonly sme2: boolean;
  readonly fa64: boolean;
  readonly protected: boolean;
  readonly nested: boolean;
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
  return {
    pid,
    kind,
    cpu: -1,
    fromUser: false,
    runs: null,
    own,
    inNeon: false,
    inAcc: false,
    inSignal: false,
    streaming: false,
  };
}

const PLAIN = { sve: false, sme: false, sme2: false, fa64: false };
const SVE = { ...PLAIN, sve: true };
/** The kinds of 5.14 and 5.7: with and without SVE, ZT0, and FFR in streaming mode. */
const SME_KINDS = [
  { ...SVE, sme: true, sme2: true },
  { ...PLAIN, sme: true },
  { ...SVE, sme: true, fa64: true },
  SVE,
  { ...PLAIN, sme: true, sme2: true, fa64: true },
  PLAIN,
];

function createVcpu(options: WalkOptions, vm: number, vcpu: number, index: number): WalkVcpu {
  const isProtected = options.pkvm === true && vm % 2 === 1;
  // A protected VM's SVE trap is restricted; what it has of SVE and SME all the same is not said.
  const kinds = isProtected ? [PLAIN] : options.smeGuests === true ? SME_KINDS : [PLAIN, SVE];
  const turn = options.smeGuests === true ? options.seed >> 1 : 0;
  const kind = kinds[(index + turn) % kinds.length] ?? PLAIN;
  return {
    vm,
    vcpu,
    ...kind,
    sve: kind.sve && options.sveVl !== undefined,
    protected: isProtected,
    nested: options.nested === true && index % 2 === 0,
    holder: null,
    pid: -1,
  };
}

export function createState(options: WalkOptions): WalkState {
  const vcpus: WalkVcpu[] = [];
  for (let vm = 0; vm < (options.vms ?? 2); vm++) {
    for (let vcpu = 0; vcpu < (options.vcpusPerVm ?? 2); vcpu++) {
      vcpus.push(createVcpu(options, vm, vcpu, vcpus.length));
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

function declaration({ options }: WalkState, v: WalkVcpu): TraceEvent {
  const { vm, vcpu, sve, sme, sme2, fa64 } = v;
  const { sveVl, smeVl } = options;
  return {
    event: 'vcpu_create',
    vm,
    vcpu,
    ...(sve && sveVl !== undefined ? { sve, sve_vl: sveVl } : {}),
    ...(sme && smeVl !== undefined ? { sme, sme2, fa64, sme_vl: smeVl } : {}),
    ...(v.protected ? { protected: true } : {}),
    ...(v.nested ? { nested: true } : {}),
  };
}

/** On CPU 0 every task comes from user mode, every vCPU runs once and says what its debug state is; then all CPUs idle. */
export function prologue(state: WalkState): TraceEvent[] {
  const events: TraceEvent[] = state.cpus.map((cpu) => ({ event: 'hyp_init', cpu: cpu.id }));
  const { hostSme } = state.options;
  for (const v of state.vcpus) {
    events.push(declaration(state, v));
    events.push({ event: 'guest_debug', vm: v.vm, vcpu: v.vcpu });
  }
  for (const { pid, kind, own } of state.tasks) {
    events.push({ event: 'task_switch', cpu: 0, next: pid });
    if (kind === 'kernel') continue;
    events.push({ event: 'return_to_user', cpu: 0, task: pid }, { event: 'host_fp', cpu: 0 });
    if (hostSme === true) events.push({ event: 'host_svcr', cpu: 0, sm: 0, za: 0 });
    if (own === null) continue;
    const { vm, vcpu } = own;
    own.pid = pid;
    events.push(
      { event: 'map_fp', vm, vcpu, task: pid },
      { event: 'vcpu_load', cpu: 0, vm, vcpu, task: pid },
      { event: 'guest_enter', cpu: 0 },
      ...(own.sme ? [{ event: 'guest_svcr', cpu: 0, sm: 0, za: 0 }] : []),
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
      if (hostSme === true) events.push({ event: 'host_svcr', cpu: cpu.id, sm: 0, za: 0 });
    }
    events.push({ event: 'task_switch', cpu: cpu.id, next: 0 });
  }
  return events;
}
