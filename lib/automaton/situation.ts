/**
 * The situation of a CPU: everything that a step on it reads, but for who it is that runs and what is counted. A task, a vCPU or
 * a line of the trace is told by what it is to the others (the current task, the loaded vCPU, the same, another), so that the
 * same step in the same situation does the same, whoever is in it.
 */

import type { Cpu, HostData } from '../kernel/state/cpu.ts';
import { anybody, type Entity, nobody, UNNAMED } from '../kernel/state/entity.ts';
import type { Machine } from '../kernel/state/machine.ts';
import type { Task } from '../kernel/state/task.ts';
import type { Vcpu } from '../kernel/state/vcpu.ts';
import { isHere, Teller, type Template, Told, templateOf, writeTemplate } from './parts.ts';

/** What a CPU, a task or a vCPU is in a situation. */
export interface Part {
  readonly number: number;
  /** Of the objects that it is of: the CPU and what is in it, or the task and its kernel-mode NEON state, or the vCPU. */
  readonly templates: readonly Template[];
  /** Of a task or a vCPU: the same as any CPU has it. */
  readonly is: Anywhere | undefined;
  /** Numbers of comers, by what one who comes in so is to those that are there. */
  readonly comers: Map<number, number>;
}

/** What is the same of a task or a vCPU wherever it is. */
interface Anywhere {
  /** As a CPU has it: by which of its numbers are that CPU's. */
  readonly parts: (Part | undefined)[];
}

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
  readonly all: readonly Situation[];
  /** `vcpu`: the one that is loaded, or was last and has not been anywhere else since. */
  of(cpu: Cpu, vcpu: Vcpu | undefined): Situation | undefined;
  /** One who comes in: what he is, and what he is to those that are there. */
  comer(cpu: Cpu, vcpu: Vcpu | undefined, comer: Task | Vcpu): number;
  /** What a task or a vCPU is to a CPU. */
  part(of: Task | Vcpu, cpu: Cpu): Part;
  /** Writes the small values of an object. */
  write(of: Task | Vcpu, part: Part, cpu: Cpu): void;
  /** The object may have become anything; all of them may. */
  forget(of: object): void;
  forgetAll(): void;
}

const isVcpu = (of: Task | Vcpu): of is Vcpu => 'debug_dirty' in of;

/** Whom a reference means. */
const OTHER = 7;

