/** The emulator as a probe: what it says of a machine, in the words of the literal model. */

import { HOLDS } from '../../lib/check/rule.ts';
import { RULES } from '../../lib/check/rules.ts';
import { STEP } from '../../lib/costs/steps.ts';
import { step } from '../../lib/kernel/events/step.ts';
import type { Cpu } from '../../lib/kernel/state/cpu.ts';
import {
  ANYBODY,
  AT_EL2,
  type Entity,
  IN_MEMORY,
  KERNEL_NEON,
  nameOf,
  nobody,
  UNKNOWN,
} from '../../lib/kernel/state/entity.ts';
import { createMachine, type Machine, ownerOfHyp, vcpuInQuestion } from '../../lib/kernel/state/machine.ts';
import { MOMENT, MOMENTS } from '../../lib/kernel/state/moments.ts';
import { GUEST_OWNED, OWNER_NAMES, UNKNOWN_OWNER } from '../../lib/kernel/state/owner.ts';
import { valid } from '../../lib/kernel/state/registers.ts';
import type { Task } from '../../lib/kernel/state/task.ts';
import { DEBUG_HOST, type Vcpu } from '../../lib/kernel/state/vcpu.ts';
import { NOTHING_HIDDEN, type Watcher } from '../../lib/kernel/state/watcher.ts';
import { zaValid } from '../../lib/kernel/state/za.ts';
import { MODELS } from '../../lib/models/models.ts';
import type { Mode } from '../../lib/models/profile.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import type { TraceEvent } from './literal.ts';
import type { WideProbe } from './lockstep.ts';
import type { Owner, Result } from './machine.ts';

/** The emulator does not refuse a run: FP-14 tells of it. */
type Answers = Required<Omit<WideProbe, 'refused'>>;

export interface Emulator extends Answers {
  step(event: TraceEvent): void;
  /** Steps that were supplied, and events that could not be followed: none in a walk whose past is known. */
  readonly doubts: string[];
}

const PAYLOADS: readonly number[] = [
  ...[STEP.fpsimd_save, STEP.fpsimd_load, STEP.sve_save, STEP.sve_load],
  ...[STEP.za_save, STEP.za_load],
];

/** What they say of the state must hold in every walk, and be known: there are few bad traces of ZA. */
const OF_ZA = RULES.filter(({ id }) => id === 'SM-08' || id === 'SM-09');

/** Vector lengths in bytes; 0: no SVE, no SME. `features`: those of `meta`. Throws where there is no such model. */
export function createEmulator(
  model: string,
  mode: Mode,
  sveVl: number,
  smeVl = 0,
  features: readonly string[] = [],
): Emulator {
  const profile = MODELS.find(({ name }) => name === model)?.profile;
  if (profile === undefined) throw new Error(`no such model: ${model}`);
  let bytes = 0;
  let switches = 0;
  let result: Result = 'ok';
  const doubts: string[] = [];
  const nothing = () => {};
  const watch: Watcher = {
    ...NOTHING_HIDDEN,
    moment(moment, cpu, subject = nobody) {
      for (const { id, at, check } of OF_ZA) {
        const isThen = at.some((name) => MOMENT[name] === moment);
        if (isThen && check(machine, cpu, moment, subject, '') !== HOLDS) doubts.push(`${id}: ${MOMENTS[moment]}`);
      }
    },
    transition: nothing,
    amended: nothing,
    debugSwitch: (_cpu, from) => {
      if (from === DEBUG_HOST) switches++;
    },
    uncertain() {},
    charge: (what, moved) => {
      if (PAYLOADS.includes(what)) bytes += moved;
    },
    implied: nothing,
    assumed: (what) => doubts.push(what),
    unfollowed: (what) => doubts.push(what),
    confirmed: nothing,
    observed: nothing,
    refused: (errno) => {
      result = errno as Result;
    },
  };
  const event = createEventRecord();
  const has = { sveVl, smeVl, brps: 6, wrps: 4, features: new Set(features) };
  const machine = createMachine(profile, mode, has, false, watch, event);
  return {
    doubts,
    step(next) {
      const error = decode(next, event);
      if (error !== undefined) throw new Error(`${JSON.stringify(next)}: ${error.field}: ${error.expected}`);
      event.line++;
      result = 'ok';
      step(machine, event);
    },
    ...answers(machine),
    bytes: () => bytes,
    debugSwitches: () => switches,
    lastResult: () => result,
  };
}

function cpuAt(machine: Machine, id: number): Cpu {
  const cpu = machine.cpus[id];
  if (cpu === undefined) throw new Error(`no such CPU: ${id}`);
  return cpu;
}

/** `vcpu` as `0/1`. */
function vcpuAt(machine: Machine, key: string): Vcpu {
  const [vm, id] = key.split('/');
  const vcpu = machine.vcpus.get(Number(vm))?.get(Number(id));
  if (vcpu === undefined) throw new Error(`no such vCPU: ${key}`);
  return vcpu;
}

