/** The guest's use of FP, SVE and SME, and its traps: semantics 5.7, 5.15. */

import { execute, FPSIMD_BYTES, load, save, sveLoadBytes, zaBytes } from './ghost.ts';
import { __activate_cptr_traps, inst, readOwner, writeOwner } from './literal-kvm.ts';
import { pkvmEager, saveHostAtEl2 } from './literal-pkvm.ts';
import { write_svcr } from './literal-sme.ts';
import type { Cpu, Machine, Vcpu } from './machine.ts';

/** pvm_exit_handlers[]: the guest gets an UNDEF and goes on. */
function restricted(m: Machine, v: Vcpu, ec: number): boolean {
  return ec === 0x19 && m.mode === 'pkvm' && v.features.protected;
}

/** Which of the exceptions get past step 2 of kvm_hyp_handle_fpsimd. */
function handled(v: Vcpu, ec: number): boolean {
  if (ec === 0x07) return true;
  if (ec === 0x19) return v.sve;
  // ES
  if (ec === 0x1d) return v.sme;
  return false;
}

/** 5.7. Returns false where the exception is left to the host, or is restricted: the instruction does not execute. */
function kvm_hyp_handle_fpsimd(m: Machine, cpu: Cpu, v: Vcpu, ec: number): boolean {
  if (restricted(m, v, ec)) return false;
  // 2.
  if (!handled(v, ec)) {
    cpu.leaving = true;
    return false;
  }
  // 3.
  cpu.cptr.fp = false;
  if (v.sve) cpu.cptr.sve = false;
  // 5.
  if (pkvmEager(m)) {
    if (readOwner(m, cpu, v, 'HYP') === 'host') saveHostAtEl2(m, cpu);
  } else if (m.profile.hostSave === 'lazy' && readOwner(m, cpu, v, 'HYP') === 'host') {
    let host = m.profile.ownerLoc === 'vcpu' ? v.host_fpsimd_state : inst(m, cpu, 'HYP').fpsimd_state;
    // A trace without map_fp: the thread that runs the vCPU is the one that was mapped.
    if (host === null) host = cpu.current;
    m.bytes += FPSIMD_BYTES;
    save(m, cpu, host);
  }
  // 6.
  restoreGuest(m, cpu, v);
  // 9.
  writeOwner(m, cpu, v, 'HYP', 'guest');
  // 10.
  if (m.profile.trapReactivate) __activate_cptr_traps(m, cpu, v);
  // 11.
  return true;
}

/** 5.7 step 6. */
function restoreGuest(m: Machine, cpu: Cpu, v: Vcpu): void {
  let restore_sve = v.sve;
  let ffr = true;
  let vl = v.sve_max_vl;
  if (v.sme && cpu.SVCR.SM) {
    restore_sve = true;
    ffr = v.features.fa64;
    vl = v.features.sme_max_vl;
  }
  if (v.sme && cpu.SVCR.ZA) {
    m.bytes += zaBytes(v.features.sme_max_vl, v.features.sme2);
    load(m, cpu, v.za);
  }
  m.bytes += restore_sve ? sveLoadBytes(vl, ffr) : FPSIMD_BYTES;
  load(m, cpu, v);
}

/** EC of the trap that an instruction takes now, or 0 where it executes. SVE is checked before FP. */
export function trapOf(cpu: Cpu, isa: string): number {
  if (isa === 'sme' && cpu.cptr.sme) return 0x1d;
  if (isa === 'sve' && cpu.cptr.sve) return 0x19;
  if (cpu.cptr.fp) return 0x07;
  return 0;
}

/** The guest executes an FP instruction; the trap configuration decides. */
export function guest_fp(m: Machine, cpu: Cpu, v: Vcpu, isa: string): void {
  const ec = trapOf(cpu, isa);
  if (ec !== 0 && !kvm_hyp_handle_fpsimd(m, cpu, v, ec)) return;
  execute(m, cpu, v);
  if (isa === 'sme' && cpu.SVCR.ZA) execute(m, cpu, v.za);
}

/** The trap was seen: it is handled, possible or not; the instruction then executes. */
export function guest_fp_trap(m: Machine, cpu: Cpu, v: Vcpu, ec: number): void {
  if (!kvm_hyp_handle_fpsimd(m, cpu, v, ec)) return;
  execute(m, cpu, v);
  if (ec === 0x1d && cpu.SVCR.ZA) execute(m, cpu, v.za);
}

/** 5.15: the guest writes SVCR; an absent bit stays as it is. Where it traps, the write executes again after the load. */
export function guest_svcr(m: Machine, cpu: Cpu, v: Vcpu, SM: boolean | undefined, ZA: boolean | undefined): void {
  const ec = trapOf(cpu, 'sme');
  if (ec !== 0 && !kvm_hyp_handle_fpsimd(m, cpu, v, ec)) return;
  write_svcr(m, cpu, { SM: SM ?? cpu.SVCR.SM, ZA: ZA ?? cpu.SVCR.ZA }, v);
}
