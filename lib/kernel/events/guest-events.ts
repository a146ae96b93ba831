/** Events of the guest: entry, exit, and what it executes in between. */

import { ABSENT } from '../../trace/event.ts';
import { kvm_arch_vcpu_load, kvm_arch_vcpu_put } from '../code/arm.ts';
import { debugRegisterTrapped } from '../code/debug.ts';
import { kvm_hyp_handle_fpsimd } from '../code/kvm-fpsimd.ts';
import { flipSvcr, flipUntrapped, useSme } from '../code/sme.ts';
import { guestEnter, guestExit } from '../code/switch.ts';
import { hides, leaveUnheard } from '../hidden/supply.ts';
import { loseFp } from '../hidden/unknown.ts';
import { type Cpu, NOTHING_IMPLIED } from '../state/cpu.ts';
import { type Tristate, UNKNOWN, UNNAMED } from '../state/entity.ts';
import { EC_FP_ASIMD, EC_SME, EC_SVE } from '../state/exception.ts';
import { type Machine, vcpuOf } from '../state/machine.ts';
import { MOMENT } from '../state/moments.ts';
import { FREE, UNKNOWN_OWNER } from '../state/owner.ts';
import { forfeit, use, wouldLose } from '../state/registers.ts';
import type { Vcpu } from '../state/vcpu.ts';
import { bracket, cpuOfEvent, eventName, type Handlers, leaveGuest, loadedVcpu, runningVcpu } from './brackets.ts';

function trap(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  kvm_hyp_handle_fpsimd(machine, cpu, vcpu);
  use(machine, cpu, vcpu);
}

/** The guest executes FP with no trap. On registers that are not its own that is a violation of the entry, told there. */
function useUntrapped(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  if (wouldLose(cpu, vcpu)) forfeit(cpu);
  use(machine, cpu, vcpu);
}

/**
 * An instruction that the vCPU lacks: the host injects the exception. Of SVE in a protected VM EL2 does it itself
 * (kvm_handle_pvm_restricted), and the guest goes on.
 */
function undefinedToGuest(machine: Machine, cpu: Cpu, vcpu: Vcpu, sve: boolean): void {
  if (!(sve && vcpu.protected && machine.mode === 'pkvm')) leaveGuest(machine, cpu, true);
}

/** A vCPU of which the trace does not tell what it has traps for SVE, and not for lack of it. */
function learnSve(machine: Machine, vcpu: Vcpu): void {
  vcpu.declared = true;
  if (!machine.sve || (machine.mode === 'pkvm' && vcpu.protected)) return;
  machine.watch.assumed('a vCPU that is not declared has SVE: it trapped for it');
  vcpu.sve = true;
  vcpu.vq = machine.features.sveVl / 16;
}

/** What an instruction set needs of the vCPU, and whether its accesses trap. */
const FPSIMD = 0;
const SVE = 1;
const SME = 2;
const has = (vcpu: Vcpu, isa: number): boolean => isa === FPSIMD || (isa === SVE ? vcpu.sve : vcpu.sme);
const trapOf = (cpu: Cpu, isa: number): Tristate =>
  isa === FPSIMD ? cpu.trapFp : isa === SVE ? cpu.trapSve : cpu.trapSme;

/** A trace that shows less need not have told what the vCPU was created with. */
function mayHave(machine: Machine, vcpu: Vcpu, isa: number): boolean {
  if (vcpu.declared || isa === FPSIMD || !(machine.partial || machine.epoch > 0)) return false;
  return isa === SVE ? machine.sve : machine.sme && machine.profile.guestSme;
}

/** The vCPU has what it accessed, and goes on with the registers as its own, or has not, and the host injects the exception. */
function accessOpenly(machine: Machine, cpu: Cpu): void {
  machine.watch.unfollowed(`${eventName(machine)}: whether its vCPU has what it accesses is unknown`);
  loseFp(cpu);
  leaveUnheard(machine, cpu);
  cpu.exitImplied = machine.event.kind;
  cpu.exitImpliedLine = machine.event.line;
}

/** The access was handled before its vCPU was loaded again, or after: it is the guest's, or nobody's. */
function mayOwnDebug(vcpu: Vcpu): void {
  if (vcpu.debug_owner === FREE) vcpu.debug_owner = UNKNOWN_OWNER;
  vcpu.tda = UNKNOWN;
}

