/** Debug registers: arch/arm64/kvm/debug.c and hyp/include/hyp/debug-sr.h, in both generations. */

import { DOUBT } from '../../costs/doubts.ts';
import { STEP } from '../../costs/steps.ts';
import type { Cpu } from '../state/cpu.ts';
import { type Tristate, UNKNOWN } from '../state/entity.ts';
import type { Machine } from '../state/machine.ts';
import { MOMENT } from '../state/moments.ts';
import { FREE, GUEST_OWNED, HOST_OWNED, UNKNOWN_OWNER } from '../state/owner.ts';
import { DEBUG_EXTERNAL, DEBUG_GUEST, DEBUG_HOST, type Vcpu } from '../state/vcpu.ts';

/** KVM_SET_GUEST_DEBUG has enabled it. */
export function hasGuestDebug(vcpu: Vcpu): Tristate {
  return vcpu.guest_debug_singlestep ? 1 : vcpu.guest_debug_use_hw;
}

/** Either bit set makes the debug registers live in the guest. */
function debugEnabled(mde: Tristate, kde: Tristate): Tristate {
  if (mde === 1 || kde === 1) return 1;
  return mde === 0 && kde === 0 ? 0 : UNKNOWN;
}

/** kvm_arm_setup_debug() (<= 6.13): TDA is worked out before DEBUG_DIRTY can be set by the same call. */
export function kvm_arm_setup_debug(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  machine.watch.moment(MOMENT.setup_debug, cpu);
  const dirty = vcpu.debug_dirty;
  cpu.dirtyAtSetup = dirty;
  const use_hw = vcpu.guest_debug_use_hw;
  const { oslock } = vcpu;
  const isOpen = use_hw === UNKNOWN || dirty === UNKNOWN || oslock === UNKNOWN;
  const tda = use_hw === 1 || oslock === 1 || dirty === 0 ? 1 : isOpen ? UNKNOWN : 0;
  const tde = hasGuestDebug(vcpu) === 1;
  if (machine.vhe && (tda !== vcpu.mdcr_tda || tde !== vcpu.mdcr_tde)) machine.watch.charge(STEP.setup_mdcr, 0);
  vcpu.mdcr_tda = tda;
  vcpu.mdcr_tde = tde;
  vcpu.tda = tda;

  let mde = vcpu.mdscr_mde;
  if (tde || oslock === 1) vcpu.guest_debug_preserved = { mde, kde: vcpu.mdscr_kde };
  if (use_hw === 1) {
    mde = 1;
    vcpu.debug_ptr = DEBUG_EXTERNAL;
    vcpu.debug_dirty = 1;
  } else if (oslock === 1) mde = 0;
  else if (oslock === UNKNOWN && mde === 1) mde = UNKNOWN;
  const enabled = debugEnabled(mde, vcpu.mdscr_kde);
  if (enabled === 1) vcpu.debug_dirty = 1;
  else if ((enabled === UNKNOWN || use_hw === UNKNOWN) && vcpu.debug_dirty === 0) vcpu.debug_dirty = UNKNOWN;
}

/** kvm_arm_clear_debug() (<= 6.13), after the run. What the guest wrote to MDSCR_EL1 under guest debug, untrapped, goes. */
export function kvm_arm_clear_debug(vcpu: Vcpu): void {
  if (vcpu.guest_debug_preserved !== undefined) {
    vcpu.mdscr_mde = vcpu.guest_debug_preserved.mde;
    vcpu.mdscr_kde = vcpu.guest_debug_preserved.kde;
    vcpu.guest_debug_preserved = undefined;
  }
  if (vcpu.guest_debug_use_hw === 1) vcpu.debug_ptr = DEBUG_GUEST;
}

/** kvm_vcpu_load_debug() (>= 6.14): who owns the debug registers from this load on. */
export function kvm_vcpu_load_debug(vcpu: Vcpu): void {
  vcpu.ownerOpen = false;
  vcpu.openSwitches = 0;
  const debugged = hasGuestDebug(vcpu);
  const external = vcpu.oslock === 1 || debugged === 1 ? 1 : vcpu.oslock === UNKNOWN ? UNKNOWN : debugged;
  if (external !== 0) {
    vcpu.debug_owner = external === 1 ? HOST_OWNED : UNKNOWN_OWNER;
    return;
  }
  const enabled = debugEnabled(vcpu.mdscr_mde, vcpu.mdscr_kde);
  vcpu.debug_owner = enabled === 1 ? GUEST_OWNED : enabled === 0 ? FREE : UNKNOWN_OWNER;
  vcpu.ownerOpen = vcpu.mdscrOpen && enabled === 0;
}

/** Not where the registers are the host's; nor where they may be, on behalf of a debugger the trace does not tell of. */
function mayTakeDebug(vcpu: Vcpu): boolean {
  if (vcpu.debug_owner !== UNKNOWN_OWNER) return vcpu.debug_owner !== HOST_OWNED;
  return hasGuestDebug(vcpu) === 0 && vcpu.oslock === 0;
}

/** A trapped access to a debug register: a write sets DEBUG_DIRTY; >= 6.14 kvm_debug_set_guest_ownership(). */
export function debugRegisterTrapped(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  machine.watch.moment(MOMENT.debug_trap, cpu);
  vcpu.tda = UNKNOWN;
  if (machine.hidesMdscr) loseMdscr(vcpu);
  if (machine.profile.dbg === 'dirty') {
    vcpu.debug_dirty = 1;
    vcpu.debugAssumed = false;
  } else if (mayTakeDebug(vcpu)) {
    // It would not have trapped if the guest had owned them: no switch has been made since the load.
    if (vcpu.openSwitches > 0) openSwitches(machine, vcpu, -vcpu.openSwitches);
    vcpu.debug_owner = GUEST_OWNED;
    vcpu.ownerOpen = false;
    machine.watch.charge(STEP.setup_mdcr, 0);
  }
}

