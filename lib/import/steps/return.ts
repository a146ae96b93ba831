/**
 * Returns to user mode. fpsimd_restore_current_state being entered is not its effect: the task can be preempted, or a softirq can use
 * NEON, before the registers are loaded or after. fpsimd_last_state tells which; without it the return of the function is taken.
 */

import { HAS } from '../payload/kprobe-events.ts';
import { type Assembly, eventAt, push, taskOf } from '../state/assembly.ts';
import type { CpuState, TaskState } from '../state/cpu.ts';
import { observe, observeBefore } from './observe.ts';

/** fpsimd_restore_current_state was entered. */
export function enterRestore(assembly: Assembly, here: CpuState, pid: number): void {
  const task = taskOf(assembly, pid);
  settleReturn(assembly, here, task);
  observeBefore(assembly, here, undefined, -1);
  task.restoring = 'entered';
  task.restoreQuiet = true;
  task.restoreLast = (assembly.fields.has & HAS.last) === 0 ? -1 : assembly.fields.last;
}

/** It returned: the effect was here, unless a line in between has shown it. */
export function leaveRestore(assembly: Assembly, here: CpuState, pid: number): void {
  const task = taskOf(assembly, pid);
  const { has, last } = assembly.fields;
  if (task.restoring === 'entered' && task.restoreQuiet && (has & HAS.last) !== 0 && last !== 0) {
    assembly.ids.learnTaskState(last, pid);
  }
  if (task.restoring !== 'done') pushReturn(assembly, here, pid, false);
  task.restoring = 'no';
  if ((has & (HAS.owner | HAS.last)) !== 0) observe(assembly, here, undefined, -1, -1);
}

/** In between: if the registers are the task's now and were not at the entry, the effect has been. */
export function restoredBefore(assembly: Assembly, here: CpuState, pid: number): void {
  const task = assembly.tasks.get(pid);
  if (task?.restoring !== 'entered') return;
  task.restoreQuiet = false;
  const { has, last } = assembly.fields;
  if ((has & HAS.last) === 0) {
    assembly.account.assume(
      'a return to user mode was interrupted, and nothing tells before or after its effect: taken at the end',
    );
    return;
  }
  if (last === 0 || last === task.restoreLast || assembly.ids.taskOfState(last) !== pid) return;
  pushReturn(assembly, here, pid, false);
  task.restoring = 'done';
}

/** The task is past its return to user mode although the end of fpsimd_restore_current_state was not printed. */
export function settleReturn(assembly: Assembly, here: CpuState, task: TaskState): void {
  if (task.restoring === 'entered') pushReturn(assembly, here, task.pid, true);
  task.restoring = 'no';
}

function pushReturn(assembly: Assembly, here: CpuState, pid: number, inferred: boolean): void {
  const event = eventAt(assembly, 'return_to_user', here);
  event.task = pid;
  if (inferred) event.inferred = true;
  push(assembly, here, event);
}
