/** KVM's part of the FP switch: arch/arm64/kvm/fpsimd.c and the FP trap of hyp/include/hyp/switch.h. */

import { FPSIMD_BYTES, STEP } from '../../costs/steps.ts';
import { KIND } from '../../trace/vocabulary.ts';
import { loseBinding } from '../hidden/unknown.ts';
import type { Cpu } from '../state/cpu.ts';
import { ANYBODY } from '../state/entity.ts';
import { amendOwner, type Machine, ownerOfHyp, ownerOfKernel, writeOwner } from '../state/machine.ts';
import { MOMENT } from '../state/moments.ts';
import { FREE, GUEST_OWNED, HOST_OWNED, UNKNOWN_OWNER } from '../state/owner.ts';
import { forfeit, load, save, wouldLose } from '../state/registers.ts';
import type { Task } from '../state/task.ts';
import type { Vcpu } from '../state/vcpu.ts';
import { dropZa, loadZa } from '../state/za.ts';
import { noteVectorLength } from './conditional.ts';
import { bindVcpu, fpsimd_save_and_flush_cpu_state, hostUsesSve } from './fpsimd.ts';
import { saveHostAtEl2 } from './hyp-main.ts';
import { chargeGuestLoad, convertToGuest, sme_lazy_switch_to_guest, sme_lazy_switch_to_host, smstop } from './sme.ts';

/** Inside a nested transition of a kernel that keeps the FP state where it is (v7.1). */
function skipsNested(machine: Machine, cpu: Cpu, vcpu: Vcpu): boolean {
  if (!vcpu.inNested || !machine.profile.nestedSkip) return false;
  machine.watch.moment(MOMENT.nested_fp, cpu);
  cpu.hyp.fp_ownerWindow = cpu.window;
  cpu.kernel.fp_ownerWindow = cpu.window;
  return true;
}

/** kvm_arch_vcpu_load_fp(). */
export function kvm_arch_vcpu_load_fp(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  if (skipsNested(machine, cpu, vcpu)) return;
  machine.watch.moment(MOMENT.load_fp, cpu);
  if (machine.profile.hostSave === 'eager') {
    fpsimd_save_and_flush_cpu_state(machine, cpu, machine.event.kind === KIND.vcpu_load);
    writeOwner(machine, cpu, vcpu, cpu.kernel, FREE, 'load');
    machine.watch.charge(STEP.load_fp, 0);
    return;
  }
  const current = cpu.current;
  // fpsimd_kvm_prepare(): the memory copy becomes FPSIMD. Nothing here looks at TIF_FOREIGN_FPSTATE.
  if (machine.profile.tifSveAtLoad === 'prepare') {
    if (current.tif_sve === 1 && current.tif_foreign_fpstate === 0) current.sveMisdescribed = true;
    current.tif_sve = 0;
    current.fp_type_sve = false;
  }
  const streaming = machine.sme && (cpu.svcr_sm === 1 || cpu.svcr_za === 1);
  if (streaming) fpsimd_save_and_flush_cpu_state(machine, cpu);
  writeOwner(machine, cpu, vcpu, cpu.kernel, streaming ? FREE : HOST_OWNED, 'load');
  cpu.kernel.fpsimd_state = current;
  machine.watch.charge(STEP.load_fp, 0);
  cpu.host_sve_enabled = cpu.zen_el0en;
}

/**
 * SVCR turns out to have had SM or ZA set at the load: load_fp then saved and flushed, and left the owner FREE. A trace
 * without host_svcr events does not tell until a value read afterwards does.
 */
export function revealSvcr(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  fpsimd_save_and_flush_cpu_state(machine, cpu);
  amendOwner(machine, cpu, vcpu, cpu.kernel, FREE);
}

