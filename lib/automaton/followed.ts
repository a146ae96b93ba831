/** CPUs that are followed by the table: their situations, and whose small values they speak for. */

import type { Cpu } from '../kernel/state/cpu.ts';
import type { Machine } from '../kernel/state/machine.ts';
import type { Task } from '../kernel/state/task.ts';
import type { Vcpu } from '../kernel/state/vcpu.ts';
import { enter, type Stage, stageOf } from './actions.ts';
import type { Part } from './objects.ts';
import { createSituations, type Situation, type Situations, writeCpu } from './situation.ts';
import type { Tallies, Tally } from './tallies.ts';

/** Number of a situation that is not known, or cannot be told. */
export const NOWHERE = -1;

export interface Followed {
  readonly cpu: Cpu;
  readonly stage: Stage;
  /** Number of its situation. */
  at: number;
  /** The vCPU in it: the one that is loaded, or was last and has not been anywhere else since. */
  vcpu: Vcpu | undefined;
  /** The small values of the objects are older than the situation. */
  isAhead: boolean;
  /** What was told of it with this vCPU. */
  tally: Tally;
}

export interface Following {
  /** By CPU number. */
  readonly all: readonly (Followed | undefined)[];
  readonly situations: Situations;
  /** From now on, if it is not. */
  follow(cpu: Cpu): void;
  situationOf(of: Followed): Situation | undefined;
  /** Finds the situation of a CPU whose values are up to date. */
  look(of: Followed): void;
  /** How often that was done: it takes as long as many steps. */
  readonly looks: number;
  /** Brings the small values up to date, also of others that the CPU has to do with: a violation tells of them. */
  catchUp(of: Followed): void;
  /** The emulator may do anything to the CPU and everybody whom it has to do with; to the object; to all. */
  giveUpAll(cpu: Cpu): void;
  giveUp(object: object | undefined): void;
  leaveAll(): void;
  /** One who comes to `to` has been spoken for by another CPU, which goes on without him. */
  fetch(comer: Task | Vcpu, to: Followed): void;
  /** The vCPU in the situation is this one from now on. */
  take(of: Followed, vcpu: Vcpu | undefined): void;
  /** The CPU speaks for the current task in the place of another. */
  changeTask(of: Followed, from: Task): void;
}

export function createFollowing(machine: Machine, tallies: Tallies): Following {
  const situations = createSituations(machine);
  const { objects } = situations;
  const all: (Followed | undefined)[] = [];
  /** Who may speak for an object. */
  const owners = new Map<object, Followed>();

  let looks = 0;

  const situationOf = ({ at }: Followed): Situation | undefined => situations.all[at];

  function catchUp(of: Followed): void {
    const situation = situationOf(of);
    const { isAhead, cpu, vcpu } = of;
    of.isAhead = false;
    if (!isAhead || situation === undefined) return;
    writeCpu(cpu, situation.cpu);
    objects.write(cpu.current, situation.task, cpu);
    if (vcpu !== undefined && situation.vcpu !== undefined) objects.write(vcpu, situation.vcpu, cpu);
  }

  function leave(of: Followed): void {
    catchUp(of);
    of.at = NOWHERE;
  }

  /** Another than `of` that does speak for it. */
  function otherOwner(object: object | undefined, of: Followed | undefined): Followed | undefined {
    const owner = object === undefined ? undefined : owners.get(object);
    if (owner === undefined || owner === of || owner.at === NOWHERE) return undefined;
    const { vcpu, cpu } = owner;
    return vcpu === object || cpu.current === object || cpu.current.kernelNeon === object ? owner : undefined;
  }

  function take(of: Followed, vcpu: Vcpu | undefined): void {
    of.vcpu = vcpu;
    of.tally = tallies.of(of.cpu.id, vcpu);
    enter(of.stage, of.cpu.current, vcpu);
    if (vcpu !== undefined) owners.set(vcpu, of);
  }

  function speakFor(of: Followed): void {
    const { current } = of.cpu;
    owners.set(current, of);
    if (current.kernelNeon !== undefined) owners.set(current.kernelNeon, of);
  }

  function look(of: Followed, gone?: object): void {
    looks += 1;
    const { cpu } = of;
    const { current, loaded, lastLoaded } = cpu;
    for (const mine of [current, loaded]) {
      const other = otherOwner(mine, of);
      if (other !== undefined) leave(other);
    }
    speakFor(of);
    const isThere = lastLoaded !== gone && otherOwner(lastLoaded, of) === undefined;
    take(of, loaded ?? (isThere ? lastLoaded : undefined));
    of.at = situations.of(cpu, of.vcpu)?.number ?? NOWHERE;
    of.isAhead = false;
  }

  function giveUp(object: object | undefined): void {
    if (object === undefined) return;
    const owner = otherOwner(object, undefined);
    if (owner !== undefined) leave(owner);
    objects.forget(object);
  }

  /** Whom a CPU has to do with, beside those in its situation. */
  function othersOf({ lastLoaded, holder, entryHolder, el2Holder, zaHolder, last, vhe, nvhe }: Cpu) {
    return [lastLoaded, holder, entryHolder, el2Holder, zaHolder, last, vhe.fpsimd_state, nvhe.fpsimd_state];
  }

  return {
    all,
    situations,
    follow(cpu) {
      if (all[cpu.id] !== undefined) return;
      const tally = tallies.of(cpu.id, undefined);
      all[cpu.id] = { cpu, stage: stageOf(cpu), at: NOWHERE, vcpu: undefined, isAhead: false, tally };
    },
    situationOf,
    look: (of) => look(of),
    get looks() {
      return looks;
    },
    catchUp(of) {
      catchUp(of);
      for (const other of othersOf(of.cpu)) {
        const owner = otherOwner(other, of);
        if (owner !== undefined) catchUp(owner);
      }
    },
    giveUpAll(cpu) {
      const of = all[cpu.id];
      if (of !== undefined) leave(of);
      const tasks = [cpu.current, cpu.loaded?.task, cpu.lastLoaded?.task, cpu.loaded?.mapped];
      for (const object of [...tasks, cpu.loaded, ...othersOf(cpu)]) giveUp(object);
    },
    leaveAll() {
      for (const of of all) if (of !== undefined) leave(of);
      objects.forgetAll();
    },
    giveUp,
    fetch(comer, to) {
      const owner = otherOwner(comer, to);
      const situation = owner === undefined ? undefined : situationOf(owner);
      if (owner === undefined || situation === undefined) return;
      if (comer !== owner.vcpu || owner.cpu.loaded === comer) {
        leave(owner);
        return;
      }
      // It was put there, and only its name is left.
      if (situation.alone === undefined) {
        leave(owner);
        look(owner, comer);
        situation.alone = situationOf(owner);
        return;
      }
      if (owner.isAhead) objects.write(comer, situation.vcpu as Part, owner.cpu);
      owner.at = situation.alone.number;
      take(owner, undefined);
    },
    take,
    changeTask(of, from) {
      owners.delete(from);
      speakFor(of);
      enter(of.stage, of.cpu.current, of.vcpu);
    },
  };
}
