/** The first use of SVE or SME by a task of the host, arch/arm64/kernel/fpsimd.c. */

import type { Cpu } from '../state/cpu.ts';
import { AUTH_UNKNOWN, UNKNOWN } from '../state/entity.ts';
import type { Machine } from '../state/machine.ts';
import { use } from '../state/registers.ts';
import { CPU_UNKNOWN } from '../state/task.ts';
import { bindTask, fpsimd_flush_task_state } from './fpsimd.ts';
import { newInMemory } from './process.ts';

/** do_sve_acc() and do_sme_acc(), from get_cpu_fpsimd_context() on. */
export function accEffect(machine: Machine, cpu: Cpu, sme: boolean): void {
  const task = cpu.current;
  const foreign = task.tif_foreign_fpstate;
  if (sme) task.tif_sme = 1;
  else task.tif_sve = 1;
  if (foreign === 0) {
    // SVE: what is above 128 bits becomes zero, sve_flush_live(). SME: only the traps change.
    if (!sme) use(machine, cpu, task);
    if (!sme) cpu.zen_el0en = 1;
    bindTask(cpu, task);
    return;
  }
  const { accFlushes } = machine.profile;
  const flushes = accFlushes === 'all' || (accFlushes === 'sve' && !sme);
  if (foreign === UNKNOWN) {
    task.auth = AUTH_UNKNOWN;
    task.fpsimd_cpu = CPU_UNKNOWN;
    return;
  }
  // fpsimd_to_sve(): the copy in memory is from now on the newest.
  if (!sme) {
    newInMemory(task);
    task.fp_type_sve = machine.sve;
  }
  if (flushes) fpsimd_flush_task_state(task);
}
