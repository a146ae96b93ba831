/**
 * The ownership automaton of a kernel, found by running its emulator: from every state that the scripts lead to, every
 * script is run, and what writes fp_owner is noted. Nothing of it is written down beside the steps.
 */

import type { MachineFeatures } from '../../kernel/costs.ts';
import { createMachine, type Machine, MOMENT } from '../../kernel/machine.ts';
import type { Mode, Model } from '../../kernel/profiles.ts';
import { type Cpu, OWNER_NAMES } from '../../kernel/state.ts';
import { step } from '../../kernel/step.ts';
import { decode } from '../../trace/decode.ts';
import { createEventRecord, type EventRecord } from '../../trace/event.ts';
import { type Automaton, automatonOf, INITIAL_OWNER, type Place, stateName, type Write } from './automaton.ts';
import { SCRIPTS, SETUPS } from './scripts.ts';

/** A machine on which every switch of a profile has something to do. */
const FEATURES: MachineFeatures = {
  sveVl: 64,
  smeVl: 64,
  brps: 6,
  wrps: 4,
  features: new Set(['pmuv3', 'fpmr']),
};
/** More states than any kernel has; an emulator that counts in its state would never end. */
const MOST_STATES = 5000;

type Script = readonly EventRecord[];

/** What a run of the emulator through some scripts came to. */
interface Outcome {
  /** An event did not fit the state: it cannot happen there. */
  readonly impossible: boolean;
  /** Identifies the state, as far as it decides what can happen next. */
  readonly key: string;
  /** Writes of the last script. */
  readonly writes: readonly Write[];
}

/** The automaton of `fp_owner`; where kernel and hypervisor have a copy each, its states are pairs. */
export function explore(model: Model, mode: Mode): Automaton {
  const setups = SETUPS.filter(({ sme }) => model.profile.guestSme || !sme).map(({ lines }) => decodeAll(lines));
  const writes = setups.flatMap((setup) => writesFrom(model, mode, setup));
  const places = placesOf(createSilentMachine(model, mode, createEventRecord()));
  return automatonOf(writes, stateName(places.map((place) => [place, INITIAL_OWNER])));
}

/** All writes to fp_owner in all states that can be reached after the setup. */
function writesFrom(model: Model, mode: Mode, setup: Script): readonly Write[] {
  const scripts = SCRIPTS.map(decodeAll);
  const seen = new Set([run(model, mode, [setup]).key]);
  const writes: Write[] = [];
  const paths: (readonly Script[])[] = [[setup]];
  // `paths` grows while it is gone through.
  for (const path of paths) {
    for (const script of scripts) {
      const outcome = run(model, mode, [...path, script]);
      if (outcome.impossible) continue;
      writes.push(...outcome.writes);
      if (seen.has(outcome.key)) continue;
      seen.add(outcome.key);
      if (seen.size > MOST_STATES) throw new Error(`more than ${MOST_STATES} states of ${model.name} ${mode}`);
      paths.push([...path, script]);
    }
  }
  return writes;
}

function decodeAll(lines: readonly object[]): Script {
  return lines.map((line) => {
    const event = createEventRecord();
    const wrong = decode(line, event);
    if (wrong !== undefined) throw new Error(`${wrong.field}: ${wrong.expected}`);
    return event;
  });
}

/** Runs the scripts from the beginning, and notes what the last of them does. */
function run(model: Model, mode: Mode, scripts: readonly Script[]): Outcome {
  const last = scripts.at(-1);
  let noting = false;
  let impossible = false;
  let told: Place[] = [];
  const writes: Write[] = [];
  const [[first] = []] = scripts;
  if (first === undefined) throw new RangeError('no script');
  const machine: Machine = createSilentMachine(model, mode, first, {
    moment(moment) {
      if (moment === MOMENT.bracket) impossible = true;
    },
    implied() {
      impossible = true;
    },
    transition(cpu, instance, from, to, cause) {
      const place = placeOf(machine, cpu, instance);
      told.push(place);
      if (!noting || from === 'unknown') return;
      const other = ownersOf(machine, cpu).filter(([each]) => each !== place);
      writes.push({
        from: stateName([...other, [place, from]]),
        to: stateName([...other, [place, to]]),
        kind: machine.event.kind,
        place,
        owner: to,
        cause,
      });
    },
  });
  let line = 0;
  for (const script of scripts) {
    noting = script === last;
    for (const event of script) {
      line += 1;
      event.line = line;
      told = [];
      step(machine, event);
      if (noting) writes.push(...untold(machine, event, told));
    }
  }
  return { impossible, key: keyOf(machine), writes };
}

