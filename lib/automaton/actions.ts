/**
 * What a step wrote into eager fields, in terms that hold for whoever is in the situation: `memory` of the vCPU becomes what its
 * `generation` was, `last` the current task, a line that of the event.
 */

import type { Cpu } from '../kernel/state/cpu.ts';
import { anybody, nobody } from '../kernel/state/entity.ts';
import type { Machine } from '../kernel/state/machine.ts';
import type { Task } from '../kernel/state/task.ts';
import type { Vcpu } from '../kernel/state/vcpu.ts';
import type { EventRecord } from '../trace/event.ts';
import { KIND } from '../trace/vocabulary.ts';
import { readField, writeField } from './access.ts';
import { EAGER_NAMES, eagerOf, type Kind, type Sort } from './fields.ts';

/** Who is on stage, by role. */
export type Stage = (object | undefined)[];

const CPU = 0;
const VHE = 1;
const NVHE = 2;
const SOFTIRQ = 3;
const TASK = 4;
const TASK_NEON = 5;
const THE_VCPU = 6;
/** Who comes in. */
const COMER = 7;
const COMER_NEON = 8;

/** A CPU, and what is in it. */
export function stageOf(cpu: Cpu): Stage {
  const stage: Stage = [cpu, cpu.vhe, cpu.nvhe, cpu.softirqNeon, undefined, undefined, undefined, undefined, undefined];
  enter(stage, cpu.current, undefined);
  return stage;
}

export function enter(stage: Stage, task: Task, vcpu: Vcpu | undefined): void {
  stage[TASK] = task;
  stage[TASK_NEON] = task.kernelNeon;
  stage[THE_VCPU] = vcpu;
}

export function comeIn(stage: Stage, comer: Task | Vcpu | undefined): void {
  stage[COMER] = comer;
  stage[COMER_NEON] = (comer as Task | undefined)?.kernelNeon;
}

/** Where a value comes from: a field as it was before, and so much more; a constant; who is in a role; the event's line, number, value. */
const FIELD = 0;
const MORE = 1;
const CONSTANT = 2;
const ROLE = 3;
const LINE = 4;
const EVENT = 5;
const VALUE = 6;

interface Source {
  readonly from: number;
  readonly role: number;
  readonly field: number;
  /** How much more, or which constant. */
  readonly value: number;
}

/** Into which field of whom, from where. */
interface Action {
  readonly role: number;
  readonly field: number;
  readonly source: Source;
}

const CONSTANTS: readonly unknown[] = [undefined, nobody, anybody, 0];
const ZERO = CONSTANTS.indexOf(0);

/** Actions in the order in which they are done, each six integers: into which role and field, and the source. */
export type Actions = Int32Array;
const WIDTH = 6;

/** A field of somebody on stage. */
interface Slot {
  readonly role: number;
  readonly field: number;
  readonly name: string;
  readonly sort: Sort;
}

const slotsOf = (role: number, kind: Kind): readonly Slot[] =>
  eagerOf(kind).map(({ name, sort }) => ({ role, field: EAGER_NAMES.indexOf(name), name, sort }));

const OF_CPU: readonly Slot[] = [
  ...slotsOf(CPU, 'cpu'),
  ...slotsOf(VHE, 'instance'),
  ...slotsOf(NVHE, 'instance'),
  ...slotsOf(SOFTIRQ, 'neon'),
  ...slotsOf(TASK, 'task'),
];
const OF_TASK_NEON = slotsOf(TASK_NEON, 'neon');
const OF_VCPU = slotsOf(THE_VCPU, 'vcpu');
const OF_COMING_TASK = slotsOf(COMER, 'task');
const OF_COMING_VCPU = slotsOf(COMER, 'vcpu');
const OF_COMING_NEON = slotsOf(COMER_NEON, 'neon');

/** By who is on stage. */
const slotLists: (readonly Slot[] | undefined)[] = [];

