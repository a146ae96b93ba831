/**
 * What may have happened on a CPU, where the trace hides steps: a set of states, each one that some full execution of the
 * kernel leads to. A step maps each of them; a hidden step adds those that it leads to; a state in which the trace could not
 * go on, or in which a rule breaks, is one that a correct kernel was not in. Where none is left, the kernel is not correct,
 * or not of this model. A trace that hides nothing never comes here.
 */

import { ABSENT, type EventRecord, LAST_TASK } from '../../trace/event.ts';
import { HIDEABLE } from '../../trace/hidden.ts';
import { KIND } from '../../trace/vocabulary.ts';
import { guestSet } from '../code/debug.ts';
import type { Cpu } from '../state/cpu.ts';
import { UNKNOWN } from '../state/entity.ts';
import { cpuOf, findVcpu, type Machine, taskOf, vcpuOf } from '../state/machine.ts';
import type { Copy, Possibility } from '../state/possibility.ts';
import { NO_CPU, type Task } from '../state/task.ts';
import { DEBUG_HOST, type Vcpu } from '../state/vcpu.ts';
import type { Tape } from '../state/watcher.ts';
import { blur, hiddenSteps, isImpossible } from './advance.ts';
import { copyOf, isSame, join, putBack, scopeOf, valueIn } from './snapshot.ts';
import { bitOf, hides } from './supply.ts';
import { loseFp } from './unknown.ts';

/** More are joined: what they do not have in common is unknown. */
const MOST = 48;

type Handler = (machine: Machine, event: EventRecord) => void;

/** What the objects are known to hold at the moment: most states differ in few of them. */
type Live = Map<object, Copy>;

/** `from`: the state that led here, of which most is as it was. All states of a CPU have copies of the same objects. */
function take(live: Live, cpu: Cpu, via: number, from?: Possibility): Possibility {
  const old = from?.copies ?? [];
  const objects = new Set([...old.map(({ of }) => of), ...scopeOf(cpu)]);
  const copies = [...objects].map((of, at) => {
    const copy = live.get(of) ?? copyOf(of, old[at]);
    live.set(of, copy);
    return copy;
  });
  return { copies, via };
}

function enter(live: Live, copies: readonly Copy[]): void {
  for (const copy of copies) {
    const now = live.get(copy.of);
    if (now === copy) continue;
    putBack(copy, now);
    live.set(copy.of, copy);
  }
}

function isSameState({ copies: a }: Possibility, { copies: b }: Possibility): boolean {
  return a.length === b.length && a.every((copy, at) => isSame(copy, b[at] as Copy));
}

/** Keeps what is possible; where that is one thing, nothing needs to be kept beside it. */
function keep(machine: Machine, cpu: Cpu, possible: readonly Possibility[]): void {
  for (const copy of (possible[0] as Possibility).copies) putBack(copy);
  // What all of them need has happened.
  const certain = possible.reduce((via, one) => via & one.via, -1);
  const left = certain === 0 ? possible : possible.map((one) => ({ ...one, via: one.via & ~certain }));
  machine.possible[cpu.id] = possible.length > 1 ? left : undefined;
}

/** The objects hold what is common to all that is possible on the CPU. */
export function settle(machine: Machine, cpu: Cpu): void {
  const all = machine.possible[cpu.id];
  if (all === undefined) return;
  machine.possible[cpu.id] = undefined;
  const possible = leadingFirst(machine, cpu, all);
  for (const copy of (possible[0] as Possibility).copies) putBack(copy);
  machine.watch.unsettled(possible.reduce((via, one) => via | one.via, 0));
  for (const of of scopeOf(cpu)) join(of, copiesOf(of, possible));
  openDebugSwitch(machine, cpu);
}

/** Where it is not known who uses the debug registers, it is not known either whether they were switched. */
function openDebugSwitch(machine: Machine, cpu: Cpu): void {
  if (cpu.loaded === undefined || !cpu.debugSwitched || guestSet(machine, cpu.loaded) !== UNKNOWN) return;
  cpu.debugSet = DEBUG_HOST;
  cpu.debugSwitched = false;
  cpu.debugOpen = true;
}

/**
 * Whose word counts where what differs cannot be unknown: where the guest runs, if it may have left unseen, since a line that tells
 * of its leaving can still come; else where it does not.
 */
function leadingFirst(machine: Machine, cpu: Cpu, all: readonly Possibility[]): readonly Possibility[] {
  const wanted = hides(machine, 'guest_exit');
  const leads = ({ copies }: Possibility): boolean =>
    copies.some((copy) => copy.of === cpu && valueIn(copy, 'running') === wanted);
  return [...all.filter(leads), ...all.filter((one) => !leads(one))];
}

function copiesOf(of: object, possible: readonly { readonly copies: readonly Copy[] }[]): Copy[] {
  return possible.flatMap(({ copies }) => copies.filter((copy) => copy.of === of));
}

