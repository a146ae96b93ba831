/**
 * The first use of SVE or SME by a host task: do_sve_acc() and do_sme_acc(). The task can be preempted between the entry and the effect,
 * or between the effect and the return: as what it is saved tells, where that is read.
 */

import { type Assembly, eventAt, push, taskOf } from '../state/assembly.ts';
import type { CpuState } from '../state/cpu.ts';
import type { TraceEvent } from '../state/queue.ts';
import { backInHost } from './run.ts';

export function beginAcc(assembly: Assembly, here: CpuState, pid: number, isa: 'sve' | 'sme'): void {
  backInHost(assembly, here);
  taskOf(assembly, pid).inAcc = isa;
  push(assembly, here, { ...eventAt(assembly, 'fp_acc_begin', here), isa });
}

/** Its effect: at the return, unless an earlier line has shown it. */
export function endAcc(assembly: Assembly, here: CpuState, pid: number): void {
  const task = taskOf(assembly, pid);
  const { inAcc } = task;
  task.inAcc = undefined;
  if (inAcc === undefined) return;
  if (inAcc === 'sve') task.tifSve = true;
  push(assembly, here, { ...eventAt(assembly, 'fp_acc_end', here), isa: inAcc });
}

/** The task is switched away: whether that is behind the effect, as what it is saved will tell. */
export function interruptAcc(assembly: Assembly, here: CpuState, pid: number): void {
  if (assembly.tasks.get(pid)?.inAcc !== 'sve' || !assembly.tells.userSave) return;
  here.events++;
  here.accEnd = assembly.queue.hold(undefined, assembly.line.number);
}

export function decideAcc(assembly: Assembly, here: CpuState, pid: number, saved: TraceEvent): void {
  const { accEnd } = here;
  if (accEnd === undefined) return;
  here.accEnd = undefined;
  if (saved.fp_type === 'sve') {
    accEnd.event = { ...eventAt(assembly, 'fp_acc_end', here), isa: 'sve', inferred: true };
    taskOf(assembly, pid).inAcc = undefined;
  }
  assembly.queue.settle(accEnd);
}
