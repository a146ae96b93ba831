/**
 * The second, deliberately literal model of the emulator: one straight function per kernel function, transcribed from
 * semantics 2, 3, 5 and 6, without unknown values and without checks. It shares no code with `lib`, so that the two are
 * independent witnesses. It expects a trace whose first events make everything known (see `walk.ts`).
 */

import { valid } from './ghost.ts';
import { type Context, inst } from './literal-kvm.ts';
import { step, type TraceEvent, taskOf } from './literal-steps.ts';
import { trapOf } from './literal-trap.ts';
import {
  type Cpu,
  type Incident,
  inHyp,
  type Machine,
  MEM,
  type Owner,
  type Result,
  type Svcr,
  type Task,
  type Vcpu,
  type VcpuFeatures,
} from './machine.ts';
import { createMachine } from './machine-create.ts';
import { type Mode, modesOf, PROFILES, type Profile } from './profiles.ts';

export type { TraceEvent } from './literal-steps.ts';

export interface LiteralOptions {
  /** Largest vector length of the machine in bytes; absent: no SVE. */
  readonly sveVl?: number;
  /** Largest streaming vector length of the machine in bytes; absent: no SME. */
  readonly smeVl?: number;
  /** The machine has SME2 (ZT0), FEAT_SME_FA64, FEAT_FPMR. */
  readonly sme2?: boolean;
  readonly fa64?: boolean;
  readonly fpmr?: boolean;
  readonly cpus: number;
  /** Switches to replace in the model's row, for versions inside its range. */
  readonly overrides?: Partial<Profile>;
}

export type DebugView = { readonly debug_dirty: boolean } | { readonly debug_owner: Owner };

export interface Literal {
  readonly profile: Profile;
  readonly mode: Mode;
  step(event: TraceEvent): void;
  /** fp_owner as the hypervisor sees it; in the models before the series that of the vCPU loaded, or last loaded, there. */
  owner(cpu: number): Owner;
  /** fp_owner in the instance that the kernel's accessor reaches. */
  ownerKernel(cpu: number): Owner;
  /** Whose value the registers hold: `none`, `task:7`, `vcpu:0/1`, `kneon:7` (also a dead value). */
  registers(cpu: number): string;
  /** The registers hold the newest value of the entity. */
  valid(cpu: number, entity: string): boolean;
  /** Generation of the value in the registers. */
  generation(cpu: number): number;
  /** Where the newest value of the entity is: `mem`, `cpu:N`, or `hyp:N` (pKVM: EL2's area of that CPU). */
  auth(entity: string): string;
  /** Whose value EL2 keeps while the guest has the registers, or may take them: `none`, `task:7`, ... */
  hypHolds(cpu: number): string;
  /** SVCR as the CPU has it: bit 0 SM, bit 1 ZA. */
  svcr(cpu: number): number;
  /** The memory copy of a task's or a vCPU's SVCR. */
  svcrOf(entity: string): number;
  /** Whose value ZA and ZT0 hold: `off` where SVCR.ZA is 0, `none` where it is nobody's. */
  za(cpu: number): string;
  /** `valid` and `auth` for ZA and ZT0. */
  zaValid(cpu: number, entity: string): boolean;
  zaAuth(entity: string): string;
  /** What the last event gave: the errno of a register access, EINVAL of a refused run, else ok. */
  lastResult(): Result;
  /** TIF_FOREIGN_FPSTATE of a task; pid 0 is the idle task of `cpu`. */
  tif(task: number, cpu?: number): boolean;
  /** pid of the current task. */
  current(cpu: number): number;
  /** `vcpu:0/1` while one is loaded, else `none`. */
  loaded(cpu: number): string;
  running(cpu: number): boolean;
  /** pKVM: the last entry was refused with -EINVAL, and its exit has not come yet. */
  refused(cpu: number): boolean;
  /** An FP, SVE or SME exception of the guest was left to the host; the `guest_exit` that it takes has not come yet. */
  leaving(cpu: number): boolean;
  /** fpsimd_last_state.st: `none`, `task:7`, `vcpu:0/1`, or `kneon:7` (a task's saved kernel state). */
  last(cpu: number): string;
  lastToSave(cpu: number): string;
  /** FP payload moved so far (6.1). */
  bytes(): number;
  /** `vcpu` as `0/1`. */
  debug(vcpu: string): DebugView;
  /** Entries, with their exits, at which the debug registers were switched. */
  debugSwitches(): number;
  /** The debug registers are the guest's in the run in progress, or were in the last one. */
  debugSwitched(cpu: number): boolean;
  /** MDCR_EL2.TDA of the run in progress, or of the last one. */
  tda(cpu: number): boolean;
  /** EC of the trap that an FP instruction of the running guest takes now; 0: it does not trap. */
  trapOf(cpu: number, isa: string): number;
  /** The host reads its own MPIDR_EL1. */
  mpidrRight(cpu: number): boolean;
  /** A region of kernel-mode NEON is running. */
  neonLive(cpu: number): boolean;
  incidents(): Readonly<Record<Incident, number>>;
  /** Names of all tasks (but idle tasks) and vCPUs met so far. */
  entities(): Iterable<string>;
  /** What a vCPU has in this model on this machine; `vcpu` as `0/1`. */
  features(vcpu: string): VcpuFeatures;
  /** `0/1`, ... */
  vcpus(): Iterable<string>;
}