/** One step of an event where the trace hides some. */
export function stepPossible(machine: Machine, event: EventRecord, handler: Handler): void {
  if (event.kind === KIND.lost || event.cpu === ABSENT) {
    settleFor(machine, event);
    handler(machine, event);
    return;
  }
  const cpu = cpuOf(machine, event.cpu);
  settleOthers(machine, event, cpu);
  const isMaybe = isUncertain(event);
  if (machine.possible[cpu.id] === undefined && !mayBranch(machine, cpu, event) && !isMaybe) {
    handler(machine, event);
    return;
  }
  const outside = named(machine, event, cpu);
  const before = advance(machine, cpu, event);
  if (isMaybe)
    run(
      machine,
      cpu,
      event,
      handler,
      before.flatMap((one) => [one, { ...one, via: one.via | viaOf(event) }]),
      outside,
    );
  else if (before.length > 1) run(machine, cpu, event, handler, before, outside);
  else {
    machine.possible[cpu.id] = undefined;
    handler(machine, event);
  }
}

/** Whether a hidden step may lead to another state from the only one there is; what it blurs is blurred. */
function mayBranch(machine: Machine, cpu: Cpu, event: EventRecord): boolean {
  blur(machine, cpu);
  let leads = false;
  for (const { bit, may, isIdle } of hiddenSteps(machine)) {
    if (!may(machine, cpu, event)) continue;
    if (isIdle(cpu)) machine.watch.unsettled(bit);
    else leads = true;
  }
  return leads;
}

/** The states before the event: those that were possible, and those that hidden steps lead to from there. */
function advance(machine: Machine, cpu: Cpu, event: EventRecord): readonly Possibility[] {
  const live: Live = new Map();
  const start = machine.possible[cpu.id] ?? [take(live, cpu, 0)];
  const blurred = start.map((one) => {
    enter(live, one.copies);
    if (!blur(machine, cpu)) return one;
    live.clear();
    return take(live, cpu, one.via, one);
  });
  const found = [...distinct(machine, blurred)];
  for (let at = 0; at < found.length && found.length <= MOST; at++) {
    const from = found[at] as Possibility;
    for (const { bit, may, step, isIdle } of hiddenSteps(machine)) {
      enter(live, from.copies);
      if (!may(machine, cpu, event)) continue;
      if (isIdle(cpu)) {
        machine.watch.unsettled(bit);
        continue;
      }
      const tape = listen(machine, () => step(machine, cpu));
      live.clear();
      if (tape.contradicted()) continue;
      machine.watch.hidden(tape);
      const to = take(live, cpu, from.via | bit, from);
      if (found.some((other) => isSameState(to, other))) machine.watch.unsettled(bit);
      else found.push(to);
    }
  }
  if (found.length > MOST) return [tooMany(machine, cpu, found)];
  enter(live, (found[0] as Possibility).copies);
  return found;
}

/** What all have in common, and none of what a further hidden step may change. */
function tooMany(machine: Machine, cpu: Cpu, found: readonly Possibility[]): Possibility {
  machine.possible[cpu.id] = found;
  settle(machine, cpu);
  machine.watch.unsettled(hiddenSteps(machine).reduce((via, { bit }) => via | bit, 0));
  loseFp(cpu);
  for (const name of ['trapFp', 'trapSve', 'trapSme'] as const) if (cpu[name] === 1) cpu[name] = UNKNOWN;
  return take(new Map(), cpu, 0);
}

/** What tells the states in which an event has happened from those in which it has not. */
function viaOf({ kind }: EventRecord): number {
  return 1 << HIDEABLE.findIndex((name) => KIND[name] === kind);
}

/** What a step tells, told to nobody yet. */
function listen(machine: Machine, step: () => void): Tape {
  const { watch } = machine;
  const tape = watch.fork();
  machine.watch = tape.watch;
  step();
  machine.watch = watch;
  return tape;
}

