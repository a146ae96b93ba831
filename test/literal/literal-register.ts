/** KVM_GET_ONE_REG, KVM_SET_ONE_REG, KVM_ARM_VCPU_FINALIZE and kvm_reset_vcpu: semantics 5.14. */

import { replace } from './ghost.ts';
import { kvm_arch_vcpu_load, kvm_arch_vcpu_put } from './literal-vcpu.ts';
import { type Machine, MEM, type Result, type Svcr, type Vcpu } from './machine.ts';

const SVCR_SM = 1n;
const SVCR_ZA = 2n;

/** What an access gives, get or set alike. */
function access(m: Machine, v: Vcpu, reg: string): Result {
  const result = admits(m, v, reg);
  // Z, P and FFR: not finalised -> -EPERM
  return result === 'ok' && !v.finalised && /^([zp]\d+|ffr)$/.test(reg) ? 'EPERM' : result;
}

function admits(m: Machine, v: Vcpu, reg: string): Result {
  const streaming = v.SVCR.SM;
  if (reg === 'fpsr' || reg === 'fpcr') return 'ok';
  if (/^v\d+$/.test(reg)) return v.sve || streaming ? 'EINVAL' : 'ok';
  if (/^[zp]\d+$/.test(reg)) return v.sve || streaming ? 'ok' : 'ENOENT';
  if (reg === 'ffr') {
    if (streaming) return v.features.fa64 ? 'ok' : 'ENOENT';
    return v.sve ? 'ok' : 'ENOENT';
  }
  if (reg === 'zcr_el1') return v.sve ? 'ok' : 'ENOENT';
  if (reg === 'fpmr') return m.profile.fpmr && v.features.fpmr ? 'ok' : 'ENOENT';
  if (reg === 'svcr') return v.sme ? 'ok' : 'ENOENT';
  if (reg === 'za' || reg === 'zt0') {
    if (!v.sme || (reg === 'zt0' && !v.features.sme2)) return 'ENOENT';
    return v.SVCR.ZA ? 'ok' : 'EBUSY';
  }
  throw new Error(`no such register: ${reg}`);
}

export function kvm_arm_vcpu_finalize(m: Machine, v: Vcpu): void {
  if (!v.sve && !v.sme) m.lastResult = 'EINVAL';
  else if (v.finalised) m.lastResult = 'EPERM';
  else v.finalised = true;
}

export function kvm_arm_get_reg(m: Machine, v: Vcpu, reg: string): void {
  m.lastResult = access(m, v, reg);
}

/** A write replaces the memory copy; without a value SVCR is written as it is. */
export function kvm_arm_set_reg(m: Machine, v: Vcpu, reg: string, value: string | undefined): void {
  m.lastResult = access(m, v, reg);
  if (m.lastResult !== 'ok') return;
  if (reg === 'svcr') {
    if (value !== undefined) m.lastResult = set_svcr(m, v, BigInt(value));
  } else if (reg === 'za' || reg === 'zt0') {
    rewrite(m, v.za);
  } else if (reg !== 'zcr_el1') {
    rewrite(m, v);
  }
}

/** FP-23: with the newest value in registers somewhere, all but the register written is lost. */
function rewrite(m: Machine, entity: Vcpu | Vcpu['za']): void {
  if (entity.auth !== MEM) m.incidents.lost++;
  replace(entity);
}

function set_svcr(m: Machine, v: Vcpu, value: bigint): Result {
  if ((value & ~(SVCR_SM | SVCR_ZA)) !== 0n) return 'EINVAL';
  const to: Svcr = { SM: (value & SVCR_SM) !== 0n, ZA: (value & SVCR_ZA) !== 0n };
  // ZA 0->1: sme_state := 0; 1->0: what it held is out of reach
  if (to.ZA !== v.SVCR.ZA) rewrite(m, v.za);
  // V := 0, sve_state := 0, FPMR := 0, FPSR := 0x0800009f
  if (to.SM !== v.SVCR.SM) {
    rewrite(m, v);
    v.memStreaming = to.SM;
  }
  v.SVCR.SM = to.SM;
  v.SVCR.ZA = to.ZA;
  return 'ok';
}

/** MDSCR_EL1, OSLSR_EL1 and SVCR go back to what they are at vcpu_create; DEBUG_DIRTY and guest_debug stay (5.11). */
export function kvm_reset_vcpu(m: Machine, v: Vcpu): void {
  const cpu = m.cpus[v.cpu];
  if (cpu !== undefined) kvm_arch_vcpu_put(m, cpu, v);
  replace(v);
  replace(v.za);
  v.memStreaming = false;
  v.SVCR.SM = false;
  v.SVCR.ZA = false;
  v.MDSCR_EL1 = { MDE: false, KDE: false, SS: false };
  v.osLock = false;
  if (cpu !== undefined) kvm_arch_vcpu_load(m, cpu, v);
}