function slotsOn(stage: Stage): readonly Slot[] {
  const comer = stage[COMER];
  const who =
    (stage[TASK_NEON] === undefined ? 0 : 1) +
    (stage[THE_VCPU] === undefined ? 0 : 2) +
    (stage[COMER_NEON] === undefined ? 0 : 4) +
    (comer === undefined ? 0 : 'debug_dirty' in comer ? 8 : 16);
  const known = slotLists[who];
  if (known !== undefined) return known;
  const slots = [
    ...OF_CPU,
    ...((who & 1) === 0 ? [] : OF_TASK_NEON),
    ...((who & 2) === 0 ? [] : OF_VCPU),
    ...((who & 4) === 0 ? [] : OF_COMING_NEON),
    ...((who & 8) === 0 ? [] : OF_COMING_VCPU),
    ...((who & 16) === 0 ? [] : OF_COMING_TASK),
  ];
  slotLists[who] = slots;
  return slots;
}

/** Of a CPU: whose value it has, and which. */
const HELD_BY: Readonly<Record<string, string>> = {
  generation: 'holder',
  entryGeneration: 'entryHolder',
  el2Generation: 'el2Holder',
  zaGeneration: 'zaHolder',
};

/** Numbers that are compared with one another: the newest of them, then those that are older. */
const FAMILIES: readonly (readonly string[])[] = [
  ['generation', 'memory'],
  ['fpmr', 'fpmrMemory'],
  ['zaGeneration', 'zaMemory'],
];
const familyOf = (name: string): readonly string[] => FAMILIES.find((names) => names.includes(name)) ?? [name];
const VALUES = familyOf('generation');
const ZA_VALUES = familyOf('zaGeneration');

/** Most new values of somebody that one step makes. */
const MOST = 4;

/** What an entry finds in the registers: it is told of a situation only while its run lasts. */
const isOfRun = ({ role, name }: Slot): boolean =>
  role === CPU && (name === 'entryHolder' || name === 'entryGeneration');

/** What the fields were before a step. */
export interface Before {
  readonly isRunning: boolean;
  readonly stage: Stage;
  readonly slots: readonly Slot[];
  readonly values: readonly unknown[];
}

export function takeBefore(stage: Stage): Before {
  const slots = slotsOn(stage);
  const isRunning = (stage[CPU] as Cpu).running;
  const values = slots.map(({ role, field }) => readField(field, stage[role] as object));
  return { isRunning, stage: [...stage], slots, values };
}

/** What has changed since; undefined where it cannot be told in such terms. */
export function actionsSince(before: Before, { event, sequence }: Machine): Actions | undefined {
  const { stage, slots, values } = before;
  const actions: Action[] = [];
  const { running } = stage[CPU] as Cpu;
  for (let at = 0; at < slots.length; at++) {
    const slot = slots[at] as Slot;
    const { role, field, name, sort } = slot;
    if (isOfRun(slot) && !running) continue;
    const value = readField(field, stage[role] as object);
    const holderName = role === CPU ? HELD_BY[name] : undefined;
    const holder = holderName === undefined ? undefined : (stage[CPU] as Record<string, unknown>)[holderName];
    // The same number is another value where it is somebody else's.
    const isOther = holderName !== undefined && holder !== beforeOf(before, holderName);
    const isKept = value === values[at] && !isOther && isSource(before, slot);
    if (isKept) continue;
    const source =
      sort === 'reference'
        ? referenceTo(before, value)
        : sort === 'register'
          ? registerOf(before, value, event)
          : sort === 'line' || sort === 'event'
            ? placeOf(value, sort === 'line' ? event.line : sequence, sort === 'line' ? LINE : EVENT)
            : holderName !== undefined
              ? heldValue(before, holder, value as number, name === 'zaGeneration' ? ZA_VALUES : VALUES)
              : numberOf(before, stage[role], value as number, familyOf(name));
    if (source === undefined) return undefined;
    actions.push({ role, field, source });
  }
  const ordered = readersFirst(actions);
  return ordered && Int32Array.from(ordered.flatMap(({ role, field, source }) => [role, field, ...wordsOf(source)]));
}

const wordsOf = ({ from, role, field, value }: Source): readonly number[] => [from, role, field, value];

/** So that nothing is read after it was written; undefined where they go round in a circle. */
function readersFirst(actions: readonly Action[]): readonly Action[] | undefined {
  const left = [...actions];
  const ordered: Action[] = [];
  while (left.length > 0) {
    const next = left.findIndex((action) => !left.some((other) => other !== action && reads(other, action)));
    if (next < 0) return undefined;
    ordered.push(...left.splice(next, 1));
  }
  return ordered;
}

