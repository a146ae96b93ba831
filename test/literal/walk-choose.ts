/** What can happen next on a CPU. */

import type { TraceEvent } from './literal-steps.ts';
import type { WalkCpu, WalkState, WalkVcpu } from './walk-state.ts';

/** One action on this CPU: the events that belong together, in order. */
export function choose(state: WalkState, cpu: WalkCpu): TraceEvent[] {
  const { random, options } = state;
  const id = cpu.id;
  if (cpu.inGuest) return inGuest(state, cpu);
  if (cpu.task.inNeon) {
    const choice = options.neonPreemptible ? random(4) : 0;
    if (choice === 2) return softirq(id);
    if (choice === 3) return preempt(state, cpu);
    return [{ event: 'neon_end', cpu: id }];
  }
  const acts = options.hostTasks === true ? hostTask(state, cpu) : undefined;
  if (acts !== undefined) return acts;
  const choice = random(20);
  if (choice === 0) return softirq(id);
  if (choice === 1 && cpu.task.kind !== 'idle') return [{ event: 'neon_begin', cpu: id }];
  if (choice < 4 || cpu.task.kind === 'idle' || cpu.task.kind === 'kernel') return preempt(state, cpu);
  if (cpu.task.inAcc || cpu.task.inSignal) return preempt(state, cpu);
  if (cpu.inUser) return choice < 12 ? inUser(state, cpu) : load(state, cpu);
  if (cpu.loaded) return choice < 17 ? loaded(state, cpu) : put(cpu);
  // Streaming mode ends at the system call: whoever is still in it was interrupted in user mode.
  if (cpu.task.fromUser && choice < 8 && !cpu.task.streaming) return load(state, cpu);
  return [{ event: 'return_to_user', cpu: id, task: cpu.task.pid }];
}

/** 5.19: what the kernel does for the task, or to one that is stopped; undefined: something else comes next. */
function hostTask(state: WalkState, cpu: WalkCpu): TraceEvent[] | undefined {
  const { random, tasks } = state;
  const { id, task } = cpu;
  if (task.kind === 'idle') return random(3) === 0 ? [{ event: 'cpu_pm_enter', cpu: id }] : undefined;
  if (task.kind === 'kernel' || cpu.loaded) return undefined;
  if (random(3) === 0) return undefined;
  if (task.inAcc) return random(2) === 0 ? preempt(state, cpu) : [{ event: 'fp_acc_end', cpu: id }];
  if (task.inSignal) return random(2) === 0 ? preempt(state, cpu) : [{ event: 'signal_end', cpu: id }];
  if (cpu.inUser) return random(3) === 0 ? [{ event: 'fp_acc_begin', cpu: id }] : undefined;
  if (!task.fromUser) return undefined;
  const stopped = tasks.filter((other) => other.kind === 'user' && other.cpu === -1 && !other.inNeon && !other.inAcc);
  const target = stopped[random(stopped.length)];
  const choice = random(12);
  if (choice === 0) return [{ event: 'fork', cpu: id }];
  if (choice === 1) return [{ event: 'exec', cpu: id }];
  if (choice === 2) return [{ event: 'signal_begin', cpu: id }];
  if (choice === 3) return [{ event: 'sigreturn', cpu: id }];
  if (choice === 4 && target !== undefined) return [{ event: 'ptrace_set', task: target.pid }];
  if (choice === 5) return [{ event: 'user_save', cpu: id }];
  if (choice === 6) return [{ event: 'user_load', cpu: id }];
  if (choice === 7) return [{ event: 'flush_task', cpu: id, task: task.pid }];
  return undefined;
}

function softirq(cpu: number): TraceEvent[] {
  return [
    { event: 'neon_begin', cpu, softirq: true },
    { event: 'neon_end', cpu, softirq: true },
  ];
}

function inUser({ random, options }: WalkState, { id, task }: WalkCpu): TraceEvent[] {
  if (options.sveVl !== undefined && random(6) === 0) return [{ event: 'host_fp', cpu: id, isa: 'sve' }];
  if (options.hostSme !== true || random(2) === 0) return [{ event: 'host_fp', cpu: id }];
  if (random(3) === 0) return [{ event: 'host_fp', cpu: id, isa: 'sme' }];
  const onlyOn = options.lazyHostSave === true && task.kind === 'thread';
  return [{ event: 'host_svcr', cpu: id, ...(onlyOn ? { za: 1 } : flip(random)) }];
}

