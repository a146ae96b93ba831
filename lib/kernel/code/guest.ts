/**
 * KVM_GET_ONE_REG and KVM_SET_ONE_REG of FP registers (semantics 5.14): which accesses the kernel admits, the error it
 * gives otherwise, and what a write does to the rest of the state. arch/arm64/kvm/guest.c, sys_regs.c.
 */

import { STEP } from '../../costs/steps.ts';
import { REGISTERS } from '../../trace/vocabulary.ts';
import type { Cpu } from '../state/cpu.ts';
import { IN_MEMORY } from '../state/entity.ts';
import { type Machine, writeOwner } from '../state/machine.ts';
import { MOMENT } from '../state/moments.ts';
import { USER_OWNED } from '../state/owner.ts';
import { NO_CPU } from '../state/task.ts';
import type { Vcpu } from '../state/vcpu.ts';
import { newZaInMemory } from '../state/za.ts';
import { conversionBytes } from './sme.ts';

export type Errno = 'ENOENT' | 'EPERM' | 'EINVAL' | 'EBUSY';

/** Kinds of register, by what decides about them. */
export type RegisterClass = 'v' | 'z' | 'p' | 'ffr' | 'za' | 'zt0' | 'svcr' | 'zcr' | 'fpmr' | 'core';

/** SVCR.SM and SVCR.ZA; the other bits are RES0. */
const SVCR_SM = 1n;
const SVCR_ZA = 2n;

export function registerClass(reg: number): RegisterClass {
  const name = REGISTERS[reg] as string;
  if (name === 'za' || name === 'zt0' || name === 'svcr' || name === 'ffr' || name === 'fpmr') return name;
  if (name === 'zcr_el1') return 'zcr';
  if (name === 'fpsr' || name === 'fpcr') return 'core';
  return name[0] as 'v' | 'z' | 'p';
}

const streaming = (vcpu: Vcpu): boolean => vcpu.svcr_sm === 1;
const hasVectors = (vcpu: Vcpu): boolean => vcpu.sve || (vcpu.sme && streaming(vcpu));
/** Of what lies in memory that KVM_ARM_VCPU_FINALIZE allocates. */
const unfinalised = (vcpu: Vcpu): Errno | undefined => (vcpu.finalised ? undefined : 'EPERM');

/** The error of each class; undefined where the access is admitted. */
const ERRORS: Readonly<Record<RegisterClass, (machine: Machine, vcpu: Vcpu) => Errno | undefined>> = {
  v: (_machine, vcpu) => (hasVectors(vcpu) ? 'EINVAL' : undefined),
  z: (_machine, vcpu) => (hasVectors(vcpu) ? unfinalised(vcpu) : 'ENOENT'),
  p: (_machine, vcpu) => (hasVectors(vcpu) ? unfinalised(vcpu) : 'ENOENT'),
  ffr: (_machine, vcpu) => (hasVectors(vcpu) && (!streaming(vcpu) || vcpu.fa64) ? unfinalised(vcpu) : 'ENOENT'),
  za: (_machine, vcpu) => (!vcpu.sme ? 'ENOENT' : vcpu.svcr_za === 1 ? undefined : 'EBUSY'),
  zt0: (_machine, vcpu) => (!vcpu.sme2 ? 'ENOENT' : vcpu.svcr_za === 1 ? undefined : 'EBUSY'),
  svcr: (_machine, vcpu) => (vcpu.sme ? undefined : 'ENOENT'),
  zcr: (_machine, vcpu) => (vcpu.sve ? undefined : 'ENOENT'),
  fpmr: (machine, vcpu) => (machine.fpmr && vcpu.hasFpmr ? undefined : 'ENOENT'),
  core: () => undefined,
};

/** The error that the kernel gives, or undefined. A value of SVCR with reserved bits is EINVAL. */
export function errorOf(machine: Machine, vcpu: Vcpu, reg: number, value: bigint | undefined): Errno | undefined {
  const kind = registerClass(reg);
  const error = ERRORS[kind](machine, vcpu);
  if (error !== undefined) return error;
  const reserved = kind === 'svcr' && value !== undefined && (value & ~(SVCR_SM | SVCR_ZA)) !== 0n;
  return reserved ? 'EINVAL' : undefined;
}

/** Bytes that the kernel copies: semantics 5.14. */
function sizeOf(vcpu: Vcpu, kind: RegisterClass): number {
  const vq = streaming(vcpu) ? vcpu.smeVq : vcpu.vq;
  switch (kind) {
    case 'v':
      return 16;
    case 'z':
      return 16 * vq;
    case 'p':
    case 'ffr':
      return 2 * vq;
    case 'za':
      return 16 * vcpu.smeVq;
    case 'zt0':
      return 64;
    case 'core':
      return 4;
    default:
      return 8;
  }
}

