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
import type { Copy, Possibility } from '../state/possibility.ts';
import type { Tape } from '../state/watcher.ts';
import { blur, hiddenSteps, isImpossible } from './advance.ts';
import { isUncertain, named } from './named.ts';
import { settle, settleFor, settleOthers } from './settle.ts';
import { copyOf, join, scopeOf } from './snapshot.ts';
import { copiesAmong, copiesNow, copiesOf, distinct, enter, isSameState, keep, type Live, take } from './states.ts';
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
  const live: Live = [];
  const start = machine.possible[cpu.id] ?? [take(live, cpu, 0)];
  const blurred = start.map((one) => {
    enter(live, one.copies);
    if (!blur(machine, cpu)) return one;
    live.length = 0;
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
      live.length = 0;
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
  return take([], cpu, 0);
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
  const live: Live = [];
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
    const others = there.filter(({ of }) => !from.copies.some((copy) => copy.of === of));
    const copies = copiesNow([], [...from.copies, ...others], scope);
    live.length = 0;
    live.push(...copies);
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
  const here: object[] = [];
  for (const { scope } of left) for (const of of scope) if (!here.includes(of)) here.push(of);
  const gone: object[] = [];
  for (const { copies } of left)
    for (const { of } of copies) if (!here.includes(of) && !gone.includes(of)) gone.push(of);
  for (const of of gone) join(of, copiesOf(of, left));
  const after = left.map(({ copies, via }): Possibility => ({ copies: copiesAmong(copies, here), via }));
  const possible = distinct(machine, after);
  keep(machine, cpu, possible);
}

function leastContradicted(branches: readonly Branch[]): Branch {
  return branches.reduce((least, branch) => (branch.tape.errors() < least.tape.errors() ? branch : least));
}