/** The guest may have written MDSCR_EL1: an access that was told, or any number that did not trap. */
export function loseMdscr(vcpu: Vcpu): void {
  vcpu.mdscr_mde = UNKNOWN;
  vcpu.mdscr_kde = UNKNOWN;
}

/** So many switches of the debug registers more may have been made, or turn out not to be open. */
function openSwitches(machine: Machine, vcpu: Vcpu, count: number): void {
  vcpu.openSwitches += count;
  machine.watch.uncertain(DOUBT.debug_owner, STEP.debug_save, 0, count);
  machine.watch.uncertain(DOUBT.debug_owner, STEP.debug_restore, 0, count);
}

/** The set that the next run uses: DEBUG_HOST where no switch is made, UNKNOWN where that is not known. */
export function guestSet(machine: Machine, vcpu: Vcpu): number {
  if (machine.profile.dbg === 'dirty') {
    if (vcpu.debug_dirty === UNKNOWN) return UNKNOWN;
    return vcpu.debug_dirty === 1 ? vcpu.debug_ptr : DEBUG_HOST;
  }
  // EL2 works on its own copy of the vCPU, whose debug_owner is FREE until it is told.
  if (machine.mode === 'pkvm' && machine.profile.pkvmDebug === 'none') return DEBUG_HOST;
  switch (vcpu.debug_owner) {
    case FREE:
      return DEBUG_HOST;
    case GUEST_OWNED:
      return DEBUG_GUEST;
    case HOST_OWNED:
      return DEBUG_EXTERNAL;
    default:
      return UNKNOWN;
  }
}

/** Bytes of one direction: 8 for each register of a set. */
function debugBytes(machine: Machine): number {
  return 8 * (2 * (machine.features.brps + machine.features.wrps) + 1);
}

function chargeSwitch(machine: Machine): void {
  machine.watch.charge(STEP.debug_save, debugBytes(machine));
  machine.watch.charge(STEP.debug_restore, debugBytes(machine));
}

export function __debug_switch_to_guest(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  if (machine.profile.dbg === 'owner') vcpu.tda = ownerTda(vcpu);
  cpu.debugSwitched = false;
  cpu.debugOpen = false;
  switchToGuest(machine, cpu, vcpu);
}

function switchToGuest(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  cpu.dirtyAtEnter = vcpu.debug_dirty;
  const set = guestSet(machine, vcpu);
  if (set === UNKNOWN) {
    machine.watch.assumed('a debug switch is not counted: who uses the debug registers is unknown');
    if (machine.partial) openSwitches(machine, vcpu, 1);
    cpu.debugOpen = machine.partial;
    return;
  }
  if (set === DEBUG_HOST && vcpu.ownerOpen) {
    machine.watch.assumed('MDSCR_EL1 is as it was, although its guest could write it unseen');
    openSwitches(machine, vcpu, 2);
  }
  if (set === DEBUG_HOST) return;
  chargeSwitch(machine);
  machine.watch.debugSwitch(cpu, DEBUG_HOST, set);
  cpu.debugSet = set;
  cpu.debugSwitched = true;
  vcpu.host_debug_state = cpu.id;
}

/** DEBUG_DIRTY turns out to have been this at the last entry, which nothing in the trace had told. */
export function learnDebugDirty(machine: Machine, cpu: Cpu, vcpu: Vcpu, dirty: Tristate): void {
  vcpu.debug_dirty = dirty;
  if (!cpu.running || cpu.loaded !== vcpu) return;
  vcpu.tda = UNKNOWN;
  if (cpu.debugOpen) openSwitches(machine, vcpu, -1);
  cpu.debugOpen = false;
  if (!cpu.debugSwitched) switchToGuest(machine, cpu, vcpu);
}

function ownerTda(vcpu: Vcpu): Tristate {
  if (vcpu.debug_owner === UNKNOWN_OWNER) return UNKNOWN;
  return vcpu.debug_owner === GUEST_OWNED ? 0 : 1;
}

/** DEBUG_DIRTY ends with the run; debug_owner lasts until the next load. */
export function __debug_switch_to_host(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  cpu.dirtyAtExit = vcpu.debug_dirty;
  const set = guestSet(machine, vcpu);
  if (set !== DEBUG_HOST && set !== UNKNOWN) {
    chargeSwitch(machine);
    machine.watch.debugSwitch(cpu, cpu.debugSet, DEBUG_HOST);
    cpu.debugSet = DEBUG_HOST;
    if (machine.vhe && !machine.profile.isbBeforeUnmask) machine.watch.moment(MOMENT.unmask_before_isb, cpu);
  }
  if (set === UNKNOWN && !cpu.debugSwitched && machine.partial) openSwitches(machine, vcpu, 1);
  // While TDA is clear a guest writes MDSCR_EL1 unseen.
  if (vcpu.tda !== 1 && machine.hidesMdscr) loseMdscr(vcpu);
  else if (vcpu.tda === 0 && !machine.tellsMdscr) vcpu.mdscrOpen = true;
  if (machine.profile.dbg === 'dirty') {
    vcpu.debug_dirty = 0;
    vcpu.debugAssumed = false;
  }
}
