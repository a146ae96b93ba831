/** The ghost relation of semantics 3.4: where the newest value of every entity is, and what moves it; payloads of 6.1. */

import { type Cpu, type Entity, type Machine, MEM, type Registers } from './machine.ts';

/** `memGen` of a memory copy that is not a value of its entity at all. */
const FOREIGN = -1;

function fileOf(cpu: Cpu, entity: Entity): Registers {
  return entity.file === 'fp' ? cpu.hw : cpu.za;
}

/** valid(c,e): the registers name e with its newest generation. */
export function valid(cpu: Cpu, entity: Entity): boolean {
  const file = fileOf(cpu, entity);
  return file.entity === entity && file.gen === entity.gen;
}

/** The registers get another content: what nobody saved is gone. The text is silent on auth after that; mem is chosen. */
function overwrite(m: Machine, cpu: Cpu, file: Registers, by: Entity | null): void {
  const old = file.entity;
  if (old === null || old === by) return;
  if (old.auth === cpu.id) {
    m.incidents.lost++;
    old.auth = MEM;
  }
}

/** The registers become zero, or UNKNOWN: a value of nobody. */
export function wipe(m: Machine, cpu: Cpu, file: Registers): void {
  overwrite(m, cpu, file, null);
  file.entity = null;
  file.gen = 0;
}

/** 3.4: executing FP instructions as e on c. */
export function execute(m: Machine, cpu: Cpu, entity: Entity): void {
  if (!valid(cpu, entity)) m.incidents.foreignRun++;
  executeNew(m, cpu, entity);
}

/** The same where the registers need not hold the entity's value before: kernel-mode NEON begins, or SVCR zeroes them. */
export function executeNew(m: Machine, cpu: Cpu, entity: Entity): void {
  const file = fileOf(cpu, entity);
  overwrite(m, cpu, file, entity);
  entity.gen++;
  entity.auth = cpu.id;
  file.entity = entity;
  file.gen = entity.gen;
}

/** 3.4: SAVE into the memory of dst, whoever the registers belong to. */
export function save(m: Machine, cpu: Cpu, dst: Entity): void {
  const file = fileOf(cpu, dst);
  if (file.entity !== dst) {
    m.incidents.foreignSave++;
    dst.memGen = FOREIGN;
    return;
  }
  if (file.gen < dst.memGen) m.incidents.staleSave++;
  dst.memGen = file.gen;
  dst.memStreaming = cpu.SVCR.SM;
  if (file.gen === dst.gen) dst.auth = MEM;
}

/** 3.4: LOAD from the memory of src. */
export function load(m: Machine, cpu: Cpu, src: Entity): void {
  const file = fileOf(cpu, src);
  if (src.memGen !== src.gen) m.incidents.staleLoad++;
  if (src.file === 'fp' && src.memStreaming !== cpu.SVCR.SM) m.incidents.wrongFormat++;
  overwrite(m, cpu, file, src);
  src.auth = cpu.id;
  file.entity = src;
  file.gen = src.memGen;
}

/** The memory copy gets a value of its own, and it is the newest: a write from userspace, a reset, a value dropped on purpose. */
export function replace(entity: Entity): void {
  entity.gen++;
  entity.memGen = entity.gen;
  entity.auth = MEM;
}

/** P1, P2: 512 bytes of V registers, FPSR, FPCR. */
export const FPSIMD_BYTES = 520;
/** P3, P4 with FFR: `vl` in bytes. */
export function sveBytes(vl: number): number {
  return 546 * (vl / 16) + 8;
}
/** P4: only a load without FFR is smaller. */
export function sveLoadBytes(vl: number, ffr: boolean): number {
  return ffr ? sveBytes(vl) : 544 * (vl / 16) + 8;
}
/** P5: `vl` is the streaming one, in bytes; zt: ZT0 too. */
export function zaBytes(vl: number, zt: boolean): number {
  return vl * vl + (zt ? 64 : 0);
}