export function createSituations({ profile }: Pick<Machine, 'profile'>): Situations {
  const teller = new Teller();
  const cpus = new Told<Part>();
  const [tasks, vcpus] = [new Told<Anywhere>(), new Told<Anywhere>()];
  const byParts = new Map<number, Situation>();
  const all: Situation[] = [];
  /** What objects are, since when. */
  const known = new Map<object, { is: Anywhere; age: number }>();
  let age = 0;
  let parts = 0;
  let comers = 0;
  /** The objects beside those in the situation that it has to do with, in the order in which they are met. */
  let others: Entity[] = [];

  function roleOf(of: Entity | undefined, cpu: Cpu, vcpu: Vcpu | undefined): number {
    const { current } = cpu;
    if (of === undefined) return 0;
    if (of === nobody) return 1;
    if (of === anybody) return 2;
    if (of === current) return 3;
    if (of === current.kernelNeon) return 4;
    if (of === vcpu) return 5;
    return of === cpu.softirqNeon ? 6 : OTHER;
  }

  /** He is in the situation, with what he has. */
  function isToldOf(of: Entity, cpu: Cpu, vcpu: Vcpu | undefined): boolean {
    const role = roleOf(of, cpu, vcpu);
    return role > 2 && role < OTHER;
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

  function tellEntity(of: Entity): void {
    const isNewest = (of.memory === of.generation ? 1 : 0) + (of.fpmrMemory === of.fpmr ? 2 : 0);
    teller.put(isNewest + (of.zaMemory === of.zaGeneration ? 4 : 0));
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
    tellEntity(cpu.softirqNeon);
    teller.put(vcpu === undefined ? -1 : tasksOf(vcpu, cpu.current));
    return teller.isUntold ? UNTOLD : cpus.of(teller, () => newPart(templatesOfCpu(cpu), undefined));
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

  function newPart(templates: readonly Template[], is: Anywhere | undefined): Part {
    return { number: parts++, templates, is, comers: new Map() };
  }

  function tellTask(task: Task): void {
    const { id, kernelNeon } = task;
    teller.put(id === UNNAMED ? 1 : id === 0 ? 2 : 3);
    teller.small('task', task, undefined);
    tellEntity(task);
    if (kernelNeon === undefined) return;
    teller.small('neon', kernelNeon, undefined);
    tellEntity(kernelNeon);
  }

  function tellVcpu(vcpu: Vcpu): void {
    teller.small('vcpu', vcpu, undefined);
    tellEntity(vcpu);
    const { vectorsWritten, zaWritten, fp_stateLine, fp_stateEvent } = vcpu;
    teller.put((vectorsWritten === 0 ? 0 : 1) + (zaWritten === 0 ? 0 : 2));
    teller.put((fp_stateLine === 0 ? 0 : 1) + (fp_stateEvent === 0 ? 0 : 2));
  }

  function anywhere(of: Task | Vcpu): Anywhere {
    const found = known.get(of);
    if (found !== undefined && found.age === age) return found.is;
    teller.begin();
    if (isVcpu(of)) tellVcpu(of);
    else tellTask(of);
    const is = (isVcpu(of) ? vcpus : tasks).of(teller, () => ({ parts: [] }));
    know(of, is);
    return is;
  }

  function know(of: object, is: Anywhere): void {
    const found = known.get(of);
    if (found === undefined) known.set(of, { is, age });
    else {
      found.is = is;
      found.age = age;
    }
  }

  function part(of: Task | Vcpu, cpu: Cpu): Part {
    const is = anywhere(of);
    const mine = isVcpu(of) ? numbersOfVcpu(of, cpu) : numbersOfTask(of, cpu);
    const found = is.parts[mine];
    if (found !== undefined) return found;
    const made = newPart(isVcpu(of) ? [templateOf('vcpu', of, cpu)] : templatesOfTask(of, cpu), is);
    is.parts[mine] = made;
    return made;
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
    part,
    write(of, { templates, is }, cpu) {
      const [own, neon] = templates as readonly [Template, Template?];
      writeTemplate(isVcpu(of) ? 'vcpu' : 'task', of, own, cpu);
      if (!isVcpu(of) && of.kernelNeon !== undefined) writeTemplate('neon', of.kernelNeon, neon as Template, cpu);
      know(of, is as Anywhere);
    },
    forget: (of) => known.delete(of),
    forgetAll() {
      age += 1;
    },
  };
}

/** Which of the numbers of a task are those of the CPU, as bits. */
function numbersOfTask({ auth, zaAuth, fpsimd_cpu, cpu: on, kernelNeon: neon }: Task, cpu: Cpu): number {
  const { id } = cpu;
  const own = bit(isHere(auth, cpu), 1) + bit(isHere(zaAuth, cpu), 2) + bit(fpsimd_cpu === id, 4) + bit(on === id, 8);
  return neon === undefined ? own : own + bit(isHere(neon.auth, cpu), 16) + bit(isHere(neon.zaAuth, cpu), 32);
}

function numbersOfVcpu(of: Vcpu, cpu: Cpu): number {
  const { id, window, running } = cpu;
  const { mdcr_el2_hostWindow: read, host_debug_state } = of;
  const own = bit(isHere(of.auth, cpu), 1) + bit(isHere(of.zaAuth, cpu), 2) + bit(of.cpu === id, 4);
  const debug = bit(of.mdcr_el2_host === id, 8) + bit(running && host_debug_state === id, 16);
  return own + debug + bit(read !== 0 && read === window, 32);
}

const bit = (is: boolean, value: number): number => Number(is) * value;

function templatesOfTask(task: Task, cpu: Cpu): readonly Template[] {
  const own = templateOf('task', task, cpu);
  return task.kernelNeon === undefined ? [own] : [own, templateOf('neon', task.kernelNeon, cpu)];
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