interface Branch {
  /** Of the CPU's scope as it was and as it is, and of what is outside of both. */
  readonly copies: readonly Copy[];
  readonly scope: readonly object[];
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
  const there = outside.map((of) => copyOf(of));
  const live: Live = new Map();
  const branches = before.map((from, index): Branch => {
    enter(live, there);
    enter(live, from.copies);
    const isPossible = !isImpossible(cpu, event);
    machine.untaken = isUncertain(event) && index % 2 === 0;
    const tape = listen(machine, () => {
      if (isPossible) handler(machine, event);
    });
    machine.untaken = false;
    if (!isPossible) tape.impossible();
    const scope = scopeOf(cpu);
    const old = new Map<object, Copy | undefined>();
    for (const copy of there) old.set(copy.of, copy);
    for (const copy of from.copies) old.set(copy.of, copy);
    for (const of of scope) if (!old.has(of)) old.set(of, undefined);
    live.clear();
    const copies: Copy[] = [];
    for (const [of, last] of old) {
      const copy = copyOf(of, last);
      live.set(of, copy);
      copies.push(copy);
    }
    return { copies, scope, via: from.via, tape };
  });
  const alive = branches.filter(({ tape }) => !tape.contradicted());
  const left = alive.length > 0 ? alive : [leastContradicted(branches)];
  const broken = alive.length > 0 ? branches.filter(({ tape }) => tape.contradicted()) : [];
  const [either, both] = [...left, ...broken].reduce(([some, all], { via }) => [some | via, all & via], [0, -1]);
  machine.watch.merge(
    left.map(({ tape }) => tape),
    either & ~both,
    broken.map(({ tape }) => tape),
  );
  // What is not of this CPU any more, or never was, is from now on what all have in common.
  const here = [...new Set(left.flatMap(({ scope }) => scope))];
  const gone = new Set(left.flatMap(({ copies }) => copies.map(({ of }) => of)).filter((of) => !here.includes(of)));
  for (const of of gone) join(of, copiesOf(of, left));
  const after = left.map(
    ({ copies, via }): Possibility => ({
      copies: here.flatMap((of) => copies.find((copy) => copy.of === of) ?? []),
      via,
    }),
  );
  const possible = distinct(machine, after);
  keep(machine, cpu, possible);
}

function leastContradicted(branches: readonly Branch[]): Branch {
  return branches.reduce((least, branch) => (branch.tape.errors() < least.tape.errors() ? branch : least));
}

/**
 * Kinds of which every event is in the trace, and only for some of which it is open whether they were here or at a later event: where
 * both lead to the same state, nothing is left open but what it cost, which is told.
 */
const seenAnyway = (machine: Machine): number => (hides(machine, 'return_to_user') ? 0 : bitOf('return_to_user'));

/** Two ways to the same state are one from now on, and which it was will never be told. */
function distinct(machine: Machine, all: readonly Possibility[]): readonly Possibility[] {
  const found: Possibility[] = [];
  for (const one of all) {
    const at = found.findIndex((other) => isSameState(one, other));
    const other = found[at];
    if (other === undefined) found.push(one);
    else if (other.via !== one.via) {
      machine.watch.unsettled((one.via ^ other.via) & ~seenAnyway(machine));
      found[at] = { ...other, via: other.via & one.via };
    }
  }
  return found;
}

// A reader clears of a record what events of its kind have, so that no more of it may be looked at.

/** Whether it may not have happened at all. */
export const isUncertain = (event: EventRecord): boolean => event.kind === KIND.return_to_user && event.maybe === 1;

const nextOf = (event: EventRecord): number => (event.kind === KIND.task_switch ? event.next : ABSENT);

/** The task that fpsimd_last_state was seen to name: the current one may turn out to be that. */
const boundOf = (event: EventRecord): number =>
  event.kind === KIND.observe && event.last === LAST_TASK ? event.lastId : ABSENT;

/** Whom the event names beside the CPU's own: they must be there before it is run more than once. */
function named(machine: Machine, event: EventRecord, cpu: Cpu): readonly object[] {
  const names: (Task | Vcpu)[] = [];
  for (const pid of [event.task, nextOf(event), boundOf(event)])
    if (pid !== ABSENT) names.push(taskOf(machine, pid, cpu));
  if (event.vcpu !== ABSENT) {
    const vcpu = vcpuOf(machine, event.vm, event.vcpu);
    names.push(vcpu);
    // It comes with its thread.
    if (vcpu.task !== undefined) names.push(vcpu.task);
  }
  const objects = new Set<object>(names);
  for (const one of names) {
    const on = machine.cpus[one.cpu];
    if (on !== undefined && on !== cpu) for (const of of scopeOf(on)) objects.add(of);
  }
  for (const entity of [cpu.holder, cpu.last]) if (!Object.isFrozen(entity)) objects.add(entity);
  const own = new Set(scopeOf(cpu));
  return [...objects].filter((object) => !own.has(object));
}

/** An event that reaches another CPU than its own finds there what is common to all that is possible. */
function settleOthers(machine: Machine, event: EventRecord, cpu: Cpu | undefined): void {
  const vcpu = event.vcpu === ABSENT ? undefined : findVcpu(machine, event.vm, event.vcpu);
  for (const one of [machine.tasks.get(event.task), machine.tasks.get(nextOf(event)), vcpu]) {
    const on = one === undefined || one.cpu === NO_CPU ? undefined : machine.cpus[one.cpu];
    if (on !== undefined && on !== cpu) settle(machine, on);
  }
}

/** A loss is of its CPU, or of all of them; what is of no CPU may be of one. */
function settleFor(machine: Machine, event: EventRecord): void {
  if (event.kind !== KIND.lost) settleOthers(machine, event, undefined);
  else
    for (const cpu of machine.cpus) {
      if (cpu !== undefined && (event.cpu === ABSENT || event.cpu === cpu.id)) settle(machine, cpu);
    }
}
