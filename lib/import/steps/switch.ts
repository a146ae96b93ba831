/** Task switches: which task runs on a CPU. */

import { WHAT } from '../payload/event-names.ts';
import { HAS } from '../payload/kprobe-events.ts';
import { hasField } from '../records.ts';
import {
  type Assembly,
  comeBack,
  eventAt,
  lose,
  lossOf,
  pushTransfer,
  settleBeforeSwitch,
  settleExit,
} from '../state/assembly.ts';
import { AWAITED, type CpuState, NO_TASK } from '../state/cpu.ts';
import type { TraceEvent } from '../state/queue.ts';
import { interruptAcc } from './acc.ts';
import { switchNow } from './announced.ts';
import { decidePut, missingPut } from './load.ts';
import { newTask, tellNew } from './new-task.ts';
import { observeBefore } from './observe.ts';
import { mayHaveReturned, restoredBefore, resumeRestore } from './return.ts';
import { backInHost } from './run.ts';

/** sched_switch: the decision. The put of a loaded vCPU and then thread_switch follow, both still printed by the old task. */
export function announceSwitch(assembly: Assembly, here: CpuState, next: number): void {
  backInHost(assembly, here);
  settleExit(assembly, here);
  decidePut(assembly, here, 'vcpu_put');
  leaveOthers(assembly, here, next);
  here.switchTo = next;
  here.switched = false;
  // fpsimd_thread_switch, which comes next, may tell.
  if (!hasField(assembly.shown, WHAT.threadSwitch, HAS.last)) mayHaveReturned(assembly, here, assembly.line.pid);
  // The put of the preempt notifier comes next, where one is loaded (or loads are not shown) and puts are.
  if (assembly.tells.put && (here.loaded !== undefined || here.blind || !assembly.tells.load)) return;
  missingPut(assembly, here, 'sched_out');
  switchNow(assembly, here);
}

/** fpsimd_thread_switch. The new task is the one announced, the one whose task_struct it is, or the one the next line is of. */
export function switchTask(assembly: Assembly, here: CpuState, pid: number): void {
  const { ids, fields } = assembly;
  const pointer = (fields.has & HAS.next) === 0 ? 0 : fields.next;
  if (here.put !== undefined) {
    assembly.account.assume('a put just before a task switch, without sched_switch: taken for that of the scheduler');
    decidePut(assembly, here, 'sched_out');
  }
  // A task_struct can have gone to another task: who runs, the next line says.
  const next = here.switchTo === NO_TASK ? undefined : here.switchTo;
  restoredBefore(assembly, here, pid);
  if (here.loaded !== undefined) missingPut(assembly, here, 'sched_out');
  observeBefore(assembly, here, undefined, -1);
  here.switchTo = NO_TASK;
  interruptAcc(assembly, here, pid);
  const event = eventAt(assembly, 'task_switch', here);
  if (next !== undefined) {
    leaveOthers(assembly, here, next);
    comeBack(assembly, next);
    resumeRestore(assembly, next);
    if (pointer !== 0) tellNew(assembly, next, ids.learnTask(pointer, next));
    event.next = next;
    pushTransfer(assembly, here, event);
    tellForeign(assembly, here, pointer, next);
    here.current = next;
    return;
  }
  here.events++;
  here.lostEntry = assembly.queue.hold(undefined, assembly.line.number);
  here.newEntry = assembly.queue.hold(undefined, assembly.line.number);
  here.switchEntry = assembly.queue.hold(event, assembly.line.number);
  here.transfer = event;
  here.switchPointer = pointer;
  here.switchFrom = pid;
  here.leftUnseen = false;
  here.current = AWAITED;
}

/**
 * fpsimd_thread_switch() compares what is bound with the state of the task that comes. Where that is of nobody who has been seen, it is
 * not the task's, which has to be loaded.
 */
