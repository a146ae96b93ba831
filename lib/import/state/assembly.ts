/** The state of an import as a whole, and the few things that all steps do with it. */

import type { Account } from '../account.ts';
import type { Line } from '../columns/line.ts';
import type { ProbeFields } from '../payload/kprobe-events.ts';
import { type Telling, tellingOf } from '../records.ts';
import type { Shown } from '../survey.ts';
import { type CpuState, createCpuState, createTaskState, NO_TASK, PHASE, type TaskState } from './cpu.ts';
import { type Identities, UNKNOWN, type Vcpu } from './identities.ts';
import type { Queue, TraceEvent } from './queue.ts';

export interface Assembly {
  readonly queue: Queue;
  readonly account: Account;
  readonly ids: Identities;
  readonly line: Line;
  readonly fields: ProbeFields;
  /** Which kinds of lines the capture has. */
  readonly shown: Shown;
  /** Of which kinds of event these lines tell wherever they happen. */
  tells: Telling;
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

export function createAssembly(
  parts: Pick<Assembly, 'queue' | 'account' | 'ids' | 'line' | 'fields' | 'shown'>,
): Assembly {
  return {
    ...parts,
    tells: tellingOf(parts.shown),
    ts: undefined,
    kernelCopy: false,
    debugScheme: undefined,
    sveVl: undefined,
    cpus: [],
    tasks: new Map(),
    hashed: new Map(),
  };
}

/** The state of a CPU; `cpu` is at most MAX_CPU. */
export function cpuOf(assembly: Assembly, cpu: number): CpuState {
  let state = assembly.cpus[cpu];
  if (state === undefined) {
    // No holes: a hole would turn the array into a dictionary.
    for (let i = assembly.cpus.length; i <= cpu; i++) assembly.cpus.push(createCpuState(i));
    state = assembly.cpus[cpu] as CpuState;
  }
  return state;
}

/** Tasks remembered at a time; beyond it those that run no vCPU are forgotten. */
const TASK_LIMIT = 65_536;

export function taskOf(assembly: Assembly, pid: number): TaskState {
  let task = assembly.tasks.get(pid);
  if (task === undefined) {
    if (assembly.tasks.size >= TASK_LIMIT) forgetQuietTasks(assembly.tasks);
    task = createTaskState(pid);
    task.lost = assembly.account.lost;
    assembly.tasks.set(pid, task);
  }
  return task;
}

function forgetQuietTasks(tasks: Map<number, TaskState>): void {
  for (const [pid, task] of tasks) if (task.vcpu === undefined && task.restoring === 'no') tasks.delete(pid);
  // What they have held waits for the end, or until too much does.
  if (tasks.size >= TASK_LIMIT) tasks.clear();
}

/** An event of this line's time and CPU. */
export function eventAt(assembly: Assembly, event: TraceEvent['event'], here: CpuState): TraceEvent {
  const ts = assembly.ts;
  const made: TraceEvent = ts === undefined ? { event, cpu: here.cpu } : { event, ts, cpu: here.cpu };
  // Where no line tells of switches, each event says who runs.
  if (here.current >= 0 && !assembly.tells.taskSwitch) made.task = here.current;
  return made;
}

/** Names the vCPU in an event whose load is not in the capture. */
export function nameVcpu(assembly: Assembly, here: CpuState, event: TraceEvent): TraceEvent {
  if (here.loaded === undefined || (assembly.tells.load && !here.blind)) return event;
  event.vm = here.loaded.vm;
  event.vcpu = here.loaded.vcpu;
  return event;
}

/** Sends out an event of a CPU. */
export function push(assembly: Assembly, here: CpuState, event: TraceEvent): void {
  here.events++;
  assembly.queue.push(event, assembly.line.number);
}

/** Sends out an event that saves or loads the current task's registers, once it is known as what, where the capture tells. */
export function pushTransfer(assembly: Assembly, here: CpuState, event: TraceEvent): void {
  if (here.transfer !== undefined) settleTransfer(assembly, here);
  if (!assembly.tells.userSave) {
    push(assembly, here, event);
    return;
  }
  here.events++;
  here.transfer = event;
  here.transferEntry = assembly.queue.hold(event, assembly.line.number);
}

/** It goes out as it is. */
export function settleTransfer(assembly: Assembly, here: CpuState): void {
  const { accEnd, transferEntry } = here;
  here.transfer = undefined;
  here.transferEntry = undefined;
  here.accEnd = undefined;
  if (accEnd !== undefined) assembly.queue.settle(accEnd);
  if (transferEntry !== undefined) assembly.queue.settle(transferEntry);
}

/** The vCPU is loaded on the CPU, by the task. */
export function adopt(assembly: Assembly, here: CpuState, pid: number, vcpu: Vcpu): void {
  here.loaded = vcpu;
  here.loader = pid;
  here.phase = PHASE.out;
  vcpu.on = here.cpu;
  taskOf(assembly, pid).vcpu = vcpu;
}

/**
 * Events are missing on the CPU: what ran there is not known any more. The event says so, and the replay knows nothing of that
 * CPU until its next load.
 */
export function lose(assembly: Assembly, here: CpuState, count: number, note: string): void {
  push(assembly, here, lossOf(assembly, here, count, note));
}

/** The same; the event that tells of it is not given out yet. */
export function lossOf(assembly: Assembly, here: CpuState, count: number, note: string): TraceEvent {
  forget(assembly, here);
  assembly.ids.doubtTasks();
  const event = eventAt(assembly, 'lost', here);
  event.count = count;
  event.note = note;
  assembly.account.lost += count;
  return event;
}

/** Without a CPU: on all of them. One event says so; what each of them had is forgotten. */
export function loseEverywhere(assembly: Assembly, count: number, note: string): void {
  for (const here of assembly.cpus) forget(assembly, here);
  assembly.ids.doubtTasks();
  const { ts, line } = assembly;
  assembly.queue.push({ event: 'lost', ...(ts === undefined ? {} : { ts }), count, note }, line.number);
  assembly.account.lost += count;
}

/** What the CPU was doing is not known any more. */
export function forget(assembly: Assembly, here: CpuState): void {
  release(assembly, here);
  const task = assembly.tasks.get(here.current);
  if (task !== undefined) {
    task.restoring = 'no';
    releaseMaybes(assembly, task);
  }
  here.blind = true;
  if (here.loaded !== undefined) here.loaded.on = UNKNOWN;
  here.loaded = undefined;
  here.phase = PHASE.out;
  here.switchTo = NO_TASK;
  here.current = NO_TASK;
  here.foreign = false;
  here.observedAt = -1;
  here.unsaved = false;
}

/** The task is switched to: where events were lost since it was last, what it was in the midst of may be over. */
export function comeBack(assembly: Assembly, pid: number): void {
  const task = assembly.tasks.get(pid);
  if (task === undefined) return;
  const { lost } = assembly.account;
  if (task.lost !== lost) {
    // It may still be on its way to user mode, or have come there unseen.
    if (task.restoring === 'done') task.restoring = 'no';
    task.restoreSwitched = true;
    releaseMaybes(assembly, task);
    task.inAcc = undefined;
    task.neonDue = undefined;
    task.inRegion = false;
    task.neonEnded = false;
  }
  task.lost = lost;
}

/** What may have happened to the task goes out as it is. */
export function releaseMaybes({ queue }: Assembly, task: TaskState): void {
  for (const held of task.maybes) queue.settle(held);
  task.maybes = [];
}

/** The beginning of a region of kernel-mode NEON goes out as it is. */
export function releaseNeon({ queue }: Assembly, here: CpuState): void {
  for (const held of here.neon?.held ?? []) queue.settle(held);
  here.neon = undefined;
}

const UNKNOWN_SWITCH = 'a task switch to a task that is not known';

/** What still waits on this CPU will not be told any more. */
export function release(assembly: Assembly, here: CpuState): void {
  settleTransfer(assembly, here);
  releaseNeon(assembly, here);
  settleExit(assembly, here);
  settleTrap(assembly, here);
  if (here.put !== undefined) {
    assembly.queue.settle(here.put);
    here.put = undefined;
  }
  settleBeforeSwitch(assembly, here);
  if (here.switchEntry !== undefined) {
    if (here.leftUnseen) {
      const { event } = here.switchEntry;
      here.switchEntry.event = { ...event, event: 'lost', cpu: here.cpu, count: 1, note: UNKNOWN_SWITCH };
      assembly.account.lost += 1;
    } else {
      here.switchEntry.event = undefined;
      assembly.account.assume(UNKNOWN_SWITCH);
    }
    assembly.queue.settle(here.switchEntry);
    here.switchEntry = undefined;
  }
}

/** What stands before a switch goes out. */
export function settleBeforeSwitch(assembly: Assembly, here: CpuState): void {
  for (const entry of [here.lostEntry, here.newEntry]) if (entry !== undefined) assembly.queue.settle(entry);
  here.lostEntry = undefined;
  here.newEntry = undefined;
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
