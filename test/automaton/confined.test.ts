/**
 * What a step reads, where the table may stand in its place, is in the situation: its CPU, the current task, the vCPU there, and who
 * comes in. Of anybody else no more than who he is, and whether this CPU alone has his registers.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SMALL } from '../../lib/automaton/fields.ts';
import { createSituations } from '../../lib/automaton/situation.ts';
import { adoptsAnother, createSymbols, NO_SYMBOL, NOBODY_COMES, VCPU_COMES } from '../../lib/automaton/symbols.ts';
import { createChecker } from '../../lib/check/checker.ts';
import { RECORD_WORDS } from '../../lib/ingest/fast/layout.ts';
import { readTrace } from '../../lib/ingest/reader.ts';
import { step } from '../../lib/kernel/events/step.ts';
import type { Cpu } from '../../lib/kernel/state/cpu.ts';
import { type Entity, VCPU } from '../../lib/kernel/state/entity.ts';
import { createMachine, findVcpu, type Machine } from '../../lib/kernel/state/machine.ts';
import type { Task } from '../../lib/kernel/state/task.ts';
import type { Vcpu } from '../../lib/kernel/state/vcpu.ts';
import { NOTHING_HIDDEN, type Watcher } from '../../lib/kernel/state/watcher.ts';
import { findModel } from '../../lib/models/models.ts';
import type { Mode } from '../../lib/models/profile.ts';
import { createEventRecord, type EventRecord } from '../../lib/trace/event.ts';
import { CORPUS, runsOf } from '../support/corpus.ts';
import { KERNELS, linesOfWalk, withFile } from './walks.ts';

/** Of others: who they are, and what `tellReference` refuses to tell of. */
const ALLOWED: ReadonlySet<string> = new Set(['kind', 'id', 'vm', 'auth', 'zaAuth']);

/** What is not told of those in a situation: a step that reads it has written it before. */
function untoldOf(cpu: Cpu, vcpu: Vcpu | undefined): ReadonlyMap<object, Set<string>> {
  const named = (kind: 'cpu' | 'vcpu', ...sorts: readonly string[]): readonly string[] =>
    SMALL[kind].filter(({ sort }) => sorts.includes(sort)).map(({ name }) => name);
  const ofRun = cpu.running ? [] : [...named('cpu', 'ofRun'), 'entryHolder', 'entryGeneration'];
  const ofBinding = cpu.last.kind === VCPU ? [] : named('cpu', 'ofBinding');
  const untold = new Map([[cpu as object, new Set(['dirtyAtExit', 'mpidr', ...ofRun, ...ofBinding])]]);
  if (vcpu !== undefined && !cpu.running) untold.set(vcpu, new Set(named('vcpu', 'cpuOfRun')));
  return untold;
}

/** Watches who reads and writes which property of whom. */
function createGuard() {
  const guarded = new Set<object>();
  let free: ReadonlySet<object> | undefined;
  let untold: ReadonlyMap<object, Set<string>> = new Map();
  const touched: string[] = [];
  function guard(of: object, label: string): void {
    if (guarded.has(of)) return;
    guarded.add(of);
    for (const [name, first] of Object.entries(of)) {
      let value: unknown = first;
      const note = (verb: string): void => {
        if (free === undefined) return;
        const isUntold = untold.get(of)?.has(name) === true;
        if (verb === 'writes') untold.get(of)?.delete(name);
        else if (isUntold) touched.push(`reads ${label}.${name} as it was`);
        if (!free.has(of) && !ALLOWED.has(name)) touched.push(`${verb} ${label}.${name}`);
      };
      Object.defineProperty(of, name, {
        get: () => {
          note('reads');
          return value;
        },
        set: (next: unknown) => {
          note('writes');
          value = next;
        },
        enumerable: true,
      });
    }
  }
  return {
    guard,
    /** What is read or written while it runs of others than these, and read of what is not told of them. */
    during(these: ReadonlySet<object>, notOfThem: typeof untold, run: () => void): readonly string[] {
      touched.length = 0;
      untold = notOfThem;
      free = these;
      run();
      free = undefined;
      return [...touched];
    },
  };
}

function everybodyOf(machine: Machine): readonly (readonly [of: object, label: string])[] {
  const tasks = [...machine.tasks.values()];
  const vcpus = [...machine.vcpus.values()].flatMap((ofVm) => [...ofVm.values()]);
  const cpus = machine.cpus.filter((cpu) => cpu !== undefined);
  const neons = [...tasks, ...cpus.map(({ current }) => current)].map(({ kernelNeon }) => kernelNeon);
  return [
    ...[...tasks, ...cpus.map(({ current }) => current)].map((of) => [of, 'task'] as const),
    ...vcpus.map((of) => [of, 'vcpu'] as const),
    ...neons.filter((of) => of !== undefined).map((of) => [of, 'neon'] as const),
    ...cpus.flatMap((cpu) => [
      [cpu, 'cpu'] as const,
      [cpu.vhe, 'instance'] as const,
      [cpu.nvhe, 'instance'] as const,
      [cpu.softirqNeon, 'neon'] as const,
    ]),
  ];
}

