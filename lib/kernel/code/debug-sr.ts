/**
 * The host's profiling and trace buffers (semantics 5.6.5, 6.4), which only the nVHE family must quiesce, and its
 * PMUSERENR_EL0 (5.16). hyp/nvhe/debug-sr.c, kvm_set_pmuserenr().
 */

import { STEP } from '../../costs/steps.ts';
import type { Cpu } from '../state/cpu.ts';
import type { Machine } from '../state/machine.ts';

/**
 * __debug_save_host_buffers_nvhe(): drains what is in use, and from v7.1 also disables the buffers. A unit that is idle is
 * asked where the machine is known to have it.
 */
export function saveHostBuffers(machine: Machine, cpu: Cpu): void {
  const { watch, features, profile } = machine;
  if (cpu.spe) watch.charge(STEP.spe_save, 0);
  else if (features.features.has('spe')) watch.charge(STEP.spe_idle, 0);
  // Of v6.14 to v6.16 it is not true, which have no driver of BRBE either (d7567e9b9ba5, v6.17).
  const switchesBrbe = profile.hostBuf !== 'vcpu';
  if (switchesBrbe && cpu.brbe) watch.charge(STEP.brbe_save, 0);
  else if (switchesBrbe && features.features.has('brbe')) watch.charge(STEP.brbe_idle, 0);
  if (cpu.trbe) watch.charge(STEP.trbe_save, 0);
  else if (features.features.has('trbe') && profile.hostBuf === 'vcpu') watch.charge(STEP.trbe_idle, 0);
  cpu.buffersWindow = cpu.window;
  cpu.speSaved = cpu.spe;
  cpu.trbeSaved = cpu.trbe;
  cpu.brbeSaved = switchesBrbe && cpu.brbe;
}

/** __debug_restore_host_buffers_nvhe(): only what was found in use. */
export function restoreHostBuffers({ watch }: Machine, cpu: Cpu): void {
  if (cpu.speSaved) watch.charge(STEP.spe_restore, 0);
  if (cpu.brbeSaved) watch.charge(STEP.brbe_restore, 0);
  if (cpu.trbeSaved) watch.charge(STEP.trbe_restore, 0);
}

/** Whether a buffer of the host stays enabled under the guest's translation regime: before 07695f7dc1e1 (v7.1). */
export function buffersLeftEnabled(machine: Machine, cpu: Cpu): boolean {
  return !machine.vhe && machine.profile.hostBuf !== 'disable' && (cpu.spe || cpu.trbe);
}

/** PMUSERENR_EL0 is read at activation and written back at deactivation. */
export function savePmuserenr(cpu: Cpu): void {
  cpu.pmuserenrSaved = cpu.pmuserenr;
  cpu.pmuserenrOnCpu = true;
}

export function restorePmuserenr(cpu: Cpu): void {
  cpu.pmuserenrOnCpu = false;
}

/**
 * The perf core sets PMUSERENR_EL0. On VHE, while a vCPU is loaded, kvm_set_pmuserenr() keeps the value for the put
 * (PMUSERENR_ON_CPU, v6.4); without it the put writes back what the load found.
 */
export function kvm_set_pmuserenr(machine: Machine, cpu: Cpu, value: bigint): void {
  cpu.pmuserenr = value;
  if (machine.vhe && cpu.pmuserenrOnCpu && machine.profile.pmuserenrFlag) cpu.pmuserenrSaved = value;
}
