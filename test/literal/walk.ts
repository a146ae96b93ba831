/**
 * Seeded random walks over what a kernel can do: a task runs on one CPU; a vCPU is loaded by the thread that came from
 * user mode; preemption puts, switches and loads, perhaps on another CPU; NEON only where it may be used. The same options
 * give the same events, as long as the oracle gives the same answers.
 */

import type { Literal } from './literal.ts';
import type { TraceEvent } from './literal-steps.ts';
import { choose, guestDebug, registerAccess } from './walk-choose.ts';
import { createState, prologue, type WalkCpu, type WalkOptions, type WalkState } from './walk-state.ts';

export type { Oracle, WalkOptions } from './walk-state.ts';

export interface Walk {
  /** Makes everything known, whatever the machine's past. */
  readonly prologue: readonly TraceEvent[];
  /** Endless. */
  readonly events: Generator<TraceEvent, never, undefined>;
}

export function createWalk(options: WalkOptions): Walk {
  const state = createState(options);
  return { prologue: prologue(state), events: walk(state) };
}

/** What a model on a machine can do, with the model itself as the oracle. */
export function createFullWalk(literal: Literal, options: Omit<WalkOptions, 'neonPreemptible' | 'oracle'>): Walk {
  const { profile, mode } = literal;
  const hostSme = profile.hostSme && options.smeVl !== undefined;
  return createWalk({
    neonPreemptible: profile.neonPreemptible,
    oracle: literal,
    hostSme,
    lazyHostSave: profile.hostSave === 'lazy',
    smeGuests: hostSme && profile.smeGuests,
    pkvm: mode === 'pkvm',
    nested: profile.nested && mode === 'vhe',
    lacking: true,
    registers: true,
    ...options,
  });
}

function* walk(state: WalkState): Generator<TraceEvent, never, undefined> {
  const { random, cpus, vcpus, debug, options } = state;
  for (;;) {
    const idleVcpu = debug && random(50) === 0 ? vcpus[random(vcpus.length)] : undefined;
    if (idleVcpu !== undefined && idleVcpu.holder === null) yield guestDebug(idleVcpu, random(4));
    const free = options.registers === true && random(25) === 0 ? vcpus[random(vcpus.length)] : undefined;
    for (let left = 1 + random(3); free !== undefined && free.holder === null && left > 0; left--) {
      yield registerAccess(free, random);
    }
    const cpu = cpus[random(cpus.length)];
    if (cpu === undefined) throw new Error('a walk needs a CPU');
    if (cpu.queue.length === 0) cpu.queue.push(...choose(state, cpu));
    const event = cpu.queue.shift();
    // Nothing to do here: an idle CPU with nobody to run.
    if (event === undefined) continue;
    apply(state, cpu, event);
    yield options.hostTasks === true && options.hostSme !== true ? withType(random, event) : event;
  }
}

const TRANSFERS = /^(task_switch|vcpu_load|sched_in|neon_begin|cpu_pm_enter|user_save|user_load|return_to_user)$/;

/** Now and then the event says as what the registers of the task are saved or loaded, whatever they should be. */
function withType(random: (below: number) => number, event: TraceEvent): TraceEvent {
  if (!TRANSFERS.test(event.event) || random(6) > 0) return event;
  return { ...event, fp_type: random(2) === 0 ? 'sve' : 'fpsimd' };
}

/** What the event changes in the walk's own picture of the machine. */
function apply(state: WalkState, cpu: WalkCpu, event: TraceEvent): void {
  cpu.inUser = /^(return_to_user|host_fp|host_svcr)$/.test(event.event);
  switch (event.event) {
    case 'return_to_user':
      cpu.task.fromUser = true;
      break;
    case 'fp_acc_begin':
    case 'fp_acc_end':
      cpu.task.inAcc = event.event === 'fp_acc_begin';
      break;
    case 'signal_begin':
    case 'signal_end':
      cpu.task.inSignal = event.event === 'signal_begin';
      break;
    case 'host_svcr':
      if (event.sm !== undefined) cpu.task.streaming = event.sm === 1;
      break;
    case 'vcpu_load':
      cpu.task.streaming = false;
      cpu.loaded = true;
      break;
    case 'sched_in':
      cpu.loaded = true;
      break;
    case 'sched_out':
      cpu.loaded = false;
      break;
    case 'vcpu_put':
      cpu.loaded = false;
      cpu.task.fromUser = false;
      if (cpu.task.runs !== null) cpu.task.runs.holder = null;
      cpu.task.runs = null;
      break;
    case 'guest_enter':
      cpu.inGuest = true;
      break;
    case 'guest_exit':
      cpu.inGuest = false;
      break;
    case 'neon_begin':
    case 'neon_end':
      if (event.softirq !== true) cpu.task.inNeon = event.event === 'neon_begin';
      break;
    case 'task_switch':
      cpu.task.cpu = -1;
      cpu.task = event.next === 0 ? cpu.idle : (state.tasks.find((task) => task.pid === event.next) ?? cpu.idle);
      break;
    default:
      break;
  }
}
