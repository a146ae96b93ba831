/** The host's FP core, arch/arm64/kernel/fpsimd.c: who is bound to the CPU, and when it is saved and reloaded. */

import { DOUBT } from '../../costs/doubts.ts';
import { FPSIMD_BYTES, STEP } from '../../costs/steps.ts';
import type { Cpu } from '../state/cpu.ts';
import {
  ANYBODY,
  AUTH_UNKNOWN,
  type Entity,
  IN_MEMORY,
  NOBODY,
  nobody,
  TASK,
  type Tristate,
  UNKNOWN,
  VCPU,
} from '../state/entity.ts';
import type { Machine } from '../state/machine.ts';
import { MOMENT } from '../state/moments.ts';
import { dismiss, forget, load, save, scrap, use, valid } from '../state/registers.ts';
import { CPU_UNKNOWN, NO_CPU, type Task } from '../state/task.ts';
import type { Vcpu } from '../state/vcpu.ts';
import { keepZa, loseZa, presumeZa, useZa, zaValid } from '../state/za.ts';
import { chargeFpsimdLoad } from './conditional.ts';
import { doubtVectors, loadTaskCost, saveTaskCost } from './fpsimd-cost.ts';
import { doubtRegion, hasKernelState, kernelNeonOf } from './kernel-state.ts';
import { chargeGuestSave, noteFormat, saveBoundZa, smstop } from './sme.ts';

/** handle_trap() of nVHE: the host's first access to SVE or ZCR_EL1 since an exit that left SVE trapped. */
export function hostUsesSve(machine: Machine, cpu: Cpu): void {
  if (!cpu.hostSveTraps) return;
  machine.watch.charge(STEP.host_sve_trap, 0);
  cpu.hostSveTraps = false;
}

/**
 * fpsimd_save_user_state() (6.1: fpsimd_save()): stores the registers to whatever fpsimd_last_state names, a task or a
 * vCPU, unless TIF_FOREIGN_FPSTATE is set.
 */
export function fpsimd_save_user_state(machine: Machine, cpu: Cpu, inSystemCall = false): void {
  const current = cpu.current;
  if (current.tif_foreign_fpstate === 1) return;
  if (current.tif_foreign_fpstate === UNKNOWN) {
    machine.watch.assumed('a save by fpsimd_save_user_state is not counted: TIF_FOREIGN_FPSTATE is unknown');
    if (machine.partial) machine.watch.uncertain(DOUBT.unknown_past, STEP.user_save, 0, 1);
    doubtVectors(machine, 'save', 'nothing');
    // Either way what was in the registers only is in memory afterwards, or its loss was reported.
    if (current.auth === AUTH_UNKNOWN) keep(current);
    for (const entity of [current, cpu.holder]) if (entity.auth === cpu.id) keep(entity);
    for (const entity of [current, cpu.zaHolder]) if (entity.zaAuth === cpu.id) keepZa(entity);
    current.svcrOpen ||= cpu.svcrOpen;
    return;
  }
  const destination = cpu.last;
  machine.watch.moment(MOMENT.user_save, cpu, destination);
  machine.watch.charge(STEP.user_save, 0);
  if (destination.kind === VCPU) {
    if ((destination as Vcpu).sve) hostUsesSve(machine, cpu);
    chargeGuestSave(machine, destination as Vcpu);
    noteFormat(destination as Vcpu);
  } else if (destination.kind === TASK) saveTaskCost(machine, cpu, destination as Task, inSystemCall);
  else {
    machine.watch.charge(STEP.fpsimd_save, FPSIMD_BYTES);
    if (destination.kind === ANYBODY) doubtVectors(machine, 'save', 'fpsimd');
  }
  if (destination.kind === TASK || destination.kind === VCPU) save(cpu, destination, machine.fpmr);
  saveBoundZa(cpu, destination);
}