/** kvm_arch_vcpu_ctxflush_fp(): something used the registers since the last load or ctxsync. */
export function kvm_arch_vcpu_ctxflush_fp(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const foreign = cpu.current.tif_foreign_fpstate;
  if (foreign === 0) return;
  if (foreign === 1) writeOwner(machine, cpu, vcpu, cpu.kernel, FREE, 'ctxflush');
  else if (ownerOfKernel(machine, cpu, vcpu) !== FREE) {
    writeOwner(machine, cpu, vcpu, cpu.kernel, UNKNOWN_OWNER, 'ctxflush');
  }
}

/** kvm_arch_vcpu_ctxsync_fp(): a guest that owns the registers is bound to the CPU like a task. */
export function kvm_arch_vcpu_ctxsync_fp(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const owner = ownerOfKernel(machine, cpu, vcpu);
  if (owner === GUEST_OWNED) {
    bindVcpu(machine, cpu, vcpu);
    // A1 shows the guest's use of SVE to the host's core as TIF_SVE.
    if (machine.profile.tifSveAtLoad === 'BUG') cpu.current.tif_sve = vcpu.sve ? 1 : 0;
  } else if (owner === UNKNOWN_OWNER) loseBinding(cpu);
  else if (machine.profile.guestSme && machine.sme) smstop(machine, cpu);
  machine.watch.moment(MOMENT.ctxsync, cpu);
}

/** kvm_arch_vcpu_put_fp(). */
export function kvm_arch_vcpu_put_fp(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  if (skipsNested(machine, cpu, vcpu)) return;
  const { profile } = machine;
  const owner = ownerOfKernel(machine, cpu, vcpu);
  machine.watch.charge(STEP.put_fp, 0);
  if (owner === GUEST_OWNED) {
    if (vcpu.sve && profile.zcr === 'put') {
      hostUsesSve(machine, cpu);
      machine.watch.charge(STEP.put_fp_guest, 0);
      vcpu.zcr_el1 = vcpu.zcr_el1Live;
      cpu.hostVq = vcpu.vq;
    }
    fpsimd_save_and_flush_cpu_state(machine, cpu);
  } else if (owner === UNKNOWN_OWNER) {
    loseBinding(cpu);
  } else if (profile.zcr === 'put' && machine.vhe && machine.sve) {
    machine.watch.charge(STEP.put_fp_host, 0);
    cpu.zen_el0en = cpu.host_sve_enabled;
  }
  // A1 clears TIF_SVE whoever owns the registers.
  if (profile.tifSveAtLoad === 'BUG') cpu.current.tif_sve = 0;
  machine.watch.moment(MOMENT.put_fp, cpu);
}

/** Where a host save goes: `host_fpsimd_state` of the vCPU, or `fpsimd_state` of the hyp's host data. */
export function hostSaveDestination(machine: Machine, cpu: Cpu, vcpu: Vcpu): Task | undefined {
  return machine.profile.ownerLoc === 'vcpu' ? (vcpu.mapped ?? cpu.current) : cpu.hyp.fpsimd_state;
}

/**
 * fp_owner that a trap finds. Where kernel code writes another instance than hyp code reads, the hyp's is never HOST; and
 * it was not GUEST, or there would have been no trap.
 */
function ownerAtTrap(machine: Machine, cpu: Cpu, vcpu: Vcpu): number {
  const owner = ownerOfHyp(machine, cpu, vcpu);
  const apart = machine.profile.ownerLoc === 'hd' && cpu.kernel !== cpu.hyp && !machine.pkvmEager;
  return owner === UNKNOWN_OWNER && apart ? FREE : owner;
}

/** kvm_hyp_handle_fpsimd(): saves the host where it owns the registers, loads the guest. No exit to the host. */
export function kvm_hyp_handle_fpsimd(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const { watch, profile } = machine;
  const owner = ownerAtTrap(machine, cpu, vcpu);
  watch.moment(MOMENT.fp_trap, cpu);
  watch.charge(STEP.fp_trap, 0);
  if (machine.pkvmEager) {
    if (owner === HOST_OWNED) saveHostAtEl2(machine, cpu, vcpu);
  } else if (profile.hostSave === 'lazy') saveHost(machine, cpu, vcpu, owner);
  watch.moment(MOMENT.guest_restore, cpu);
  if (wouldLose(cpu, vcpu)) forfeit(cpu);
  // A trap of an owner would load its old memory copy over its registers; the rules have said so.
  if (vcpu.auth === cpu.id) vcpu.memory = vcpu.generation;
  loadGuest(machine, cpu, vcpu);
  writeOwner(machine, cpu, vcpu, cpu.hyp, GUEST_OWNED, 'fp_trap');
  cpu.trapFp = 0;
  if (vcpu.sve) cpu.trapSve = 0;
  if (vcpu.sme) cpu.trapSme = 0;
}

