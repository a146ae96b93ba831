/**
 * SME: PSTATE.SM and PSTATE.ZA of the host (semantics 5.4.1, 5.15), and guests that have it (the unmerged guest series).
 * SVCR is in the CPU; a guest's own value is in memory while it does not run.
 */

import { FPSIMD_BYTES, STEP, svePayload, ZT0_BYTES, zaPayload } from '../../costs/steps.ts';
import type { Cpu } from '../state/cpu.ts';
import { type Entity, TASK, VCPU } from '../state/entity.ts';
import type { Machine } from '../state/machine.ts';
import { MOMENT } from '../state/moments.ts';
import { scrap, use } from '../state/registers.ts';
import type { Vcpu } from '../state/vcpu.ts';
import { dropZa, giveUpZa, saveZa, useZa } from '../state/za.ts';
import { chargeFpsimdLoad } from './conditional.ts';

/** The kernel writes SVCR: a change of SM zeroes Z, P and FFR, ZA that is cleared drops ZA and ZT0, whoever's they are. */
function writeSvcr(machine: Machine, cpu: Cpu, sm: number, za: number): void {
  if (sm !== cpu.svcr_sm) scrap(machine, cpu);
  if (za !== 1) dropZa(machine, cpu);
  cpu.svcr_sm = sm;
  cpu.svcr_za = za;
  cpu.svcrOpen = false;
}

/** SMSTOP: leaves streaming mode and disables ZA; what was in them is gone. */
export function smstop(machine: Machine, cpu: Cpu): void {
  machine.watch.charge(STEP.smstop, 0);
  writeSvcr(machine, cpu, 0, 0);
}

/** Bytes of ZA, and of ZT0 where the vCPU has SME2. */
function zaBytes(vcpu: Vcpu): number {
  return zaPayload(vcpu.smeVq) + (vcpu.sme2 ? ZT0_BYTES : 0);
}

/** FP state of a vCPU as it is laid out under its SVCR: the streaming registers, those of SVE, or FPSIMD alone. */
function vectorBytes(vcpu: Vcpu, ffr: boolean): number {
  const streaming = vcpu.svcr_sm === 1;
  const vq = streaming ? vcpu.smeVq : vcpu.vq;
  if (vq === 0) return 0;
  return ffr && (!streaming || vcpu.fa64) ? svePayload(vq) : svePayload(vq) - 2 * vq;
}

/** What a save of the vCPU costs: ZA, then the vectors. The FFR slot is written in any case. */
export function chargeGuestSave(machine: Machine, vcpu: Vcpu): void {
  const { watch } = machine;
  if (vcpu.svcr_za === 1) watch.charge(STEP.za_save, zaBytes(vcpu));
  const vq = vcpu.svcr_sm === 1 ? vcpu.smeVq : vcpu.vq;
  if (vq > 0) watch.charge(STEP.sve_save, svePayload(vq));
  else watch.charge(STEP.fpsimd_save, FPSIMD_BYTES);
}

/** What a load of the vCPU costs; without FA64 the FFR is not touched in streaming mode. */
export function chargeGuestLoad(machine: Machine, vcpu: Vcpu): void {
  const { watch } = machine;
  if (vcpu.svcr_za === 1) watch.charge(STEP.za_load, zaBytes(vcpu));
  const bytes = vectorBytes(vcpu, true);
  if (bytes > 0) watch.charge(STEP.sve_load, bytes);
  else chargeFpsimdLoad(machine);
}

/**
 * The RFC of 2024 rewrites Z, P and FFR between the layout of the current vector length and that of the larger one. Bytes
 * read and written: semantics 9.2. Nothing moves where both lengths are one.
 */
export function conversionBytes(vcpu: Vcpu): number {
  const vq = vcpu.svcr_sm === 1 ? vcpu.smeVq : vcpu.vq;
  const largest = Math.max(vcpu.smeVq, vcpu.vq);
  return vq === largest ? 0 : 546 * vq + 546 * largest;
}

/** Before the guest's registers are loaded: back to the format that they are loaded from. */
export function convertToGuest(machine: Machine, vcpu: Vcpu): void {
  if (!vcpu.userFormat) return;
  vcpu.userFormat = false;
  const bytes = conversionBytes(vcpu);
  if (bytes > 0) machine.watch.charge(STEP.format_to_guest, bytes);
}

/** sme_lazy_switch_to_guest(): also for a guest that does not own the registers, whose SME traps depend on SVCR. */
export function sme_lazy_switch_to_guest(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  if (!vcpu.sme) return;
  machine.watch.charge(STEP.sme_to_guest, 0);
  writeSvcr(machine, cpu, vcpu.svcr_sm, vcpu.svcr_za);
}

/** sme_lazy_switch_to_host(): only here does KVM learn what the guest made of SVCR. */
export function sme_lazy_switch_to_host(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  if (!vcpu.sme) return;
  machine.watch.charge(STEP.sme_to_host, 0);
  vcpu.svcr_sm = cpu.svcr_sm === 1 ? 1 : 0;
  vcpu.svcr_za = cpu.svcr_za === 1 ? 1 : 0;
}

/** The guest writes SVCR while it owns the registers: a change of SM zeroes Z, P and FFR. */
export function flipSvcr(machine: Machine, cpu: Cpu, vcpu: Vcpu, sm: number, za: number): void {
  const changesSm = sm >= 0 && sm !== cpu.svcr_sm;
  if (sm >= 0) cpu.svcr_sm = sm;
  if (za >= 0) switchZa(machine, cpu, vcpu, za);
  if (!changesSm) return;
  vcpu.vectorsZero = true;
  use(machine, cpu, vcpu);
}

/** PSTATE.ZA as a task or a guest sets it in its own name: going to 1 it zeroes ZA, going to 0 its value is given up. */
export function switchZa(machine: Machine, cpu: Cpu, by: Entity, za: number): void {
  if (za === 1 && cpu.svcr_za !== 1) useZa(machine, cpu, by);
  else if (za !== 1 && cpu.svcr_za === 1) giveUpZa(machine, cpu, by);
  cpu.svcr_za = za;
}

/** SME instructions of a task or a guest: with PSTATE.ZA they compute on ZA. */
export function useSme(machine: Machine, cpu: Cpu, by: Entity): void {
  if (cpu.svcr_za === 1) useZa(machine, cpu, by);
}

/** What fpsimd_save_user_state() does about ZA: it asks SVCR, and saves to whoever is bound and has a place for it. */
export function saveBoundZa(cpu: Cpu, bound: Entity): void {
  if (cpu.svcr_za !== 1) return;
  if (bound.kind === TASK || (bound.kind === VCPU && (bound as Vcpu).sme)) saveZa(cpu, bound);
}

/** A vCPU without SME guests wrote SVCR, and no trap stopped it. */
export function flipUntrapped(machine: Machine, cpu: Cpu, sm: number, za: number): void {
  machine.watch.moment(MOMENT.svcr_untrapped, cpu);
  if (sm >= 0) cpu.svcr_sm = sm;
  if (za === 0) dropZa(machine, cpu);
  if (za >= 0) cpu.svcr_za = za;
}

/** What the registers' format is taken to be when a vCPU is saved: SM-04 compares it at the next load. */
export function noteFormat(vcpu: Vcpu): void {
  vcpu.formatSm = vcpu.svcr_sm;
}