/** One access. `set`: KVM_SET_ONE_REG. `cpu`: any CPU, for the rules to look at; the access itself is on none. */
export function accessRegister(machine: Machine, cpu: Cpu, vcpu: Vcpu, set: boolean): void {
  const { reg, value } = machine.event;
  const error = errorOf(machine, vcpu, reg, set ? value : undefined);
  machine.watch.moment(MOMENT.one_reg, cpu, vcpu, error);
  const kind = registerClass(reg);
  machine.watch.charge(set ? STEP.reg_set : STEP.reg_get, error === undefined ? sizeOf(vcpu, kind) : 0);
  if (error !== undefined) {
    machine.watch.refused(error);
    return;
  }
  if (VECTORS.includes(kind)) convertToUser(machine, cpu, vcpu);
  if (set) write(machine, cpu, vcpu, kind);
}

const VECTORS: readonly RegisterClass[] = ['v', 'z', 'p', 'ffr'];

/** The RFC of 2024: the first look of userspace after a run rewrites the vectors, and FP_STATE_USER_OWNED says so. */
function convertToUser(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  if (!machine.profile.userFormat || !vcpu.sme || vcpu.userFormat) return;
  vcpu.userFormat = true;
  const bytes = conversionBytes(vcpu);
  if (bytes > 0) machine.watch.charge(STEP.format_to_user, bytes);
  writeOwner(machine, cpu, vcpu, cpu.kernel, USER_OWNED, 'userspace');
}

function write(machine: Machine, cpu: Cpu, vcpu: Vcpu, kind: RegisterClass): void {
  const { value, line } = machine.event;
  switch (kind) {
    case 'svcr':
      setSvcr(machine, cpu, vcpu, value ?? 0n);
      break;
    case 'zcr':
      vcpu.zcr_el1 = Number((value ?? 0n) & 0xfn) + 1;
      vcpu.zcr_el1Live = vcpu.zcr_el1;
      break;
    case 'za':
    case 'zt0':
      newZaInMemory(vcpu, 1);
      if (vcpu.zaWritten === 0) vcpu.zaWritten = line;
      break;
    default:
      if (VECTORS.includes(kind) && vcpu.vectorsWritten === 0) vcpu.vectorsWritten = line;
      if (VECTORS.includes(kind) && value !== 0n) vcpu.vectorsZero = false;
      newMemoryValue(vcpu);
  }
}

/** kvm_arm_vcpu_finalize(): once, and only where there is something to allocate. */
export function finalise(machine: Machine, vcpu: Vcpu): void {
  if (!vcpu.sve && !vcpu.sme) machine.watch.refused('EINVAL');
  else if (vcpu.finalised) machine.watch.refused('EPERM');
  else vcpu.finalised = true;
}

/** A write by userspace makes the memory copy the newest. */
function newMemoryValue(vcpu: Vcpu): void {
  vcpu.generation += 1;
  vcpu.memory = vcpu.generation;
  if (vcpu.cpu === NO_CPU) vcpu.auth = IN_MEMORY;
}

/** set_svcr(): a change of SM zeroes V, Z, P and FFR; ZA going to 1 zeroes ZA and ZT0. What was written before is dead. */
function setSvcr(machine: Machine, cpu: Cpu, vcpu: Vcpu, value: bigint): void {
  const sm = (value & SVCR_SM) === 0n ? 0 : 1;
  const za = (value & SVCR_ZA) === 0n ? 0 : 1;
  const changesSm = sm !== vcpu.svcr_sm;
  const changesZa = za !== vcpu.svcr_za;
  const zeroesZa = changesZa && za === 1;
  vcpu.svcr_sm = sm;
  vcpu.svcr_za = za;
  // A format for userspace does not depend on SVCR: nothing is lost, whatever the order.
  if (machine.profile.userFormat) return;
  if ((changesSm && vcpu.vectorsWritten > 0) || (zeroesZa && vcpu.zaWritten > 0)) {
    machine.watch.moment(MOMENT.writes_lost, cpu, vcpu);
  }
  if (changesSm) {
    vcpu.vectorsZero = true;
    vcpu.vectorsWritten = 0;
    vcpu.formatSm = sm;
    newMemoryValue(vcpu);
  }
  if (zeroesZa) vcpu.zaWritten = 0;
  if (changesZa) newZaInMemory(vcpu, za);
}

/** kvm_reset_vcpu(): FP state and system registers at their reset values. */
export function resetState(vcpu: Vcpu): void {
  newMemoryValue(vcpu);
  vcpu.auth = IN_MEMORY;
  vcpu.svcr_sm = 0;
  vcpu.svcr_za = 0;
  vcpu.formatSm = 0;
  vcpu.vectorsZero = true;
  vcpu.vectorsWritten = 0;
  vcpu.zaWritten = 0;
  newZaInMemory(vcpu, 0);
  vcpu.zcr_el1 = 1;
  vcpu.zcr_el1Live = 1;
  vcpu.mdscr_mde = 0;
  vcpu.mdscr_kde = 0;
  vcpu.oslock = 0;
}

/** A run begins: what userspace wrote is the guest's, and no restore is under way. */
export function endRestore(vcpu: Vcpu): void {
  vcpu.vectorsWritten = 0;
  vcpu.zaWritten = 0;
}

export const registerName = (reg: number): string => REGISTERS[reg] as string;
