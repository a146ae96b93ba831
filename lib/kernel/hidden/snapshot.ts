/**
 * What can differ between two things that may have happened on a CPU: the CPU with both its instances of kvm_host_data, the
 * task that is current and the vCPU that is loaded. Taken, put back, compared, and joined to what is common to all.
 */

import type { Cpu } from '../state/cpu.ts';
import { AUTH_UNKNOWN, anybody, type Entity, nameOf, UNKNOWN } from '../state/entity.ts';
import { UNKNOWN_OWNER } from '../state/owner.ts';
import type { Copy } from '../state/possibility.ts';
import { CPU_UNKNOWN } from '../state/task.ts';

type Record_ = Record<string, unknown>;

const NAMES = new WeakMap<object, readonly string[]>();

/** Objects of one kind have the same properties: made in one place, and never given more. */
function namesOf(of: object): readonly string[] {
  const known = NAMES.get(of);
  if (known !== undefined) return known;
  const names = Object.keys(of).filter((name) => !isPart(of, name));
  NAMES.set(of, names);
  return names;
}

/** What is copied apart, or never changes. */
function isPart(of: object, name: string): boolean {
  const value = (of as Record_)[name];
  return typeof value === 'object' && value !== null && 'symbol' in value;
}

export function copyOf(of: object): Copy {
  return { of, values: namesOf(of).map((name) => (of as Record_)[name]) };
}

export function putBack({ of, values }: Copy): void {
  const names = namesOf(of);
  for (let at = 0; at < names.length; at++) {
    const name = names[at] as string;
    // Most are as they were, and some may not be written at all.
    if ((of as Record_)[name] !== values[at]) (of as Record_)[name] = values[at];
  }
}

/** The objects whose state depends on what has happened on the CPU. */
export function scopeOf(cpu: Cpu): object[] {
  const scope: object[] = [cpu, cpu.vhe, cpu.nvhe, cpu.softirqNeon, cpu.current];
  if (cpu.current.kernelNeon !== undefined) scope.push(cpu.current.kernelNeon);
  if (cpu.loaded !== undefined) scope.push(cpu.loaded);
  if (cpu.lastLoaded !== undefined && cpu.lastLoaded !== cpu.loaded) scope.push(cpu.lastLoaded);
  return scope;
}

/** Where and when a value was written says nothing of the future. */
const HISTORY: ReadonlySet<string> = new Set(['fp_ownerLine', 'fp_stateLine', 'exitImpliedLine']);
/** Generations are compared with each other only: FP values, and FPMR. */
const GENERATIONS: ReadonlySet<string> = new Set([
  'generation',
  'memory',
  'fpmr',
  'fpmrMemory',
  'entryGeneration',
  'el2Generation',
]);

const isEntity = (value: unknown): value is Entity => typeof value === 'object' && value !== null && 'auth' in value;

function textOf(value: unknown): string {
  if (isEntity(value)) return nameOf(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** The same for two states that differ in nothing that anything will ever ask for. */
export function keyOf(cpu: Cpu): string {
  const parts: string[] = [];
  for (const of of scopeOf(cpu)) {
    for (const name of namesOf(of)) {
      if (!HISTORY.has(name) && !GENERATIONS.has(name)) parts.push(textOf((of as Record_)[name]));
    }
    if (isEntity(of)) parts.push(`${of.memory === of.generation} ${of.fpmrMemory === of.fpmr}`);
  }
  // Of the generations that a CPU remembers: whether they are the newest, and the same.
  const { holder, generation, entryHolder, entryGeneration, el2Holder, el2Generation } = cpu;
  const newest = [generation === holder.generation, entryGeneration === entryHolder.generation];
  parts.push(`${newest} ${el2Generation === el2Holder.generation} ${entryGeneration === generation}`);
  return parts.join('|');
}

/** What stands for a value of which nothing is known, by the name of the property. */
const NOT_KNOWN: Readonly<Record<string, unknown>> = {
  fp_owner: UNKNOWN_OWNER,
  fp_state: UNKNOWN_OWNER,
  debug_owner: UNKNOWN_OWNER,
  holder: anybody,
  last: anybody,
  entryHolder: anybody,
  el2Holder: anybody,
  auth: AUTH_UNKNOWN,
  fpsimd_cpu: CPU_UNKNOWN,
  tif_foreign_fpstate: UNKNOWN,
  tif_sve: UNKNOWN,
  zen_el0en: UNKNOWN,
  host_sve_enabled: UNKNOWN,
  hostVq: UNKNOWN,
  trapFp: UNKNOWN,
  trapSve: UNKNOWN,
  trapSme: UNKNOWN,
  dirtyAtSetup: UNKNOWN,
  dirtyAtEnter: UNKNOWN,
  dirtyAtExit: UNKNOWN,
  debug_dirty: UNKNOWN,
  guest_debug_use_hw: UNKNOWN,
  mdscr_mde: UNKNOWN,
  mdscr_kde: UNKNOWN,
  mdcr_tda: UNKNOWN,
  tda: UNKNOWN,
  zcr_el1: UNKNOWN,
  zcr_el1Live: UNKNOWN,
  fpsimd_state: undefined,
  host_debug_state: UNKNOWN,
};

/**
 * Makes the objects hold what all copies have in common; each list has the copies of one object. What differs becomes
 * unknown, or, where it says nothing about whose registers are where, what it was in the first.
 */
export function join(of: object, copies: readonly Copy[]): void {
  const [first] = copies;
  if (first === undefined) return;
  const names = namesOf(of);
  const target = of as Record_;
  for (const [at, name] of names.entries()) {
    const value = first.values[at];
    const same = copies.every(({ values }) => values[at] === value);
    if (same || (name in NOT_KNOWN && name !== 'host_debug_state')) {
      const joined = same ? value : NOT_KNOWN[name];
      if (target[name] !== joined) target[name] = joined;
    } else if (typeof value === 'number' && (GENERATIONS.has(name) || HISTORY.has(name))) {
      target[name] = Math.max(...copies.map(({ values }) => values[at] as number));
    } else if (target[name] !== value) target[name] = value;
  }
  if (isEntity(of)) joinGenerations(of, copies, names);
}

/** In memory as new as anywhere, or not known to be. */
function joinGenerations(of: Entity, copies: readonly Copy[], names: readonly string[]): void {
  const [generation, memory, fpmr, fpmrMemory] = ['generation', 'memory', 'fpmr', 'fpmrMemory'].map((name) =>
    names.indexOf(name),
  ) as [number, number, number, number];
  const inStep = copies.map(({ values }) => values[generation] === values[memory]);
  if (inStep.every((same) => same)) of.memory = of.generation;
  else if (inStep.some((same) => same)) of.auth = AUTH_UNKNOWN;
  else of.memory = of.generation - 1;
  if (copies.every(({ values }) => values[fpmr] === values[fpmrMemory])) of.fpmrMemory = of.fpmr;
}
