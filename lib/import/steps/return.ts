/**
 * Returns to user mode. fpsimd_restore_current_state being entered is not its effect: the task can be preempted, or a softirq can use
 * NEON, before the registers are loaded or after. fpsimd_last_state tells which; without it the return of the function is taken.
 */

import { WHAT } from '../payload/event-names.ts';
import { HAS } from '../payload/kprobe-events.ts';
import { type Assembly, eventAt, push, releaseMaybes, taskOf } from '../state/assembly.ts';
import type { CpuState, TaskState, Whose } from '../state/cpu.ts';
import type { TraceEvent } from '../state/queue.ts';
import { tellNew } from './new-task.ts';
import { observe, observeBefore } from './observe.ts';
import { describeTransfer } from './transfer.ts';

/** fpsimd_restore_current_state was entered. */
export function enterRestore(assembly: Assembly, here: CpuState, pid: number): void {
  const task = taskOf(assembly, pid);
  // Entered again, and nothing has shown an effect: there was none.
  if (assembly.shown.kinds[WHAT.restoreCurrentReturn] === 0) task.restoring = 'no';
  settleReturn(assembly, here, task);
  observeBefore(assembly, here, undefined, -1);
  releaseMaybes(assembly, task);
  task.restoring = 'entered';
  task.restoreResumed = undefined;
  task.restoreQuiet = true;
  task.restoreSwitched = false;
  task.restoreLast = (assembly.fields.has & HAS.last) === 0 ? -1 : assembly.fields.last;
  task.restoreAt = here.lines;
  task.restoreFlushed = (assembly.fields.has & HAS.fpsimdCpu) !== 0 && assembly.fields.fpsimdCpu !== here.cpu;
}

/** Lines that a task can print on its way back to user mode: none of them says that it has come there. */
const ON_THE_WAY: ReadonlySet<number> = new Set([
  WHAT.neonBegin,
  WHAT.neonEnd,
  WHAT.schedSwitch,
  WHAT.threadSwitch,
  WHAT.saveFlush,
  WHAT.restoreCurrent,
  WHAT.restoreCurrentReturn,
  WHAT.inGuest,
  WHAT.inHost,
  WHAT.unknown,
]);

/**
 * Where the return of the function is not probed: the first line with fpsimd_last_state tells whether the effect has been, and a
 * line of what the task did in its next system call that it has.
 */
export function decideReturn(assembly: Assembly, here: CpuState, what: number): void {
  if (assembly.shown.kinds[WHAT.restoreCurrentReturn] === 1 || !assembly.tells.returns) return;
  const { pid } = assembly.line;
  const task = assembly.tasks.get(pid);
  if (task?.restoring !== 'entered') return;
  if (!ON_THE_WAY.has(what)) {
    // It has returned, but where, if it was switched out in between?
    if (task.restoreSwitched) mayHaveReturned(assembly, here, pid);
    else pushReturn(assembly, here, pid, true);
    task.restoring = 'no';
    return;
  }
  const effect = effectOf(assembly, here, task);
  if (effect === 'seen') {
    pushReturn(assembly, here, pid, true);
    task.restoring = 'no';
  } else if (effect === 'unknown' && isSwitch(assembly, what)) {
    mayHaveReturned(assembly, here, pid);
    task.restoreSwitched = true;
  }
}

/** The line of a switch that has fpsimd_last_state, where there is one. */
function isSwitch({ shown }: Assembly, what: number): boolean {
  return what === WHAT.threadSwitch || (what === WHAT.schedSwitch && shown.kinds[WHAT.threadSwitch] === 0);
}

/** What the line says of a restore that was entered: whether the registers are the task's now. */
function effectOf(assembly: Assembly, here: CpuState, task: TaskState): 'seen' | 'not yet' | 'unknown' {
  const { ids } = assembly;
  const { has, last } = assembly.fields;
  if ((has & HAS.last) === 0) return 'unknown';
  // It may have been, and kernel-mode NEON after it.
  if (last === 0) return assembly.tells.neon ? 'not yet' : 'unknown';
  const bound = ids.taskOfState(last);
  if (last === task.restoreLast) {
    if (bound !== task.pid) return 'not yet';
    // It was flushed, as exec and ptrace do: fpsimd_bind_task_to_cpu() takes it back.
    if (!task.restoreFlushed || (has & HAS.fpsimdCpu) === 0) return 'unknown';
    return assembly.fields.fpsimdCpu === here.cpu ? 'seen' : 'not yet';
  }
  if (bound >= 0) return bound === task.pid ? 'seen' : 'not yet';
  // Whose state it is that nobody has been seen with: its own, if nothing came in between.
  if (here.lines !== task.restoreAt + 1) return 'unknown';
  tellNew(assembly, task.pid, ids.learnTaskState(last, task.pid));
  return 'seen';
}

