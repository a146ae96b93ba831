/** What of a record a step depends on, as a small number: its kind, its values, and who it names by what he is to the CPU. */

import {
  bitsOf,
  FAST_ROWS,
  fieldsOf,
  KIND_WORD,
  PLACES,
  SEEN_HIGH_WORD,
  SEEN_LOW_WORD,
} from '../ingest/fast/layout.ts';
import type { Cpu } from '../kernel/state/cpu.ts';
import { type Entity, TASK, VCPU } from '../kernel/state/entity.ts';
import type { Task } from '../kernel/state/task.ts';
import type { Vcpu } from '../kernel/state/vcpu.ts';
import { ABSENT, LAST_NONE, LAST_TASK } from '../trace/event.ts';
import { type EventName, type FieldName, type FieldType, KIND } from '../trace/vocabulary.ts';

export const wordOf = (name: FieldName): number =>
  (PLACES.find((place) => place.name === name) as (typeof PLACES)[number]).word;

export const CPU_WORD = wordOf('cpu');
export const VM_WORD = wordOf('vm');
export const VCPU_WORD = wordOf('vcpu');
export const TASK_WORD = wordOf('task');
export const TS_WORD = wordOf('ts');
const VALUE_WORD = wordOf('value');
const INFERRED_WORD = wordOf('inferred');
export const NEXT_WORD = wordOf('next');
const MAYBE_WORD = wordOf('maybe');
const LAST_WORD = wordOf('last');

/** Who an event may bring in that is not there. */
export const NOBODY_COMES = 0;
export const VCPU_COMES = 1;
const TASK_COMES = 2;

/** An event that a symbol can be of. */
interface Confined {
  /** First of its numbers: those of its values, each with those of who is named. */
  readonly base: number;
  readonly values: readonly Value[];
  /** Bits of the values, which most records have none of; and its number then. */
  readonly low: number;
  readonly high: number;
  readonly bare: number;
  /** How many ways there are to name somebody. */
  readonly ways: number;
  readonly comer: number;
  readonly hasLast: boolean;
  readonly hasValue: boolean;
  readonly maybe: boolean;
}

/** A value that a record has at a word, if it has it. */
interface Value {
  readonly word: number;
  /** One more than the greatest that it can be. */
  readonly size: number;
}

/** Fields that are no values of a symbol: who is named, when, and registers, which have any number of values. */
const NAMED: readonly FieldName[] = ['cpu', 'vm', 'vcpu', 'task', 'ts', 'next', 'last', 'value', 'mpidr'];

const COMERS: Partial<Record<EventName, number>> = {
  vcpu_load: VCPU_COMES,
  sched_in: VCPU_COMES,
  task_switch: TASK_COMES,
};

/** Events whose step reads its CPU, and who is there, and nothing else. */
const CONFINED: readonly EventName[] = [
  ...(['vcpu_load', 'vcpu_put', 'sched_in', 'sched_out', 'guest_enter', 'guest_exit', 'guest_fp'] as const),
  ...(['guest_fp_trap', 'debug_dirty', 'host_fp', 'neon_begin', 'neon_end', 'task_switch'] as const),
  ...(['return_to_user', 'pmuserenr', 'observe'] as const),
];

/** Who a CPU is, is not in its situation. */
const [MPIDR_LOW, MPIDR_HIGH] = bitsOf(['mpidr']);

/** Of these only matters whether they are there. */
const PRESENT: readonly string[] = ['guest_exit ec'];

function sizeOf(type: FieldType): number {
  if (type.kind === 'enum') return type.values.length;
  return type.kind === 'hex' ? 1 << type.bits : 2;
}

/**
 * vCPU: none, the one that is there, or one that comes; task: none or the current one. And whether the next task is the same;
 * whom an observation names; which values of PMUSERENR_EL0 the register is.
 */
const WAYS = 6;
const WITH_NEXT = 2;
const WITH_LAST = 3;
const WITH_VALUE = 4;

let numbers = 0;

const BY_KIND: readonly (Confined | undefined)[] = FAST_ROWS.map((row) => {
  if (row === undefined || !CONFINED.includes(row.name as EventName)) return undefined;
  const names = fieldsOf(row).filter((name) => !NAMED.includes(name));
  const values = PLACES.filter(({ name, width }) => width > 0 && names.includes(name)).map(({ name, type, word }) => ({
    word,
    size: PRESENT.includes(`${row.name} ${name}`) ? 1 : sizeOf(type),
  }));
  const comer = COMERS[row.name as EventName] ?? NOBODY_COMES;
  const hasLast = row.name === 'observe';
  const hasValue = fieldsOf(row).includes('value');
  const ways = WAYS * (comer === TASK_COMES ? WITH_NEXT : hasLast ? WITH_LAST : hasValue ? WITH_VALUE : 1);
  const base = numbers;
  numbers += values.reduce((product, { size }) => product * (size + 1), ways);
  const [low, high] = bitsOf(
    names.filter((name) => name !== 'inferred' && PLACES.some((place) => place.name === name)),
  );
  const bare = values.reduce((number, { word, size }) => number * (size + 1) + (word === INFERRED_WORD ? 1 : 0), 0);
  return {
    base,
    values,
    low,
    high,
    bare: base + bare * ways,
    ways,
    comer,
    hasLast,
    hasValue,
    maybe: fieldsOf(row).includes('maybe'),
  };
});

