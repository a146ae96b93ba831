/**
 * What may have happened on a CPU, where the trace hides steps: a set of states, each one that some full execution of the
 * kernel leads to. A step maps each of them; a hidden step adds those that it leads to; a state in which the trace could not
 * go on, or in which a rule breaks, is one that a correct kernel was not in. Where none is left, the kernel is not correct,
 * or not of this model. A trace that hides nothing never comes here.
 */

import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { KIND } from '../../trace/vocabulary.ts';
import type { Cpu } from '../state/cpu.ts';
import { cpuOf, findVcpu, type Machine, taskOf, vcpuOf } from '../state/machine.ts';
import type { Copy, Possibility } from '../state/possibility.ts';
import { NO_CPU } from '../state/task.ts';
import type { Tape } from '../state/watcher.ts';
import { blur, hiddenSteps, isImpossible } from './advance.ts';
import { copyOf, join, keyOf, putBack, scopeOf } from './snapshot.ts';

/** More are joined: what they do not have in common is unknown. */
const MOST = 48;

type Handler = (machine: Machine, event: EventRecord) => void;

function take(cpu: Cpu, via: number): Possibility {
  return { copies: scopeOf(cpu).map(copyOf), key: keyOf(cpu), via };
}

function enter({ copies }: Possibility): void {
  for (const copy of copies) putBack(copy);
}

/** What is possible on the CPU; the objects hold the first of it. */
function possibilitiesOf(machine: Machine, cpu: Cpu): readonly Possibility[] {
  return machine.possible[cpu.id] ?? [take(cpu, 0)];
}

/** Keeps what is possible; where that is one thing, nothing needs to be kept beside it. */
function keep(machine: Machine, cpu: Cpu, possible: readonly Possibility[]): void {
  const first = possible[0] as Possibility;
  enter(first);
  // What all of them need has happened.
  const certain = possible.reduce((via, one) => via & one.via, -1);
  const left = possible.map((one) => (certain === 0 ? one : { ...one, via: one.via & ~certain }));
  machine.possible[cpu.id] = possible.length > 1 ? left : undefined;
}

/** The objects hold what is common to all that is possible on the CPU. */
export function settle(machine: Machine, cpu: Cpu): void {
  const possible = machine.possible[cpu.id];
  if (possible === undefined) return;
  machine.possible[cpu.id] = undefined;
  machine.watch.unsettled(possible.reduce((via, one) => via | one.via, 0));
  for (const of of scopeOf(cpu)) join(of, copiesOf(of, possible));
}

function copiesOf(of: object, possible: readonly Possibility[]): Copy[] {
  return possible.flatMap(({ copies }) => copies.filter((copy) => copy.of === of));
}

/** One step of an event where the trace hides some. */
export function stepPossible(machine: Machine, event: EventRecord, handler: Handler): void {
  if (event.kind === KIND.lost) {
    for (const cpu of machine.cpus) if (cpu !== undefined && isOf(event, cpu)) settle(machine, cpu);
    handler(machine, event);
    return;
  }
  if (event.cpu === ABSENT) {
    settleOthers(machine, event, undefined);
    handler(machine, event);
    return;
  }
  const cpu = cpuOf(machine, event.cpu);
  settleOthers(machine, event, cpu);
  const outside = named(machine, event, cpu);
  const before = advance(machine, cpu, event);
  const [only] = before;
  if (before.length === 1 && only !== undefined) {
    enter(only);
    handler(machine, event);
    machine.possible[cpu.id] = undefined;
    return;
  }
  run(machine, cpu, event, handler, before, outside);
}

interface Branch {
  readonly after: readonly Copy[];
  readonly scope: readonly object[];
  readonly key: string;
  readonly via: number;
  readonly tape: Tape;
}

