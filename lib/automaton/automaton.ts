/**
 * A table in front of the emulator, learnt from it as a trace goes on: what a step did in a situation, it does again whenever that
 * situation comes again. While a CPU is followed by the table alone, the small values of its objects are not kept up to date; who is
 * where, and all numbers, are (fields.ts).
 */

import type { Checker } from '../check/checker.ts';
import { bitsOf, KIND_WORD, LINE_WORD, RECORD_WORDS, SEEN_LOW_WORD } from '../ingest/fast/layout.ts';
import type { Scanned } from '../ingest/source.ts';
import { findVcpu, type Machine } from '../kernel/state/machine.ts';
import type { Task } from '../kernel/state/task.ts';
import type { Vcpu } from '../kernel/state/vcpu.ts';
import { type EventRecord, LAST_TASK, LAST_VCPU } from '../trace/event.ts';
import { KIND } from '../trace/vocabulary.ts';
import { actionsSince, comeIn, perform, takeBefore, type Under } from './actions.ts';
import { createClock } from './clock.ts';
import { createFollowing, type Followed, NOWHERE } from './followed.ts';
import { createOutcomes, MOST_OUTCOMES, type Outcome } from './outcomes.ts';
import { record, type Told, type Transition } from './recorder.ts';
import type { Situation } from './situation.ts';
import {
  adoptsAnother,
  CPU_WORD,
  createSymbols,
  isConfined,
  MOST_SYMBOLS,
  NEXT_WORD,
  NO_SYMBOL,
  NOBODY_COMES,
  TASK_WORD,
  TS_WORD,
  VCPU_COMES,
  VCPU_WORD,
  VM_WORD,
  valueIn,
} from './symbols.ts';
import { createTable } from './table.ts';
import { createTallies } from './tallies.ts';

/** Where the automaton tells what the steps told that the emulator did not run. */
export interface Accounts {
  /** An event begins that is more than an observation. */
  begin(line: number, kind: number, cpu: number, vm: number, vcpu: number, task: number): void;
  /** The time of an event, in unsigned halves. */
  time(tsHigh: number, tsLow: number): void;
  /** A transition of a load, which a value that is read may still amend. */
  hold(cpu: number, transition: Transition): void;
  /** What was told of a CPU with that vCPU, so many times. */
  settle(told: Told, cpu: number, vcpu: Vcpu | undefined, times: number): void;
}

/** A step of the emulator, and what belongs to it. */
export type Step = (event: EventRecord) => void;

export interface Automaton {
  /** Replays entries as long as it knows what they do; returns the index of the first that it does not. */
  leap(scanned: Scanned, from: number, to: number): number;
  /** Runs a step of the emulator, and learns from it. */
  step(event: EventRecord, run: Step): void;
  /** The machine is as if the emulator had run every step. */
  catchUp(): void;
  /** And so are the accounts. */
  settle(): void;
}

/** Bits of an entry of the table that say which outcome; those above say which situation it leads to. */
const OUTCOME_BITS = Math.log2(MOST_OUTCOMES);
const OUTCOME = MOST_OUTCOMES - 1;
/** Twice as many have numbers that an entry holds. */
const MOST_SITUATIONS = 1 << 17;
/** No step was seen there. */
const UNSEEN = 0;

/** Steps that are learnt at most: what a trace leads to that goes on to do what was not seen before is not worth keeping. */
const MOST_LEARNT = 1 << 18;
/** After so many steps of the emulator, or looks for a situation, it is asked whether the table pays. */
const TRIAL = 1 << 11;
/** So many times as many it must have run by the first trial, and that many more by each other, up to the most. */
const PAYS = 4;
const PAYS_WELL = 32;

const [TS_SEEN] = bitsOf(['ts']);
/** Its step reads and writes the vCPU that it names, wherever that is. */
const OF_VCPU: ReadonlySet<number> = new Set([KIND.guest_debug]);

/** The record at which a leap ended, and who comes in. */
interface Unknown {
  readonly line: number;
  readonly of: Followed;
  readonly symbol: number;
  readonly comer: Task | Vcpu | undefined;
  readonly comerNumber: number;
}

