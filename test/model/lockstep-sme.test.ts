/**
 * The emulator against the literal model on machines with SME: SVCR and ZA of the host and of guests, what EL2 keeps
 * under pKVM, register access and nested transitions.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEmulator, type Emulator } from './emulator.ts';
import { createLiteral, type Literal, type TraceEvent } from './literal.ts';
import { compareStep, type Difference } from './lockstep.ts';
import { type Mode, modesOf, PROFILES } from './profiles.ts';
import { createFullWalk } from './walk.ts';

const CPUS = 2;
const SVE_VL = 64;
const SME_VL = 32;
const EVENTS_EACH = Number(process.env.EV ?? 3000);
const MACHINES: readonly { sveVl?: number; smeVl: number; features: readonly string[] }[] = [
  { sveVl: 64, smeVl: 32, features: ['fpmr'] },
  { sveVl: 32, smeVl: 64, features: ['fpmr', 'sme2', 'fa64'] },
  { smeVl: 64, features: ['sme2'] },
  { sveVl: 16, smeVl: 32, features: ['fa64'] },
];
const MODELS = process.env.ALL ? Object.keys(PROFILES).filter(m=>!['seed-v1','v6.10-rc1'].includes(m)) : ['v7.1', 'v6.16', 'v6.10', 'v6.2', 'sme-guest-v12'];
const SEEDS = (process.env.SEEDS ?? '1,2,3,4').split(',').map(Number);

function endOfEarlyExit(literal: Literal, { event, cpu }: TraceEvent): string | undefined {
  if (cpu === undefined || !literal.running(cpu)) return undefined;
  if (event === 'guest_oslock') return 'guest_exit';
  return event === 'guest_mdscr' && literal.tda(cpu) ? 'debug_dirty' : undefined;
}

function useBeforeIoctl(literal: Literal, { event, cpu }: TraceEvent): void {
  if (event !== 'vcpu_load' || cpu === undefined) return;
  const current = literal.current(cpu);
  if (!literal.tif(current, cpu) && literal.valid(cpu, `task:${current}`)) literal.step({ event: 'host_fp', cpu });
}

/** SVCR.SM of a task that is not current any more is gone before another one's ioctl: an interrupt takes the registers. */
function endForeignStreaming(literal: Literal, { event, cpu }: TraceEvent): readonly TraceEvent[] {
  if (event !== 'vcpu_load' || cpu === undefined) return [];
  if (!literal.tif(literal.current(cpu), cpu) || literal.svcr(cpu) % 2 === 0) return [];
  return [{ event: 'neon_begin', cpu, softirq: true }, { event: 'neon_end', cpu, softirq: true }];
}

/** A protected VM that tries SVE is given an UNDEF by EL2. */
function restricted(literal: Literal, { event, cpu, isa, ec }: TraceEvent): boolean {
  if (cpu === undefined || literal.mode !== 'pkvm' || (isa !== 'sve' && ec !== '0x19')) return false;
  if (event !== 'guest_fp' && event !== 'guest_fp_trap') return false;
  return literal.features(literal.loaded(cpu).slice(5)).protected && literal.trapOf(cpu, 'sve') === 0x19;
}

function useWithSvcr(literal: Literal, { event, cpu }: TraceEvent): void {
  if (event === 'host_svcr' && cpu !== undefined) literal.step({ event: 'host_fp', cpu });
}

function walkBoth(model: string, mode: Mode, seed: number) {
  const machine = MACHINES[seed % MACHINES.length]!;
  const { sveVl = 0, smeVl, features } = machine;
  const literal = createLiteral(model, mode, { cpus: CPUS, ...(sveVl > 0 ? { sveVl } : {}), smeVl, fpmr: features.includes('fpmr'), sme2: features.includes('sme2'), fa64: features.includes('fa64') });
  const emulator = createEmulator(model, mode, sveVl, smeVl, features);
  const few = seed % 2 === 1 ? { vms: 1, vcpusPerVm: 1, tasks: 1 } : {};
  const walk = createFullWalk(literal, { seed, cpus: CPUS, ...(sveVl > 0 ? { sveVl } : {}), smeVl, ...few });
  for (const event of walk.prologue) {
    useBeforeIoctl(literal, event);
    literal.step(event);
    emulator.step(event);
    useWithSvcr(literal, event);
  }
  emulator.doubts.length = 0;
  const options = {
    cpus: CPUS,
    bytesOffset: (emulator.bytes() ?? 0) - literal.bytes(),
    debugSwitchesOffset: (emulator.debugSwitches() ?? 0) - literal.debugSwitches(),
  };
  const early: (string | undefined)[] = [];
  let compared = 0;
  let refused = 0;
  const past: string[] = [];
  for (let count = 0; count < EVENTS_EACH; count++) {
    const event = walk.events.next().value;
    const cpu = event.cpu ?? -1;
    const ends = early[cpu];
    early[cpu] = ends === undefined ? endOfEarlyExit(literal, event) : ends === event.event ? undefined : ends;
    for (const each of process.env.RAW ? [] : endForeignStreaming(literal, event)) { literal.step(each); emulator.step(each); }
    useBeforeIoctl(literal, event);
    const told = process.env.RAW || !restricted(literal, event);
    const trapped = event.event === 'guest_svcr' && literal.trapOf(cpu, 'sme') !== 0;
    if (told) emulator.step(event);
    literal.step(event);
    useWithSvcr(literal, event);
    if (trapped) literal.step({ event: 'guest_fp', cpu });
    if (!told) continue;
    past.push(JSON.stringify(event));
    let away = early.some((end) => end !== undefined);
    for (let id = 0; id < CPUS; id++) { away ||= literal.leaving(id); if (literal.refused(id)) refused++; }
    if (away) continue;
    compared++;
    const differences = compareStep(literal, emulator, options);
    if (differences.length > 0) { if (process.env.PAST) console.log(past.slice(-Number(process.env.PAST)).join('\n')); fail(`${model} ${mode}, seed ${seed}, event ${count}`, event, differences);}
  }
  if (refused) console.log('refused', refused);
  return { compared, emulator };
}

function fail(where: string, event: TraceEvent, differences: readonly Difference[]): never {
  const lines = differences.map(({ what, literal, probe }) => `${what}: literal ${literal}, emulator ${probe}`);
  assert.fail([`${where}: ${JSON.stringify(event)}`, ...lines].join('\n'));
}

for (const model of MODELS) for (const mode of modesOf(PROFILES[model]!))
  test(`${model} ${mode}`, () => {
    for (const seed of SEEDS) {
      const outcome = walkBoth(model, mode, seed);
      assert.deepEqual(outcome.emulator.doubts, [], `seed ${seed}`);
      if (outcome.compared < 0.8*EVENTS_EACH) console.log(model, mode, outcome.compared);
    }
  });