/** It returned: the effect was here, unless a line in between has shown it. */
export function leaveRestore(assembly: Assembly, here: CpuState, pid: number): void {
  const task = taskOf(assembly, pid);
  const { has, last } = assembly.fields;
  if (task.restoring === 'entered' && task.restoreQuiet && (has & HAS.last) !== 0 && last !== 0) {
    tellNew(assembly, pid, assembly.ids.learnTaskState(last, pid));
  }
  const wasBefore = settleMaybes(assembly, task);
  // Its entry is lost, and nobody is bound: the effect has been, and something used the registers since.
  const isOver = task.restoring === 'no' && (has & HAS.last) !== 0 && last === 0;
  if (task.restoring !== 'done' && assembly.tells.returns && !wasBefore && !isOver) {
    pushReturn(assembly, here, pid, mayHaveBeenCleared(task));
  }
  task.restoring = 'no';
  if ((has & (HAS.owner | HAS.last)) !== 0) observe(assembly, here, undefined, -1, -1);
}

/**
 * What may have been the effect, at interruptions before, goes out as the return tells of it; true where one of them was it. The
 * effect is not undone by itself: if the registers are another's at the return, it was before, at the last interruption where there
 * were several. If they are the task's, and were not as it came back, it was behind all of them.
 */
function settleMaybes(assembly: Assembly, task: TaskState): boolean {
  const { maybes, restoreResumed } = task;
  const now = whose(assembly, task.pid);
  const wasBefore = now === 'other' && maybes.length > 0;
  const last = maybes.at(-1)?.event;
  if (wasBefore && last !== undefined) delete last.maybe;
  if (now === 'own' && restoreResumed === 'other') for (const held of maybes) held.event = undefined;
  releaseMaybes(assembly, task);
  return wasBefore;
}

/** Whose the registers are, as the line has fpsimd_last_state. */
function whose({ fields, ids }: Assembly, pid: number): Whose {
  if ((fields.has & HAS.last) === 0) return undefined;
  if (fields.last === 0) return 'other';
  const name = ids.nameOf(fields.last);
  return name === undefined ? undefined : name === `task:${pid}` ? 'own' : 'other';
}

/** A task is switched to, of which what the registers hold may tell something. */
export function resumeRestore(assembly: Assembly, pid: number): void {
  const task = assembly.tasks.get(pid);
  if (task?.restoring !== 'entered') return;
  task.restoreResumed = whose(assembly, pid);
}

/** It came back to registers that are its own: the switch may have cleared TIF_FOREIGN_FPSTATE, and nothing been loaded. */
const mayHaveBeenCleared = ({ restoreResumed }: TaskState): boolean => restoreResumed === 'own';

/** In between: if the registers are the task's now and were not at the entry, the effect has been. */
export function restoredBefore(assembly: Assembly, here: CpuState, pid: number): void {
  if (assembly.shown.kinds[WHAT.restoreCurrentReturn] === 0) return;
  const task = assembly.tasks.get(pid);
  if (task?.restoring !== 'entered') return;
  task.restoreQuiet = false;
  const effect = effectOf(assembly, here, task);
  if (effect === 'unknown') holdMaybe(assembly, here, task);
  if (effect !== 'seen') return;
  pushReturn(assembly, here, pid, mayHaveBeenCleared(task));
  task.restoring = 'done';
}

/** The task is interrupted on its way, before the effect or after it. */
export function mayHaveReturned(assembly: Assembly, here: CpuState, pid: number): void {
  const task = assembly.tasks.get(pid);
  if (task?.restoring === 'entered' && assembly.tells.returns) push(assembly, here, maybeReturn(assembly, here, pid));
}

/** Interruptions of one return that are kept; earlier ones stay open. */
const MOST_MAYBES = 64;

/** The same where the return of the function is probed, which may tell. */
function holdMaybe(assembly: Assembly, here: CpuState, task: TaskState): void {
  if (!assembly.tells.returns) return;
  const oldest = task.maybes.length < MOST_MAYBES ? undefined : task.maybes.shift();
  if (oldest !== undefined) assembly.queue.settle(oldest);
  here.events++;
  task.maybes.push(assembly.queue.hold(maybeReturn(assembly, here, task.pid), assembly.line.number));
}

function maybeReturn(assembly: Assembly, here: CpuState, pid: number): TraceEvent {
  return { ...eventAt(assembly, 'return_to_user', here), task: pid, inferred: true, maybe: true };
}

/** The task is past its return to user mode although the end of fpsimd_restore_current_state was not printed. */
export function settleReturn(assembly: Assembly, here: CpuState, task: TaskState): void {
  if (task.restoring === 'entered' && task.restoreSwitched) mayHaveReturned(assembly, here, task.pid);
  else if (task.restoring === 'entered' && assembly.tells.returns) pushReturn(assembly, here, task.pid, true);
  task.restoring = 'no';
}

function pushReturn(assembly: Assembly, here: CpuState, pid: number, inferred: boolean): void {
  const { tifSve } = taskOf(assembly, pid);
  const event = eventAt(assembly, 'return_to_user', here);
  event.task = pid;
  if (inferred) event.inferred = true;
  // fpsimd_last_state is that of the task, and tells how it was loaded.
  if (whose(assembly, pid) === 'own' || tifSve !== undefined) describeTransfer(assembly, pid, event);
  push(assembly, here, event);
}