/** The newest value of the entity is in memory. */
export function keep(entity: Entity): void {
  entity.memory = entity.generation;
  entity.fpmrMemory = entity.fpmr;
  entity.auth = IN_MEMORY;
}

/** fpsimd_flush_cpu_state(): nobody is bound any more; with SME also SMSTOP. */
export function fpsimd_flush_cpu_state(machine: Machine, cpu: Cpu): void {
  smstop(machine, cpu);
  cpu.last = nobody;
  cpu.lastSve = false;
  cpu.current.tif_foreign_fpstate = 1;
}

export function fpsimd_save_and_flush_cpu_state(machine: Machine, cpu: Cpu, inSystemCall = false): void {
  fpsimd_save_user_state(machine, cpu, inSystemCall);
  fpsimd_flush_cpu_state(machine, cpu);
}

/** fpsimd_bind_state_to_cpu() for a vCPU; TIF_FOREIGN_FPSTATE is cleared with it. */
export function bindVcpu(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  machine.watch.charge(STEP.bind, 0);
  cpu.last = vcpu;
  cpu.lastSve = vcpu.sve;
  cpu.current.tif_foreign_fpstate = 0;
}

export function bindTask(cpu: Cpu, task: Task): void {
  cpu.smen_el0en = task.tif_sme;
  cpu.last = task;
  cpu.lastSve = false;
  task.fpsimd_cpu = cpu.id;
  task.tif_foreign_fpstate = 0;
}

/** TIF_FOREIGN_FPSTATE as fpsimd_thread_switch() works it out for the task that comes in. */
function foreignAtSwitch(cpu: Cpu, task: Task): Tristate {
  if (task.id === 0) return 1; // The idle task has no user state, and is never bound.
  if (cpu.last.kind !== ANYBODY && cpu.last !== task) return 1;
  if (task.fpsimd_cpu !== CPU_UNKNOWN && task.fpsimd_cpu !== cpu.id) return 1;
  return cpu.last.kind === ANYBODY || task.fpsimd_cpu === CPU_UNKNOWN ? UNKNOWN : 0;
}

/** Makes the task current; where it was current on another CPU, the trace has not told of its leaving it. */
export function setCurrent(cpu: Cpu, task: Task): void {
  if (cpu.current !== task && cpu.current.cpu === cpu.id) cpu.current.cpu = NO_CPU;
  if (cpu.current !== task && cpu.current === cpu.stranger) dismiss(cpu);
  cpu.current = task;
  task.cpu = cpu.id;
}

/** A task whose events were lost elsewhere may have been bound, and unbound, in between, and have begun and ended regions. */
function refreshTask(machine: Machine, task: Task): void {
  if ((task.epoch !== machine.epoch || machine.openLosses > 0) && task.cpu === NO_CPU) {
    task.fpsimd_cpu = CPU_UNKNOWN;
    task.auth = AUTH_UNKNOWN;
    loseZa(task);
    task.svcrOpen = true;
    task.mayBeInNeon = true;
    task.tif_kernel_fpstate = false;
    task.kernelNeon = undefined;
  }
  task.epoch = machine.epoch;
}

/** The part of fpsimd_thread_switch() that concerns the incoming task, without the outgoing one's save. */
export function switchIn(machine: Machine, cpu: Cpu, next: Task): void {
  refreshTask(machine, next);
  if (!hasKernelState(machine, next)) next.tif_foreign_fpstate = foreignAtSwitch(cpu, next);
}

