/** SVCR and what it does to the registers: P7 of semantics 4, 5.15, SM-06. */

import { executeNew, replace, wipe } from './ghost.ts';
import type { Cpu, Machine, Svcr, Task, Vcpu } from './machine.ts';

export function system_supports_sme(m: Machine): boolean {
  return m.profile.hostSme && m.smeVl > 0;
}

/**
 * A write of SVCR. SM changes: Z, P and FFR are zero; ZA 0->1: ZA and ZT0 are zero; ZA 1->0: they are gone. Written by a
 * task or a guest in its own name, zero is its newest value; written by the kernel (null), it is nobody's.
 */
export function write_svcr(m: Machine, cpu: Cpu, to: Readonly<Svcr>, by: Task | Vcpu | null): void {
  const from = cpu.SVCR;
  if (to.SM !== from.SM) {
    if (by === null) wipe(m, cpu, cpu.hw);
    else executeNew(m, cpu, by);
  }
  if (to.ZA && !from.ZA && by !== null) executeNew(m, cpu, by.za);
  if (!to.ZA && from.ZA) {
    // Its owner drops the value on purpose.
    if (by !== null) replace(by.za);
    wipe(m, cpu, cpu.za);
  }
  from.SM = to.SM;
  from.ZA = to.ZA;
}

/** P7. */
export function smstop(m: Machine, cpu: Cpu): void {
  write_svcr(m, cpu, { SM: false, ZA: false }, null);
}

/** 5.15: the current task writes SVCR in user mode; an absent bit stays as it is. */
export function host_svcr(m: Machine, cpu: Cpu, SM: boolean | undefined, ZA: boolean | undefined): void {
  if (!system_supports_sme(m)) throw new Error('host SME events, but no SME in this host (2.2, note 4)');
  write_svcr(m, cpu, { SM: SM ?? cpu.SVCR.SM, ZA: ZA ?? cpu.SVCR.ZA }, cpu.current);
}

/** 5.15: "syscall entry does smstop_sm". With TIF_FOREIGN_FPSTATE set SVCR is not the task's, and its entry lies further back. */
export function sme_smstop_sm(m: Machine, cpu: Cpu): void {
  if (!system_supports_sme(m) || cpu.current.TIF_FOREIGN_FPSTATE) return;
  write_svcr(m, cpu, { SM: false, ZA: cpu.SVCR.ZA }, cpu.current);
}

/** 5.6.3, ES: "executed even when not owner". */
export function kvm_sme_configure_traps(m: Machine, cpu: Cpu, v: Vcpu): void {
  if (v.sme) write_svcr(m, cpu, v.SVCR, null);
}

/** 5.8.2 `lazy_to_host`, ES: before the owner test. */
export function sme_lazy_switch_to_host(cpu: Cpu, v: Vcpu): void {
  if (v.sme) copySvcr(v.SVCR, cpu.SVCR);
}

export function copySvcr(to: Svcr, from: Readonly<Svcr>): void {
  to.SM = from.SM;
  to.ZA = from.ZA;
}