function tellForeign(assembly: Assembly, here: CpuState, struct: number, next: number): void {
  const { fields, ids, tasks } = assembly;
  if (struct === 0 || next === 0 || (fields.has & HAS.last) === 0 || fields.last === 0) return;
  const own = ids.stateIn(struct);
  const task = tasks.get(next);
  const mayBeInRegion = task !== undefined && (task.inRegion || task.neonEnded || task.neonDue !== undefined);
  if (own === 0 || own === fields.last || mayBeInRegion || ids.nameOf(fields.last) !== undefined) return;
  const event = eventAt(assembly, 'observe', here);
  event.tif_foreign = true;
  assembly.queue.push(event, assembly.line.number);
}

/** Called with the task of every line: it must be the one that runs. */
export function confirmTask(assembly: Assembly, here: CpuState, pid: number): void {
  if (here.current === AWAITED) {
    const { switchEntry, newEntry, switchPointer } = here;
    const reuses = switchPointer === 0 ? undefined : assembly.ids.learnTask(switchPointer, pid);
    if (newEntry !== undefined && reuses !== undefined) newEntry.event = newTask(assembly, pid, reuses);
    leaveOthers(assembly, here, pid);
    settleBeforeSwitch(assembly, here);
    if (switchEntry?.event !== undefined) {
      switchEntry.event.next = pid;
      assembly.queue.settle(switchEntry);
    }
    here.switchEntry = undefined;
  } else if (here.switchTo === pid) {
    if (!here.switched) missingPut(assembly, here, 'sched_out');
    switchNow(assembly, here);
  } else if (here.current !== NO_TASK) {
    missedSwitch(assembly, here, pid);
  }
  leaveOthers(assembly, here, pid);
  comeBack(assembly, pid);
  here.current = pid;
  here.switchTo = NO_TASK;
}

/**
 * A task that runs here has left the CPU it ran on. Where that is not in the trace, what came after it there is not either: perf
 * ends its recording on one CPU after the other.
 */
function leaveOthers(assembly: Assembly, here: CpuState, pid: number): void {
  // Every CPU has an idle task of that number.
  if (pid === 0 || !assembly.tells.taskSwitch) return;
  for (const other of assembly.cpus) {
    if (other === here) continue;
    // A switch that was announced there, and has been, though nothing was printed since.
    if (other.current === pid && other.switchTo !== NO_TASK && other.loaded === undefined) switchNow(assembly, other);
    if (other.switchEntry !== undefined && other.switchFrom === pid) other.leftUnseen = true;
    if (runningOn(other) !== pid) continue;
    const note = `a switch from task ${pid} is not in the trace: the task runs on CPU ${here.cpu}`;
    const { lostEntry, switchEntry } = here;
    if (lostEntry === undefined) lose(assembly, other, 1, note);
    else lostEntry.event = { ...lossOf(assembly, other, 1, note), ...timeOfEvent(switchEntry?.event) };
  }
}

const timeOfEvent = (event: TraceEvent | undefined): Pick<TraceEvent, 'ts'> =>
  event?.ts === undefined ? {} : { ts: event.ts };

/** The task that the last lines of a CPU leave running there: one that is being switched away runs nowhere else until that is done. */
const runningOn = ({ current, switchTo, switched }: CpuState): number =>
  switched && switchTo !== NO_TASK ? switchTo : current;

function missedSwitch(assembly: Assembly, here: CpuState, pid: number): void {
  const { shown } = assembly;
  if (assembly.tells.taskSwitch) {
    lose(assembly, here, 1, `a switch to task ${pid} is not in the trace`);
    return;
  }
  // kvm_userspace_exit is the next that a thread prints after the put of its ioctl: it has not.
  if (shown.kinds[WHAT.kvmUserspaceExit] === 1) decidePut(assembly, here, 'sched_out');
  else if (here.put !== undefined) {
    assembly.account.assume('a put of which nothing tells whether it was the scheduler: taken for that of an ioctl');
    decidePut(assembly, here, 'vcpu_put');
  }
  if (here.loaded !== undefined) missingPut(assembly, here, 'sched_out');
}
