/**
 * The situation of a CPU: everything that a step on it reads, but for who it is that runs and what is counted. A task, a vCPU or
 * a line of the trace is told by what it is to the others (the current task, the loaded vCPU, the same, another), so that the
 * same step in the same situation does the same, whoever is in it.
 */

import type { Cpu, HostData } from '../kernel/state/cpu.ts';
import { anybody, type Entity, nobody } from '../kernel/state/entity.ts';
import type { Machine } from '../kernel/state/machine.ts';
import type { Task } from '../kernel/state/task.ts';
import type { Vcpu } from '../kernel/state/vcpu.ts';
import { bit, createObjects, isVcpu, newestOf, type Objects, type Part } from './objects.ts';
import { Interned, isHere, Teller, type Template, templateOf, writeTemplate } from './parts.ts';

export interface Situation {
  readonly number: number;
  readonly cpu: Part;
  readonly task: Part;
  readonly vcpu: Part | undefined;
  /** What steps do in it that bring somebody in: by comer and symbol. */
  withComer: Map<number, number> | undefined;
  /** The same without the vCPU, which has been somewhere else. */
  alone: Situation | undefined;
}

/** It cannot be told: a step may depend on more. */
export const UNTOLD = undefined;

export interface Situations {
  /** What tasks and vCPUs are. */
  readonly objects: Objects;
  readonly all: readonly Situation[];
  /** `vcpu`: the one that is loaded, or was last and has not been anywhere else since. */
  of(cpu: Cpu, vcpu: Vcpu | undefined): Situation | undefined;
  /** One who comes in: what he is, and what he is to those that are there. */
  comer(cpu: Cpu, vcpu: Vcpu | undefined, comer: Task | Vcpu): number;
}

/** Roles of whom a reference means: up to OF_NOBODY nobody who has anything, OTHER somebody who is not in the situation. */
const OF_NOBODY = 2;
const OTHER = 7;