export function fpsimd_thread_switch(machine: Machine, cpu: Cpu, next: Task): void {
  const prev = cpu.current;
  refreshTask(machine, next);
  machine.watch.moment(MOMENT.task_switch, cpu);
  if (hasKernelState(machine, prev)) {
    const neon = kernelNeonOf(prev);
    machine.watch.charge(STEP.fpsimd_save, FPSIMD_BYTES);
    save(cpu, neon, false);
    cpu.last = neon;
    cpu.lastSve = false;
  } else {
    fpsimd_save_user_state(machine, cpu);
    doubtRegion(machine, prev, 'save');
  }
  // Nobody is bound: what the registers may have of a region of prev's is in memory by now.
  if (prev.mayBeInNeon && cpu.last.kind === NOBODY && cpu.holder.kind === ANYBODY) forget(cpu, nobody);
  // current is still prev.
  if (hasKernelState(machine, next)) {
    const { neonFlushFirst } = machine.profile;
    if (neonFlushFirst) fpsimd_flush_cpu_state(machine, cpu);
    chargeFpsimdLoad(machine);
    load(machine, cpu, kernelNeonOf(next));
    // With SME that is SMSTOP: in streaming mode it zeroes what was loaded.
    if (!neonFlushFirst) fpsimd_flush_cpu_state(machine, cpu);
  } else if (next.regionMayRun) {
    machine.watch.uncertain(DOUBT.kernel_neon, STEP.smstop, 0, 1);
    doubtRegion(machine, next, 'load');
  }
  switchIn(machine, cpu, next);
  setCurrent(cpu, next);
}

/** fpsimd_restore_current_state(), at the return to user mode. `seen`: its cost has been counted. */
export function fpsimd_restore_current_state(machine: Machine, cpu: Cpu, seen = false): void {
  const task = cpu.current;
  task.regionMayRun = false;
  if (task.tif_foreign_fpstate === 1) {
    task.sveMisdescribed = false;
    loadTaskCost(machine, cpu, task);
    load(machine, cpu, task);
    cpu.zen_el0en = task.tif_sve;
    cpu.host_sve_enabled = task.tif_sve;
    bindTask(cpu, task);
    machine.watch.moment(MOMENT.user_restored, cpu);
  } else if (task.tif_foreign_fpstate === UNKNOWN) {
    if (!seen) {
      machine.watch.assumed('a restore by fpsimd_restore_current_state is not counted: TIF_FOREIGN_FPSTATE is unknown');
      doubtVectors(machine, 'load', 'nothing');
    }
    if (cpu.holder !== task) {
      task.auth = AUTH_UNKNOWN;
      load(machine, cpu, task);
    }
    if (cpu.zaHolder !== task) presumeZa(cpu, task);
    cpu.svcrOpen ||= task.svcrOpen;
    bindTask(cpu, task);
  }
  machine.watch.moment(MOMENT.return_to_user, cpu);
  task.mayBeInNeon = false;
  // The flag is clear for whom fpsimd_last_state names.
  if (cpu.last.kind === ANYBODY && task.tif_foreign_fpstate === 0) bindTask(cpu, task);
  resumeUser(machine, cpu, task);
}

/** After a wrong return the task goes on with what it finds: that is its value from now on. */
function resumeUser(machine: Machine, cpu: Cpu, task: Task): void {
  task.fpmr = task.fpmrMemory;
  if (machine.hidesSvcr) {
    cpu.svcrOpen = true;
    // It may compute on its ZA. That it switches it on or off, the next save tells.
    presumeZa(cpu, task);
  }
  if (valid(cpu, task) === 0) use(machine, cpu, task);
  if (zaValid(cpu, task) !== 0) return;
  if (cpu.svcr_za === 1) useZa(machine, cpu, task);
  else task.zaOn = false;
}

/** fpsimd_flush_task_state(): wherever the registers of the task are, they will be loaded anew. */
export function fpsimd_flush_task_state(task: Task): void {
  task.fpsimd_cpu = NO_CPU;
  task.tif_foreign_fpstate = 1;
}

/** fpsimd_cpu_pm_notifier(), CPU_PM_ENTER: saved and flushed; what the registers hold afterwards is UNKNOWN. */
export function fpsimd_cpu_pm_notifier(machine: Machine, cpu: Cpu): void {
  fpsimd_save_and_flush_cpu_state(machine, cpu);
  scrap(machine, cpu);
}
