/**
 * The FP registers as the silicon has them: whose value, which generation (semantics 3.4). The kernel's own idea of the
 * matter is never asked here.
 */

import type { Cpu } from './cpu.ts';
import {
  ANYBODY,
  AUTH_UNKNOWN,
  anybody,
  type Entity,
  IN_MEMORY,
  KERNEL_NEON,
  nobody,
  TASK,
  type Tristate,
  UNKNOWN,
} from './entity.ts';
import type { Machine } from './machine.ts';
import { MOMENT } from './moments.ts';

/** Whether the registers of the CPU hold the newest value of the entity. */
export function valid(cpu: Cpu, entity: Entity): Tristate {
  if (cpu.holder === entity) return cpu.generation === entity.generation ? 1 : 0;
  if (cpu.holder.kind !== ANYBODY) return 0;
  return entity.auth >= 0 && entity.auth !== cpu.id ? 0 : UNKNOWN;
}

/** Whether overwriting the registers of the CPU would lose a value of anyone but `by`. */
export function wouldLose(cpu: Cpu, by: Entity): boolean {
  return cpu.holder !== by && cpu.holder.auth === cpu.id;
}

/** Gives up the value in the registers: it is nowhere any more, and what follows from that is not news. */
export function forfeit(cpu: Cpu): void {
  const victim = cpu.holder;
  victim.auth = IN_MEMORY;
  victim.condemned = true;
}

/** Tells of a loss, if there is one, before the registers are overwritten by `by`. */
function overwrite(machine: Machine, cpu: Cpu, by: Entity): void {
  if (!wouldLose(cpu, by)) return;
  machine.watch.moment(MOMENT.lost, cpu, cpu.holder);
  forfeit(cpu);
}

function newValue(cpu: Cpu, entity: Entity): void {
  entity.generation += 1;
  entity.fpmr += 1;
  entity.auth = cpu.id;
  entity.condemned = false;
  cpu.holder = entity;
  cpu.generation = entity.generation;
}

/** The entity executes FP instructions on that CPU: whatever is there becomes its newest value. */
export function use(machine: Machine, cpu: Cpu, entity: Entity): void {
  overwrite(machine, cpu, entity);
  newValue(cpu, entity);
}

/** The registers are taken to be the entity's, live and in no other place: nothing is known that contradicts it. */
export function presume(cpu: Cpu, entity: Entity): void {
  if (cpu.holder !== entity && cpu.holder.auth === cpu.id) cpu.holder.auth = IN_MEMORY;
  newValue(cpu, entity);
}

/** Kernel code clobbers the registers with values that nobody keeps. */
export function scrap(machine: Machine, cpu: Cpu): void {
  overwrite(machine, cpu, nobody);
  cpu.holder = nobody;
  cpu.generation = 0;
}

/** Stores the registers to the memory of `destination`, whoever's they are. `withFpmr`: FPMR goes with them. */
export function save(cpu: Cpu, destination: Entity, withFpmr: boolean): void {
  if (withFpmr) destination.fpmrMemory = destination.fpmr;
  if (cpu.holder.kind === ANYBODY) {
    destination.memory = destination.generation;
    destination.auth = IN_MEMORY;
    return;
  }
  if (cpu.holder === destination) {
    destination.memory = cpu.generation;
    if (destination.auth === cpu.id || destination.auth === AUTH_UNKNOWN) destination.auth = IN_MEMORY;
    return;
  }
  // Misfiled. The rules have said so; the memory now counts as the entity's, and the true owner's value as given up.
  if (cpu.holder.auth === cpu.id) forfeit(cpu);
  destination.generation += 1;
  destination.memory = destination.generation;
  destination.auth = IN_MEMORY;
}

/** Loads the memory copy of the entity into the registers. */
export function load(machine: Machine, cpu: Cpu, entity: Entity): void {
  overwrite(machine, cpu, entity);
  if (entity.auth === AUTH_UNKNOWN) {
    entity.memory = entity.generation;
    entity.fpmrMemory = entity.fpmr;
  }
  cpu.holder = entity;
  cpu.generation = entity.memory;
  entity.auth = cpu.id;
  if (entity.kind !== KERNEL_NEON && entity.kind !== TASK) entity.fpmr = entity.fpmrMemory;
}

/** Whoever was current unnamed is not any more: what was his may be that of any task. */
export function dismiss(cpu: Cpu): void {
  const { stranger } = cpu;
  const isHis = (entity: Entity | undefined): boolean =>
    entity === stranger || (entity !== undefined && entity === stranger.kernelNeon);
  if (isHis(cpu.holder)) cpu.holder = anybody;
  if (isHis(cpu.entryHolder)) cpu.entryHolder = anybody;
  if (isHis(cpu.el2Holder)) cpu.el2Holder = anybody;
  if (isHis(cpu.zaHolder)) cpu.zaHolder = anybody;
  if (isHis(cpu.last)) cpu.last = anybody;
  for (const instance of [cpu.vhe, cpu.nvhe]) if (isHis(instance.fpsimd_state)) instance.fpsimd_state = undefined;
}

/** What is in the registers, and everything that was only there, is not known any more. */
export function forget(cpu: Cpu, unknown: Entity): void {
  if (cpu.holder.auth === cpu.id) cpu.holder.auth = AUTH_UNKNOWN;
  cpu.holder = unknown;
  cpu.generation = 0;
}