/** SM, ZA or both, perhaps to what they are. */
function flip(random: (below: number) => number): { sm?: number; za?: number } {
  const which = random(3);
  return { ...(which !== 0 ? { sm: random(2) } : {}), ...(which !== 1 ? { za: random(2) } : {}) };
}

function loaded({ random, options }: WalkState, { id, task: { runs } }: WalkCpu): TraceEvent[] {
  if (runs?.nested === true && random(4) === 0) {
    return [{ event: random(2) === 0 ? 'nested_eret' : 'nested_exception', cpu: id }];
  }
  // PSCI CPU_ON of another vCPU: a request that is carried out before the next entry.
  if (runs !== null && options.registers === true && random(20) === 0) {
    return [{ event: 'vcpu_reset', cpu: id, vm: runs.vm, vcpu: runs.vcpu }];
  }
  return [{ event: 'guest_enter', cpu: id }];
}

function inGuest(state: WalkState, cpu: WalkCpu): TraceEvent[] {
  const { random, options, debug } = state;
  const exit: TraceEvent = { event: 'guest_exit', cpu: cpu.id };
  const choice = random(debug ? 14 : 10);
  if (choice < 5) {
    if (cpu.task.runs?.sme === true && random(3) === 0) {
      return [{ event: 'guest_svcr', cpu: cpu.id, ...flip(random) }];
    }
    return guestFp(state, cpu);
  }
  const trapped: TraceEvent[] =
    options.oracle?.tda(cpu.id) === true
      ? [
          { event: 'guest_exit', cpu: cpu.id, ec: '0x18' },
          { event: 'debug_dirty', cpu: cpu.id },
        ]
      : [];
  if (choice === 10) return [{ event: 'guest_mdscr', cpu: cpu.id, mde: random(2), kde: random(2) }, ...trapped];
  if (choice === 11) return [{ event: 'guest_mdscr', cpu: cpu.id, mde: 0, kde: 0 }, ...trapped];
  // OSLAR_EL1 always traps.
  if (choice === 12) return [{ event: 'guest_oslock', cpu: cpu.id, locked: random(2) === 0 }, exit];
  if (choice === 13 && trapped.length > 0) return trapped;
  return [exit];
}

/** EC of the trap that an instruction of the running guest takes now, as it stands in an event. */
function trapOf({ options }: WalkState, cpu: number, isa: string): string | undefined {
  const ec = options.oracle?.trapOf(cpu, isa) ?? 0;
  return ec === 0 ? undefined : `0x${ec.toString(16).padStart(2, '0')}`;
}

/** The instruction, or the trap that it takes. */
function guestFp(state: WalkState, cpu: WalkCpu): TraceEvent[] {
  const { random, options } = state;
  const { id, task } = cpu;
  const isas = ['fpsimd', ...(task.runs?.sve === true ? ['sve'] : []), ...(task.runs?.sme === true ? ['sme'] : [])];
  if (options.lacking === true && random(20) === 0) return guestLacks(state, cpu, random(2) === 0 ? 'sve' : 'sme');
  const isa = isas[random(isas.length)] ?? 'fpsimd';
  const trap = random(2) === 0 ? trapOf(state, id, isa) : undefined;
  return [trap === undefined ? { event: 'guest_fp', cpu: id, isa } : { event: 'guest_fp_trap', cpu: id, ec: trap }];
}

/** Of an extension which the vCPU lacks: mostly an exit, and then it comes next; a protected VM goes on. */
function guestLacks(state: WalkState, { id, task }: WalkCpu, isa: 'sve' | 'sme'): TraceEvent[] {
  const trap = trapOf(state, id, isa);
  const has = isa === 'sve' ? task.runs?.sve : task.runs?.sme;
  const use: TraceEvent = { event: 'guest_fp', cpu: id, isa };
  // Whether SVE traps for an owner without it is not said of pKVM.
  if (trap === undefined && state.options.pkvm === true) return [{ event: 'guest_fp', cpu: id }];
  if (has === true || trap === undefined || (isa === 'sve' && task.runs?.protected === true)) return [use];
  return [use, { event: 'guest_exit', cpu: id, ec: trap }];
}