/** Throws where the model or the mode is not covered. */
export function createLiteral(model: string, mode: string, options: LiteralOptions): Literal {
  const row = PROFILES[model];
  if (row === undefined) throw new Error(`no such model: ${model}`);
  const profile = { ...row, ...options.overrides };
  if (!modesOf(profile).includes(mode as Mode)) throw new Error(`${model} is not modelled in mode ${mode}`);
  const m = createMachine(profile, mode as Mode, options.cpus, {
    sveVl: options.sveVl ?? 0,
    inSystemCall: false,
    smeVl: options.smeVl ?? 0,
    sme2: options.sme2 === true,
    fa64: options.fa64 === true,
    fpmr: options.fpmr === true,
  });
  return { profile, mode: m.mode, step: (event) => step(m, event), ...accessors(m) };
}

function cpuAt(m: Machine, id: number): Cpu {
  const cpu = m.cpus[id];
  if (cpu === undefined) throw new Error(`no such CPU: ${id}`);
  return cpu;
}

/** An entity by name; `task:0` and `kneon:PID` cannot be asked for. */
function entityOf(m: Machine, name: string): Task | Vcpu {
  const entity = m.entities.get(name);
  if (entity === undefined) throw new Error(`no such entity: ${name}`);
  return entity;
}

function vcpuAt(m: Machine, key: string): Vcpu {
  const v = m.vcpus.get(key);
  if (v === undefined) throw new Error(`no such vCPU: ${key}`);
  return v;
}

function svcrBits(svcr: Svcr): number {
  return (svcr.SM ? 1 : 0) | (svcr.ZA ? 2 : 0);
}

function accessors(m: Machine): Omit<Literal, 'profile' | 'mode' | 'step'> {
  function owner(id: number, ctx: Context): Owner {
    const cpu = cpuAt(m, id);
    if (m.profile.ownerLoc === 'vcpu') return cpu.lastVcpu === null ? 'free' : cpu.lastVcpu.fp_state;
    return inst(m, cpu, ctx).fp_owner;
  }
  const places = new Map([[MEM, 'mem']]);
  for (const { id } of m.cpus) places.set(id, `cpu:${id}`).set(inHyp(id), `hyp:${id}`);
  const place = (auth: number) => places.get(auth) ?? 'nowhere';
  return {
    owner: (cpu) => owner(cpu, 'HYP'),
    ownerKernel: (cpu) => owner(cpu, 'KERNEL'),
    registers: (cpu) => cpuAt(m, cpu).hw.entity?.name ?? 'none',
    valid: (cpu, entity) => valid(cpuAt(m, cpu), entityOf(m, entity)),
    generation: (cpu) => cpuAt(m, cpu).hw.gen,
    auth: (entity) => place(entityOf(m, entity).auth),
    hypHolds: (cpu) => cpuAt(m, cpu).hypArea?.entity?.name ?? 'none',
    svcr: (cpu) => svcrBits(cpuAt(m, cpu).SVCR),
    svcrOf(name) {
      const entity = entityOf(m, name);
      return svcrBits('pid' in entity ? entity.svcr : entity.SVCR);
    },
    za(id) {
      const cpu = cpuAt(m, id);
      return cpu.SVCR.ZA ? (cpu.za.entity?.name ?? 'none') : 'off';
    },
    zaValid: (cpu, entity) => valid(cpuAt(m, cpu), entityOf(m, entity).za),
    zaAuth: (entity) => place(entityOf(m, entity).za.auth),
    lastResult: () => m.lastResult,
    tif: (task, cpu = 0) => taskOf(m, cpuAt(m, cpu), task).TIF_FOREIGN_FPSTATE,
    current: (cpu) => cpuAt(m, cpu).current.pid,
    loaded: (cpu) => cpuAt(m, cpu).vcpu?.name ?? 'none',
    running: (cpu) => cpuAt(m, cpu).inGuest,
    refused: (cpu) => cpuAt(m, cpu).refused,
    leaving: (cpu) => cpuAt(m, cpu).leaving,
    last: (cpu) => cpuAt(m, cpu).fpsimd_last_state.st?.name ?? 'none',
    lastToSave: (cpu) => cpuAt(m, cpu).fpsimd_last_state.to_save,
    bytes: () => m.bytes,
    debug(key) {
      const v = vcpuAt(m, key);
      return m.profile.dbg === 'dirty' ? { debug_dirty: v.DEBUG_DIRTY } : { debug_owner: v.debug_owner };
    },
    debugSwitches: () => m.debugSwitches,
    debugSwitched: (cpu) => cpuAt(m, cpu).debugSwitched,
    tda: (cpu) => cpuAt(m, cpu).TDA,
    trapOf: (cpu, isa) => trapOf(cpuAt(m, cpu), isa),
    mpidrRight: (cpu) => cpuAt(m, cpu).hostMpidr,
    neonLive: (cpu) => cpuAt(m, cpu).neon !== null,
    incidents: () => m.incidents,
    entities: () => m.entities.keys(),
    features: (key) => vcpuAt(m, key).features,
    vcpus: () => m.vcpus.keys(),
  };
}
