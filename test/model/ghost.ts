/** The ghost relation of semantics 3.4: where the newest FP value of every entity is, and what moves it; payloads of 6.1. */

import { type Cpu, type Entity, type Machine, MEM } from './machine.ts';

/** `memGen` of a memory copy that is not a value of its entity at all. */
const FOREIGN = -1;

/** valid(c,e): the registers name e with its newest generation. */
export function valid(cpu: Cpu, entity: Entity): boolean {
  return cpu.hw.entity === entity && cpu.hw.gen === entity.gen;
}

/** The registers get another content: what nobody saved is gone. The text is silent on auth after that; mem is chosen. */
export function overwrite(m: Machine, cpu: Cpu, by: Entity | null): void {
  const old = cpu.hw.entity;
  if (old === null || old === by) return;
  if (old.auth === cpu.id) {
    m.incidents.lost++;
    old.auth = MEM;
  }
}

/** 3.4: executing FP instructions as e on c. */
export function execute(m: Machine, cpu: Cpu, entity: Entity): void {
  if (!valid(cpu, entity)) m.incidents.foreignRun++;
  executeNew(m, cpu, entity);
}

/** The same where the registers need not hold the entity's value before: a region of kernel-mode NEON begins. */
export function executeNew(m: Machine, cpu: Cpu, entity: Entity): void {
  overwrite(m, cpu, entity);
  entity.gen++;
  entity.auth = cpu.id;
  cpu.hw.entity = entity;
  cpu.hw.gen = entity.gen;
}

/** 3.4: SAVE into the memory of dst, whoever the registers belong to. */
export function save(m: Machine, cpu: Cpu, dst: Entity): void {
  if (cpu.hw.entity !== dst) {
    m.incidents.foreignSave++;
    dst.memGen = FOREIGN;
    return;
  }
  if (cpu.hw.gen < dst.memGen) m.incidents.staleSave++;
  dst.memGen = cpu.hw.gen;
  if (cpu.hw.gen === dst.gen) dst.auth = MEM;
}

/** 3.4: LOAD from the memory of src. */
export function load(m: Machine, cpu: Cpu, src: Entity): void {
  if (src.memGen !== src.gen) m.incidents.staleLoad++;
  overwrite(m, cpu, src);
  src.auth = cpu.id;
  cpu.hw.entity = src;
  cpu.hw.gen = src.memGen;
}

/** P1, P2: 512 bytes of V registers, FPSR, FPCR. */
export const FPSIMD_BYTES = 520;
/** P3, P4 with FFR: `vl` in bytes. */
export function sveBytes(vl: number): number {
  return 546 * (vl / 16) + 8;
}