/** The task is switched out, its vCPU with it; the next one comes back in with its own. */
function preempt(state: WalkState, cpu: WalkCpu): TraceEvent[] {
  const { random } = state;
  const ready = state.tasks.filter((task) => task.cpu === -1);
  if (cpu.task.kind !== 'idle') ready.push(cpu.idle);
  const next = ready[random(ready.length)];
  if (next === undefined) return [];
  next.cpu = cpu.id;
  const events: TraceEvent[] = [];
  const old = cpu.task.runs;
  if (old !== null && cpu.loaded) events.push({ event: 'sched_out', cpu: cpu.id, vm: old.vm, vcpu: old.vcpu });
  events.push({ event: 'task_switch', cpu: cpu.id, next: next.pid });
  if (next.runs !== null) {
    // Interrupts are on again when the notifier runs.
    if (random(8) === 0) events.push(...softirq(cpu.id));
    const { vm, vcpu } = next.runs;
    events.push({ event: 'sched_in', cpu: cpu.id, vm, vcpu, task: next.pid });
  }
  return events;
}

/** KVM_RUN: the thread's own vCPU, now and then another one of the same VM. */
function load(state: WalkState, cpu: WalkCpu): TraceEvent[] {
  const { task } = cpu;
  if (task.own === null) return [];
  const vm = task.own.vm;
  const same = state.vcpus.filter((v) => v.vm === vm);
  const v = (state.random(20) === 0 ? same[state.random(same.length)] : undefined) ?? task.own;
  if (v.holder !== null) return [];
  v.holder = task;
  task.runs = v;
  const events: TraceEvent[] = [];
  if (v.pid !== task.pid) events.push({ event: 'map_fp', vm, vcpu: v.vcpu, task: task.pid });
  v.pid = task.pid;
  events.push({ event: 'vcpu_load', cpu: cpu.id, vm, vcpu: v.vcpu, task: task.pid });
  return events;
}

function put(cpu: WalkCpu): TraceEvent[] {
  const v = cpu.task.runs;
  if (v === null) throw new Error('a loaded CPU has a vCPU');
  return [{ event: 'vcpu_put', cpu: cpu.id, vm: v.vm, vcpu: v.vcpu }];
}

const REGISTERS = ['v0', 'v31', 'z0', 'z31', 'p0', 'ffr', 'za', 'zt0', 'svcr', 'zcr_el1', 'fpsr', 'fpcr', 'fpmr'];
/** The last two have RES0 bits set. */
const SVCR_VALUES = ['0x0', '0x1', '0x2', '0x3', '0x4', '0x8000000000000001'];

/** KVM_GET_ONE_REG, KVM_SET_ONE_REG or KVM_ARM_VCPU_INIT of a vCPU that nobody runs. */
export function registerAccess({ vm, vcpu, sme }: WalkVcpu, random: (below: number) => number): TraceEvent {
  if (random(8) === 0) return { event: 'vcpu_reset', vm, vcpu };
  const event = random(3) === 0 ? 'reg_get' : 'reg_set';
  const reg = sme && random(3) === 0 ? 'svcr' : (REGISTERS[random(REGISTERS.length)] ?? 'v0');
  if (event === 'reg_get') return { event, vm, vcpu, reg };
  const value = reg === 'svcr' ? SVCR_VALUES[random(SVCR_VALUES.length)] : '0x3';
  return { event, vm, vcpu, reg, ...(value === undefined ? {} : { value }) };
}

/** KVM_SET_GUEST_DEBUG of a vCPU that nobody runs. */
export function guestDebug({ vm, vcpu }: WalkVcpu, choice: number): TraceEvent {
  const base = { event: 'guest_debug', vm, vcpu };
  if (choice === 0) return { ...base, use_hw: true };
  if (choice === 1) return { ...base, singlestep: true };
  return base;
}
