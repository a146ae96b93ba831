/** copy_thread(): arch/arm64/kernel/process.c. */

import { IN_MEMORY, nobody } from '../state/entity.ts';
import type { Machine } from '../state/machine.ts';
import { createTask, NO_CPU, type Task } from '../state/task.ts';

/**
 * A new task, bound to no CPU, perhaps in the memory of one that is gone: fpsimd_last_state of the CPU that the old one ran on
 * last may still point there, and means the new one now.
 */
export function copy_thread(machine: Machine, pid: number, reuses: number): void {
  const { tasks, cpus } = machine;
  const known = tasks.get(pid);
  const old = reuses === pid ? known : tasks.get(reuses);
  // It ran before the trace could say that it is new.
  const isThere = known !== undefined && known !== old && known.cpu !== NO_CPU;
  const task = isThere ? known : newTask(machine, pid);
  if (old === undefined) return;
  if (old !== known) tasks.delete(old.id);
  for (const cpu of cpus) {
    if (cpu?.last === old) cpu.last = task;
    // What the registers hold of the old one, nobody will ask for.
    if (cpu?.holder === old) cpu.holder = nobody;
  }
}

function newTask(machine: Machine, pid: number): Task {
  const task = createTask(pid);
  task.auth = IN_MEMORY;
  task.fpsimd_cpu = NO_CPU;
  task.tif_sve = 0;
  task.epoch = machine.epoch;
  machine.tasks.set(pid, task);
  return task;
}
