/** What becomes of a task's FP state at fork, exec, signals and ptrace: arch/arm64/kernel/{process,signal,ptrace}.c. */

import type { Cpu } from '../state/cpu.ts';
import { IN_MEMORY, nobody } from '../state/entity.ts';
import type { Machine } from '../state/machine.ts';
import { MOMENT } from '../state/moments.ts';
import { load } from '../state/registers.ts';
import { createTask, NO_CPU, type Task } from '../state/task.ts';
import { loseZaInMemory, newZaInMemory } from '../state/za.ts';
import { bindTask, fpsimd_flush_task_state, fpsimd_save_user_state } from './fpsimd.ts';
import { loadTaskCost } from './fpsimd-cost.ts';
import { smstop } from './sme.ts';

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
    if (cpu?.zaHolder === old) cpu.zaHolder = nobody;
  }
}

function newTask(machine: Machine, pid: number): Task {
  const task = createTask(pid);
  task.auth = IN_MEMORY;
  task.fpsimd_cpu = NO_CPU;
  task.tif_sve = 0;
  task.tif_sme = 0;
  task.epoch = machine.epoch;
  machine.tasks.set(pid, task);
  return task;
}

/** fpsimd_flush_thread(): memory is cleared, the registers are left alone and never looked at again. Up to v6.15 FPMR stays. */
export function fpsimd_flush_thread(machine: Machine, cpu: Cpu): void {
  const task = cpu.current;
  newInMemory(task);
  newZaInMemory(task, 0);
  fpsimd_flush_task_state(task);
  task.sveMisdescribed = false;
  task.svcr_sm = 0;
  task.svcr_za = 0;
  task.fp_type_sve = false;
  task.tif_sve = 0;
  task.tif_sme = 0;
  if (machine.profile.execFpmr) task.fpmr += 1;
  task.fpmrMemory = task.fpmr;
  machine.watch.moment(MOMENT.exec, cpu);
}

/**
 * setup_return(): a signal handler begins without streaming mode and ZA. Since v6.16 that is done in memory. Before, SMSTOP is
 * executed as well, long after the state was saved: after a preemption on registers of somebody else.
 */
export function setup_return(machine: Machine, cpu: Cpu): void {
  if (!machine.sme) return;
  const task = cpu.current;
  const wasStreaming = task.svcr_sm === 1;
  task.svcr_sm = 0;
  task.svcr_za = 0;
  // The frame has it.
  newZaInMemory(task, 0);
  const isLive = task.tif_foreign_fpstate === 0 && cpu.holder === task;
  if (wasStreaming) newInMemory(task);
  if (machine.profile.saveCurrent === 'flush') return;
  // Whoever is bound is taken to have its registers here, and is not loaded anew.
  const { zaHolder } = cpu;
  if (zaHolder !== task && zaHolder === cpu.last && zaHolder.zaOn)
    machine.watch.moment(MOMENT.za_lost, cpu, zaHolder, 'setup_return');
  smstop(machine, cpu);
  // Its own registers are zero now, as its memory is.
  if (!isLive || !wasStreaming) return;
  cpu.holder = task;
  cpu.generation = task.generation;
}

/** restore_sigframe(): up to v6.15 the registers are loaded at once, since then at the return to user mode. */
export function restore_sigframe(machine: Machine, cpu: Cpu): void {
  const task = cpu.current;
  if (machine.profile.saveCurrent === 'flush') saveCurrent(machine, cpu, true);
  newInMemory(task);
  // What the frame has of it is not told: as SVCR in memory says.
  newZaInMemory(task, task.svcr_za);
  if (machine.profile.saveCurrent === 'preserve') loadCurrent(machine, cpu);
}

/** The task's memory has a new value, which is loaded anew: fpr_set(), sve_set() and their like, of a task that is stopped. */
export function ptraceSet(task: Task): void {
  newInMemory(task);
  fpsimd_flush_task_state(task);
}

/** ssve_set(), za_set() and zt_set(): the task gets TIF_SME, and storage by sme_alloc(). `cpu`: any, for the rules to look at. */
export function ptraceSetSme(machine: Machine, cpu: Cpu, task: Task, streaming: boolean): void {
  task.tif_sme = 1;
  if (streaming) {
    task.svcr_sm = 1;
    task.fp_type_sve = false;
    newInMemory(task);
    if (!machine.profile.ptraceKeepsZa && (task.zaOn || task.svcrOpen)) loseZaInMemory(machine, cpu, task);
  } else {
    task.svcr_za = 1;
    newZaInMemory(task, 1);
  }
  fpsimd_flush_task_state(task);
}

/** What of the current task is saved at fork and for a signal; since v6.16 it is also loaded anew. */
export function saveCurrent(machine: Machine, cpu: Cpu, inSystemCall: boolean): void {
  fpsimd_save_user_state(machine, cpu, inSystemCall);
  if (machine.profile.saveCurrent === 'flush') fpsimd_flush_task_state(cpu.current);
}

/** fpsimd_update_current_state() up to v6.15: memory has a new value, and it is loaded and bound at once. */
export function loadCurrent(machine: Machine, cpu: Cpu): void {
  const task = cpu.current;
  loadTaskCost(machine, cpu, task);
  load(machine, cpu, task);
  cpu.zen_el0en = task.tif_sve;
  cpu.host_sve_enabled = task.tif_sve;
  bindTask(cpu, task);
}

/** Something has written the task's state in memory. What the registers have of it is old. */
export function newInMemory(task: Task): void {
  task.generation += 1;
  task.memory = task.generation;
  task.auth = IN_MEMORY;
  task.condemned = false;
}
