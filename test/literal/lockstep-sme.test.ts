/**
 * The emulator against the literal model in walks with everything: SVCR and ZA of the host and of guests, what EL2 keeps
 * under pKVM, protected VMs, register access, resets and nested transitions.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEmulator, type Emulator } from './emulator.ts';
import { createLiteral, type Literal, type TraceEvent } from './literal.ts';
import { type CompareOptions, compareStep } from './lockstep.ts';
import { createEarlyExits, fail, useBeforeIoctl } from './lockstep-tell.ts';
import { type Mode, modesOf, PROFILES, twoInstances } from './profiles.ts';
import { createFullWalk, type Walk } from './walk.ts';

const CPUS = 2;
/** Random events over all models: more than a million. */
const EVENTS = 1_050_000;

/** Vector lengths in bytes (absent: no SVE), and features as in `meta`. Machines with few tasks and with many take turns. */
interface Hardware {
  readonly sveVl?: number;
  readonly smeVl: number;
  readonly features: readonly string[];
}
const HARDWARE: readonly Hardware[] = [
  { sveVl: 64, smeVl: 32, features: ['fpmr'] },
  { sveVl: 32, smeVl: 64, features: ['fpmr', 'sme2', 'fa64'] },
  { smeVl: 64, features: ['fpmr', 'sme2'] },
  { sveVl: 16, smeVl: 32, features: ['fa64'] },
];

/** Models whose kernel loses values have no ghost in common with a literal one: see lockstep.test.ts. */
const MACHINES = Object.entries(PROFILES).flatMap(([model, profile]) =>
  modesOf(profile)
    .filter((mode) => !twoInstances(profile, mode))
    .map((mode): [string, Mode] => [model, mode]),
);
const EVENTS_EACH = Math.ceil(EVENTS / MACHINES.length / HARDWARE.length);

interface Pair {
  readonly literal: Literal;
  readonly emulator: Emulator;
  readonly walk: Walk;
}

function createPair(model: string, mode: Mode, hardware: Hardware, seed: number): Pair {
  const { smeVl, features } = hardware;
  const sve = hardware.sveVl === undefined ? {} : { sveVl: hardware.sveVl };
  const has = { fpmr: features.includes('fpmr'), sme2: features.includes('sme2'), fa64: features.includes('fa64') };
  const literal = createLiteral(model, mode, { cpus: CPUS, ...sve, smeVl, ...has });
  const emulator = createEmulator(model, mode, hardware.sveVl ?? 0, smeVl, features);
  const few = seed % 2 === 1 ? { vms: 1, vcpusPerVm: 1, tasks: 1 } : {};
  return { literal, emulator, walk: createFullWalk(literal, { seed, cpus: CPUS, ...sve, smeVl, ...few }) };
}

/** Tells both of the event. */
function stepBoth({ literal, emulator }: Pair, event: TraceEvent): void {
  useBeforeIoctl(literal, event);
  literal.step(event);
  emulator.step(event);
}

/** The guest has left in one of the models, and will in the other. */
function betweenExits(literal: Literal): boolean {
  for (let cpu = 0; cpu < CPUS; cpu++) {
    assert.ok(!literal.refused(cpu), 'no kernel enters a guest with SVCR set');
    if (literal.leaving(cpu)) return true;
  }
  return false;
}

interface Outcome {
  readonly compared: number;
  readonly doubts: readonly string[];
}

/** Tells both of the prologue; what they have counted until then is not compared. */
function begin(pair: Pair): CompareOptions {
  const { literal, emulator, walk } = pair;
  for (const event of walk.prologue) stepBoth(pair, event);
  emulator.doubts.length = 0;
  return {
    cpus: CPUS,
    bytesOffset: (emulator.bytes() ?? 0) - literal.bytes(),
    debugSwitchesOffset: (emulator.debugSwitches() ?? 0) - literal.debugSwitches(),
  };
}

function walkBoth(model: string, mode: Mode, hardware: Hardware, seed: number): Outcome {
  const pair = createPair(model, mode, hardware, seed);
  const { literal, emulator, walk } = pair;
  const options = begin(pair);
  const leavesEarly = createEarlyExits(literal);
  let compared = 0;
  for (let count = 0; count < EVENTS_EACH; count++) {
    const event = walk.events.next().value;
    const early = leavesEarly(event);
    stepBoth(pair, event);
    if (betweenExits(literal) || early) continue;
    compared++;
    const differences = compareStep(literal, emulator, options);
    if (differences.length > 0) fail(`${model} ${mode}, seed ${seed}, event ${count}`, event, differences);
  }
  return { compared, doubts: emulator.doubts };
}

let events = 0;
let compared = 0;

for (const [index, [model, mode]] of MACHINES.entries()) {
  test(`${model} ${mode}`, () => {
    for (const [number, hardware] of HARDWARE.entries()) {
      // Seeds are even and odd on every kind of hardware, by turns.
      const seed = 10 * index + number + (index % 2);
      const outcome = walkBoth(model, mode, hardware, seed);
      assert.deepEqual(outcome.doubts, [], `seed ${seed}`);
      events += EVENTS_EACH;
      compared += outcome.compared;
    }
  });
}

test('a million events, nearly all of them compared', () => {
  assert.ok(events >= 1_000_000, String(events));
  assert.ok(compared > 0.85 * events, `${compared} of ${events}`);
});

test('what EL2 keeps of a task on one CPU is no concern of the CPU where an older copy of it was left', () => {
  const pair = createPair('v6.10', 'pkvm', { smeVl: 32, features: [] }, 2);
  const options = begin(pair);
  const [left, right] = [
    { cpu: 0, vm: 0, vcpu: 1, task: 101 },
    { cpu: 1, vm: 0, vcpu: 0, task: 100 },
  ];
  const run = (cpu: number): TraceEvent[] => [
    { event: 'guest_enter', cpu },
    { event: 'guest_fp', cpu },
  ];
  const events: TraceEvent[] = [
    { event: 'task_switch', cpu: 0, next: 101 },
    { event: 'return_to_user', cpu: 0, task: 101 },
    { ...left, event: 'vcpu_load' },
    { ...left, event: 'sched_out' },
    { event: 'task_switch', cpu: 0, next: 100 },
    { event: 'return_to_user', cpu: 0, task: 100 },
    { event: 'host_fp', cpu: 0 },
    { event: 'task_switch', cpu: 0, next: 101 },
    { ...left, event: 'sched_in' },
    { event: 'task_switch', cpu: 1, next: 100 },
    { event: 'return_to_user', cpu: 1, task: 100 },
    { event: 'host_fp', cpu: 1 },
    { ...right, event: 'vcpu_load' },
    ...run(1),
    ...run(0),
    { event: 'guest_exit', cpu: 0 },
    { event: 'guest_exit', cpu: 1 },
  ];
  const places = events.map((event) => {
    stepBoth(pair, event);
    assert.deepEqual(compareStep(pair.literal, pair.emulator, options), [], JSON.stringify(event));
    return `${pair.emulator.auth('task:100')} ${pair.emulator.hypHolds(0)}`;
  });
  assert.deepEqual(places.slice(-3), ['hyp:1 task:100', 'hyp:1 none', 'cpu:1 none']);
});
