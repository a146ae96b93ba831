/** Task switches: which task runs on a CPU. */

import { WHAT } from '../payload/event-names.ts';
import { HAS } from '../payload/kprobe-events.ts';
import { type Assembly, eventAt, lose, push, settleExit } from '../state/assembly.ts';
import { AWAITED, type CpuState, NO_TASK } from '../state/cpu.ts';
import { decidePut, missingPut } from './load.ts';
import { observeBefore } from './observe.ts';
import { restoredBefore } from './return.ts';
import { backInHost } from './run.ts';

/** sched_switch: the decision. The put of a loaded vCPU and then thread_switch follow, both still printed by the old task. */
export function announceSwitch(assembly: Assembly, here: CpuState, next: number): void {
  backInHost(assembly, here);
  settleExit(assembly, here);
  decidePut(assembly, here, 'vcpu_put');
  here.switchTo = next;
}

/** fpsimd_thread_switch. The new task is the one announced, the one whose task_struct it is, or the one the next line is of. */
export function switchTask(assembly: Assembly, here: CpuState, pid: number): void {
  const { ids, fields } = assembly;
  const pointer = (fields.has & HAS.next) === 0 ? 0 : fields.next;
  if (here.put !== undefined) {
    assembly.account.assume('a put just before a task switch, without sched_switch: taken for that of the scheduler');
    decidePut(assembly, here, 'sched_out');
  }
  const next = here.switchTo === NO_TASK ? ids.taskAt(pointer) : here.switchTo;
  restoredBefore(assembly, here, pid);
  if (here.loaded !== undefined) missingPut(assembly, here, 'sched_out');
  observeBefore(assembly, here, undefined, -1);
  here.switchTo = NO_TASK;
  const event = eventAt(assembly, 'task_switch', here);
  if (next !== undefined) {
    event.next = next;
    push(assembly, here, event);
    here.current = next;
    if (pointer !== 0) ids.learnTask(pointer, next);
    return;
  }
  here.events++;
  here.switchEntry = assembly.queue.hold(event, assembly.line.number);
  here.switchPointer = pointer;
  here.current = AWAITED;
}

/** Called with the task of every line: it must be the one that runs. */
export function confirmTask(assembly: Assembly, here: CpuState, pid: number): void {
  if (here.current === AWAITED) {
    const entry = here.switchEntry;
    if (entry?.event !== undefined) {
      entry.event.next = pid;
      assembly.queue.settle(entry);
      if (here.switchPointer !== 0) assembly.ids.learnTask(here.switchPointer, pid);
    }
    here.switchEntry = undefined;
  } else if (here.switchTo === pid) {
    // sched_switch announced it, and no thread_switch is printed.
    if (here.loaded !== undefined) missingPut(assembly, here, 'sched_out');
    pushSwitch(assembly, here, pid, false);
  } else if (here.current !== NO_TASK) {
    missedSwitch(assembly, here, pid);
  }
  here.current = pid;
  here.switchTo = NO_TASK;
}

function missedSwitch(assembly: Assembly, here: CpuState, pid: number): void {
  if (assembly.seen[WHAT.schedSwitch] === 1 || assembly.seen[WHAT.threadSwitch] === 1) {
    lose(assembly, here, 1, `a switch to task ${pid} is not in the trace`);
    return;
  }
  // kvm_userspace_exit is the next that a thread prints after the put of its ioctl: it has not.
  if (assembly.seen[WHAT.kvmUserspaceExit] === 1) decidePut(assembly, here, 'sched_out');
  else if (here.put !== undefined) {
    assembly.account.assume('a put of which nothing tells whether it was the scheduler: taken for that of an ioctl');
    decidePut(assembly, here, 'vcpu_put');
  }
  if (here.loaded !== undefined) missingPut(assembly, here, 'sched_out');
  pushSwitch(assembly, here, pid, true);
}

function pushSwitch(assembly: Assembly, here: CpuState, pid: number, inferred: boolean): void {
  const event = eventAt(assembly, 'task_switch', here);
  event.next = pid;
  if (inferred) event.inferred = true;
  push(assembly, here, event);
}
