/** What a task or a vCPU is: the same wherever it is, and as a CPU has it. */

import type { Cpu } from '../kernel/state/cpu.ts';
import { type Entity, UNNAMED } from '../kernel/state/entity.ts';
import type { Task } from '../kernel/state/task.ts';
import type { Vcpu } from '../kernel/state/vcpu.ts';
import { Interned, isHere, type Teller, type Template, templateOf, writeTemplate } from './parts.ts';

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

export interface Objects {
  /** What a task or a vCPU is to a CPU. */
  part(of: Task | Vcpu, cpu: Cpu): Part;
  newPart(templates: readonly Template[], is: Anywhere | undefined): Part;
  /** Writes the small values of an object. */
  write(of: Task | Vcpu, part: Part, cpu: Cpu): void;
  /** The object may have become anything; all of them may. */
  forget(of: object): void;
  forgetAll(): void;
}

export const isVcpu = (of: Task | Vcpu): of is Vcpu => 'debug_dirty' in of;

/** Which of the numbers of somebody's values are his newest. */
export function newestOf(of: Entity): number {
  const values = bit(of.memory === of.generation, 1) + bit(of.fpmrMemory === of.fpmr, 2);
  return values + bit(of.zaMemory === of.zaGeneration, 4);
}

/** `teller`: nothing else is told while an object is. */
export function createObjects(teller: Teller): Objects {
  const [tasks, vcpus] = [new Interned<Anywhere>(), new Interned<Anywhere>()];
  /** What objects are, since when. */
  const known = new Map<object, { is: Anywhere; age: number }>();
  let age = 0;
  let parts = 0;

  function newPart(templates: readonly Template[], is: Anywhere | undefined): Part {
    return { number: parts++, templates, is, comers: new Map() };
  }

  function tellTask(task: Task): void {
    const { id, kernelNeon } = task;
    teller.put(id === UNNAMED ? 1 : id === 0 ? 2 : 3);
    teller.small('task', task, undefined);
    teller.put(newestOf(task));
    if (kernelNeon === undefined) return;
    teller.small('neon', kernelNeon, undefined);
    teller.put(newestOf(kernelNeon));
  }

  function tellVcpu(vcpu: Vcpu): void {
    teller.small('vcpu', vcpu, undefined);
    teller.put(newestOf(vcpu));
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

  return {
    part,
    newPart,
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

export const bit = (is: boolean, value: number): number => Number(is) * value;

function templatesOfTask(task: Task, cpu: Cpu): readonly Template[] {
  const own = templateOf('task', task, cpu);
  return task.kernelNeon === undefined ? [own] : [own, templateOf('neon', task.kernelNeon, cpu)];
}
