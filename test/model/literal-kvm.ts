/** KVM's side of the FP switch, `kvm/fpsimd.c` and `kvm/hyp/`: semantics 2.4, 5.4.1, 5.5 to 5.10. */

import { execute, FPSIMD_BYTES, load, overwrite, save, sveBytes } from './ghost.ts';
import { fpsimd_save_and_flush_cpu_state } from './literal-host.ts';
import type { Cpu, HostData, Machine, Owner, Vcpu } from './machine.ts';

/** KERNEL and HYP of 2.4: a property of the object file, not of the exception level. */
export type Context = 'KERNEL' | 'HYP';

/** 2.4 `inst`. */
export function inst(m: Machine, cpu: Cpu, ctx: Context): HostData {
  if (ctx === 'HYP') return m.mode === 'vhe' ? cpu.HDv : cpu.HDn;
  if (m.profile.accessor === 'explicit') return m.mode === 'vhe' ? cpu.HDv : cpu.HDn;
  if (m.profile.accessor === 'v1bug') return cpu.HDv;
  // ok; the static key of pKVM is never on here
  return m.mode === 'vhe' ? cpu.HDv : cpu.HDn;
}

/** Section 5, conventions: `owner` of the context that executes the step. */
export function readOwner(m: Machine, cpu: Cpu, v: Vcpu, ctx: Context): Owner {
  if (m.profile.ownerLoc === 'vcpu') return v.fp_state;
  return inst(m, cpu, ctx).fp_owner;
}

function writeOwner(m: Machine, cpu: Cpu, v: Vcpu, ctx: Context, owner: Owner): void {
  if (m.profile.ownerLoc === 'vcpu') {
    v.fp_state = owner;
  } else {
    inst(m, cpu, ctx).fp_owner = owner;
  }
}

/** 5.1, step 2a: the only part that differs between instances. */
export function cpu_hyp_init_context(m: Machine, cpu: Cpu): void {
  inst(m, cpu, 'KERNEL').mpidr = true;
}

