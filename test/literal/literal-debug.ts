/** The debug registers: semantics 5.4.2, 5.5, 5.6.4, 5.8.3, 5.9, 5.11. */

import type { Cpu, Machine, Mdscr, Vcpu } from './machine.ts';

function copyMdscr(to: Mdscr, from: Mdscr): void {
  to.MDE = from.MDE;
  to.KDE = from.KDE;
  to.SS = from.SS;
}

/** 5.5, <=6.13, by its numbers. */
export function kvm_arm_setup_debug(v: Vcpu): void {
  // 1. with DEBUG_DIRTY as it is at this moment
  v.TDA = v.guest_debug.USE_HW || !v.DEBUG_DIRTY || v.osLock;
  // 2.
  if (v.guest_debug.enabled || v.osLock) {
    copyMdscr(v.guest_debug_preserved, v.MDSCR_EL1);
    v.MDSCR_EL1.SS = v.guest_debug.SINGLESTEP;
    if (v.guest_debug.USE_HW) {
      v.MDSCR_EL1.MDE = true;
      v.debug_ptr = 'external_debug_state';
      v.DEBUG_DIRTY = true;
    } else if (v.osLock) {
      v.MDSCR_EL1.MDE = false;
    }
  }
  // 3.
  if (!v.guest_debug.enabled && v.debug_ptr !== 'vcpu_debug_state') throw new Error('BUG_ON of kvm_arm_setup_debug');
  // 4.
  if (v.MDSCR_EL1.KDE || v.MDSCR_EL1.MDE) v.DEBUG_DIRTY = true;
}

/** 5.9, <=6.13. */
export function kvm_arm_clear_debug(v: Vcpu): void {
  if (v.guest_debug.enabled || v.osLock) copyMdscr(v.MDSCR_EL1, v.guest_debug_preserved);
  if (v.guest_debug.USE_HW) v.debug_ptr = 'vcpu_debug_state';
}

/** 5.4.2, >=6.14. */
export function kvm_vcpu_load_debug(v: Vcpu): void {
  // 3.
  if (v.guest_debug.enabled || v.osLock) {
    v.debug_owner = 'host';
    v.external_mdscr_el1.SS = v.guest_debug.SINGLESTEP;
    v.external_mdscr_el1.MDE = v.guest_debug.USE_HW;
    v.external_mdscr_el1.KDE = v.guest_debug.USE_HW;
  } else if (v.MDSCR_EL1.KDE || v.MDSCR_EL1.MDE) {
    v.debug_owner = 'guest';
  } else {
    v.debug_owner = 'free';
  }
  // 4.
  kvm_arm_setup_mdcr_el2(v);
}

function kvm_arm_setup_mdcr_el2(v: Vcpu): void {
  v.TDA = v.debug_owner !== 'guest';
}

/** 5.11, >=6.14: any trapped access. */
function kvm_debug_set_guest_ownership(v: Vcpu): void {
  if (v.debug_owner === 'host') return;
  v.debug_owner = 'guest';
  kvm_arm_setup_mdcr_el2(v);
}

/** 5.6.1 row 7, 5.6.2 step 8: MDSCR_EL1 of the run (`ctxt_mdscr_el1`). */
export function restore_guest_mdscr(m: Machine, cpu: Cpu, v: Vcpu): void {
  const external = m.profile.dbg === 'owner' && v.debug_owner === 'host';
  copyMdscr(cpu.guestMdscr, external ? v.external_mdscr_el1 : v.MDSCR_EL1);
  cpu.TDA = v.TDA;
}

/** 5.8: COMMON_SAVE(guest). */
export function save_guest_mdscr(m: Machine, cpu: Cpu, v: Vcpu): void {
  const external = m.profile.dbg === 'owner' && v.debug_owner === 'host';
  copyMdscr(external ? v.external_mdscr_el1 : v.MDSCR_EL1, cpu.guestMdscr);
}

/** 5.6.4. Counted here: one switch is an entry with its exit. */
export function __debug_switch_to_guest(m: Machine, cpu: Cpu, v: Vcpu): void {
  const active = m.profile.dbg === 'dirty' ? v.DEBUG_DIRTY : v.debug_owner !== 'free';
  cpu.debugSwitched = active;
  if (active) m.debugSwitches++;
}

/** 5.8.3. */
export function __debug_switch_to_host(m: Machine, v: Vcpu): void {
  if (m.profile.dbg === 'dirty') v.DEBUG_DIRTY = false;
}

/** 5.11: the trapped access to a debug register, a write. */
export function trap_debug_regs(m: Machine, v: Vcpu): void {
  if (m.profile.dbg === 'dirty') {
    v.DEBUG_DIRTY = true;
  } else {
    kvm_debug_set_guest_ownership(v);
  }
}

/**
 * The guest writes MDSCR_EL1; an absent bit stays as it is. With TDA the value gets there by the handler, after the exit;
 * that the access trapped is a `debug_dirty` event of its own.
 */
export function guest_mdscr(cpu: Cpu, v: Vcpu, MDE: boolean | undefined, KDE: boolean | undefined): void {
  if (cpu.TDA) {
    v.trappedMdscr = { MDE: MDE ?? v.trappedMdscr?.MDE, KDE: KDE ?? v.trappedMdscr?.KDE };
    return;
  }
  if (MDE !== undefined) cpu.guestMdscr.MDE = MDE;
  if (KDE !== undefined) cpu.guestMdscr.KDE = KDE;
}

/** 5.9: handle_exit, the MDSCR_EL1 write that trapped. */
export function handle_trapped_mdscr(v: Vcpu): void {
  const write = v.trappedMdscr;
  v.trappedMdscr = null;
  if (write?.MDE !== undefined) v.MDSCR_EL1.MDE = write.MDE;
  if (write?.KDE !== undefined) v.MDSCR_EL1.KDE = write.KDE;
}

/** 5.11 KVM_SET_GUEST_DEBUG; takes effect at the next setup_debug or load_debug. */
export function kvm_arch_vcpu_ioctl_set_guest_debug(v: Vcpu, SINGLESTEP: boolean, USE_HW: boolean): void {
  v.guest_debug.enabled = SINGLESTEP || USE_HW;
  v.guest_debug.SINGLESTEP = SINGLESTEP;
  v.guest_debug.USE_HW = USE_HW;
}
