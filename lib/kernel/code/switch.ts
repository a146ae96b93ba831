/** The world switch: __kvm_vcpu_run of both hypervisors, with ctxflush before it and ctxsync after it. */

import { DOUBT } from '../../costs/doubts.ts';
import { STEP } from '../../costs/steps.ts';
import { type Cpu, NOTHING_IMPLIED } from '../state/cpu.ts';
import { type Tristate, UNKNOWN } from '../state/entity.ts';
import { type Machine, ownerOfHyp } from '../state/machine.ts';
import { MOMENT } from '../state/moments.ts';
import { GUEST_OWNED, UNKNOWN_OWNER } from '../state/owner.ts';
import { DEBUG_HOST, type Vcpu } from '../state/vcpu.ts';
import { doubtFineGrained } from './conditional.ts';
import { __debug_switch_to_guest, __debug_switch_to_host, kvm_arm_clear_debug, kvm_arm_setup_debug } from './debug.ts';
import { restoreHostBuffers, restorePmuserenr, saveHostBuffers, savePmuserenr } from './debug-sr.ts';
import { endRestore } from './guest.ts';
import { fpsimd_sve_flush, fpsimd_sve_sync } from './hyp-main.ts';
import {
  fpsimd_lazy_switch_to_guest,
  fpsimd_lazy_switch_to_host,
  kvm_arch_vcpu_ctxflush_fp,
  kvm_arch_vcpu_ctxsync_fp,
} from './kvm-fpsimd.ts';

/** Whether FP and SVE accesses of the guest trap, from the owner: semantics 5.6.3. */
function activateTraps(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const owner = ownerOfHyp(machine, cpu, vcpu);
  const trap: Tristate = owner === GUEST_OWNED ? 0 : owner === UNKNOWN_OWNER ? UNKNOWN : 1;
  cpu.trapFp = trap;
  // nVHE up to v6.13 leaves TZ as the constant has it: open also for a vCPU without SVE that owns the registers.
  const leavesTz = machine.mode === 'nvhe' && machine.profile.cptrCompute !== 'scratch';
  cpu.trapSve = (vcpu.sve && !vcpu.cptrTrapsSve) || (leavesTz && !vcpu.sve) ? trap : 1;
  cpu.trapSme = vcpu.sme ? trap : 1;
  // A 32-bit guest that does not own the registers must trap to EL2, not to EL1.
  if (vcpu.aarch32 && owner !== GUEST_OWNED) machine.watch.charge(STEP.enter_fpexc, 0);
}

/** Saves the host's MDCR_EL2 where the profile keeps it, and writes the guest's. */
export function activateMdcr(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const good = !cpu.mdcrGuest;
  if (machine.profile.ownerLoc === 'vcpu') {
    vcpu.mdcr_el2_host = cpu.id;
    vcpu.mdcr_el2_hostWindow = good ? cpu.window : 0;
  } else {
    cpu.hyp.mdcr_el2Window = good ? cpu.window : 0;
  }
  cpu.mdcrGuest = true;
}

/** Writes back what was saved: the host's value of this CPU, or something else. */
export function deactivateMdcr(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const window =
    machine.profile.ownerLoc === 'hd'
      ? cpu.hyp.mdcr_el2Window
      : vcpu.mdcr_el2_host === cpu.id
        ? vcpu.mdcr_el2_hostWindow
        : 0;
  cpu.mdcrGuest = window !== cpu.window;
}

function noteEntry(cpu: Cpu): void {
  cpu.entryHolder = cpu.holder;
  cpu.entryGeneration = cpu.generation;
}