function castOf(cpu: Cpu, vcpu: Vcpu | undefined, comer: Task | Vcpu | undefined): ReadonlySet<object> {
  const { current, vhe, nvhe, softirqNeon } = cpu;
  const neons: readonly (Entity | undefined)[] = [softirqNeon, current.kernelNeon, (comer as Task)?.kernelNeon];
  const all = [cpu, vhe, nvhe, current, vcpu, comer, ...neons];
  return new Set(all.filter((of): of is NonNullable<typeof of> => of !== undefined));
}

/** How many steps could be looked at, and what they touched that they should not. */
async function lookAt(path: string, model: string, mode: Mode) {
  const { profile } = findModel(model) as NonNullable<ReturnType<typeof findModel>>;
  let isUnique = false;
  const unique = (): void => {
    isUnique = true;
  };
  const nothing = (): void => {};
  const watch: Watcher = {
    ...NOTHING_HIDDEN,
    moment: (moment, cpu, subject, detail) => checker.moment(machine, moment, cpu, subject, detail),
    ...{ transition: nothing, amended: unique, debugSwitch: nothing, charge: nothing, uncertain: nothing },
    ...{
      implied: nothing,
      refused: nothing,
      assumed: nothing,
      unfollowed: nothing,
      confirmed: nothing,
      observed: unique,
    },
  };
  const event = createEventRecord();
  const has = { sveVl: 64, smeVl: 64, brps: 6, wrps: 4, features: new Set<string>() };
  const machine = createMachine(profile, mode, has, false, watch, event);
  const told = { rule: '', severity: 'error', cause: 0, followed: 0 } as const;
  const checker = createChecker(profile, mode, {
    violation: () => {
      unique();
      return { ...told };
    },
    follower: () => {
      unique();
      return true;
    },
  });
  const situations = createSituations(machine);
  const symbols = createSymbols();
  const { guard, during } = createGuard();
  const found = new Map<string, string>();
  let looked = 0;
  let turn = 0;
  for await (const batch of readTrace([path]).batches) {
    for (let index = 0; index < batch.length; index++) {
      assert.equal(batch.read(index, event), undefined);
      const before = situationAt(batch.scanned?.words as Int32Array, index * RECORD_WORDS);
      isUnique = false;
      if (before === undefined) step(machine, event);
      else {
        const { cpu, vcpu, comer } = before;
        const touches = during(castOf(cpu, vcpu, comer), untoldOf(cpu, vcpu), () => step(machine, event));
        // Of a violation, and of what a value taught, anything may be told: the emulator has run those steps.
        if (!isUnique) looked += 1;
        for (const touch of isUnique ? [] : touches) found.set(touch, `line ${event.line}`);
      }
    }
  }
  return { looked, found: [...found].map(([touch, where]) => `${model} ${mode}: ${touch} at ${where}`) };

  /** Who is in the situation that the step of the record finds, where the table may stand in its place. */
  function situationAt(words: Int32Array, at: number) {
    for (const [of, label] of everybodyOf(machine)) guard(of, label);
    const cpu = machine.cpus[event.cpu];
    if (cpu === undefined || event.kind < 0) return undefined;
    // A vCPU that is not loaded may have been somewhere else since.
    turn += 1;
    const vcpu = cpu.loaded ?? (turn % 2 === 0 ? cpu.lastLoaded : undefined);
    const symbol = symbols.of(words, at, cpu, vcpu);
    if (symbol === NO_SYMBOL || situations.of(cpu, vcpu) === undefined) return undefined;
    const comer = comerAt(symbols.comes[symbol] as number, event, cpu);
    if (symbols.comes[symbol] !== NOBODY_COMES && comer === undefined) return undefined;
    if (adoptsAnother(words, at, cpu, comer ?? vcpu)) return undefined;
    for (const [of] of everybodyOf(machine)) situations.objects.forget(of);
    return { cpu, vcpu, comer };
  }

  function comerAt(comes: number, { vm, vcpu, next }: EventRecord, cpu: Cpu): Task | Vcpu | undefined {
    if (comes === NOBODY_COMES) return undefined;
    if (comes === VCPU_COMES) return findVcpu(machine, vm, vcpu);
    return machine.tasks.get(next === 0 ? -1 - cpu.id : next);
  }
}

test('no step reads or writes what is not in its situation', async () => {
  let looked = 0;
  for (const [index, [model, mode]] of KERNELS.entries()) {
    const lines = linesOfWalk(model, mode, {
      seed: 1 + (index % 12),
      events: 1_000,
      ...(index % 2 === 0 && { spoiltOnceIn: 60 }),
    });
    const { looked: here, found } = await withFile(lines, (path) => lookAt(path, model, mode));
    assert.deepEqual(found, []);
    looked += here;
  }
  assert.ok(looked > 10_000, `${looked} steps`);
});

test('nor where values are read', async () => {
  for (const run of runsOf('real')) {
    const path = fileURLToPath(new URL(`real/${run.trace}.ndjson`, CORPUS));
    const { looked, found } = await lookAt(path, run.model.name, run.mode);
    assert.deepEqual(found, []);
    assert.ok(looked > 100, run.trace);
  }
});
