/** What cannot be told in the terms of the table, and how much it keeps. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionsSince, comeIn, stageOf, takeBefore } from '../../lib/automaton/actions.ts';
import { createOutcomes, MOST_EFFECTS, MOST_OUTCOMES, NO_OUTCOME } from '../../lib/automaton/outcomes.ts';
import { Interned, templateOf, writeTemplate } from '../../lib/automaton/parts.ts';
import type { Told } from '../../lib/automaton/recorder.ts';
import { type Cpu, createCpu } from '../../lib/kernel/state/cpu.ts';
import { nobody } from '../../lib/kernel/state/entity.ts';
import { createMachine, type Machine } from '../../lib/kernel/state/machine.ts';
import { createTask } from '../../lib/kernel/state/task.ts';
import { NOTHING_HIDDEN, type Watcher } from '../../lib/kernel/state/watcher.ts';
import { MODELS } from '../../lib/models/models.ts';
import { leapsAfterFor } from '../../lib/replay/leaping.ts';
import { createEventRecord } from '../../lib/trace/event.ts';

function machineAt(line: number): Machine {
  const { profile } = MODELS[0] as (typeof MODELS)[number];
  const has = { sveVl: 0, smeVl: 0, brps: 6, wrps: 4, features: new Set<string>() };
  const machine = createMachine(profile, 'vhe', has, false, NOTHING_HIDDEN as Watcher, createEventRecord());
  machine.event.line = line;
  return machine;
}

/** Actions that tell what `change` does, and how often it can be told. */
function actionsOf(change: (cpu: Cpu) => void): number | undefined {
  const cpu = createCpu(0, true, false);
  const task = createTask(7);
  cpu.current = task;
  task.generation = 5;
  Object.assign(cpu, { holder: task, generation: 5, last: nobody, pmuserenr: 1n, pmuserenrSaved: 2n });
  const stage = stageOf(cpu);
  comeIn(stage, undefined);
  const before = takeBefore(stage);
  change(cpu);
  const actions = actionsSince(before, machineAt(100));
  return actions && actions.length / 6;
}

test('what is written in terms of those who are there', () => {
  assert.equal(
    actionsOf(() => {}),
    0,
  );
  assert.equal(
    actionsOf((cpu) => {
      cpu.exitImpliedLine = 100;
      cpu.last = cpu.current;
      cpu.current.memory = 5;
      cpu.pmuserenrSaved = 1n;
    }),
    4,
  );
});

const CHANGES: Readonly<Record<string, (cpu: Cpu) => void>> = {
  'a line that is not that of the event': (cpu) => {
    cpu.exitImpliedLine = 99;
  },
  'somebody whom nothing has named': (cpu) => {
    cpu.last = createTask(8);
  },
  'a value that is far newer than any': (cpu) => {
    cpu.current.generation = 1_000;
  },
  'a value of nobody': (cpu) => {
    cpu.holder = nobody;
  },
  'a register from nowhere': (cpu) => {
    cpu.pmuserenr = 77n;
  },
  'two values that change places': (cpu) => {
    [cpu.pmuserenr, cpu.pmuserenrSaved] = [cpu.pmuserenrSaved, cpu.pmuserenr];
  },
};

for (const [what, change] of Object.entries(CHANGES))
  test(`no action tells of ${what}`, () => assert.equal(actionsOf(change), undefined));

function told(charge: number, cause = 'put', transitions = 1): Told {
  return {
    kind: 1,
    inferred: 0,
    moments: [],
    judgements: [],
    charges: [[0, charge]],
    hasPayer: false,
    uncertain: [],
    transitions: Array.from({ length: transitions }, () => ['place', 'free', 'host', cause] as const),
    debugSwitches: [],
    implied: 0,
    assumed: [],
    unfollowed: [],
    confirmed: [],
  };
}

const doing = (...actions: readonly number[]) => ({
  begins: true,
  actions: Int32Array.from(actions),
  leavingTask: undefined,
  leavingVcpu: undefined,
  changesVcpu: false,
});

test('an outcome has one number', () => {
  const outcomes = createOutcomes();
  const number = outcomes.numberOf(told(1), doing(1, 2));
  assert.equal(outcomes.numberOf(told(1), doing(1, 2)), number);
  assert.notEqual(outcomes.numberOf(told(1), doing(1, 3)), number);
  assert.notEqual(outcomes.numberOf(told(2), doing(1, 2)), number);
  assert.equal(outcomes.all[number]?.actions, outcomes.all[outcomes.numberOf(told(2), doing(1, 2))]?.actions);
});

test('a transition of a load is told apart, and there is one', () => {
  const outcomes = createOutcomes();
  const number = outcomes.numberOf(told(1, 'load'), doing());
  assert.deepEqual(outcomes.all[number]?.held, ['place', 'free', 'host', 'load']);
  assert.deepEqual(outcomes.effects[outcomes.all[number]?.effect as number]?.transitions, []);
  assert.equal(outcomes.numberOf(told(1, 'load', 2), doing()), NO_OUTCOME);
});

test('no more effects and outcomes than there are numbers for', () => {
  const effects = createOutcomes();
  const ofEffects = Array.from({ length: MOST_EFFECTS + 1 }, (_, charge) => effects.numberOf(told(charge), doing()));
  assert.equal(ofEffects.at(-1), NO_OUTCOME);
  assert.equal(new Set(ofEffects).size, MOST_EFFECTS + 1);
  assert.notEqual(effects.numberOf(told(3), doing(1)), NO_OUTCOME);
  const outcomes = createOutcomes();
  const ofOutcomes = Array.from({ length: MOST_OUTCOMES }, (_, action) => outcomes.numberOf(told(1), doing(action)));
  assert.equal(ofOutcomes.at(-1), NO_OUTCOME);
  assert.equal(Math.max(...ofOutcomes), MOST_OUTCOMES - 1);
});

test('lists of codes that share a hash are told apart', () => {
  const things = new Interned<string>();
  const of = (name: string, ...codes: readonly number[]) =>
    things.of({ key: Int32Array.from(codes), length: codes.length, hash: 5 }, () => name);
  assert.equal(of('a', 1, 2), 'a');
  assert.equal(of('b', 1, 3), 'b');
  assert.equal(of('c', 1), 'c');
  assert.equal(of('?', 1, 2), 'a');
  assert.equal(of('?', 1, 3), 'b');
  assert.equal(of('?', 1), 'c');
});

test('a window before is any that is not the present one', () => {
  const [from, into] = [createCpu(0, true, false), createCpu(1, true, false)];
  Object.assign(from, { window: 2, trapsWindow: 1, buffersWindow: 2 });
  const template = templateOf('cpu', from, from);
  Object.assign(into, { window: 5, trapsWindow: 0, buffersWindow: 3 });
  writeTemplate('cpu', into, template, into);
  assert.deepEqual([into.trapsWindow, into.buffersWindow], [4, 5]);
  into.trapsWindow = 5;
  writeTemplate('cpu', into, template, into);
  assert.equal(into.trapsWindow, 4);
  into.trapsWindow = 2;
  writeTemplate('cpu', into, template, into);
  assert.equal(into.trapsWindow, 2);
});

test('to learn pays from the first event on where the input is long', () => {
  const input = { name: 'one', lines: 0, events: 0, bytes: 0, size: undefined };
  assert.equal(leapsAfterFor([{ ...input, size: 64 * 1024 * 1024 }]), 0);
  for (const size of [undefined, 1_000]) assert.ok(leapsAfterFor([{ ...input, size }]) > 100_000);
});
