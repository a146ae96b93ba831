/** Kernel-mode NEON regions: whose is open, and which are switched with their task. */

import { DOUBT } from '../../costs/doubts.ts';
import { STEP } from '../../costs/steps.ts';
import type { Cpu } from '../state/cpu.ts';
import { createKernelNeon, type Entity } from '../state/entity.ts';
import type { Machine } from '../state/machine.ts';
import type { Task } from '../state/task.ts';

/** Inside a kernel-mode NEON region that is switched with the task. */
export function hasKernelState(machine: Machine, task: Task): boolean {
  return machine.profile.neonPreemptible && task.tif_kernel_fpstate;
}

export function kernelNeonOf(task: Task): Entity {
  task.kernelNeon ??= createKernelNeon(task.id);
  return task.kernelNeon;
}

/** The state that the innermost region open on the CPU uses; undefined outside of any. */
export function openRegion(cpu: Cpu): Entity | undefined {
  if (cpu.neonInSoftirq) return cpu.softirqNeon;
  return cpu.current.tif_kernel_fpstate ? kernelNeonOf(cpu.current) : undefined;
}

/** fpsimd_save_kernel_state() and fpsimd_load_kernel_state(), where the task may be inside of a region whose end is not shown. */
export function doubtRegion({ watch }: Machine, task: Task, way: 'save' | 'load'): void {
  if (!task.regionMayRun) return;
  watch.uncertain(DOUBT.kernel_neon, way === 'save' ? STEP.fpsimd_save : STEP.fpsimd_load, 0, 1);
}
