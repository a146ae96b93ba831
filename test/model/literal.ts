/**
 * The second, deliberately literal model of the emulator: one straight function per kernel function, transcribed from
 * semantics 2, 3, 5 and 6, without unknown values and without checks. It shares no code with `lib`, so that the two are
 * independent witnesses. It expects a trace whose first events make everything known (see `walk.ts`).
 */

import { valid } from './ghost.ts';
import { type Context, inst, trapOf } from './literal-kvm.ts';
import { step, type TraceEvent, taskOf } from './literal-steps.ts';
import {
  type Cpu,
  createCpu,
  type Entity,
  type Incident,
  type Machine,
  MEM,
  type Owner,
  type Vcpu,
} from './machine.ts';
import { type Mode, modesOf, PROFILES, type Profile } from './profiles.ts';

export type { TraceEvent } from './literal-steps.ts';

export interface LiteralOptions {
  /** Largest vector length of the machine in bytes; absent: no SVE. */
  readonly sveVl?: number;
  readonly cpus: number;
  /** Switches to replace in the model's row, for versions inside its range. */
  readonly overrides?: Partial<Profile>;
}

export type DebugView = { readonly debug_dirty: boolean } | { readonly debug_owner: Owner };

export interface Literal {
  readonly profile: Profile;
  step(event: TraceEvent): void;
  /** fp_owner as the hypervisor sees it; in the models before the series that of the vCPU loaded, or last loaded, there. */
  owner(cpu: number): Owner;
  /** fp_owner in the instance that the kernel's accessor reaches. */
  ownerKernel(cpu: number): Owner;
  /** Whose value the registers hold: `none`, `task:7`, `vcpu:0/1`, `kneon:7` (also a dead value). */
  registers(cpu: number): string;
  /** The registers hold the newest value of the entity. */
  valid(cpu: number, entity: string): boolean;
  /** Where the newest value of the entity is: `mem` or `cpu:N`. */
  auth(entity: string): string;
  /** TIF_FOREIGN_FPSTATE of a task; pid 0 is the idle task of `cpu`. */
  tif(task: number, cpu?: number): boolean;
  /** pid of the current task. */
  current(cpu: number): number;
  /** `vcpu:0/1` while one is loaded, else `none`. */
  loaded(cpu: number): string;
  running(cpu: number): boolean;
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
  /** `0/1`, ... */
  vcpus(): Iterable<string>;
}

/** Throws where the model or the mode is not covered. */
export function createLiteral(model: string, mode: string, options: LiteralOptions): Literal {
  const row = PROFILES[model];
  if (row === undefined) throw new Error(`no such model: ${model}`);
  const profile = { ...row, ...options.overrides };
  if (!modesOf(profile).includes(mode as Mode)) throw new Error(`${model} is not modelled in mode ${mode}`);
  const m: Machine = {
    profile,
    mode: mode as Mode,
    sveVl: options.sveVl ?? 0,
    cpus: Array.from({ length: options.cpus }, (_, id) => createCpu(id)),
    tasks: new Map(),
    vcpus: new Map(),
    entities: new Map(),
    bytes: 0,
    debugSwitches: 0,
    incidents: { lost: 0, staleLoad: 0, staleSave: 0, foreignSave: 0, foreignRun: 0 },
  };
  return { profile, step: (event) => step(m, event), ...accessors(m) };
}

function cpuAt(m: Machine, id: number): Cpu {
  const cpu = m.cpus[id];
  if (cpu === undefined) throw new Error(`no such CPU: ${id}`);
  return cpu;
}

/** An entity by name; `task:0` and `kneon:PID` cannot be asked for. */
function entityOf(m: Machine, name: string): Entity {
  const entity = m.entities.get(name);
  if (entity === undefined) throw new Error(`no such entity: ${name}`);
  return entity;
}

function vcpuAt(m: Machine, key: string): Vcpu {
  const v = m.vcpus.get(key);
  if (v === undefined) throw new Error(`no such vCPU: ${key}`);
  return v;
}

function accessors(m: Machine): Omit<Literal, 'profile' | 'step'> {
  function owner(id: number, ctx: Context): Owner {
    const cpu = cpuAt(m, id);
    if (m.profile.ownerLoc === 'vcpu') return cpu.lastVcpu === null ? 'free' : cpu.lastVcpu.fp_state;
    return inst(m, cpu, ctx).fp_owner;
  }
  const places = m.cpus.map((cpu) => `cpu:${cpu.id}`);
  return {
    owner: (cpu) => owner(cpu, 'HYP'),
    ownerKernel: (cpu) => owner(cpu, 'KERNEL'),
    registers: (cpu) => cpuAt(m, cpu).hw.entity?.name ?? 'none',
    valid: (cpu, entity) => valid(cpuAt(m, cpu), entityOf(m, entity)),
    auth(entity) {
      const at = entityOf(m, entity).auth;
      return at === MEM ? 'mem' : (places[at] ?? `cpu:${at}`);
    },
    tif: (task, cpu = 0) => taskOf(m, cpuAt(m, cpu), task).TIF_FOREIGN_FPSTATE,
    current: (cpu) => cpuAt(m, cpu).current.pid,
    loaded: (cpu) => cpuAt(m, cpu).vcpu?.name ?? 'none',
    running: (cpu) => cpuAt(m, cpu).inGuest,
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
    vcpus: () => m.vcpus.keys(),
  };
}
