/** KVM's side of the FP switch, `kvm/fpsimd.c` and what is near it: semantics 2.4, 5.1, 5.2, 5.4.1, 5.5, 5.6.3, 5.8 to 5.10. */

import { wipe } from './ghost.ts';
import { fpsimd_save_and_flush_cpu_state } from './literal-host.ts';
import { smstop, system_supports_sme } from './literal-sme.ts';
import type { Cpu, HostData, Machine, Owner, Vcpu } from './machine.ts';

/** KERNEL and HYP of 2.4: a property of the object file, not of the exception level. */
export type Context = 'KERNEL' | 'HYP';

/** 2.4 `inst`. */
export function inst(m: Machine, cpu: Cpu, ctx: Context): HostData {
  if (ctx === 'HYP') return m.mode === 'vhe' ? cpu.HDv : cpu.HDn;
  if (m.profile.accessor === 'explicit') return m.mode === 'vhe' ? cpu.HDv : cpu.HDn;
  if (m.profile.accessor === 'v1bug') return cpu.HDv;
  // ok
  if (m.pkvmFinalised) return cpu.HDv;
  return m.mode === 'vhe' ? cpu.HDv : cpu.HDn;
}

/** Section 5, conventions: `owner` of the context that executes the step. */
export function readOwner(m: Machine, cpu: Cpu, v: Vcpu, ctx: Context): Owner {
  if (m.profile.ownerLoc === 'vcpu') return v.fp_state;
  return inst(m, cpu, ctx).fp_owner;
}

export function writeOwner(m: Machine, cpu: Cpu, v: Vcpu, ctx: Context, owner: Owner): void {
  if (m.profile.ownerLoc === 'vcpu') {
    v.fp_state = owner;
  } else {
    inst(m, cpu, ctx).fp_owner = owner;
  }
}

/** 5.1, step 2a: the only part that differs between instances. Under pKVM a CPU that comes back does not repeat it. */
export function cpu_hyp_init_context(m: Machine, cpu: Cpu): void {
  if (m.mode === 'pkvm' && cpu.kvm_hyp_initialized) return;
  cpu.kvm_hyp_initialized = true;
  inst(m, cpu, 'KERNEL').mpidr = true;
}

/** 5.4.1. Only the FP registers and SVCR: the EL0 enables (steps 5 and 6) are not modelled. */
export function kvm_arch_vcpu_load_fp(m: Machine, cpu: Cpu, v: Vcpu): void {
  if (m.profile.hostSave === 'lazy') {
    // 1.
    if (m.profile.tifSveBug && cpu.current.TIF_SVE) throw new Error('BUG_ON(test_thread_flag(TIF_SVE))');
    // 3. fpsimd_kvm_prepare.
    if (!m.profile.tifSveBug) {
      cpu.current.TIF_SVE = false;
      cpu.current.fp_type = 'FPSIMD';
    }
    // 4.
    writeOwner(m, cpu, v, 'KERNEL', 'host');
    if (m.profile.ownerLoc === 'hd') inst(m, cpu, 'KERNEL').fpsimd_state = cpu.current;
    // 6.
    if (system_supports_sme(m) && (cpu.SVCR.SM || cpu.SVCR.ZA)) {
      writeOwner(m, cpu, v, 'KERNEL', 'free');
      fpsimd_save_and_flush_cpu_state(m, cpu);
    }
  } else {
    // 3.
    if (m.profile.nestedSkip && v.inNested) return;
    // 4.
    fpsimd_save_and_flush_cpu_state(m, cpu, m.inSystemCall);
    // 5.
    writeOwner(m, cpu, v, 'KERNEL', 'free');
  }
}

/** 5.5 `ctxflush_fp`. */
export function kvm_arch_vcpu_ctxflush_fp(m: Machine, cpu: Cpu, v: Vcpu): void {
  if (cpu.current.TIF_FOREIGN_FPSTATE) writeOwner(m, cpu, v, 'KERNEL', 'free');
}

/** 5.6.3: what traps while the guest runs, from the owner. */
export function __activate_cptr_traps(m: Machine, cpu: Cpu, v: Vcpu): void {
  const G = readOwner(m, cpu, v, 'HYP') === 'guest';
  const S = v.sve;
  // ES: allowed if G and the vcpu has SME; everybody else traps.
  cpu.cptr.sme = !(G && v.sme);
  if (m.mode === 'vhe') {
    // rmw and scratch end in the same FPEN and ZEN: the host's own FPEN is always set.
    cpu.cptr.fp = !G;
    cpu.cptr.sve = !(G && S);
  } else if (m.profile.cptrCompute === 'vcpu' && m.mode !== 'hvhe') {
    // v.cptr_el2 leaves TFP and TZ clear, whatever S is; !G: TFP, TZ. FP-05 says so of nvhe alone; pkvm is taken for it.
    cpu.cptr.fp = !G;
    cpu.cptr.sve = !G;
  } else {
    // TZ if !S or !G; TFP if !G (hvhe: G: FPEN, ZEN if S)
    cpu.cptr.fp = !G;
    cpu.cptr.sve = !S || !G;
  }
}

/** 5.8.2: VMPIDR_EL2 := HD[H].host_ctxt.MPIDR_EL1. In vhe the host's EL1 registers are not switched. */
export function __sysreg_restore_host_state(m: Machine, cpu: Cpu): void {
  if (m.mode !== 'vhe') cpu.hostMpidr = inst(m, cpu, 'HYP').mpidr;
}

/** 5.9 `ctxsync_fp`. */
export function kvm_arch_vcpu_ctxsync_fp(m: Machine, cpu: Cpu, v: Vcpu): void {
  // 2.
  if (readOwner(m, cpu, v, 'KERNEL') === 'guest') {
    const last = cpu.fpsimd_last_state;
    last.st = v;
    last.sve_vl = v.sve_max_vl;
    last.sme_state = v.sme ? v.za : null;
    last.sme_vl = v.features.sme_max_vl;
    last.zt = v.features.sme2;
    last.svcr = v.SVCR;
    last.to_save = v.sve ? 'SVE' : 'FPSIMD';
    cpu.current.TIF_FOREIGN_FPSTATE = false;
    if (m.profile.tifSveBug) cpu.current.TIF_SVE = v.sve;
  } else if (m.profile.smeGuests && system_supports_sme(m)) {
    smstop(m, cpu);
  }
}

/** 5.10 `put_fp`; profiles `put` and `lazysw` differ only in registers that are not modelled. */
export function kvm_arch_vcpu_put_fp(m: Machine, cpu: Cpu, v: Vcpu): void {
  if (m.profile.nestedSkip && v.inNested) return;
  // 2.
  if (readOwner(m, cpu, v, 'KERNEL') === 'guest') fpsimd_save_and_flush_cpu_state(m, cpu);
  // 4.
  if (m.profile.tifSveBug) cpu.current.TIF_SVE = false;
}

/** 5.2: the registers are UNKNOWN; nothing of kvm_host_data is initialised; no task is bound, the idle task runs. */
export function __kvm_host_psci_cpu_entry(m: Machine, cpu: Cpu): void {
  wipe(m, cpu, cpu.hw);
  wipe(m, cpu, cpu.za);
  cpu.SVCR = { SM: false, ZA: false };
  cpu.current = cpu.idle;
  cpu.idle.TIF_FOREIGN_FPSTATE = true;
  cpu.fpsimd_last_state.st = null;
}
