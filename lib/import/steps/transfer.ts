/**
 * Saves and loads of the current task's registers. fpsimd_save_user_state() is what all savers call: those that have an event of their
 * own hear from it as what the registers were saved; of the others it tells that they saved. So does task_fpsimd_load() of loads.
 */

import { textOf } from '../columns/line.ts';
import { CALLER, callerOf } from '../payload/callers.ts';
import { WHAT } from '../payload/event-names.ts';
import { HAS } from '../payload/kprobe-events.ts';
import { type Assembly, eventAt, push, pushTransfer, settleTransfer } from '../state/assembly.ts';
import type { CpuState } from '../state/cpu.ts';
import type { TraceEvent } from '../state/queue.ts';
import { decideAcc } from './acc.ts';
import { tellNew } from './new-task.ts';
import { backInHost } from './run.ts';

/** thread.fp_type and thread.svcr, as the line has them; up to v6.1, what TIF_SVE says. */
export function describeTransfer({ fields, tasks }: Assembly, pid: number, event: TraceEvent): void {
  if ((fields.has & HAS.fpType) === 0) {
    const { tifSve } = tasks.get(pid) ?? {};
    // A system call clears it: set, it tells of loads only, on the way to user mode.
    if (tifSve === false) event.fp_type = 'fpsimd';
    else if (tifSve === true && event.event === 'return_to_user') event.fp_type = 'sve';
    return;
  }
  event.fp_type = fields.fpType === 1 ? 'sve' : 'fpsimd';
  if ((fields.has & HAS.svcr) === 0) return;
  event.sm = fields.svcr & 1;
  event.za = (fields.svcr >> 1) & 1;
}

/** The return of fpsimd_save_user_state(), or fpsimd_save() up to v6.7. */
export function userSaved(assembly: Assembly, here: CpuState, pid: number): void {
  const { line, fields } = assembly;
  const by = callerOf(line, fields);
  here.unsaved = false;
  const task = assembly.tasks.get(pid);
  if (task !== undefined) task.unsaved = false;
  if (by === CALLER.saver || by === CALLER.flusher) {
    backInHost(assembly, here);
    const event = eventAt(assembly, 'user_save', here);
    describeTransfer(assembly, pid, event);
    push(assembly, here, event);
    return;
  }
  const event = here.transfer;
  if (event !== undefined) {
    describeTransfer(assembly, pid, event);
    decideAcc(assembly, here, pid, event);
  }
  settleTransfer(assembly, here);
}

/**
 * A function that always calls fpsimd_save_user_state(), whatever there is to save, has returned. Where other callers of that are seen and it
 * was not, it is inlined there, or the kernel is not the one that it is taken for.
 */
export function endUnsaved({ account, line }: Assembly, of: { unsaved: boolean }, what: string): void {
  if (of.unsaved) account.unused(`${what} that saved nothing`, line.number, textOf(line));
  of.unsaved = false;
}

/** The return of task_fpsimd_load(): a new state of the current task, or its old one, of which the return to user mode tells. */
export function userLoaded(assembly: Assembly, here: CpuState): void {
  if (callerOf(assembly.line, assembly.fields) !== CALLER.update) return;
  backInHost(assembly, here);
  pushTransfer(assembly, here, eventAt(assembly, 'user_load', here));
}

/** The return of fpsimd_update_current_state(), with the current task bound. */
export function updated(assembly: Assembly, here: CpuState, pid: number): void {
  const { fields, ids } = assembly;
  if (here.transfer?.event !== 'user_load') return;
  if ((fields.has & HAS.last) !== 0 && fields.last !== 0) tellNew(assembly, pid, ids.learnTaskState(fields.last, pid));
  describeTransfer(assembly, pid, here.transfer);
  settleTransfer(assembly, here);
}

/** fpsimd_flush_task_state(): of the current task, or of one that is stopped. */
export function flushTask(assembly: Assembly, here: CpuState, pid: number): void {
  const { line, fields, ids } = assembly;
  const by = callerOf(line, fields);
  if (by === CALLER.other) return;
  const task = ids.taskAt(fields.next) ?? (by === CALLER.flusher ? pid : undefined);
  if (task === undefined) {
    assembly.account.assume('the registers of a task that has not been seen are flushed; not reported');
    return;
  }
  backInHost(assembly, here);
  const event = eventAt(assembly, 'flush_task', here);
  event.task = task;
  push(assembly, here, event);
}

/** Lines between the event and the line that says how the registers were transferred. */
const WITHIN: ReadonlySet<number> = new Set([WHAT.loadFp, WHAT.saveFlush, WHAT.userSave, WHAT.updateCurrentReturn]);

/** Before the step of each line. */
export function endTransfer(assembly: Assembly, here: CpuState, what: number): void {
  if (here.transfer !== undefined && !assembly.line.softirq && !WITHIN.has(what)) settleTransfer(assembly, here);
}
