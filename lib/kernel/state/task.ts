/** A host task, as kernel/fpsimd.c sees it. */

import { AUTH_UNKNOWN, type Entity, IN_MEMORY, TASK, type Tristate, UNKNOWN } from './entity.ts';

/** NR_CPUS in `thread.fpsimd_cpu`: bound to no CPU. */
export const NO_CPU = -1;
export const CPU_UNKNOWN = -2;

export interface Task extends Entity {
  tif_foreign_fpstate: Tristate;
  tif_sve: Tristate;
  tif_sme: Tristate;
  /** thread.fp_type is FP_STATE_SVE: its memory copy is that of SVE, and is loaded as such. */
  fp_type_sve: boolean;
  /** Inside do_sve_acc() or do_sme_acc(), before their effect. */
  inAcc: boolean;
  /** Its live SVE registers are described as FPSIMD: what is above 128 bits is lost at the next save. */
  sveMisdescribed: boolean;
  /** SVCR in memory: streaming mode and ZA of its user state. */
  svcr_sm: number;
  svcr_za: number;
  /** It may be set although the trace has not told of it. */
  svcrOpen: boolean;
  /** TIF_KERNEL_FPSTATE: inside a preemptible kernel-mode NEON region. */
  tif_kernel_fpstate: boolean;
  /** That a region ended was deduced, at its beginning: it may run on, until the task returns to user mode. */
  regionMayRun: boolean;
  /** In a trace that shows less: it may be inside of a region whose begin is not shown. */
  mayBeInNeon: boolean;
  /** thread.fpsimd_cpu: NO_CPU, CPU_UNKNOWN or a CPU. */
  fpsimd_cpu: number;
  /** CPU on which it is current; NO_CPU where on none. */
  cpu: number;
  /** Its kernel-mode NEON state, as an entity. */
  kernelNeon: Entity | undefined;
  /** It has been current on some CPU since the trace began. */
  seen: boolean;
  /** Losses of events that this task's state takes account of. */
  epoch: number;
}

/**
 * Written out, as a vCPU is: of objects made by spreading another each ends up with a hidden class of its own, and a
 * replay takes 1.3 times as long.
 */
export function createTask(id: number): Task {
  return {
    kind: TASK,
    id,
    vm: -1,
    generation: 0,
    memory: 0,
    auth: AUTH_UNKNOWN,
    fpmr: 0,
    fpmrMemory: 0,
    zaGeneration: 0,
    zaMemory: 0,
    zaAuth: IN_MEMORY, // until SVCR.ZA is set there is none
    zaOn: false,
    condemned: false,
    tif_foreign_fpstate: UNKNOWN,
    tif_sve: UNKNOWN,
    tif_sme: UNKNOWN,
    fp_type_sve: false,
    inAcc: false,
    sveMisdescribed: false,
    svcr_sm: 0,
    svcr_za: 0,
    svcrOpen: false,
    tif_kernel_fpstate: false,
    regionMayRun: false,
    mayBeInNeon: false,
    fpsimd_cpu: CPU_UNKNOWN,
    cpu: NO_CPU,
    kernelNeon: undefined,
    seen: false,
    epoch: 0,
  };
}