/** Lazy host save: semantics 5.7, step 5. FPMR goes with it only if the guest has it, a defect of v6.12. */
function saveHost(machine: Machine, cpu: Cpu, vcpu: Vcpu, owner: number): void {
  if (owner === HOST_OWNED) {
    const destination = hostSaveDestination(machine, cpu, vcpu) ?? cpu.current;
    machine.watch.moment(MOMENT.host_save, cpu, destination);
    machine.watch.charge(STEP.fpsimd_save, FPSIMD_BYTES);
    const withFpmr = machine.fpmr && vcpu.hasFpmr;
    if (withFpmr) machine.watch.charge(STEP.fpmr_save, 0);
    save(cpu, destination, withFpmr);
    destination.sveMisdescribed = false;
  } else if (owner === UNKNOWN_OWNER) {
    machine.watch.assumed('a host save in the FP trap is not counted: fp_owner is unknown');
    if (cpu.holder.kind !== ANYBODY && cpu.holder.auth === cpu.id) save(cpu, cpu.holder, true);
  }
}

function loadGuest(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const { watch } = machine;
  if (vcpu.sve) {
    watch.charge(STEP.fp_trap_sve, 0);
    noteVectorLength(machine, cpu, vcpu);
    vcpu.zcr_el1Live = vcpu.zcr_el1;
  }
  if (vcpu.sme) {
    convertToGuest(machine, vcpu);
    watch.moment(MOMENT.guest_load, cpu);
    watch.charge(STEP.sme_trap, 0);
    cpu.svcr_sm = vcpu.svcr_sm;
    cpu.svcr_za = vcpu.svcr_za;
    if (vcpu.svcr_za === 1) loadZa(machine, cpu, vcpu);
    else dropZa(machine, cpu);
  }
  chargeGuestLoad(machine, vcpu);
  if (machine.fpmr && vcpu.hasFpmr) watch.charge(STEP.fpmr_load, 0);
  if (vcpu.aarch32) watch.charge(STEP.fp_trap_aarch32, 0);
  load(machine, cpu, vcpu);
}

/** fpsimd_lazy_switch_to_guest(): the guest's ZCR_ELx, where it owns the registers. */
export function fpsimd_lazy_switch_to_guest(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  sme_lazy_switch_to_guest(machine, cpu, vcpu);
  if (machine.pkvmEager) return;
  if (machine.profile.zcr !== 'lazysw' || !vcpu.sve) return;
  if (ownerOfHyp(machine, cpu, vcpu) !== GUEST_OWNED) return;
  machine.watch.charge(STEP.lazy_to_guest, 0);
  vcpu.zcr_el1Live = vcpu.zcr_el1;
}

/** fpsimd_lazy_switch_to_host(): afterwards the vector length that the host sees is the guest's largest. */
export function fpsimd_lazy_switch_to_host(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  sme_lazy_switch_to_host(machine, cpu, vcpu);
  if (machine.pkvmEager) return;
  if (machine.profile.zcr !== 'lazysw' || !vcpu.sve) return;
  if (ownerOfHyp(machine, cpu, vcpu) !== GUEST_OWNED) return;
  machine.watch.charge(STEP.lazy_to_host, 0);
  if (machine.vhe && !machine.profile.isbBeforeFp) machine.watch.moment(MOMENT.fp_before_isb, cpu);
  vcpu.zcr_el1 = vcpu.zcr_el1Live;
}