const ownerWord = (owner: number): Owner | undefined =>
  owner === UNKNOWN_OWNER ? undefined : (OWNER_NAMES[owner] as Owner);
const truth = (value: number): boolean | undefined => (value === UNKNOWN ? undefined : value === 1);

/** Where a newest value is. */
function place(auth: number): string | undefined {
  if (auth <= AT_EL2) return `hyp:${AT_EL2 - auth}`;
  return auth === IN_MEMORY ? 'mem' : auth < 0 ? undefined : `cpu:${auth}`;
}

/** SVCR as a number; undefined where a bit of it is not known. */
const svcrBits = (sm: number, za: number): number | undefined =>
  sm === UNKNOWN || za === UNKNOWN ? undefined : sm + 2 * za;

function answers(machine: Machine): Omit<Answers, 'bytes' | 'debugSwitches' | 'lastResult'> {
  const { profile } = machine;
  const entities = new Map<string, Entity>();
  /** Looked up once: entities live as long as the machine. */
  function entityOf(name: string): Entity {
    const known = entities.get(name);
    if (known !== undefined) return known;
    const [kind, id = ''] = name.split(':');
    const entity = kind === 'task' ? machine.tasks.get(Number(id)) : vcpuAt(machine, id);
    if (entity === undefined) throw new Error(`no such entity: ${name}`);
    entities.set(name, entity);
    return entity;
  }
  function ownerAt(id: number, instance: 'hyp' | 'kernel'): Owner | undefined {
    const cpu = cpuAt(machine, id);
    if (profile.ownerLoc === 'hd') return ownerWord(cpu[instance].fp_owner);
    const vcpu = vcpuInQuestion(cpu);
    return vcpu === undefined ? undefined : ownerWord(vcpu.fp_state);
  }
  function word(cpu: Cpu, entity: Entity): string | undefined {
    if (entity.kind === ANYBODY) return undefined;
    if (entity.kind !== KERNEL_NEON) return nameOf(entity);
    return `kneon:${entity === cpu.softirqNeon ? cpu.current.id : entity.id}`;
  }
  /** What EL2 keeps while the guest has the registers, or may take them. */
  function atEl2(cpu: Cpu): Entity | undefined {
    const { loaded, running } = cpu;
    if (!machine.pkvmEager || !running || loaded === undefined) return undefined;
    return loaded.sme || ownerOfHyp(machine, cpu, loaded) === GUEST_OWNED ? cpu.el2Holder : undefined;
  }
  return {
    owner: (cpu) => ownerAt(cpu, 'hyp'),
    ownerKernel: (cpu) => ownerAt(cpu, 'kernel'),
    registers: (id) => word(cpuAt(machine, id), cpuAt(machine, id).holder),
    valid: (cpu, name) => truth(valid(cpuAt(machine, cpu), entityOf(name))),
    auth: (name) => place(entityOf(name).auth),
    za(id) {
      const cpu = cpuAt(machine, id);
      return cpu.svcr_za === 1 ? word(cpu, cpu.zaHolder) : 'off';
    },
    zaValid: (cpu, name) => truth(zaValid(cpuAt(machine, cpu), entityOf(name))),
    zaAuth: (name) => place(entityOf(name).zaAuth),
    hypHolds(id) {
      const cpu = cpuAt(machine, id);
      const entity = atEl2(cpu);
      return entity === undefined ? 'none' : word(cpu, entity);
    },
    svcr(id) {
      const { svcr_sm, svcr_za } = cpuAt(machine, id);
      return svcrBits(svcr_sm, svcr_za);
    },
    svcrOf(name) {
      const { svcr_sm, svcr_za } = entityOf(name) as Task | Vcpu;
      return svcrBits(svcr_sm, svcr_za);
    },
    tif: (_task, cpu) => truth(cpuAt(machine, cpu).current.tif_foreign_fpstate),
    current: (cpu) => cpuAt(machine, cpu).current.id,
    loaded(id) {
      const { loaded } = cpuAt(machine, id);
      return loaded === undefined ? 'none' : nameOf(loaded);
    },
    running: (cpu) => cpuAt(machine, cpu).running,
    last: (id) => word(cpuAt(machine, id), cpuAt(machine, id).last),
    debug(key) {
      const vcpu = vcpuAt(machine, key);
      if (profile.dbg === 'dirty') {
        const dirty = truth(vcpu.debug_dirty);
        return dirty === undefined ? undefined : { debug_dirty: dirty };
      }
      const owner = ownerWord(vcpu.debug_owner);
      return owner === undefined ? undefined : { debug_owner: owner };
    },
    tda(id) {
      const { loaded } = cpuAt(machine, id);
      return loaded === undefined ? undefined : truth(loaded.tda);
    },
  };
}
