/**
 * ZA, with ZT0, as the silicon has it: an entity beside the FP registers, with a holder, a generation and a copy in memory of
 * its own (semantics 3.4). PSTATE.SM leaves it alone; PSTATE.ZA zeroes it when it is set, and drops it when it is cleared.
 */

import type { Cpu } from './cpu.ts';
import { ANYBODY, AUTH_UNKNOWN, type Entity, IN_MEMORY, nobody, type Tristate, UNKNOWN } from './entity.ts';
import type { Machine } from './machine.ts';
import { MOMENT } from './moments.ts';

/** Whether ZA of the CPU holds the newest value of the entity. */
export function zaValid(cpu: Cpu, entity: Entity): Tristate {
  if (cpu.zaHolder === entity) return cpu.zaGeneration === entity.zaGeneration ? 1 : 0;
  if (cpu.zaHolder.kind !== ANYBODY) return 0;
  return entity.zaAuth >= 0 && entity.zaAuth !== cpu.id ? 0 : UNKNOWN;
}

/** Tells of a loss, if there is one, before ZA is dropped or becomes that of `by`. */
function overwrite(machine: Machine, cpu: Cpu, by: Entity): void {
  const { zaHolder } = cpu;
  if (zaHolder === by || zaHolder.zaAuth !== cpu.id) return;
  machine.watch.moment(MOMENT.za_lost, cpu, zaHolder);
  zaHolder.zaAuth = IN_MEMORY;
}

/** The entity executes on ZA, or has set PSTATE.ZA: what is there becomes its newest value. */
export function useZa(machine: Machine, cpu: Cpu, entity: Entity): void {
  overwrite(machine, cpu, entity);
  entity.zaOn = true;
  holdNew(cpu, entity);
}

/** ZA, where it is on, is taken to be the entity's, live and in no other place: nothing is known that contradicts it. */
export function presumeZa(cpu: Cpu, entity: Entity): void {
  entity.zaOn = cpu.svcr_za === 1;
  if (!entity.zaOn) return;
  if (cpu.zaHolder.zaAuth === cpu.id) cpu.zaHolder.zaAuth = IN_MEMORY;
  holdNew(cpu, entity);
}

function holdNew(cpu: Cpu, entity: Entity): void {
  entity.zaGeneration += 1;
  entity.zaAuth = cpu.id;
  cpu.zaHolder = entity;
  cpu.zaGeneration = entity.zaGeneration;
}

/** PSTATE.ZA is cleared, or the CPU loses its registers: nothing is in ZA any more. */
export function dropZa(machine: Machine, cpu: Cpu): void {
  overwrite(machine, cpu, nobody);
  cpu.zaHolder = nobody;
  cpu.zaGeneration = 0;
}

/** The copy in memory gets a value of its own, and it is the newest. `on`: 0 where a value is given up on purpose. */
export function newZaInMemory(entity: Entity, on: number): void {
  entity.zaGeneration += 1;
  entity.zaMemory = entity.zaGeneration;
  entity.zaAuth = IN_MEMORY;
  entity.zaOn = on === 1;
}

/** The copy in memory is gone, and it was all that there was: another one stands in its place. */
export function loseZaInMemory(machine: Machine, cpu: Cpu, entity: Entity): void {
  entity.zaGeneration += 1;
  machine.watch.moment(MOMENT.za_lost, cpu, entity);
}

/** Whoever has ZA on switches it off: the value is given up on purpose. */
export function giveUpZa(machine: Machine, cpu: Cpu, entity: Entity): void {
  newZaInMemory(entity, 0);
  dropZa(machine, cpu);
}

/** Stores ZA to the memory of `destination`, whoever's it is. */
export function saveZa(cpu: Cpu, destination: Entity): void {
  const { zaHolder } = cpu;
  if (zaHolder.kind === ANYBODY) keepZa(destination);
  else if (zaHolder === destination) {
    destination.zaMemory = cpu.zaGeneration;
    if (destination.zaAuth === cpu.id || destination.zaAuth === AUTH_UNKNOWN) destination.zaAuth = IN_MEMORY;
  } else {
    // Misfiled. The rules have said so; the memory now counts as the destination's.
    newZaInMemory(destination, 1);
  }
}

/** Loads ZA from the memory of the entity. */
export function loadZa(machine: Machine, cpu: Cpu, entity: Entity): void {
  overwrite(machine, cpu, entity);
  if (entity.zaAuth === AUTH_UNKNOWN) entity.zaMemory = entity.zaGeneration;
  cpu.zaHolder = entity;
  cpu.zaGeneration = entity.zaMemory;
  entity.zaAuth = cpu.id;
}

/** The newest value of the entity is in memory. */
export function keepZa(entity: Entity): void {
  entity.zaMemory = entity.zaGeneration;
  entity.zaAuth = IN_MEMORY;
}

/** Where the newest value of the entity is, is not known, nor whether it has one. */
export function loseZa(entity: Entity): void {
  entity.zaAuth = AUTH_UNKNOWN;
  entity.zaOn = false;
}

/** Whether ZA is on is not known any more, nor what was only there. Off until something tells: `svcrOpen`. */
export function forgetZa(cpu: Cpu): void {
  if (cpu.zaHolder.zaAuth === cpu.id) cpu.zaHolder.zaAuth = AUTH_UNKNOWN;
  cpu.zaHolder = nobody;
  cpu.zaGeneration = 0;
  cpu.svcr_za = 0;
}
