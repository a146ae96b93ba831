/**
 * What may have happened on a CPU, where the trace hides steps: a set of states, each one that some full execution of the
 * kernel leads to. A step maps each of them; a hidden step adds those that it leads to; a state in which the trace could not
 * go on, or in which a rule breaks, is one that a correct kernel was not in. Where none is left, the kernel is not correct,
 * or not of this model. A trace that hides nothing never comes here.
 */

import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { HIDEABLE } from '../../trace/hidden.ts';
import { KIND } from '../../trace/vocabulary.ts';
import type { Cpu } from '../state/cpu.ts';
import { UNKNOWN } from '../state/entity.ts';
import { cpuOf, type Machine } from '../state/machine.ts';
import type { Possibility, State } from '../state/possibility.ts';
import type { Tape } from '../state/watcher.ts';
import { blur, type HiddenStep, hiddenSteps, isImpossible, mayBlur } from './advance.ts';
import { isUncertain, named } from './named.ts';
import { settle, settleFor, settleOthers } from './settle.ts';
import { join, scopeOf } from './snapshot.ts';
import { copiesOf, distinct, enter, isAmong, keep, type Live, stateAmong, stateNow, stateOf, take } from './states.ts';
import { loseFp } from './unknown.ts';

/** More are joined: what they do not have in common is unknown. */
const MOST = 48;

type Handler = (machine: Machine, event: EventRecord) => void;

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
  const live: Live = { state: undefined };
  const before = advance(machine, cpu, event, live);
  if (isMaybe) {
    const either = before.flatMap((one) => [one, { ...one, via: one.via | viaOf(event) }]);
    run(machine, cpu, event, handler, either, outside, live);
  } else if (before.length > 1) run(machine, cpu, event, handler, before, outside, live);
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

/** The states before the event, of which the first is entered: those that were possible, and those that hidden steps lead to from there. */
function advance(machine: Machine, cpu: Cpu, event: EventRecord, live: Live): readonly Possibility[] {
  const steps = hiddenSteps(machine);
  const found = blurred(machine, cpu, live);
  for (let at = 0; at < found.length && found.length <= MOST; at++) {
    const from = found[at] as Possibility;
    for (const hidden of steps) {
      enter(live, from.state);
      const to = lead(machine, cpu, event, hidden, from, live);
      if (to === undefined) continue;
      if (isAmong(found, to)) machine.watch.unsettled(hidden.bit);
      else found.push(to);
    }
  }
  if (found.length > MOST) {
    live.state = undefined;
    return [tooMany(machine, cpu, found)];
  }
  enter(live, (found[0] as Possibility).state);
  return found;
}

/** What was possible, without what hidden events that are not followed may have changed. */
function blurred(machine: Machine, cpu: Cpu, live: Live): Possibility[] {
  const start = machine.possible[cpu.id] ?? [take(live, cpu, 0)];
  if (!mayBlur(machine)) return [...start];
  let isAny = false;
  const states = start.map((one) => {
    enter(live, one.state);
    if (!blur(machine, cpu)) return one;
    isAny = true;
    return take(live, cpu, one.via, one.state);
  });
  // Else they are as distinct as they were.
  return isAny ? distinct(machine, states) : states;
}

/** Where the hidden step leads from that state, which is entered; undefined where it cannot be taken, or changes nothing. */
function lead(
  machine: Machine,
  cpu: Cpu,
  event: EventRecord,
  { bit, may, step, isIdle }: HiddenStep,
  from: Possibility,
  live: Live,
): Possibility | undefined {
  if (!may(machine, cpu, event)) return undefined;
  if (isIdle(cpu)) {
    machine.watch.unsettled(bit);
    return undefined;
  }
  live.state = undefined;
  const tape = listen(machine, step, cpu);
  if (tape.contradicted()) return undefined;
  machine.watch.hidden(tape);
  return take(live, cpu, from.via | bit, from.state);
}

