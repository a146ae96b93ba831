/** The world switch as a whole: load, entry, exit and put, each in the order of semantics 5. */

import * as debug from './literal-debug.ts';
import * as kvm from './literal-kvm.ts';
import { fpsimd_sve_flush, fpsimd_sve_sync, pkvmEager, refused } from './literal-pkvm.ts';
import { kvm_sme_configure_traps, sme_lazy_switch_to_host } from './literal-sme.ts';
import type { Cpu, Machine, Vcpu } from './machine.ts';

/** 5.4, in its order. */
export function kvm_arch_vcpu_load(m: Machine, cpu: Cpu, v: Vcpu): void {
  // No vCPU runs before the late initcall finalize_pkvm (5.1).
  m.pkvmFinalised = m.mode === 'pkvm';
  // 2.
  v.cpu = cpu.id;
  cpu.vcpu = v;
  cpu.lastVcpu = v;
  // 4.
  if (m.profile.dbg === 'owner') debug.kvm_vcpu_load_debug(v);
  // 6.
  kvm.kvm_arch_vcpu_load_fp(m, cpu, v);
}

/** 5.10. */
export function kvm_arch_vcpu_put(m: Machine, cpu: Cpu, v: Vcpu): void {
  kvm.kvm_arch_vcpu_put_fp(m, cpu, v);
  v.cpu = -1;
  cpu.vcpu = null;
}

/** 5.5, 5.6 and 5.13. */
export function guest_enter(m: Machine, cpu: Cpu, v: Vcpu): void {
  if (m.profile.dbg === 'dirty') debug.kvm_arm_setup_debug(v);
  kvm.kvm_arch_vcpu_ctxflush_fp(m, cpu, v);
  if (pkvmEager(m)) {
    cpu.refused = refused(m, cpu);
    if (cpu.refused) {
      m.lastResult = 'EINVAL';
      return;
    }
    fpsimd_sve_flush(m, cpu, v);
  } else {
    kvm_sme_configure_traps(m, cpu, v);
  }
  kvm.__activate_cptr_traps(m, cpu, v);
  debug.restore_guest_mdscr(m, cpu, v);
  debug.__debug_switch_to_guest(m, cpu, v);
  cpu.inGuest = true;
}

/** 5.8 and 5.9; then handle_exit does what trapped. Of a refused run only the kernel's part happens. */
export function guest_exit(m: Machine, cpu: Cpu, v: Vcpu): void {
  if (!cpu.refused) leave(m, cpu, v);
  cpu.refused = false;
  if (m.profile.dbg === 'dirty') debug.kvm_arm_clear_debug(v);
  kvm.kvm_arch_vcpu_ctxsync_fp(m, cpu, v);
  debug.handle_trapped_mdscr(v);
  handle_trapped_oslar(m, cpu, v);
}

function leave(m: Machine, cpu: Cpu, v: Vcpu): void {
  cpu.inGuest = false;
  cpu.leaving = false;
  debug.save_guest_mdscr(m, cpu, v);
  kvm.__sysreg_restore_host_state(m, cpu);
  debug.__debug_switch_to_host(m, v);
  if (pkvmEager(m)) {
    fpsimd_sve_sync(m, cpu, v);
  } else {
    sme_lazy_switch_to_host(cpu, v);
  }
}

/** 5.11, OSLAR write: `kvm_debug_handle_oslar` from 6.14 on. */
function handle_trapped_oslar(m: Machine, cpu: Cpu, v: Vcpu): void {
  if (v.trappedOsLock === null) return;
  v.osLock = v.trappedOsLock;
  v.trappedOsLock = null;
  if (m.profile.dbg === 'owner') {
    kvm_arch_vcpu_put(m, cpu, v);
    kvm_arch_vcpu_load(m, cpu, v);
  }
}

/** 5.18: `kvm_emulate_nested_eret`, `kvm_inject_nested`. */
export function nested_transition(m: Machine, cpu: Cpu, v: Vcpu): void {
  v.inNested = true;
  kvm_arch_vcpu_put(m, cpu, v);
  kvm_arch_vcpu_load(m, cpu, v);
  v.inNested = false;
}