export function createSituations({ profile }: Pick<Machine, 'profile'>): Situations {
  const teller = new Teller();
  const cpus = new Interned<Part>();
  const objects = createObjects(teller);
  const { part } = objects;
  const byParts = new Map<number, Situation>();
  const all: Situation[] = [];
  let comers = 0;
  /** The objects beside those in the situation that it has to do with, in the order in which they are met. */
  let others: Entity[] = [];

  function roleOf(of: Entity | undefined, cpu: Cpu, vcpu: Vcpu | undefined): number {
    const { current } = cpu;
    if (of === undefined) return 0;
    if (of === nobody) return 1;
    if (of === anybody) return OF_NOBODY;
    if (of === current) return 3;
    if (of === current.kernelNeon) return 4;
    if (of === vcpu) return 5;
    return of === cpu.softirqNeon ? 6 : OTHER;
  }

  /** He is in the situation, with what he has. */
  function isToldOf(of: Entity, cpu: Cpu, vcpu: Vcpu | undefined): boolean {
    const role = roleOf(of, cpu, vcpu);
    return role > OF_NOBODY && role < OTHER;
  }

  function tellReference(of: Entity | undefined, cpu: Cpu, vcpu: Vcpu | undefined): void {
    const role = roleOf(of, cpu, vcpu);
    if (role !== OTHER || of === undefined) {
      teller.put(role);
      return;
    }
    let index = others.indexOf(of);
    if (index < 0) index = others.push(of) - 1;
    // What only this CPU has of somebody else is a part of his state.
    if (isHere(of.zaAuth, cpu) || isHere(of.auth, cpu)) teller.isUntold = true;
    teller.put(16 + index * 8 + of.kind);
  }

  /** Whose value the registers hold, and which: as the run found them only while it lasts. */
  function tellHolders(cpu: Cpu, vcpu: Vcpu | undefined): void {
    tellHolder(cpu.holder, cpu.generation, cpu, vcpu, 0);
    if (cpu.running) tellHolder(cpu.entryHolder, cpu.entryGeneration, cpu, vcpu, 1);
    else teller.put(-1);
    tellHolder(cpu.el2Holder, cpu.el2Generation, cpu, vcpu, 2);
    const { zaHolder, zaGeneration } = cpu;
    tellReference(zaHolder, cpu, vcpu);
    const isTold = isToldOf(zaHolder, cpu, vcpu);
    teller.put(!isTold ? 4 : zaGeneration === zaHolder.zaGeneration ? 0 : zaGeneration === zaHolder.zaMemory ? 1 : 2);
  }

  function tellHolder(holder: Entity, value: number, cpu: Cpu, vcpu: Vcpu | undefined, earlier: number): void {
    tellReference(holder, cpu, vcpu);
    const isTold = isToldOf(holder, cpu, vcpu);
    if (isTold && value === holder.generation) teller.put(0);
    else if (isTold && value === holder.memory) teller.put(1);
    else if (earlier > 0 && cpu.holder === holder && cpu.generation === value) teller.put(2);
    else if (earlier > 1 && cpu.running && cpu.entryHolder === holder && cpu.entryGeneration === value) teller.put(3);
    else teller.put(4);
  }

  function tellInstance(of: HostData, cpu: Cpu, vcpu: Vcpu | undefined): void {
    teller.small('instance', of, cpu);
    tellReference(of.fpsimd_state, cpu, vcpu);
    tellReference(of.__hyp_running_vcpu, cpu, vcpu);
    teller.put((of.fp_ownerLine === 0 ? 0 : 1) + (of.fp_ownerEvent === 0 ? 0 : 2));
  }

  /** What the tasks of a vCPU are to the current one. */
  function tasksOf({ task, mapped }: Vcpu, current: Task): number {
    const code = (of: Task | undefined): number => (of === undefined ? 0 : of === current ? 1 : 2);
    return code(task) + 3 * code(mapped) + (task === mapped ? 9 : 0);
  }

  function cpuPart(cpu: Cpu, vcpu: Vcpu | undefined): Part | undefined {
    if (dependsOnOthers(cpu, vcpu)) return UNTOLD;
    others = [];
    teller.begin();
    teller.small('cpu', cpu, cpu);
    tellHolders(cpu, vcpu);
    for (const of of [cpu.loaded, cpu.lastLoaded, cpu.last]) tellReference(of, cpu, vcpu);
    const isRestored = cpu.pmuserenr === cpu.pmuserenrSaved;
    teller.put((cpu.window === 0 ? 0 : 1) + (cpu.exitImpliedLine === 0 ? 0 : 2) + (isRestored ? 4 : 0));
    tellInstance(cpu.vhe, cpu, vcpu);
    tellInstance(cpu.nvhe, cpu, vcpu);
    teller.small('neon', cpu.softirqNeon, cpu);
    teller.put(newestOf(cpu.softirqNeon));
    teller.put(vcpu === undefined ? -1 : tasksOf(vcpu, cpu.current));
    return teller.isUntold ? UNTOLD : cpus.of(teller, () => objects.newPart(templatesOfCpu(cpu), undefined));
  }

  /** Somebody who is not in the situation would be saved, or asked for what he has. */
  function dependsOnOthers(cpu: Cpu, vcpu: Vcpu | undefined): boolean {
    const { current, last, loaded } = cpu;
    if (current === cpu.stranger || cpu.lossOpen) return true;
    if (roleOf(last, cpu, vcpu) === OTHER && current.tif_foreign_fpstate !== 1) return true;
    if (loaded === undefined) return false;
    if (loaded !== vcpu || roleOf(cpu.hyp.fpsimd_state, cpu, vcpu) === OTHER) return true;
    return profile.ownerLoc === 'vcpu' && loaded.mapped !== undefined && loaded.mapped !== current;
  }

  /** What one who comes in is to those that are there, as a number below 2^21. */
  function relationOf(cpu: Cpu, vcpu: Vcpu | undefined, comer: Task | Vcpu): number {
    const neon = isVcpu(comer) ? undefined : comer.kernelNeon;
    const held = (holder: Entity, value: number, za: boolean): number => {
      if (holder !== comer && (neon === undefined || holder !== neon)) return 0;
      const isNewest = value === (za ? holder.zaGeneration : holder.generation);
      const isInMemory = value === (za ? holder.zaMemory : holder.memory);
      return (holder === comer ? 1 : 4) + (isNewest ? 0 : isInMemory ? 1 : 2);
    };
    let code = held(cpu.holder, cpu.generation, false);
    code = code * 7 + (cpu.running ? held(cpu.entryHolder, cpu.entryGeneration, false) : 0);
    code = code * 7 + held(cpu.el2Holder, cpu.el2Generation, false);
    code = code * 7 + held(cpu.zaHolder, cpu.zaGeneration, true);
    code = code * 3 + bit(cpu.last === comer, 1) + bit(neon !== undefined && cpu.last === neon, 2);
    const { vhe, nvhe } = cpu;
    if (isVcpu(comer)) {
      const runs = bit(vhe.__hyp_running_vcpu === comer, 1) + bit(nvhe.__hyp_running_vcpu === comer, 2);
      return (code * 8 + runs + bit(cpu.lastLoaded === comer, 4)) * 18 + tasksOf(comer, cpu.current);
    }
    const saves = bit(vhe.fpsimd_state === comer, 1) + bit(nvhe.fpsimd_state === comer, 2);
    return (code * 4 + saves) * 4 + bit(vcpu?.task === comer, 1) + bit(vcpu?.mapped === comer, 2);
  }

  return {
    all,
    of(cpu, vcpu) {
      const ofCpu = cpuPart(cpu, vcpu);
      if (ofCpu === UNTOLD) return UNTOLD;
      const ofTask = part(cpu.current, cpu);
      const ofVcpu = vcpu && part(vcpu, cpu);
      const key = (ofCpu.number * 0x20000 + ofTask.number) * 0x20000 + (ofVcpu === undefined ? 0 : ofVcpu.number + 1);
      const found = byParts.get(key);
      if (found !== undefined) return found;
      const made: Situation = {
        number: all.length,
        cpu: ofCpu,
        task: ofTask,
        vcpu: ofVcpu,
        withComer: undefined,
        alone: undefined,
      };
      byParts.set(key, made);
      all.push(made);
      return made;
    },
    comer(cpu, vcpu, comer) {
      const is = part(comer, cpu);
      const relation = relationOf(cpu, vcpu, comer);
      let number = is.comers.get(relation);
      if (number === undefined) {
        number = comers++;
        is.comers.set(relation, number);
      }
      return number;
    },
    objects,
  };
}

function templatesOfCpu(cpu: Cpu): readonly Template[] {
  return [
    templateOf('cpu', cpu, cpu),
    templateOf('instance', cpu.vhe, cpu),
    templateOf('instance', cpu.nvhe, cpu),
    templateOf('neon', cpu.softirqNeon, cpu),
  ];
}

/** Writes the small values of a CPU and what is in it. */
export function writeCpu(cpu: Cpu, { templates }: Part): void {
  const [own, vhe, nvhe, softirq] = templates as readonly [Template, Template, Template, Template];
  writeTemplate('cpu', cpu, own, cpu);
  writeTemplate('instance', cpu.vhe, vhe, cpu);
  writeTemplate('instance', cpu.nvhe, nvhe, cpu);
  writeTemplate('neon', cpu.softirqNeon, softirq, cpu);
}