export const isConfined = (kind: number): boolean => BY_KIND[kind] !== undefined;

/** Most symbols that a trace has. */
export const MOST_SYMBOLS = 1024;
/** There is no such symbol. */
export const NO_SYMBOL = -1;

export interface Symbols {
  /** The symbol of a record; NO_SYMBOL where its step may depend on more. `vcpu`: the one in the situation. */
  of(words: Int32Array, at: number, cpu: Cpu, vcpu: Vcpu | undefined): number;
  /** Who comes in that is not there: by symbol. */
  readonly comes: Uint8Array;
}

export function createSymbols(): Symbols {
  const byNumber = new Int16Array(numbers).fill(NO_SYMBOL);
  const comes = new Uint8Array(MOST_SYMBOLS);
  let count = 0;

  function add(number: number, who: number): number {
    if (count === MOST_SYMBOLS) return NO_SYMBOL;
    byNumber[number] = count;
    comes[count] = who;
    return count++;
  }

  return {
    comes,
    of(words, at, cpu, vcpu) {
      const kind = BY_KIND[words[at + KIND_WORD] as number];
      if (kind === undefined) return NO_SYMBOL;
      let who = NOBODY_COMES;
      let way = 0;
      // It may not have happened: the emulator follows both.
      if (kind.maybe && words[at + MAYBE_WORD] === 1) return NO_SYMBOL;
      const id = words[at + VCPU_WORD] as number;
      if (id !== ABSENT) {
        if (vcpu !== undefined && vcpu.id === id && vcpu.vm === words[at + VM_WORD]) way = 1;
        else if (kind.comer === VCPU_COMES) {
          way = 2;
          who = VCPU_COMES;
        } else return NO_SYMBOL;
      } else if (kind.hasLast && vcpu === undefined && cpu.lastLoaded !== undefined) return NO_SYMBOL;
      const pid = words[at + TASK_WORD] as number;
      if (pid !== ABSENT) {
        if (cpu.current.id !== pid) return NO_SYMBOL;
        way += 3;
      }
      if (kind.comer === TASK_COMES && cpu.current.id !== words[at + NEXT_WORD]) {
        way += WAYS;
        who = TASK_COMES;
      }
      if (kind.hasLast) {
        const last = lastIn(words, at, cpu.last);
        if (last < 0) return NO_SYMBOL;
        way += WAYS * last;
      }
      if (kind.hasValue) {
        const value = valueIn(words, at);
        way += WAYS * ((value === cpu.pmuserenr ? 1 : 0) + (value === cpu.pmuserenrSaved ? 2 : 0));
      }
      const seen =
        ((words[at + SEEN_LOW_WORD] as number) & kind.low) | ((words[at + SEEN_HIGH_WORD] as number) & kind.high);
      let number = kind.bare;
      if (seen !== 0 || words[at + INFERRED_WORD] !== 0) number = withValues(words, at, kind);
      const symbol = byNumber[number + way] as number;
      return symbol === NO_SYMBOL ? add(number + way, who) : symbol;
    },
  };
}

/** Whether a `sched_in` brings along another task than the current one: that which loaded the vCPU before. */
export function adoptsAnother(
  words: Int32Array,
  at: number,
  { current }: Cpu,
  loads: Task | Vcpu | undefined,
): boolean {
  if (words[at + KIND_WORD] !== KIND.sched_in || words[at + TASK_WORD] !== ABSENT) return false;
  const task = (loads as Vcpu).task;
  return task !== undefined && task !== current;
}

/** The register of a record that has one: two words, the upper half first. */
export const valueIn = (words: Int32Array, at: number): bigint =>
  (BigInt((words[at + VALUE_WORD] as number) >>> 0) << 32n) | BigInt((words[at + VALUE_WORD + 1] as number) >>> 0);

function withValues(words: Int32Array, at: number, { base, values, ways }: Confined): number {
  let number = 0;
  for (let index = 0; index < values.length; index++) {
    const { word, size } = values[index] as Value;
    const value = words[at + word] as number;
    number = number * (size + 1) + (value < size ? value : size - 1) + 1;
  }
  return base + number * ways;
}

/** Whom an observation names as the last: nobody told, none, or the one that it is; -1 where it is another. */
function lastIn(words: Int32Array, at: number, is: Entity): number {
  const seen =
    ((words[at + SEEN_LOW_WORD] as number) & MPIDR_LOW) | ((words[at + SEEN_HIGH_WORD] as number) & MPIDR_HIGH);
  if (seen !== 0) return -1;
  const last = words[at + LAST_WORD] as number;
  if (last === ABSENT) return 0;
  if (last === LAST_NONE) return 1;
  const named = words[at + LAST_WORD + 1];
  if (last === LAST_TASK) return is.kind === TASK && is.id === named && is.id > 0 ? 2 : -1;
  return is.kind === VCPU && is.vm === named && is.id === words[at + LAST_WORD + 2] ? 2 : -1;
}
