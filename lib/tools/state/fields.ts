/** All of the state of a CPU and of who is on it, by the kernel's names: each value as a reader of the kernel would say it. */

import type { Cpu, HostData } from '../../kernel/state/cpu.ts';
import {
  ANYBODY,
  AUTH_UNKNOWN,
  type Entity,
  IN_MEMORY,
  nameOf,
  type Tristate,
  UNKNOWN,
} from '../../kernel/state/entity.ts';
import { type Machine, ownerOfHyp, ownerOfKernel } from '../../kernel/state/machine.ts';
import { OWNER_NAMES } from '../../kernel/state/owner.ts';
import { CPU_UNKNOWN, NO_CPU } from '../../kernel/state/task.ts';
import { DEBUG_SET_NAMES, type Vcpu } from '../../kernel/state/vcpu.ts';

interface FieldOf<Subject> {
  readonly name: string;
  readonly read: (machine: Machine, subject: Subject) => string;
}
type CpuField = FieldOf<Cpu>;
type VcpuField = FieldOf<Vcpu>;

const bit = (value: Tristate): string => (value === UNKNOWN ? 'unknown' : String(value));
const owner = (value: number): string => OWNER_NAMES[value] as string;
const entity = (of: Entity | undefined): string => (of === undefined ? 'none' : nameOf(of));
const cpuNumber = (cpu: number): string => (cpu === NO_CPU ? 'none' : cpu === CPU_UNKNOWN ? 'unknown' : String(cpu));
const traps = (value: Tristate): string => (value === UNKNOWN ? 'unknown' : value === 1 ? 'traps' : 'open');
const zcr = (length: number): string => (length === UNKNOWN ? 'unknown' : `LEN ${length - 1}`);
const pair = (sm: Tristate, za: Tristate): string => `SM ${bit(sm)} ZA ${bit(za)}`;

/** Where the newest value of an entity is, by its `auth`. */
function newestOf(auth: number): string {
  if (auth === IN_MEMORY) return 'memory';
  if (auth === AUTH_UNKNOWN) return 'unknown';
  return auth >= 0 ? `registers of CPU ${auth}` : 'memory of EL2';
}

const memoryOf = (of: Entity): string => (of.memory === of.generation ? 'newest' : 'older');

/** A vCPU without SME has no ZA, nor has a task whose SVCR.ZA is 0; the value may be there and not told of (`svcrOpen`). */
const zaOf = (of: Entity): string =>
  `${newestOf(of.zaAuth)}, memory ${of.zaMemory === of.zaGeneration ? 'newest' : 'older'}`;

function zaIn({ svcr_za, svcrOpen, zaHolder, zaGeneration }: Cpu): string {
  if (svcr_za !== 1) return svcrOpen ? 'unknown' : 'off';
  return (
    nameOf(zaHolder) + (zaHolder.kind !== ANYBODY && zaHolder.zaGeneration !== zaGeneration ? ' (older value)' : '')
  );
}

function registersOf({ holder, generation }: Cpu): string {
  const isOld = holder.kind !== ANYBODY && holder.generation !== 0 && holder.generation !== generation;
  return nameOf(holder) + (isOld ? ' (older value)' : '');
}

/** The same field of both instances of kvm_host_data. */
function ofBoth(name: string, read: (of: HostData) => string): readonly CpuField[] {
  return [
    { name: `kvm_host_data.${name}`, read: (_machine, { vhe }) => read(vhe) },
    { name: `__kvm_nvhe_kvm_host_data.${name}`, read: (_machine, { nvhe }) => read(nvhe) },
  ];
}

const inQuestion = (cpu: Cpu): Vcpu | undefined => cpu.loaded ?? cpu.lastLoaded;