export function guestEnter(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const { watch, profile } = machine;
  cpu.justLoaded = false;
  if (profile.dbg === 'dirty') kvm_arm_setup_debug(machine, cpu, vcpu);
  kvm_arch_vcpu_ctxflush_fp(machine, cpu, vcpu);
  watch.charge(STEP.enter, 0);
  if (!machine.vhe) doubtFineGrained(machine);
  if (!machine.vhe || profile.runningVcpuVhe === 'run') {
    cpu.hyp.__hyp_running_vcpu = vcpu;
    cpu.hyp.runningUnknown = false;
  }
  if (!machine.vhe) activateMdcr(machine, cpu, vcpu);
  if (machine.pkvmEager) fpsimd_sve_flush(machine, cpu, vcpu);
  else noteEntry(cpu);
  if (!machine.vhe) {
    saveHostBuffers(machine, cpu);
    savePmuserenr(cpu);
    cpu.trapsWindow = cpu.window;
  }
  endRestore(vcpu);
  fpsimd_lazy_switch_to_guest(machine, cpu, vcpu);
  activateTraps(machine, cpu, vcpu);
  __debug_switch_to_guest(machine, cpu, vcpu);
  cpu.running = true;
  cpu.exitImplied = NOTHING_IMPLIED;
  cpu.smeTrapSeen = false;
  watch.moment(MOMENT.enter, cpu);
}

/**
 * The vector length that the host kernel sees after an exit. Where put_fp reads ZCR_EL1 back, nVHE leaves the guest's
 * value in it until then; everywhere else it is the guest's largest.
 */
function hostVq(machine: Machine, cpu: Cpu, vcpu: Vcpu): number {
  const guestValue = machine.profile.zcr === 'put' && !machine.vhe && ownerOfHyp(machine, cpu, vcpu) === GUEST_OWNED;
  return guestValue ? vcpu.zcr_el1Live : vcpu.vq;
}

/** nVHE and hVHE before the rework: SVE of a guest that owns it stays trapped until the host touches it, or ZCR_EL1. */
function leavesSveTrapped(machine: Machine, cpu: Cpu, vcpu: Vcpu): boolean {
  if (machine.vhe || machine.pkvmEager || !machine.profile.hostSveTz) return false;
  return vcpu.sve && ownerOfHyp(machine, cpu, vcpu) === GUEST_OWNED;
}

/** `ec`: ESR_EL2.EC was read, that is, the exit was no interrupt. */
export function guestExit(machine: Machine, cpu: Cpu, vcpu: Vcpu, ec: boolean): void {
  const { watch, profile } = machine;
  watch.charge(STEP.exit, 0);
  if (!machine.vhe) doubtFineGrained(machine);
  if (machine.ras) watch.charge(STEP.serror_check, 0);
  if (ec) watch.charge(STEP.exit_ec, 0);
  else if (machine.partial) {
    if (machine.ras) watch.uncertain(DOUBT.pending_irq, STEP.serror_check, 1, 0);
    watch.uncertain(DOUBT.pending_irq, STEP.pending_irq, 0, 1);
  }
  if (vcpu.aarch32 && ownerOfHyp(machine, cpu, vcpu) === GUEST_OWNED) watch.charge(STEP.exit_fpexc, 0);
  __debug_switch_to_host(machine, cpu, vcpu);
  cpu.hostVq = hostVq(machine, cpu, vcpu);
  fpsimd_lazy_switch_to_host(machine, cpu, vcpu);
  cpu.hostSveTraps = leavesSveTrapped(machine, cpu, vcpu);
  if (machine.vhe) {
    // Until the return to user mode rewrites it, host EL0 finds SVE disabled.
    cpu.zen_el0en = 0;
    cpu.e0poe = profile.e0poe === 'kept' ? 1 : 0;
  } else {
    restoreHostBuffers(machine, cpu);
    restorePmuserenr(cpu);
    deactivateMdcr(machine, cpu, vcpu);
    cpu.mpidrGood = cpu.hyp.mpidr_el1;
    cpu.hyp.__hyp_running_vcpu = undefined;
  }
  if (machine.pkvmEager) fpsimd_sve_sync(machine, cpu, vcpu);
  cpu.running = false;
  watch.moment(MOMENT.exit, cpu);
  if (cpu.debugSet !== DEBUG_HOST) cpu.debugSet = DEBUG_HOST;
  if (profile.dbg === 'dirty') kvm_arm_clear_debug(vcpu);
  kvm_arch_vcpu_ctxsync_fp(machine, cpu, vcpu);
}