/** Whether one reads what another writes. */
function reads({ source: { from, role, field } }: Action, other: Action): boolean {
  return (from === FIELD || from === MORE) && role === other.role && field === other.field;
}

/** What it is is told of the situation. */
const isSource = ({ isRunning }: Before, slot: Slot): boolean => isRunning || !isOfRun(slot);

function beforeOf({ slots, values }: Before, name: string): unknown {
  return values[slots.findIndex((slot) => slot.role === CPU && slot.name === name)];
}

const constant = (value: number): Source => ({ from: CONSTANT, role: 0, field: 0, value });

function registerOf({ slots, values }: Before, value: unknown, event: EventRecord): Source | undefined {
  if (event.kind === KIND.pmuserenr && value === event.value) return { from: VALUE, role: 0, field: 0, value: 0 };
  const at = slots.findIndex(({ sort }, index) => sort === 'register' && values[index] === value);
  return at < 0 ? undefined : fieldSource(slots[at] as Slot);
}

function placeOf(value: unknown, now: number, from: number): Source | undefined {
  if (value === 0) return constant(ZERO);
  return value === now ? { from, role: 0, field: 0, value: 0 } : undefined;
}

function referenceTo(before: Before, value: unknown): Source | undefined {
  const { stage, slots, values } = before;
  const which = CONSTANTS.indexOf(value);
  if (which >= 0) return constant(which);
  const role = stage.indexOf(value as object);
  if (role >= 0) return { from: ROLE, role, field: 0, value: 0 };
  const at = slots.findIndex(
    (slot, index) => slot.sort === 'reference' && values[index] === value && isSource(before, slot),
  );
  return at < 0 ? undefined : fieldSource(slots[at] as Slot);
}

const fieldSource = ({ role, field }: Slot): Source => ({ from: FIELD, role, field, value: 0 });

/** What the CPU holds: nothing of nobody. */
function heldValue(before: Before, holder: unknown, value: number, family: readonly string[]): Source | undefined {
  if (holder !== nobody && holder !== anybody) return numberOf(before, holder, value, family);
  return value === 0 ? constant(ZERO) : undefined;
}

/** A number of somebody's: one that he, or the CPU of his, had before, or a newer one. */
function numberOf(before: Before, owner: unknown, value: number, family: readonly string[]): Source | undefined {
  const { stage, slots, values } = before;
  const isHis = ({ role, name }: Slot): boolean => stage[role] === owner && family.includes(name);
  const isHeld = ({ role, name }: Slot): boolean =>
    role === CPU && HELD_BY[name] !== undefined && family === (name === 'zaGeneration' ? ZA_VALUES : VALUES);
  for (const [at, slot] of slots.entries()) {
    if (values[at] !== value || !isSource(before, slot)) continue;
    if (isHis(slot) || (isHeld(slot) && beforeOf(before, HELD_BY[slot.name] as string) === owner))
      return fieldSource(slot);
  }
  const at = slots.findIndex(({ role, name }) => stage[role] === owner && name === family[0]);
  const more = value - (values[at] as number);
  if (!(more > 0 && more <= MOST)) return undefined;
  return { ...fieldSource(slots[at] as Slot), from: MORE, value: more };
}

/** The event that is under way. */
export interface Under {
  line: number;
  sequence: number;
  /** Of a `pmuserenr`. */
  value: bigint | undefined;
}

/** Does the same to those who are on stage now. */
export function perform(actions: Actions, stage: Stage, under: Under): void {
  for (let at = 0; at < actions.length; at += WIDTH) {
    const from = actions[at + 2] as number;
    const role = actions[at + 3] as number;
    let value: unknown;
    if (from === ROLE) value = stage[role];
    else if (from === LINE) value = under.line;
    else if (from === EVENT) value = under.sequence;
    else if (from === VALUE) value = under.value;
    else if (from === CONSTANT) value = CONSTANTS[actions[at + 5] as number];
    else {
      value = readField(actions[at + 4] as number, stage[role] as object);
      if (from === MORE) value = (value as number) + (actions[at + 5] as number);
    }
    writeField(actions[at + 1] as number, stage[actions[at] as number] as object, value);
  }
}
