/**
 * What can differ between two things that may have happened on a CPU: the CPU with both its instances of kvm_host_data, the
 * task that is current and the vCPU that is loaded. Taken, put back, compared, and joined to what is common to all.
 */

import type { Cpu } from '../state/cpu.ts';
import { AUTH_UNKNOWN, anybody, type Entity, UNKNOWN } from '../state/entity.ts';
import { UNKNOWN_OWNER } from '../state/owner.ts';
import type { Copy } from '../state/possibility.ts';
import { CPU_UNKNOWN } from '../state/task.ts';
import type { Vcpu } from '../state/vcpu.ts';
import { isAge } from './ages.ts';
import { COPIERS, type Copier, CPU, HOST_DATA } from './copies.ts';

type Properties = Record<string, unknown>;

/** Of entities their own, then CPUs and host data. */
function kindOf(of: object): number {
  const { kind } = of as { readonly kind?: number };
  return kind ?? ('symbol' in of ? HOST_DATA : CPU);
}

/** Of the generations of an object: which are the newest. */
function newestOf(of: object, kind: number): number {
  if (kind === HOST_DATA) return 0;
  if (kind !== CPU) {
    const { memory, generation, fpmr, fpmrMemory, zaMemory, zaGeneration } = of as Entity;
    return (memory === generation ? 1 : 0) + (fpmrMemory === fpmr ? 2 : 0) + (zaMemory === zaGeneration ? 4 : 0);
  }
  const { holder, generation, entryHolder, entryGeneration, el2Holder, el2Generation, zaHolder, zaGeneration } =
    of as Cpu;
  return (
    (generation === holder.generation ? 1 : 0) +
    (entryGeneration === entryHolder.generation ? 2 : 0) +
    (el2Generation === el2Holder.generation ? 4 : 0) +
    (entryGeneration === generation ? 8 : 0) +
    (zaGeneration === zaHolder.zaGeneration ? 16 : 0)
  );
}

/** `last`, and `twin`, of any object: copies that may be right, and then are returned. */
export function copyOf(of: object, last?: Copy, twin?: Copy): Copy {
  const kind = last === undefined ? kindOf(of) : last.kind;
  const { isAs, read } = COPIERS[kind] as Copier;
  const newest = newestOf(of, kind);
  if (last !== undefined && last.newest === newest && isAs(of, last.values)) return last;
  if (twin !== undefined && twin.of === of && twin.newest === newest && isAs(of, twin.values)) return twin;
  return { of, kind, values: read(of), newest };
}

export function putBack({ of, kind, values }: Copy): void {
  (COPIERS[kind] as Copier).write(of, values);
}

/** Whether two copies of one object differ in nothing that anything will ever ask for. */
export function isSame(a: Copy, b: Copy): boolean {
  if (a === b) return true;
  if (a.of !== b.of || a.newest !== b.newest) return false;
  return (COPIERS[a.kind] as Copier).isLike(a.values, b.values);
}

/** The objects whose state depends on what has happened on the CPU. `guesses`: what they were before, or are mostly; one that is right is returned. */
export function scopeOf(cpu: Cpu, ...guesses: readonly (readonly object[] | undefined)[]): readonly object[] {
  const { current } = cpu;
  const { kernelNeon } = current;
  const vcpu = vcpuInScope(cpu);
  for (const guess of guesses) if (guess !== undefined && isScope(guess, cpu, kernelNeon, vcpu)) return guess;
  const scope: object[] = [cpu, cpu.vhe, cpu.nvhe, cpu.softirqNeon, current];
  if (kernelNeon !== undefined) scope.push(kernelNeon);
  if (vcpu !== undefined) scope.push(vcpu);
  return scope;
}

function isScope(of: readonly object[], cpu: Cpu, kernelNeon: Entity | undefined, vcpu: Vcpu | undefined): boolean {
  if (of[0] !== cpu || of[4] !== cpu.current) return false;
  let length = 5;
  if (kernelNeon !== undefined && of[length++] !== kernelNeon) return false;
  if (vcpu !== undefined && of[length++] !== vcpu) return false;
  return of.length === length;
}

