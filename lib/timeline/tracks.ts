/** What is shown of a CPU and of a vCPU: a row for each track, which reads the state of the emulator and never changes it. */

import type { Cpu } from '../kernel/state/cpu.ts';
import { AT_EL2, AUTH_UNKNOWN, type Entity, IN_MEMORY, UNKNOWN } from '../kernel/state/entity.ts';
import { type Machine, vcpuInQuestion } from '../kernel/state/machine.ts';
import { UNKNOWN_OWNER } from '../kernel/state/owner.ts';
import { NO_CPU } from '../kernel/state/task.ts';
import { DEBUG_SET_NAMES, type Vcpu } from '../kernel/state/vcpu.ts';
import type { ValueKind } from './timeline.ts';
import type { Values } from './values.ts';

export interface TrackRow<Of> {
  readonly name: string;
  readonly drawn: boolean;
  /** The value now, an index in `values`. */
  readonly read: (machine: Machine, of: Of, values: Values) => number;
}

/** fp_owner as the code of one side finds it, in its instance of struct kvm_host_data or in the vCPU. */
function ownerOf(machine: Machine, cpu: Cpu, inHostData: number, values: Values): number {
  const vcpu = vcpuInQuestion(cpu);
  const owner = machine.profile.ownerLoc === 'hd' ? inHostData : (vcpu?.fp_state ?? UNKNOWN_OWNER);
  return values.owner(owner, cpu.loaded ?? vcpu);
}

/** Kernel code and hyp code reach two instances (semantics 2.4). */
const hasTwoOwners = (machine: Machine, cpu: Cpu): boolean =>
  cpu.kernel !== cpu.hyp && machine.profile.ownerLoc === 'hd';

/** The innermost kernel-mode NEON region that is open on the CPU. */
function openNeon(cpu: Cpu): Entity | undefined {
  if (cpu.neonInSoftirq) return cpu.softirqNeon;
  return cpu.current.tif_kernel_fpstate ? cpu.current.kernelNeon : undefined;
}

function whoRuns(cpu: Cpu, values: Values): number {
  if (cpu.running) return cpu.loaded === undefined ? values.unknown : values.entity(cpu.loaded, true);
  return values.entity(openNeon(cpu) ?? cpu.current, true);
}

/** What of the registers would be lost if they were overwritten is live; the rest is in memory as well, or out of date. */
function heldBy(cpu: Cpu, values: Values): number {
  const { holder } = cpu;
  return values.entity(holder, holder.auth === cpu.id && holder.generation === cpu.generation);
}

/** The same of ZA, while it is on. */
function zaHeldBy({ id, svcr_za, zaHolder, zaGeneration }: Cpu, values: Values): number {
  if (svcr_za !== 1) return values.none;
  return values.entity(zaHolder, zaHolder.zaAuth === id && zaHolder.zaGeneration === zaGeneration);
}

const DEBUG_KINDS: readonly ValueKind[] = ['host', 'guest', 'external'];

/** One value that the trace leaves open where several things may have happened on the CPU. */
function possibleStates(machine: Machine, cpu: Cpu, values: Values): number {
  const several = machine.possible[cpu.id]?.length ?? 1;
  return several === 1 ? values.none : values.word('unknown', `${several} possible states`);
}

export const CPU_TRACKS: readonly TrackRow<Cpu>[] = [
  {
    name: 'loaded',
    drawn: true,
    read: (_machine, cpu, values) =>
      cpu.loaded !== undefined ? values.entity(cpu.loaded, true) : cpu.loadedUnknown ? values.unknown : values.none,
  },
  { name: 'runs', drawn: true, read: (_machine, cpu, values) => whoRuns(cpu, values) },
  {
    name: 'fp_owner (kernel)',
    drawn: true,
    read: (machine, cpu, values) =>
      hasTwoOwners(machine, cpu) ? ownerOf(machine, cpu, cpu.kernel.fp_owner, values) : values.none,
  },
  {
    name: 'fp_owner',
    drawn: true,
    read: (machine, cpu, values) => ownerOf(machine, cpu, cpu.hyp.fp_owner, values),
  },
  { name: 'FP registers', drawn: true, read: (_machine, cpu, values) => heldBy(cpu, values) },
  { name: 'ZA', drawn: true, read: (_machine, cpu, values) => zaHeldBy(cpu, values) },
  {
    name: 'debug registers',
    drawn: true,
    read: (_machine, cpu, values) =>
      values.word(DEBUG_KINDS[cpu.debugSet] as ValueKind, DEBUG_SET_NAMES[cpu.debugSet] as string),
  },
  { name: 'hidden', drawn: true, read: possibleStates },
  { name: 'current', drawn: false, read: (_machine, cpu, values) => values.entity(cpu.current, true) },
  { name: 'fpsimd_last_state', drawn: false, read: (_machine, cpu, values) => values.entity(cpu.last, true) },
  {
    name: 'TIF_FOREIGN_FPSTATE',
    drawn: false,
    read: (_machine, cpu, values) => values.flag(cpu.current.tif_foreign_fpstate),
  },
  {
    name: 'guest FP traps',
    drawn: false,
    read: (_machine, cpu, values) => (cpu.running ? values.flag(cpu.trapFp) : values.none),
  },
];

/** Where a newest value of the vCPU is, by its `auth`. */
function placeOf(auth: number, values: Values): number {
  if (auth === AUTH_UNKNOWN) return values.unknown;
  if (auth === IN_MEMORY) return values.word('memory', 'memory');
  return auth >= 0 ? values.cpu(auth, true) : values.word('memory', `EL2, CPU ${AT_EL2 - auth}`);
}

export const VCPU_TRACKS: readonly TrackRow<Vcpu>[] = [
  {
    name: 'on',
    drawn: true,
    read: (machine, vcpu, values) => {
      if (vcpu.cpu === NO_CPU) return values.none;
      return values.cpu(vcpu.cpu, machine.cpus[vcpu.cpu]?.running ?? false);
    },
  },
  { name: 'FP registers in', drawn: true, read: (_machine, { auth }, values) => placeOf(auth, values) },
  {
    name: 'ZA in',
    drawn: false,
    read: (_machine, { zaOn, zaAuth }, values) => (zaOn ? placeOf(zaAuth, values) : values.none),
  },
  {
    name: 'debug_owner',
    drawn: false,
    read: (machine, vcpu, values) =>
      machine.profile.dbg === 'dirty'
        ? values.word('word', vcpu.debug_dirty === UNKNOWN ? 'unknown' : `DEBUG_DIRTY ${vcpu.debug_dirty}`)
        : values.owner(vcpu.debug_owner, vcpu),
  },
];
