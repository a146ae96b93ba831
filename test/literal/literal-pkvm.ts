/** pKVM with eager host restore: semantics 5.13, FP-22. Models with another `pkvmFp` run as in nvhe. */

import { FPSIMD_BYTES, save, sveBytes, zaBytes } from './ghost.ts';
import { readOwner, writeOwner } from './literal-kvm.ts';
import { kvm_sme_configure_traps, sme_lazy_switch_to_host, smstop, system_supports_sme } from './literal-sme.ts';
import { type Cpu, inHyp, type Machine, MEM, type Vcpu } from './machine.ts';

export function pkvmEager(m: Machine): boolean {
  return m.mode === 'pkvm' && m.profile.pkvmFp === 'eager';
}

/** What the host's registers take: SVE at the maximum of the machine where there is SVE, whatever is in them. */
function hostBytes(m: Machine): number {
  return m.sveVl > 0 ? sveBytes(m.sveVl) : FPSIMD_BYTES;
}

function guestBytes(cpu: Cpu, v: Vcpu): number {
  if (v.sme && cpu.SVCR.SM) return sveBytes(v.features.sme_max_vl);
  return v.sve ? sveBytes(v.sve_max_vl) : FPSIMD_BYTES;
}

/** The run is refused with -EINVAL: EL2 keeps no SVCR.SM and no ZA of the host. */
export function refused(m: Machine, cpu: Cpu): boolean {
  return system_supports_sme(m) && (cpu.SVCR.SM || cpu.SVCR.ZA);
}

/** At every entry: HOST_OWNED means "EL1's registers, whatever they hold". */
export function fpsimd_sve_flush(m: Machine, cpu: Cpu, v: Vcpu): void {
  writeOwner(m, cpu, v, 'HYP', 'host');
  if (!v.sme) return;
  // ES
  saveHostAtEl2(m, cpu);
  kvm_sme_configure_traps(m, cpu, v);
  writeOwner(m, cpu, v, 'HYP', 'free');
}

/** 5.7 step 5. What is a second copy anyhow keeps its auth. */
export function saveHostAtEl2(m: Machine, cpu: Cpu): void {
  m.bytes += hostBytes(m);
  const { entity, gen } = cpu.hw;
  const live = entity !== null && entity.auth === cpu.id;
  cpu.hypArea = { entity, gen, live };
  if (live) entity.auth = inHyp(cpu.id);
}

/** At every exit. */
export function fpsimd_sve_sync(m: Machine, cpu: Cpu, v: Vcpu): void {
  if (readOwner(m, cpu, v, 'HYP') !== 'guest') {
    if (v.sme) leaveUnused(m, cpu, v);
    return;
  }
  sme_lazy_switch_to_host(cpu, v);
  m.bytes += guestBytes(cpu, v);
  save(m, cpu, v);
  if (v.sme && cpu.SVCR.ZA) {
    m.bytes += zaBytes(v.features.sme_max_vl, v.features.sme2);
    save(m, cpu, v.za);
  }
  if (v.sme) smstop(m, cpu);
  m.bytes += hostBytes(m);
  putBack(cpu);
  writeOwner(m, cpu, v, 'HYP', 'host');
}

/** The host's restore: the entity, the generation and the auth of before the run. */
function putBack(cpu: Cpu): void {
  const area = cpu.hypArea;
  cpu.hypArea = null;
  if (area === null) throw new Error('the guest owns the registers and the host was not saved');
  cpu.hw.entity = area.entity;
  cpu.hw.gen = area.gen;
  if (area.live && area.entity?.auth === inHyp(cpu.id)) area.entity.auth = cpu.id;
}

/**
 * ES, an SME guest that used nothing: SMSTOP, and the owner stays FREE. The text names no restore of the host's Z
 * registers here, so none is done: where the guest's SVCR.SM zeroed them, they stay zero.
 */
function leaveUnused(m: Machine, cpu: Cpu, v: Vcpu): void {
  sme_lazy_switch_to_host(cpu, v);
  smstop(m, cpu);
  const area = cpu.hypArea;
  cpu.hypArea = null;
  if (area?.entity?.auth !== inHyp(cpu.id)) return;
  if (cpu.hw.entity === area.entity) {
    area.entity.auth = cpu.id;
  } else {
    m.incidents.lost++;
    area.entity.auth = MEM;
  }
}