/** Between the put and the load of a nested transition it is that of both. Else it may be loaded elsewhere. */
function vcpuInScope({ loaded, lastLoaded }: Cpu): Vcpu | undefined {
  if (loaded !== undefined) return loaded;
  return lastLoaded?.inNested === true ? lastLoaded : undefined;
}

/** What a property of an object was when it was copied. */
export function valueIn({ kind, values }: Copy, name: string): unknown {
  return values[(COPIERS[kind] as Copier).names.indexOf(name)];
}

/** What stands for a value of which nothing is known, by the name of the property. */
const NOT_KNOWN: Readonly<Properties> = {
  fp_owner: UNKNOWN_OWNER,
  fp_state: UNKNOWN_OWNER,
  debug_owner: UNKNOWN_OWNER,
  holder: anybody,
  last: anybody,
  entryHolder: anybody,
  el2Holder: anybody,
  zaHolder: anybody,
  auth: AUTH_UNKNOWN,
  zaAuth: AUTH_UNKNOWN,
  fpsimd_cpu: CPU_UNKNOWN,
  fpsimd_state: undefined,
  tif_foreign_fpstate: UNKNOWN,
  tif_sve: UNKNOWN,
  tif_sme: UNKNOWN,
  smen_el0en: UNKNOWN,
  zen_el0en: UNKNOWN,
  e0poe: UNKNOWN,
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
  svcrOpen: true,
  mayBeInNeon: true,
  zcr_el1: UNKNOWN,
  zcr_el1Live: UNKNOWN,
};

/**
 * Makes the object hold what all copies of it have in common. What differs becomes unknown, or, where it says nothing about
 * whose registers are where, what it was in the first.
 */
export function join(of: object, copies: readonly Copy[]): void {
  const [first] = copies;
  if (first === undefined) return;
  putBack(first);
  if (copies.some((copy) => copy !== first)) joinValues(of as Properties, first, copies);
  if (first.kind !== CPU && first.kind !== HOST_DATA) joinGenerations(of as Entity, copies);
}

/** The object holds the values of the first. */
function joinValues(of: Properties, { kind, values }: Copy, copies: readonly Copy[]): void {
  const { names } = COPIERS[kind] as Copier;
  for (let at = 0; at < names.length; at++) {
    const value = values[at];
    for (const other of copies) {
      if (other.values[at] === value) continue;
      const name = names[at] as string;
      of[name] = joined(name, at, copies);
      break;
    }
  }
}

/** They differ in it. */
function joined(name: string, at: number, copies: readonly Copy[]): unknown {
  if (name in NOT_KNOWN) return NOT_KNOWN[name];
  return isAge(name) ? Math.max(...copies.map(({ values }) => values[at] as number)) : copies[0]?.values[at];
}

/** In memory as new as anywhere, or older, or not known. */
function joinGenerations(of: Entity, copies: readonly Copy[]): void {
  const inStep = copies.map(({ newest }) => (newest & 1) === 1);
  if (inStep.every((same) => same)) of.memory = of.generation;
  else if (inStep.some((same) => same)) of.auth = AUTH_UNKNOWN;
  else of.memory = of.generation - 1;
  if (copies.every(({ newest }) => (newest & 2) === 2)) of.fpmrMemory = of.fpmr;
  const zaInStep = copies.map(({ newest }) => (newest & 4) === 4);
  const isOpen = copies.some((copy) => valueIn(copy, 'zaOn') !== of.zaOn);
  if (zaInStep.every((same) => same)) of.zaMemory = of.zaGeneration;
  else of.zaMemory = of.zaGeneration - 1;
  if (isOpen || zaInStep.some((same) => same !== zaInStep[0])) of.zaAuth = AUTH_UNKNOWN;
}