/** The event in each of the states; what a correct kernel was not in is given up. */
function run(
  machine: Machine,
  cpu: Cpu,
  event: EventRecord,
  handler: Handler,
  before: readonly Possibility[],
  outside: readonly object[],
): void {
  const there = outside.map(copyOf);
  const { watch } = machine;
  const branches = before.map((possibility): Branch => {
    for (const copy of there) putBack(copy);
    enter(possibility);
    const tape = watch.fork();
    machine.watch = tape.watch;
    if (isImpossible(machine, cpu, event)) tape.impossible();
    else handler(machine, event);
    machine.watch = watch;
    const scope = scopeOf(cpu);
    const after = [...new Set([...scope, ...possibility.copies.map(({ of }) => of), ...outside])].map(copyOf);
    return { after, scope, key: keyOf(cpu), via: possibility.via, tape };
  });
  const alive = branches.filter(({ tape }) => !tape.contradicted());
  const left = alive.length > 0 ? alive : [leastContradicted(branches)];
  const [either, both] = [left.reduce((via, one) => via | one.via, 0), left.reduce((via, one) => via & one.via, -1)];
  watch.merge(
    left.map(({ tape }) => tape),
    either & ~both,
  );
  // What is not of this CPU any more, or never was, is from now on what all have in common.
  const first = left[0] as Branch;
  const here = new Set(first.scope);
  const of = (branch: Branch, object: object) => branch.after.find((copy) => copy.of === object);
  for (const object of new Set(left.flatMap(({ after }) => after.map((copy) => copy.of)))) {
    if (!here.has(object))
      join(
        object,
        left.flatMap((branch) => of(branch, object) ?? []),
      );
  }
  const after = left.map(
    ({ after, scope, key, via }): Possibility => ({
      copies: after.filter((copy) => scope.includes(copy.of)),
      key,
      via,
    }),
  );
  keep(machine, cpu, distinct(machine, after));
  if (after.length > MOST) settle(machine, cpu);
}

function leastContradicted(branches: readonly Branch[]): Branch {
  return branches.reduce((least, branch) => (branch.tape.errors() < least.tape.errors() ? branch : least));
}

/** Two ways to the same state are one from now on, and which it was will never be told. */
function distinct(machine: Machine, all: readonly Possibility[]): readonly Possibility[] {
  const byKey = new Map<string, Possibility>();
  for (const one of all) {
    const other = byKey.get(one.key);
    if (other === undefined) byKey.set(one.key, one);
    else {
      machine.watch.unsettled(one.via ^ other.via);
      byKey.set(one.key, { ...other, via: other.via & one.via });
    }
  }
  return [...byKey.values()];
}

/** The states before the event: those that were possible, and those that hidden steps lead to from there. */
function advance(machine: Machine, cpu: Cpu, event: EventRecord): readonly Possibility[] {
  const start = possibilitiesOf(machine, cpu);
  const all: Possibility[] = [];
  for (const one of start) {
    enter(one);
    all.push(blur(machine, cpu) ? take(cpu, one.via) : one);
  }
  const found = [...distinct(machine, all)];
  const keys = new Set(found.map(({ key }) => key));
  const { watch } = machine;
  for (let at = 0; at < found.length && found.length <= MOST; at++) {
    const from = found[at] as Possibility;
    for (const { bit, may, step } of hiddenSteps(machine)) {
      enter(from);
      if (!may(machine, cpu, event)) continue;
      const tape = watch.fork();
      machine.watch = tape.watch;
      step(machine, cpu);
      machine.watch = watch;
      if (tape.contradicted()) continue;
      watch.hidden(tape);
      const key = keyOf(cpu);
      if (keys.has(key)) watch.unsettled(bit);
      else {
        keys.add(key);
        found.push({ ...take(cpu, from.via | bit), key });
      }
    }
  }
  enter(found[0] as Possibility);
  return found;
}

/** An event without a CPU is of all of them. */
const isOf = (event: EventRecord, cpu: Cpu): boolean => event.cpu === ABSENT || event.cpu === cpu.id;

/** Whom the event names beside the CPU's own: they must be there before it is run more than once. */
function named(machine: Machine, event: EventRecord, cpu: Cpu): readonly object[] {
  const objects = new Set<object>();
  for (const pid of [event.task, event.next]) if (pid !== ABSENT) objects.add(taskOf(machine, pid, cpu));
  if (event.vcpu !== ABSENT) objects.add(vcpuOf(machine, event.vm, event.vcpu));
  for (const object of [...objects]) {
    const on = 'cpu' in object && typeof object.cpu === 'number' ? machine.cpus[object.cpu] : undefined;
    if (on !== undefined && on !== cpu) for (const of of scopeOf(on)) objects.add(of);
  }
  for (const entity of [cpu.holder, cpu.last]) if (!Object.isFrozen(entity)) objects.add(entity);
  const own = new Set(scopeOf(cpu));
  return [...objects].filter((object) => !own.has(object));
}

/** An event that reaches another CPU than its own finds there what is common to all that is possible. */
function settleOthers(machine: Machine, event: EventRecord, cpu: Cpu | undefined): void {
  const tasks = [event.task, event.next].map((pid) => machine.tasks.get(pid));
  const vcpu = event.vcpu === ABSENT ? undefined : findVcpu(machine, event.vm, event.vcpu);
  for (const one of [...tasks, vcpu]) {
    const on = one === undefined || one.cpu === NO_CPU ? undefined : machine.cpus[one.cpu];
    if (on !== undefined && on !== cpu) settle(machine, on);
  }
}
