/**
 * What can differ between two things that may have happened on a CPU: the CPU with both its instances of kvm_host_data, the
 * task that is current and the vCPU that is loaded. Taken, put back, compared, and joined to what is common to all.
 */

import type { Cpu } from '../state/cpu.ts';
import { AUTH_UNKNOWN, anybody, type Entity, UNKNOWN } from '../state/entity.ts';
import { UNKNOWN_OWNER } from '../state/owner.ts';
import type { Copy } from '../state/possibility.ts';
import { CPU_UNKNOWN } from '../state/task.ts';

type Properties = Record<string, unknown>;

/** Objects that are made in one place have the same properties, in the same order, and are never given more. */
interface Shape {
  readonly names: readonly string[];
  /** By name: it says something of what comes; not where and when a value was written, nor how often one has changed. */
  readonly matters: readonly boolean[];
}

const HISTORY: ReadonlySet<string> = new Set([
  'fp_ownerLine',
  'fp_ownerEvent',
  'fp_stateLine',
  'fp_stateEvent',
  'exitImpliedLine',
]);
const GENERATIONS: ReadonlySet<string> = new Set([
  'generation',
  'memory',
  'fpmr',
  'fpmrMemory',
  'entryGeneration',
  'el2Generation',
]);

/** What an object is, not what happens to it, or what one event makes of it whatever happened before. */
const FIXED: ReadonlySet<string> = new Set([
  ...['kind', 'id', 'vm', 'symbol', 'lostEpoch', 'lossOpen', 'stranger'],
  ...[
    'declared',
    'sve',
    'sme',
    'aarch32',
    'nested',
    'protected',
    'finalised',
    'hasFpmr',
    'vq',
    'smeVq',
    'sme2',
    'fa64',
  ],
  ...['cptrTrapsSve', 'spe', 'trbe', 'brbe', 'pmuserenr', 'mapped'],
]);

const SHAPES = new Map<number, Shape>();

const isEntity = (value: object): value is Entity => 'auth' in value;
const isCpu = (value: object): value is Cpu => 'softirqNeon' in value;
/** Instances of kvm_host_data are copied apart from their CPU. */
const isHostData = (value: unknown): boolean => typeof value === 'object' && value !== null && 'symbol' in value;

/** Kinds of objects: entities by their own, then CPUs and host data. */
const kindOf = (of: object): number => (isEntity(of) ? of.kind : isCpu(of) ? -1 : -2);

function shapeOf(of: object): Shape {
  const kind = kindOf(of);
  const known = SHAPES.get(kind);
  if (known !== undefined) return known;
  const names = Object.keys(of).filter((name) => !FIXED.has(name) && !isHostData((of as Properties)[name]));
  const shape = { names, matters: names.map((name) => !HISTORY.has(name) && !GENERATIONS.has(name)) };
  SHAPES.set(kind, shape);
  return shape;
}

/** Of the generations of an object: which are the newest. */
function newestOf(of: object): number {
  if (isEntity(of)) return (of.memory === of.generation ? 1 : 0) + (of.fpmrMemory === of.fpmr ? 2 : 0);
  if (!isCpu(of)) return 0;
  const { holder, generation, entryHolder, entryGeneration, el2Holder, el2Generation } = of;
  return (
    (generation === holder.generation ? 1 : 0) +
    (entryGeneration === entryHolder.generation ? 2 : 0) +
    (el2Generation === el2Holder.generation ? 4 : 0) +
    (entryGeneration === generation ? 8 : 0)
  );
}

/** `last`: a copy that may still be right, and then is returned. */
export function copyOf(of: object, last?: Copy): Copy {
  const { names } = shapeOf(of);
  const newest = newestOf(of);
  if (last !== undefined && last.of === of && last.newest === newest && isAsIn(of, last, names)) return last;
  return { of, values: names.map((name) => (of as Properties)[name]), newest };
}

function isAsIn(of: object, { values }: Copy, names: readonly string[]): boolean {
  for (let at = 0; at < names.length; at++) if ((of as Properties)[names[at] as string] !== values[at]) return false;
  return true;
}

/** `now`: what the object is known to hold, where it is. Most properties are as they were, and some may not be written at all. */
export function putBack({ of, values }: Copy, now?: Copy): void {
  const { names } = shapeOf(of);
  const target = of as Properties;
  for (let at = 0; at < names.length; at++) {
    const value = values[at];
    if (now !== undefined && now.values[at] === value) continue;
    const name = names[at] as string;
    if (target[name] !== value) target[name] = value;
  }
}

/** Whether two copies of one object differ in nothing that anything will ever ask for. */
export function isSame(a: Copy, b: Copy): boolean {
  if (a === b) return true;
  if (a.of !== b.of || a.newest !== b.newest) return false;
  const { matters } = shapeOf(a.of);
  return matters.every((matters, at) => !matters || a.values[at] === b.values[at]);
}

/** The objects whose state depends on what has happened on the CPU. */
export function scopeOf(cpu: Cpu): object[] {
  const scope: object[] = [cpu, cpu.vhe, cpu.nvhe, cpu.softirqNeon, cpu.current];
  if (cpu.current.kernelNeon !== undefined) scope.push(cpu.current.kernelNeon);
  if (cpu.loaded !== undefined) scope.push(cpu.loaded);
  // Between the put and the load of a nested transition. Else it may be loaded elsewhere.
  if (cpu.loaded === undefined && cpu.lastLoaded?.inNested === true) scope.push(cpu.lastLoaded);
  return scope;
}

/** What a property of an object was when it was copied. */
export function valueIn({ of, values }: Copy, name: string): unknown {
  return values[shapeOf(of).names.indexOf(name)];
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
  auth: AUTH_UNKNOWN,
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
  const target = of as Properties;
  for (const [at, name] of shapeOf(of).names.entries()) {
    const value = joined(name, at, copies);
    if (target[name] !== value) target[name] = value;
  }
  if (isEntity(of)) joinGenerations(of, copies);
}

function joined(name: string, at: number, copies: readonly Copy[]): unknown {
  const value = copies[0]?.values[at];
  if (copies.every(({ values }) => values[at] === value)) return value;
  if (name in NOT_KNOWN) return NOT_KNOWN[name];
  const isCount = GENERATIONS.has(name) || HISTORY.has(name);
  return isCount ? Math.max(...copies.map(({ values }) => values[at] as number)) : value;
}

/** In memory as new as anywhere, or older, or not known. */
function joinGenerations(of: Entity, copies: readonly Copy[]): void {
  const inStep = copies.map(({ newest }) => (newest & 1) === 1);
  if (inStep.every((same) => same)) of.memory = of.generation;
  else if (inStep.some((same) => same)) of.auth = AUTH_UNKNOWN;
  else of.memory = of.generation - 1;
  if (copies.every(({ newest }) => (newest & 2) === 2)) of.fpmrMemory = of.fpmr;
}
