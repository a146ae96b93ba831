/**
 * Protected KVM with eager host restore (semantics 5.13): at EL2 fp_owner speaks about EL1 as a whole. Its registers are
 * saved to EL2's own memory at the guest's first FP trap, and put back at every exit: fpsimd_sve_flush() and
 * fpsimd_sve_sync() of hyp/nvhe/hyp-main.c.
 */

import { DOUBT } from '../../costs/doubts.ts';
import { FPSIMD_BYTES, STEP, svePayload } from '../../costs/steps.ts';
import type { Cpu } from '../state/cpu.ts';
import { AT_EL2, IN_MEMORY } from '../state/entity.ts';
import { type Machine, ownerOfHyp, writeOwner } from '../state/machine.ts';
import { MOMENT } from '../state/moments.ts';
import { FREE, GUEST_OWNED, HOST_OWNED } from '../state/owner.ts';
import { save } from '../state/registers.ts';
import type { Vcpu } from '../state/vcpu.ts';
import { chargeFpsimdLoad } from './conditional.ts';
import { chargeGuestSave, noteFormat, saveBoundZa, smstop } from './sme.ts';

/** Largest shared vector length of the host in units of 128 bits; 0 without SVE. */
const hostVq = (machine: Machine): number => machine.features.sveVl / 16;

/** `auth` of what EL2 keeps on this CPU: another CPU may do the same for an older copy of the same entity. */
const atEl2 = (cpu: Cpu): number => AT_EL2 - cpu.id;

/** Before each run: whatever EL1 has in the registers is the host's. */
export function fpsimd_sve_flush(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  cpu.entryHolder = cpu.holder;
  cpu.entryGeneration = cpu.generation;
  writeOwner(machine, cpu, vcpu, cpu.hyp, HOST_OWNED, 'flush');
  if (!vcpu.sme) return;
  // A guest with SME may have its state live without a trap: the host is saved at once.
  saveHostAtEl2(machine, cpu, vcpu);
  writeOwner(machine, cpu, vcpu, cpu.hyp, FREE, 'flush');
}

/** __hyp_sve_save_host(), or the FPSIMD registers: into EL2's memory. FPMR goes along only if the VM has it. */
export function saveHostAtEl2(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const { watch } = machine;
  if (machine.sve) {
    watch.charge(STEP.pkvm_host_save_sve, 0);
    watch.charge(STEP.sve_save, svePayload(hostVq(machine)));
    if (!vcpu.sve && !machine.profile.trapReactivate) watch.charge(STEP.fp_trap_sve_closed, 0);
  } else {
    watch.charge(STEP.fpsimd_save, FPSIMD_BYTES);
  }
  if (machine.fpmr && vcpu.hasFpmr) watch.charge(STEP.fpmr_save, 0);
  cpu.el2Holder = cpu.holder;
  cpu.el2Generation = cpu.generation;
  if (cpu.holder.auth === cpu.id) cpu.holder.auth = atEl2(cpu);
}

/** At every exit: the guest is saved, and the registers are again what they were before the run. */
export function fpsimd_sve_sync(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const { watch } = machine;
  if (ownerOfHyp(machine, cpu, vcpu) !== GUEST_OWNED) {
    if (machine.partial) mayHaveTrapped(machine, vcpu);
    if (vcpu.sme) leaveUnused(machine, cpu);
    return;
  }
  watch.charge(STEP.pkvm_sync, 0);
  if (vcpu.sve) watch.charge(STEP.pkvm_sync_sve, 0);
  chargeGuestSave(machine, vcpu);
  if (machine.fpmr && vcpu.hasFpmr) watch.charge(STEP.fpmr_save, 0);
  save(cpu, vcpu, true);
  saveBoundZa(cpu, vcpu);
  noteFormat(vcpu);
  vcpu.zcr_el1 = vcpu.zcr_el1Live;
  if (vcpu.sme) smstop(machine, cpu);
  if (machine.sve) {
    watch.charge(STEP.pkvm_host_restore_sve, 0);
    watch.charge(STEP.sve_load, svePayload(hostVq(machine)));
  } else {
    chargeFpsimdLoad(machine);
  }
  if (machine.fpmr && vcpu.hasFpmr) watch.charge(STEP.fpmr_load, 0);
  cpu.holder = cpu.el2Holder;
  cpu.generation = cpu.el2Generation;
  if (cpu.holder.auth === atEl2(cpu)) cpu.holder.auth = cpu.id;
  writeOwner(machine, cpu, vcpu, cpu.hyp, HOST_OWNED, 'sync');
}

/** A run without a trap that the trace tells of: EL2 has handled none, or one, and what follows from it. */
function mayHaveTrapped({ watch, sve, profile }: Machine, vcpu: Vcpu): void {
  const may = (...steps: readonly number[]): void => {
    for (const step of steps) watch.uncertain(DOUBT.el2_traps, step, 0, 1);
  };
  may(STEP.fp_trap, STEP.pkvm_sync);
  // Its own, and the host's around them.
  if (vcpu.sve || !vcpu.declared) may(STEP.fp_trap_sve, STEP.pkvm_sync_sve, STEP.sve_save, STEP.sve_load);
  if (!vcpu.sve) may(STEP.fpsimd_save, STEP.fpsimd_load);
  if (sve) may(STEP.pkvm_host_save_sve, STEP.pkvm_host_restore_sve, STEP.sve_save, STEP.sve_load);
  else may(STEP.fpsimd_save, STEP.fpsimd_load);
  if (sve && !vcpu.sve && !profile.trapReactivate) may(STEP.fp_trap_sve_closed);
}

/**
 * A guest with SME that used nothing: __hyp_sme_restore_host() stops SME and restores no more, fp_owner stays FREE. The
 * guest's SVCR.SM may have zeroed the registers: no loss, and what EL1 may find, where the load has saved the host.
 */
function leaveUnused(machine: Machine, cpu: Cpu): void {
  smstop(machine, cpu);
  const host = cpu.el2Holder;
  if (cpu.holder === host) {
    if (host.auth === atEl2(cpu)) host.auth = cpu.id;
  } else if (host.auth === atEl2(cpu)) {
    machine.watch.moment(MOMENT.lost, cpu, host);
    host.auth = IN_MEMORY;
    host.condemned = true;
  } else {
    cpu.entryHolder = cpu.holder;
    cpu.entryGeneration = cpu.generation;
  }
}
