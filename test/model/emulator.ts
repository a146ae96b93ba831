/** The emulator as a probe: what it says of a machine, in the words of the literal model. */

import { STEP } from '../../lib/kernel/costs.ts';
import { createMachine, type Machine, vcpuInQuestion, type Watcher } from '../../lib/kernel/machine.ts';
import { MODELS, type Mode } from '../../lib/kernel/profiles.ts';
import { valid } from '../../lib/kernel/registers.ts';
import {
  ANYBODY,
  type Cpu,
  DEBUG_HOST,
  type Entity,
  IN_MEMORY,
  KERNEL_NEON,
  nameOf,
  OWNER_NAMES,
  UNKNOWN,
  UNKNOWN_OWNER,
  type Vcpu,
} from '../../lib/kernel/state.ts';
import { step } from '../../lib/kernel/step.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import type { TraceEvent } from './literal.ts';
import type { Probe } from './lockstep.ts';
import type { Owner } from './machine.ts';

export interface Emulator extends Required<Probe> {
  step(event: TraceEvent): void;
  /** Steps that were supplied, and events that could not be followed: none in a walk whose past is known. */
  readonly doubts: string[];
}

const PAYLOADS: readonly number[] = [STEP.fpsimd_save, STEP.fpsimd_load, STEP.sve_save, STEP.sve_load];

/** `sveVl` in bytes; 0: no SVE. Throws where there is no such model. */
export function createEmulator(model: string, mode: Mode, sveVl: number): Emulator {
  const profile = MODELS.find(({ name }) => name === model)?.profile;
  if (profile === undefined) throw new Error(`no such model: ${model}`);
  let bytes = 0;
  let switches = 0;
  const doubts: string[] = [];
  const nothing = () => {};
  const watch: Watcher = {
    moment: nothing,
    transition: nothing,
    amended: nothing,
    debugSwitch: (_cpu, from) => {
      if (from === DEBUG_HOST) switches++;
    },
    charge: (what, moved) => {
      if (PAYLOADS.includes(what)) bytes += moved;
    },
    implied: nothing,
    assumed: (what) => doubts.push(what),
    unfollowed: (what) => doubts.push(what),
    observed: nothing,
    refused: nothing,
  };
  const event = createEventRecord();
  const features = { sveVl, smeVl: 0, brps: 6, wrps: 4, features: new Set<string>() };
  const machine = createMachine(profile, mode, features, false, watch, event);
  return {
    doubts,
    step(next) {
      const error = decode(next, event);
      if (error !== undefined) throw new Error(`${JSON.stringify(next)}: ${error.field}: ${error.expected}`);
      event.line++;
      step(machine, event);
    },
    ...answers(machine),
    bytes: () => bytes,
    debugSwitches: () => switches,
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

function answers(machine: Machine): Required<Omit<Probe, 'bytes' | 'debugSwitches'>> {
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
  return {
    owner: (cpu) => ownerAt(cpu, 'hyp'),
    ownerKernel: (cpu) => ownerAt(cpu, 'kernel'),
    registers: (id) => word(cpuAt(machine, id), cpuAt(machine, id).holder),
    valid: (cpu, name) => truth(valid(cpuAt(machine, cpu), entityOf(name))),
    auth(name) {
      const { auth } = entityOf(name);
      return auth === IN_MEMORY ? 'mem' : auth < 0 ? undefined : `cpu:${auth}`;
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