/** What all have in common, and none of what a further hidden step may change. */
function tooMany(machine: Machine, cpu: Cpu, found: readonly Possibility[]): Possibility {
  machine.possible[cpu.id] = found;
  settle(machine, cpu);
  machine.watch.unsettled(hiddenSteps(machine).reduce((via, { bit }) => via | bit, 0));
  loseFp(cpu);
  for (const name of ['trapFp', 'trapSve', 'trapSme'] as const) if (cpu[name] === 1) cpu[name] = UNKNOWN;
  return take({ state: undefined }, cpu, 0);
}

/** What tells the states in which an event has happened from those in which it has not. */
function viaOf({ kind }: EventRecord): number {
  return 1 << HIDEABLE.findIndex((name) => KIND[name] === kind);
}

/** What a step tells, told to nobody yet. */
function listen<Of>(machine: Machine, step: (machine: Machine, of: Of) => void, of: Of): Tape {
  const { watch } = machine;
  const tape = watch.fork();
  machine.watch = tape.watch;
  step(machine, of);
  machine.watch = watch;
  return tape;
}

/** What tells of nothing but that the trace cannot go on so. */
function unheard(machine: Machine): Tape {
  const tape = machine.watch.fork();
  tape.impossible();
  return tape;
}

interface Branch {
  /** Of the CPU's scope as it was and as it is, and of what is outside of both. */
  readonly state: State;
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
  live: Live,
): void {
  const there = outside.length === 0 ? undefined : stateOf(outside);
  const isMaybe = isUncertain(event);
  let twin: Branch | undefined;
  const branches: Branch[] = [];
  for (let index = 0; index < before.length; index++) {
    const { state: from, via } = before[index] as Possibility;
    if (there !== undefined) enter(live, there);
    enter(live, from);
    machine.untaken = isMaybe && index % 2 === 0;
    const tape = isImpossible(cpu, event) ? unheard(machine) : listen(machine, handler, event);
    machine.untaken = false;
    const scope = scopeOf(cpu, from.objects, twin?.scope);
    const state = stateNow(there === undefined ? from : withOthers(from, there), scope, twin?.state);
    twin = { state, scope, via, tape };
    live.state = state;
    branches.push(twin);
  }
  const alive = branches.every(isAlive) ? branches : branches.filter(isAlive);
  const left = alive.length > 0 ? alive : [leastContradicted(branches)];
  const broken = left === alive && alive !== branches ? branches.filter((one) => !isAlive(one)) : [];
  machine.watch.merge(left.map(tapeOf), differing(left, broken), broken.map(tapeOf));
  const possible = distinct(machine, among(left));
  keep(machine, cpu, live, possible);
}

const isAlive = ({ tape }: Branch): boolean => !tape.contradicted();
const tapeOf = ({ tape }: Branch): Tape => tape;

function withOthers(from: State, there: State): State {
  const others = there.copies.filter(({ of }) => !from.objects.includes(of));
  if (others.length === 0) return from;
  return { objects: [...from.objects, ...others.map(({ of }) => of)], copies: [...from.copies, ...others] };
}

/** Hidden kinds that some need and others do not. */
function differing(left: readonly Branch[], broken: readonly Branch[]): number {
  let [some, all] = [0, -1];
  for (const branches of [left, broken]) {
    for (const { via } of branches) {
      some |= via;
      all &= via;
    }
  }
  return some & ~all;
}

/** What is left. What is not of this CPU any more, or never was, is from now on what all have in common. */
function among(left: readonly Branch[]): readonly Possibility[] {
  const here = inAny(left.map(({ scope }) => scope));
  const states = left.map(({ state }) => state);
  const all = inAny(states.map(({ objects }) => objects));
  if (all !== here) for (const of of all) if (!here.includes(of)) join(of, copiesOf(of, states));
  return left.map(({ state, via }) => ({ state: stateAmong(state, here), via }));
}

/** The objects of all lists. */
function inAny(lists: readonly (readonly object[])[]): readonly object[] {
  const [first] = lists as [readonly object[]];
  if (lists.every((list) => list === first)) return first;
  return [...new Set(lists.flat())];
}

function leastContradicted(branches: readonly Branch[]): Branch {
  return branches.reduce((least, branch) => (branch.tape.errors() < least.tape.errors() ? branch : least));
}