/** CPUs from number `cpus` on are left to the emulator. */
export function createAutomaton(machine: Machine, checker: Checker, accounts: Accounts, cpus: number): Automaton {
  const outcomes = createOutcomes();
  const tallies = createTallies((effect, cpu, vcpu, times) =>
    accounts.settle(outcomes.effects[effect] as Told, cpu, vcpu, times),
  );
  const following = createFollowing(machine, tallies);
  const { situations } = following;
  const { objects } = situations;
  const symbols = createSymbols();
  const table = createTable();
  const clock = createClock(accounts.time);
  const under: Under = { line: 0, sequence: 0, value: undefined };
  let unknown: Unknown | undefined;
  let steps = 0;
  let leapt = 0;
  let learnt = 0;
  let trials = 0;
  let [spentAtTrial, leaptAtTrial] = [0, 0];
  let isOver = false;

  /** Whether everything that a step depends on is in situations: what may have happened, and what was lost, is not. */
  const isTold = (): boolean => !machine.hidesAny && machine.epoch === 0;

  /** A step that is learnt ends with a look, which is not counted twice. */
  const spent = (): number => Math.max(steps, following.looks);

  function leap({ words, firstLine }: Scanned, from: number, to: number): number {
    unknown = undefined;
    if (isOver) return from;
    const { all } = following;
    let index = from;
    for (; index < to; index++) {
      const record = index * RECORD_WORDS;
      const kind = words[record + KIND_WORD] as number;
      const id = words[record + CPU_WORD] as number;
      if (kind < 0 || id < 0) break;
      const of = all[id];
      if (of === undefined) break;
      if (of.at === NOWHERE) {
        following.look(of);
        if (of.at === NOWHERE) break;
      }
      const symbol = symbols.of(words, record, of.cpu, of.vcpu);
      if (symbol === NO_SYMBOL) break;
      const line = firstLine + (words[record + LINE_WORD] as number);
      const comes = symbols.comes[symbol] as number;
      let comer: Task | Vcpu | undefined;
      let comerNumber = -1;
      let entry: number;
      if (comes === NOBODY_COMES) {
        if (adoptsAnother(words, record, of.cpu, of.vcpu)) break;
        entry = table.entry(of.at, symbol);
      } else {
        comer = comerOf(words, record, comes);
        if (comer === undefined || adoptsAnother(words, record, of.cpu, comer)) break;
        following.fetch(comer, of);
        comerNumber = situations.comer(of.cpu, of.vcpu, comer);
        entry = situations.all[of.at]?.withComer?.get(comerNumber * MOST_SYMBOLS + symbol) ?? UNSEEN;
      }
      if (entry === UNSEEN) {
        unknown = { line, of, symbol, comer, comerNumber };
        break;
      }
      machine.sequence += 1;
      const outcome = outcomes.all[entry & OUTCOME] as Outcome;
      if (outcome.begins) {
        const vm = words[record + VM_WORD] as number;
        accounts.begin(line, kind, id, vm, words[record + VCPU_WORD] as number, words[record + TASK_WORD] as number);
      }
      if (((words[record + SEEN_LOW_WORD] as number) & TS_SEEN) !== 0)
        clock.note(words[record + TS_WORD] as number, words[record + TS_WORD + 1] as number);
      if (outcome.isActive) {
        under.line = line;
        under.sequence = machine.sequence;
        if (kind === KIND.pmuserenr) under.value = valueIn(words, record);
        act(of, outcome, comer);
      }
      of.tally[outcome.effect] = (of.tally[outcome.effect] as number) + 1;
      of.at = entry >>> OUTCOME_BITS;
      of.isAhead = true;
    }
    leapt += index - from;
    return index;
  }

  function act(of: Followed, outcome: Outcome, comer: Task | Vcpu | undefined): void {
    const { cpu, stage, vcpu } = of;
    const { leavingTask, leavingVcpu, held } = outcome;
    const task = cpu.current;
    if (comer !== undefined) comeIn(stage, comer);
    perform(outcome.actions, stage, under);
    if (leavingTask !== undefined) {
      objects.write(task, leavingTask, cpu);
      following.changeTask(of, task);
    }
    if (leavingVcpu !== undefined && vcpu !== undefined) objects.write(vcpu, leavingVcpu, cpu);
    // A load has brought it in.
    if (outcome.changesVcpu) following.take(of, cpu.loaded);
    if (held !== undefined) accounts.hold(cpu.id, held);
  }

  const taskNamed = (pid: number, cpu: number): Task | undefined => machine.tasks.get(pid === 0 ? -1 - cpu : pid);

  function comerOf(words: Int32Array, record: number, comes: number): Task | Vcpu | undefined {
    if (comes === VCPU_COMES)
      return findVcpu(machine, words[record + VM_WORD] as number, words[record + VCPU_WORD] as number);
    return taskNamed(words[record + NEXT_WORD] as number, words[record + CPU_WORD] as number);
  }

  function step(event: EventRecord, run: Step): void {
    if (isOver) {
      run(event);
      return;
    }
    steps += 1;
    clock.tell();
    machine.event = event;
    const here = unknown;
    unknown = undefined;
    if (here !== undefined && here.line === event.line) learn(here, event, run);
    else {
      prepare(event);
      run(event);
      forgetCommon();
    }
    const cpu = machine.cpus[event.cpu];
    if (cpu !== undefined && cpu.id < cpus) following.follow(cpu);
    if (!isTold() || spent() >= spentAtTrial + TRIAL) judge();
  }

  /** The table is given up where it does not pay, and where a step may depend on what no situation tells. */
  function judge(): void {
    trials += 1;
    const doesPay = leapt - leaptAtTrial >= Math.min(PAYS * trials, PAYS_WELL) * TRIAL;
    isOver = !isTold() || !doesPay || learnt >= MOST_LEARNT || table.isFull || situations.all.length > MOST_SITUATIONS;
    leaptAtTrial = leapt;
    spentAtTrial = spent();
    if (isOver) following.leaveAll();
  }

  /** Before a step that may be any. */
  function prepare({ kind, cpu, vm, vcpu, task, next, last, lastId, lastVcpu, maybe }: EventRecord): void {
    const isConfinedToCpu = isConfined(kind) && maybe !== 1;
    if (!isConfinedToCpu && !OF_VCPU.has(kind)) {
      following.leaveAll();
      return;
    }
    const here = isConfinedToCpu ? machine.cpus[cpu] : undefined;
    if (here !== undefined) following.giveUpAll(here);
    const named = findVcpu(machine, vm, vcpu);
    following.giveUp(named);
    following.giveUp(named?.task);
    following.giveUp(taskNamed(task, cpu));
    if (kind === KIND.task_switch) following.giveUp(taskNamed(next, cpu));
    if (kind === KIND.observe && last === LAST_TASK) following.giveUp(taskNamed(lastId, cpu));
    if (kind === KIND.observe && last === LAST_VCPU) following.giveUp(findVcpu(machine, lastId, lastVcpu));
  }

  /** What all situations have in common. */
  const common = (): number => (machine.tellsTasks ? 1 : 0) + (machine.tellsMdscr ? 2 : 0);
  let commonBefore = common();

  /** Forgets what was learnt where what all situations have in common has changed. */
  function forgetCommon(): boolean {
    const now = common();
    if (now === commonBefore) return false;
    commonBefore = now;
    table.clear();
    for (const situation of situations.all) situation.withComer = undefined;
    return true;
  }

  function learn({ of, symbol, comer, comerNumber }: Unknown, event: EventRecord, run: Step): void {
    const { cpu, vcpu } = of;
    const { current } = cpu;
    const { kernelNeon } = current;
    const from = following.situationOf(of) as Situation;
    following.catchUp(of);
    comeIn(of.stage, comer);
    const before = takeBefore(of.stage);
    const { told, isUnique } = record(machine, checker, () => run(event));
    for (const who of [current, vcpu, comer]) if (who !== undefined) objects.forget(who);
    of.at = NOWHERE;
    if (forgetCommon()) return;
    following.look(of);
    if (of.at === NOWHERE || isUnique || current.kernelNeon !== kernelNeon) return;
    const actions = actionsSince(before, machine);
    const leaves = leaversOf(of, current, vcpu, comer);
    if (actions === undefined || leaves === undefined) return;
    const begins = machine.event.kind !== KIND.observe;
    const outcome = outcomes.numberOf(told, { begins, actions, ...leaves });
    learnt += 1;
    // NO_OUTCOME leaves it UNSEEN.
    const entry = outcome && (of.at << OUTCOME_BITS) | outcome;
    if (comer === undefined) table.set(from.number, symbol, entry);
    else {
      from.withComer ??= new Map();
      from.withComer.set(comerNumber * MOST_SYMBOLS + symbol, entry);
    }
  }

  /** Who has left in the last step; undefined where that cannot be told. */
  function leaversOf(of: Followed, task: Task, vcpu: Vcpu | undefined, comer: Task | Vcpu | undefined) {
    const { cpu } = of;
    const changesTask = cpu.current !== task;
    const changesVcpu = of.vcpu !== vcpu;
    if ((changesTask && cpu.current !== comer) || (changesVcpu && of.vcpu !== comer)) return undefined;
    const leavingTask = changesTask ? objects.part(task, cpu) : undefined;
    const leavingVcpu = changesVcpu && vcpu !== undefined ? objects.part(vcpu, cpu) : undefined;
    return { leavingTask, leavingVcpu, changesVcpu };
  }

  return {
    leap,
    step,
    catchUp() {
      for (const of of following.all) if (of !== undefined) following.catchUp(of);
    },
    settle() {
      clock.tell();
      tallies.settle();
    },
  };
}
