/** Small values as they only matter, told by a list of integers: equal lists, equal for every step. */

import type { Cpu } from '../kernel/state/cpu.ts';
import { AT_EL2, VCPU } from '../kernel/state/entity.ts';
import { readSmall, writeSmall } from './access.ts';
import { type Kind, SMALL, type Small } from './fields.ts';

/** In the place of a value that only matters to a CPU: this CPU, its memory of EL2, its present window, one before, or as it is. */
const HERE = Symbol('this CPU');
const HERE_AT_EL2 = Symbol('EL2 of this CPU');
const NOW = Symbol('the present window');
const BEFORE = Symbol('a window before');
const AS_IT_IS = Symbol('as it is');

/** The small values of an object, with such stand-ins. */
export type Template = readonly unknown[];

/** Codes that tell a part. */
const KEY = 256;
/** Code of the first value of MDSCR_EL1 that is kept: far from those of small numbers. */
const PRESERVED = 1 << 30;

const raw: unknown[] = [];

export const isHere = (value: number, { id }: Cpu): boolean => value === id || value === AT_EL2 - id;
/** No CPU, or not known. */
const isNone = (value: number): boolean => value < 0 && value > AT_EL2;

/** Collects what tells a part. */
export class Teller {
  readonly key = new Int32Array(KEY);
  length = 0;
  hash = 0;
  /** It cannot be told. */
  isUntold = false;

  begin(): void {
    this.length = 0;
    this.hash = 0;
    this.isUntold = false;
  }

  put(code: number): void {
    this.key[this.length++] = code;
    this.hash = (Math.imul(this.hash ^ code, 0x9e3779b1) ^ (this.hash >>> 15)) | 0;
  }

  /** `cpu` undefined: as any CPU has it. */
  small(kind: Kind, of: object, cpu: Cpu | undefined): void {
    readSmall(kind, of, raw);
    const fields = SMALL[kind];
    for (let at = 0; at < fields.length; at++) this.put(this.#codeOf((fields[at] as Small).sort, raw[at], cpu));
  }

  #codeOf(sort: Small['sort'], value: unknown, cpu: Cpu | undefined): number {
    if (sort === 'plain') return this.#codeOfPlain(value);
    if (sort === 'ofRun') return cpu?.running === true ? this.#codeOfPlain(value) : 0;
    if (sort === 'ofBinding') return cpu?.last.kind === VCPU ? this.#codeOfPlain(value) : 0;
    // Told apart by `numbersOfVcpu`.
    if (sort === 'cpuOfRun') return 0;
    const number = value as number;
    if (sort === 'window') return number === 0 ? 0 : number === cpu?.window ? 1 : 2;
    if (isNone(number)) return 16 + number;
    return 20 + (number < 0 ? 1 : 0) + (cpu !== undefined && isHere(number, cpu) ? 2 : 0);
  }

  #codeOfPlain(value: unknown): number {
    if (value === false) return 0;
    if (value === true) return 1;
    if (value === undefined) return 3;
    if (typeof value === 'number') return 16 + value;
    const { mde, kde } = value as { mde: number; kde: number };
    return PRESERVED + (mde + 1) * 4 + kde + 1;
  }
}

/** Things by what tells them, each once. */
export class Interned<Thing> {
  readonly #byHash = new Map<number, { readonly key: Int32Array; readonly thing: Thing }[]>();

  of({ key, length, hash }: Pick<Teller, 'key' | 'length' | 'hash'>, make: () => Thing): Thing {
    const alike = this.#byHash.get(hash);
    if (alike !== undefined) for (const entry of alike) if (isSame(entry.key, key, length)) return entry.thing;
    const made = { key: key.slice(0, length), thing: make() };
    if (alike === undefined) this.#byHash.set(hash, [made]);
    else alike.push(made);
    return made.thing;
  }
}

function isSame(a: Int32Array, b: Int32Array, length: number): boolean {
  if (a.length !== length) return false;
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return false;
  return true;
}

export function templateOf(kind: Kind, of: object, cpu: Cpu): Template {
  readSmall(kind, of, raw);
  return SMALL[kind].map(({ sort }, at) => standIn(sort, raw[at], cpu));
}

function standIn(sort: Small['sort'], value: unknown, cpu: Cpu): unknown {
  if (sort === 'plain') return value;
  if (sort === 'ofRun') return cpu.running ? value : AS_IT_IS;
  if (sort === 'ofBinding') return cpu.last.kind === VCPU ? value : AS_IT_IS;
  if (sort === 'cpuOfRun') return cpu.running && value === cpu.id ? HERE : AS_IT_IS;
  if (sort === 'window') return value === 0 ? 0 : value === cpu.window ? NOW : BEFORE;
  const number = value as number;
  if (isNone(number)) return number;
  if (!isHere(number, cpu)) return AS_IT_IS;
  return number === cpu.id ? HERE : HERE_AT_EL2;
}

/** Writes into an object what the template says. */
export function writeTemplate(kind: Kind, of: object, template: Template, cpu: Cpu): void {
  readSmall(kind, of, raw);
  for (let at = 0; at < template.length; at++) {
    const value = template[at];
    if (typeof value !== 'symbol') raw[at] = value;
    else if (value === HERE) raw[at] = cpu.id;
    else if (value === HERE_AT_EL2) raw[at] = AT_EL2 - cpu.id;
    else if (value === NOW) raw[at] = cpu.window;
    // Any one before will do.
    else if (value === BEFORE && (raw[at] === 0 || raw[at] === cpu.window)) raw[at] = cpu.window - 1;
  }
  writeSmall(kind, of, raw);
}