/** 5.4.1. Only the FP registers: the EL0 enables (steps 5 and 6) and SVCR are not modelled. */
export function kvm_arch_vcpu_load_fp(m: Machine, cpu: Cpu, v: Vcpu): void {
  if (m.profile.hostSave === 'lazy') {
    // 1.
    if (m.profile.tifSveBug && cpu.current.TIF_SVE) throw new Error('BUG_ON(test_thread_flag(TIF_SVE))');
    // 3. fpsimd_kvm_prepare: host tasks have no TIF_SVE
    // 4.
    writeOwner(m, cpu, v, 'KERNEL', 'host');
    if (m.profile.ownerLoc === 'hd') inst(m, cpu, 'KERNEL').fpsimd_state = cpu.current;
  } else {
    // 4.
    fpsimd_save_and_flush_cpu_state(m, cpu);
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
  if (m.mode === 'vhe') {
    // rmw and scratch end in the same FPEN and ZEN: the host's own FPEN is always set.
    cpu.cptr.fp = !G;
    cpu.cptr.sve = !(G && S);
  } else if (m.profile.cptrCompute === 'vcpu') {
    // v.cptr_el2 leaves TFP and TZ clear (hvhe: FPEN and ZEN set); !G: TFP, TZ.
    cpu.cptr.fp = !G;
    cpu.cptr.sve = !G;
  } else {
    // TZ if !S or !G; TFP if !G (hvhe: G: FPEN, ZEN if S)
    cpu.cptr.fp = !G;
    cpu.cptr.sve = !S || !G;
  }
}

/** 5.7. Returns false where the exception is left to the host. */
export function kvm_hyp_handle_fpsimd(m: Machine, cpu: Cpu, v: Vcpu, ec: number): boolean {
  // 2.
  if (ec !== 0x07 && ec !== 0x19) return false;
  if (!v.sve && ec !== 0x07) return false;
  // 3.
  cpu.cptr.fp = false;
  if (v.sve) cpu.cptr.sve = false;
  // 5.
  if (m.profile.hostSave === 'lazy' && readOwner(m, cpu, v, 'HYP') === 'host') {
    let host = m.profile.ownerLoc === 'vcpu' ? v.host_fpsimd_state : inst(m, cpu, 'HYP').fpsimd_state;
    // A trace without map_fp: the thread that runs the vCPU is the one that was mapped.
    if (host === null) host = cpu.current;
    m.bytes += FPSIMD_BYTES;
    save(m, cpu, host);
  }
  // 6.
  m.bytes += v.sve ? sveBytes(v.sve_max_vl) : FPSIMD_BYTES;
  load(m, cpu, v);
  // 9.
  writeOwner(m, cpu, v, 'HYP', 'guest');
  // 10.
  if (m.profile.trapReactivate) __activate_cptr_traps(m, cpu, v);
  // 11.
  return true;
}

/** EC of the trap that an instruction takes now, or 0 where it executes. SVE is checked before FP. */
export function trapOf(cpu: Cpu, isa: string): number {
  if (isa === 'sme') return 0x1d;
  if (isa === 'sve' && cpu.cptr.sve) return 0x19;
  if (cpu.cptr.fp) return 0x07;
  return 0;
}

/** The guest executes an FP instruction; the trap configuration decides. */
export function guest_fp(m: Machine, cpu: Cpu, v: Vcpu, isa: string): void {
  const ec = trapOf(cpu, isa);
  if (ec !== 0 && !kvm_hyp_handle_fpsimd(m, cpu, v, ec)) return;
  execute(m, cpu, v);
}

/** The trap was seen: it is handled, possible or not; the instruction then executes. */
export function guest_fp_trap(m: Machine, cpu: Cpu, v: Vcpu, ec: number): void {
  if (kvm_hyp_handle_fpsimd(m, cpu, v, ec)) execute(m, cpu, v);
}

/** 5.8.2: VMPIDR_EL2 := HD[H].host_ctxt.MPIDR_EL1. In vhe the host's EL1 registers are not switched. */
export function __sysreg_restore_host_state(m: Machine, cpu: Cpu): void {
  if (m.mode !== 'vhe') cpu.hostMpidr = inst(m, cpu, 'HYP').mpidr;
}

/** 5.9 `ctxsync_fp`. */
export function kvm_arch_vcpu_ctxsync_fp(m: Machine, cpu: Cpu, v: Vcpu): void {
  // 2.
  if (readOwner(m, cpu, v, 'KERNEL') === 'guest') {
    cpu.fpsimd_last_state.st = v;
    cpu.fpsimd_last_state.sve_vl = v.sve_max_vl;
    cpu.fpsimd_last_state.to_save = v.sve ? 'SVE' : 'FPSIMD';
    cpu.current.TIF_FOREIGN_FPSTATE = false;
    if (m.profile.tifSveBug) cpu.current.TIF_SVE = v.sve;
  }
}

/** 5.10 `put_fp`; profiles `put` and `lazysw` differ only in registers that are not modelled. */
export function kvm_arch_vcpu_put_fp(m: Machine, cpu: Cpu, v: Vcpu): void {
  // 2.
  if (readOwner(m, cpu, v, 'KERNEL') === 'guest') fpsimd_save_and_flush_cpu_state(m, cpu);
  // 4.
  if (m.profile.tifSveBug) cpu.current.TIF_SVE = false;
}

/** 5.2: the registers are UNKNOWN; nothing of kvm_host_data is initialised; no task is bound, the idle task runs. */
export function __kvm_host_psci_cpu_entry(m: Machine, cpu: Cpu): void {
  overwrite(m, cpu, null);
  cpu.hw.entity = null;
  cpu.hw.gen = 0;
  cpu.current = cpu.idle;
  cpu.idle.TIF_FOREIGN_FPSTATE = true;
  cpu.fpsimd_last_state.st = null;
}