export const CPU_FIELDS: readonly CpuField[] = [
  { name: 'current', read: (_machine, { current }) => nameOf(current) },
  { name: 'loaded', read: (_machine, { loaded, loadedUnknown }) => (loadedUnknown ? 'unknown' : entity(loaded)) },
  { name: 'runs', read: (_machine, { running }) => (running ? 'guest' : 'host') },
  {
    name: 'fp_owner',
    read: (machine, cpu) => {
      const vcpu = inQuestion(cpu);
      if (machine.profile.ownerLoc === 'hd') return owner(cpu.hyp.fp_owner);
      return vcpu === undefined ? 'none' : owner(ownerOfHyp(machine, cpu, vcpu));
    },
  },
  {
    name: 'fp_owner_kernel',
    read: (machine, cpu) => {
      const vcpu = inQuestion(cpu);
      if (machine.profile.ownerLoc === 'hd') return owner(cpu.kernel.fp_owner);
      return vcpu === undefined ? 'none' : owner(ownerOfKernel(machine, cpu, vcpu));
    },
  },
  ...ofBoth('fp_owner', ({ fp_owner }) => owner(fp_owner)),
  ...ofBoth('fpsimd_state', ({ fpsimd_state }) => entity(fpsimd_state)),
  ...ofBoth('__hyp_running_vcpu', (of) => (of.runningUnknown ? 'unknown' : entity(of.__hyp_running_vcpu))),
  ...ofBoth('MPIDR_EL1', ({ mpidr_el1 }) => (mpidr_el1 ? 'set' : '0')),
  { name: 'registers', read: (_machine, cpu) => registersOf(cpu) },
  { name: 'fpsimd_last_state', read: (_machine, { last }) => nameOf(last) },
  { name: 'TIF_FOREIGN_FPSTATE', read: (_machine, { current }) => bit(current.tif_foreign_fpstate) },
  { name: 'TIF_SVE', read: (_machine, { current }) => bit(current.tif_sve) },
  { name: 'TIF_KERNEL_FPSTATE', read: (_machine, { current }) => (current.tif_kernel_fpstate ? '1' : '0') },
  { name: 'thread.fpsimd_cpu', read: (_machine, { current }) => cpuNumber(current.fpsimd_cpu) },
  { name: 'task newest', read: (_machine, { current }) => newestOf(current.auth) },
  { name: 'task memory', read: (_machine, { current }) => memoryOf(current) },
  { name: 'NEON in softirq', read: (_machine, { neonInSoftirq }) => (neonInSoftirq ? '1' : '0') },
  { name: 'FP', read: (_machine, { trapFp }) => traps(trapFp) },
  { name: 'SVE', read: (_machine, { trapSve }) => traps(trapSve) },
  { name: 'SME', read: (_machine, { trapSme }) => traps(trapSme) },
  { name: 'SVCR', read: (_machine, { svcr_sm, svcr_za }) => pair(svcr_sm, svcr_za) },
  { name: 'ZA', read: (_machine, cpu) => zaIn(cpu) },
  { name: 'task SVCR', read: (_machine, { current }) => pair(current.svcr_sm, current.svcr_za) },
  { name: 'task ZA', read: (_machine, { current }) => zaOf(current) },
  { name: 'ZEN_EL0EN', read: (_machine, { zen_el0en }) => bit(zen_el0en) },
  {
    name: 'host vector length',
    read: (_machine, { hostVq }) => (hostVq === UNKNOWN ? 'unknown' : `${hostVq * 16} bytes`),
  },
  { name: 'debug registers', read: (_machine, { debugSet }) => DEBUG_SET_NAMES[debugSet] as string },
  { name: 'MDCR_EL2', read: (_machine, { mdcrGuest }) => (mdcrGuest ? 'guest' : 'host') },
  { name: 'PMUSERENR_EL0', read: (_machine, { pmuserenr }) => `0x${pmuserenr.toString(16)}` },
  {
    name: 'buffers',
    read: (_machine, { spe, trbe, brbe }) =>
      Object.entries({ SPE: spe, TRBE: trbe, BRBE: brbe })
        .filter(([, used]) => used)
        .map(([name]) => name)
        .join(' ') || 'none',
  },
  { name: 'possibilities', read: (machine, { id }) => String(machine.possible[id]?.length ?? 1) },
];

export const VCPU_FIELDS: readonly VcpuField[] = [
  { name: 'cpu', read: (_machine, { cpu }) => cpuNumber(cpu) },
  { name: 'fp_state', read: (_machine, { fp_state }) => owner(fp_state) },
  { name: 'newest', read: (_machine, { auth }) => newestOf(auth) },
  { name: 'memory', read: (_machine, vcpu) => memoryOf(vcpu) },
  { name: 'DEBUG_DIRTY', read: (_machine, { debug_dirty }) => bit(debug_dirty) },
  { name: 'debug_owner', read: (_machine, { debug_owner }) => owner(debug_owner) },
  { name: 'debug_ptr', read: (_machine, { debug_ptr }) => DEBUG_SET_NAMES[debug_ptr] as string },
  {
    name: 'guest_debug',
    read: (_machine, { guest_debug_singlestep, guest_debug_use_hw }) =>
      `SINGLESTEP ${guest_debug_singlestep ? 1 : 0} USE_HW ${bit(guest_debug_use_hw)}`,
  },
  { name: 'MDSCR_EL1', read: (_machine, { mdscr_mde, mdscr_kde }) => `MDE ${bit(mdscr_mde)} KDE ${bit(mdscr_kde)}` },
  { name: 'OS lock', read: (_machine, { oslock }) => (oslock ? '1' : '0') },
  { name: 'mdcr_el2', read: (_machine, { mdcr_tda, mdcr_tde }) => `TDA ${bit(mdcr_tda)} TDE ${mdcr_tde ? 1 : 0}` },
  { name: 'ZCR_EL1', read: (_machine, vcpu) => zcr(vcpu.zcr_el1) },
  { name: 'ZCR_EL1 in the CPU', read: (_machine, vcpu) => zcr(vcpu.zcr_el1Live) },
  { name: 'vcpu SVCR', read: (_machine, { svcr_sm, svcr_za }) => pair(svcr_sm, svcr_za) },
  { name: 'vcpu ZA', read: (_machine, vcpu) => (vcpu.sme ? zaOf(vcpu) : 'none') },
  { name: 'SYSREGS_ON_CPU', read: (_machine, { sysregs_on_cpu }) => (sysregs_on_cpu ? '1' : '0') },
  { name: 'nested transition', read: (_machine, { inNested }) => (inNested ? '1' : '0') },
];

/** Of a CPU, or of a vCPU: field -> value. */
export type Values = Readonly<Record<string, string>>;

export function cpuValues(machine: Machine, cpu: Cpu): Values {
  return Object.fromEntries(CPU_FIELDS.map(({ name, read }) => [name, read(machine, cpu)]));
}

export function vcpuValues(machine: Machine, vcpu: Vcpu): Values {
  return Object.fromEntries(VCPU_FIELDS.map(({ name, read }) => [name, read(machine, vcpu)]));
}