export const GUEST_EVENTS: Handlers = {
  guest_enter(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const vcpu = loadedVcpu(machine, cpu);
    if (vcpu === undefined) return;
    if (cpu.running) {
      if (hides(machine, 'guest_exit')) machine.watch.implied(cpu, 'guest_exit');
      else bracket(machine, cpu, 'guest_enter while the guest runs');
      guestExit(machine, cpu, vcpu, false);
    }
    guestEnter(machine, cpu, vcpu);
  },

  guest_exit(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const unseen = cpu.loadedUnknown || hides(machine, 'guest_enter');
    const vcpu = loadedVcpu(machine, cpu);
    if (vcpu === undefined) return;
    if (!cpu.running && cpu.exitImplied === NOTHING_IMPLIED && unseen) {
      machine.watch.implied(cpu, 'guest_enter');
      guestEnter(machine, cpu, vcpu);
    }
    if (cpu.running) guestExit(machine, cpu, vcpu, event.ec !== ABSENT);
    else if (cpu.exitImplied === NOTHING_IMPLIED) bracket(machine, cpu, 'guest_exit while the guest does not run');
    else {
      machine.watch.moment(MOMENT.late_exit, cpu);
      cpu.exitImplied = NOTHING_IMPLIED;
    }
  },

  guest_fp(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const vcpu = runningVcpu(machine, cpu);
    if (vcpu === undefined) return;
    const isa = Math.max(event.isa, 0);
    if (mayHave(machine, vcpu, isa)) return accessOpenly(machine, cpu);
    // What the vCPU lacks is undefined to it: it traps, and the host injects the exception. But nVHE up to v6.13 leaves
    // SVE open for a vCPU without it that owns the registers.
    const traps = trapOf(cpu, isa);
    if (!has(vcpu, isa) && traps !== 0) return undefinedToGuest(machine, cpu, vcpu, isa === SVE);
    if (traps === UNKNOWN) machine.watch.unfollowed('guest_fp: whether it traps is unknown, and taken to');
    if (traps !== 0) trap(machine, cpu, vcpu);
    else useUntrapped(machine, cpu, vcpu);
    if (isa === SME) useSme(machine, cpu, vcpu);
  },

  guest_fp_trap(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const vcpu = runningVcpu(machine, cpu);
    if (vcpu === undefined) return;
    const ec = event.ec === ABSENT ? EC_FP_ASIMD : event.ec;
    if (ec === EC_SME && mayHave(machine, vcpu, SME)) return accessOpenly(machine, cpu);
    if (ec === EC_SVE && !vcpu.declared) learnSve(machine, vcpu);
    const handled = ec === EC_FP_ASIMD || (ec === EC_SVE && vcpu.sve) || (ec === EC_SME && vcpu.sme);
    if (handled) trap(machine, cpu, vcpu);
    else undefinedToGuest(machine, cpu, vcpu, ec === EC_SVE);
    if (handled && ec === EC_SME) useSme(machine, cpu, vcpu);
    cpu.smeTrapSeen = ec === EC_SME;
  },

  guest_zcr(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const vcpu = runningVcpu(machine, cpu);
    if (vcpu === undefined) return;
    if (mayHave(machine, vcpu, SVE)) return accessOpenly(machine, cpu);
    if (!vcpu.sve) return undefinedToGuest(machine, cpu, vcpu, true);
    if (cpu.trapSve !== 0) trap(machine, cpu, vcpu);
    vcpu.zcr_el1Live = Number((event.value as bigint) & 0xfn) + 1;
  },

  debug_dirty(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const vcpu = loadedVcpu(machine, cpu);
    if (vcpu === undefined) return;
    leaveGuest(machine, cpu, true);
    if (event.maybe === 1) return mayOwnDebug(vcpu);
    debugRegisterTrapped(machine, cpu, vcpu);
  },

  guest_mdscr(machine, event) {
    machine.tellsMdscr = true;
    const cpu = cpuOfEvent(machine, event);
    const vcpu = runningVcpu(machine, cpu);
    if (vcpu === undefined) return;
    // MDSCR_EL1 is among the registers that TDA traps: then the handler writes it, after the exit.
    const traps = vcpu.tda !== 0;
    if (traps) leaveGuest(machine, cpu, true);
    if (event.mde !== ABSENT) vcpu.mdscr_mde = event.mde;
    if (event.kde !== ABSENT) vcpu.mdscr_kde = event.kde;
    if (traps) debugRegisterTrapped(machine, cpu, vcpu);
  },

  guest_oslock(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    // An event that names the vCPU is of the handler, after the exit.
    const isNamed = event.vcpu !== ABSENT;
    const vcpu = isNamed ? vcpuOf(machine, event.vm, event.vcpu, cpu.lastLoaded) : runningVcpu(machine, cpu);
    if (vcpu === undefined) return;
    leaveGuest(machine, cpu, true); // TDOSA is always set
    vcpu.oslock = event.locked === ABSENT ? UNKNOWN : event.locked;
    if (machine.profile.dbg === 'dirty' || (isNamed && cpu.loaded !== vcpu)) return;
    // kvm_debug_handle_oslar(): who owns the debug registers is worked out again.
    kvm_arch_vcpu_put(machine, cpu, vcpu);
    kvm_arch_vcpu_load(machine, cpu, vcpu);
  },

  guest_svcr(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const trapped = event.ec === EC_SME || cpu.smeTrapSeen;
    cpu.smeTrapSeen = false;
    const vcpu = runningVcpu(machine, cpu);
    if (vcpu === undefined) return;
    if (vcpu.id === UNNAMED) {
      machine.watch.unfollowed('guest_svcr: whether its vCPU has SME is unknown');
      return;
    }
    if (mayHave(machine, vcpu, SME)) return accessOpenly(machine, cpu);
    if (vcpu.sme) {
      if (cpu.trapSme !== 0) trap(machine, cpu, vcpu);
      flipSvcr(machine, cpu, vcpu, event.sm, event.za);
    } else if (trapped) leaveGuest(machine, cpu, true);
    else flipUntrapped(machine, cpu, event.sm, event.za);
  },
};
