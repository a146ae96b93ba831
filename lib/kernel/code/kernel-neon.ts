/** Kernel-mode NEON, arch/arm64/kernel/fpsimd.c. */

import { FPSIMD_BYTES, STEP } from '../../costs/steps.ts';
import { KIND } from '../../trace/vocabulary.ts';
import type { Cpu } from '../state/cpu.ts';
import { anybody, nobody } from '../state/entity.ts';
import type { Machine } from '../state/machine.ts';
import { MOMENT } from '../state/moments.ts';
import { forget, load, save, scrap, use } from '../state/registers.ts';
import { chargeFpsimdLoad } from './conditional.ts';
import { fpsimd_flush_cpu_state, fpsimd_save_user_state, keep } from './fpsimd.ts';
import { doubtRegion, hasKernelState, kernelNeonOf, openRegion } from './kernel-state.ts';

/** kernel_neon_begin(). `softirq`: in softirq context, else in that of the current task. */
export function kernel_neon_begin(machine: Machine, cpu: Cpu, softirq: boolean): void {
  machine.watch.moment(MOMENT.neon_begin, cpu);
  const current = cpu.current;
  if (hasKernelState(machine, current)) {
    machine.watch.charge(STEP.fpsimd_save, FPSIMD_BYTES);
    save(cpu, kernelNeonOf(current), false);
  } else {
    fpsimd_save_user_state(machine, cpu);
    if (softirq) doubtRegion(machine, current, 'save');
  }
  fpsimd_flush_cpu_state(machine, cpu);
  if (softirq) cpu.neonInSoftirq = true;
  else [current.tif_kernel_fpstate, current.mayBeInNeon] = [true, false];
  use(machine, cpu, softirq ? cpu.softirqNeon : kernelNeonOf(current));
}

/** kernel_neon_end(): it never restores user or guest state. */
export function kernel_neon_end(machine: Machine, cpu: Cpu, softirq: boolean): void {
  machine.watch.moment(MOMENT.neon_end, cpu);
  const region = openRegion(cpu);
  const current = cpu.current;
  if (region === undefined) {
    const isHidden = machine.hidden[KIND.neon_begin] === 1;
    if (current.mayBeInNeon && (!softirq || isHidden)) endUnseenRegion(cpu);
    return;
  }
  // What it computed is of no use to anybody.
  keep(region);
  if (softirq) {
    cpu.neonInSoftirq = false;
    doubtRegion(machine, current, 'load');
  } else {
    current.tif_kernel_fpstate = false;
    current.regionMayRun = machine.partial && machine.profile.neonPreemptible && machine.event.inferred === 1;
  }
  if (softirq && hasKernelState(machine, current)) {
    chargeFpsimdLoad(machine);
    load(machine, cpu, kernelNeonOf(current));
  } else {
    scrap(machine, cpu);
    // They are its own again, if that began before the trace did.
    if (softirq && machine.profile.neonPreemptible && current.mayBeInNeon) cpu.holder = anybody;
  }
}

/** A region of the current task that began before the trace showed the task: nobody was bound since. */
function endUnseenRegion(cpu: Cpu): void {
  const { current } = cpu;
  current.mayBeInNeon = false;
  forget(cpu, nobody);
  cpu.last = nobody;
  cpu.lastSve = false;
  current.tif_foreign_fpstate = 1;
}