/** Writes of the value that was there already: they are no transitions, but they are steps of the automaton. */
function untold(machine: Machine, event: EventRecord, told: readonly Place[]): readonly Write[] {
  const cpu = machine.cpus[0] as Cpu;
  const state = stateName(ownersOf(machine, cpu));
  return ownersOf(machine, cpu)
    .filter(([place]) => !told.includes(place) && lineOf(machine, cpu, place) === event.line)
    .map(([place, owner]) => ({ from: state, to: state, kind: event.kind, place, owner }))
    .filter(({ owner }) => owner !== 'unknown');
}

function createSilentMachine(
  model: Model,
  mode: Mode,
  event: EventRecord,
  watch: Partial<Machine['watch']> = {},
): Machine {
  const nothing = (): void => {};
  const silent: Machine['watch'] = {
    moment: nothing,
    transition: nothing,
    amended: nothing,
    debugSwitch: nothing,
    charge: nothing,
    implied: nothing,
    refused: nothing,
    assumed: nothing,
    unfollowed: nothing,
    observed: nothing,
  };
  return createMachine(model.profile, mode, FEATURES, true, { ...silent, ...watch }, event);
}

/** Where fp_owner is kept: one copy, or one that kernel code reaches and one that hypervisor code reaches. */
function placesOf(machine: Machine): readonly Place[] {
  const { profile, mode } = machine;
  if (profile.ownerLoc === 'vcpu') return ['fp_owner'];
  const two = mode !== 'vhe' && (profile.accessor === 'v1bug' || mode === 'pkvm');
  return two ? ['kernel', 'hyp'] : ['fp_owner'];
}

function placeOf(machine: Machine, cpu: Cpu, instance: string): Place {
  if (placesOf(machine).length === 1) return 'fp_owner';
  return instance === cpu.hyp.symbol ? 'hyp' : 'kernel';
}

function ownersOf(machine: Machine, cpu: Cpu): readonly (readonly [Place, string])[] {
  const vcpu = machine.vcpus.get(0)?.get(0);
  return placesOf(machine).map((place) => {
    if (machine.profile.ownerLoc === 'vcpu') return [place, OWNER_NAMES[vcpu?.fp_state ?? 0] as string];
    return [place, OWNER_NAMES[(place === 'kernel' ? cpu.kernel : cpu.hyp).fp_owner] as string];
  });
}

function lineOf(machine: Machine, cpu: Cpu, place: Place): number {
  if (machine.profile.ownerLoc === 'vcpu') return machine.vcpus.get(0)?.get(0)?.fp_stateLine ?? 0;
  return (place === 'kernel' ? cpu.kernel : cpu.hyp).fp_ownerLine;
}

/**
 * What the steps that write fp_owner look at, and what decides whether an event can happen. Not in it is what the registers
 * really hold, which the kernel does not know.
 */
function keyOf(machine: Machine): string {
  const cpu = machine.cpus[0] as Cpu;
  const vcpu = machine.vcpus.get(0)?.get(0);
  return JSON.stringify([
    ownersOf(machine, cpu),
    [cpu.loaded !== undefined, cpu.running, cpu.trapFp, cpu.trapSve],
    [cpu.current.id, cpu.current.tif_foreign_fpstate, cpu.last.kind, cpu.last.id],
    [cpu.svcr_sm, cpu.svcr_za, vcpu?.svcr_sm, vcpu?.svcr_za],
    [...machine.tasks.values()].map(({ fpsimd_cpu, svcr_za }) => [fpsimd_cpu, svcr_za]),
  ]);
}
