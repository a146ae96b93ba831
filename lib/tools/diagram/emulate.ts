/** Runs the emulator of a kernel through scripts of events, and notes every write to fp_owner with the state around it. */

import type { MachineFeatures } from '../../costs/primitives.ts';
import { step } from '../../kernel/events/step.ts';
import type { Cpu } from '../../kernel/state/cpu.ts';
import { createMachine, type Machine } from '../../kernel/state/machine.ts';
import { MOMENT } from '../../kernel/state/moments.ts';
import { OWNER_NAMES } from '../../kernel/state/owner.ts';
import { NOTHING_HIDDEN } from '../../kernel/state/watcher.ts';
import type { Model } from '../../models/models.ts';
import type { Mode, Profile } from '../../models/profile.ts';
import { decode } from '../../trace/decode.ts';
import { createEventRecord, type EventRecord } from '../../trace/event.ts';
import { INITIAL_OWNER, type Place, stateName, type Write } from './automaton.ts';

/** A machine on which every switch of a profile has something to do. */
export const FEATURES: MachineFeatures = {
  sveVl: 64,
  smeVl: 64,
  brps: 6,
  wrps: 4,
  features: new Set(['pmuv3', 'fpmr']),
};

export type Script = readonly EventRecord[];

/** A write, and the step that made it unless it wrote what was there already. */
export type Observed = Omit<Write, 'cause'> & { cause: string | undefined };

/** What a run of the emulator through some scripts came to. */
export interface Outcome {
  /** An event did not fit the state: it cannot happen there. */
  readonly impossible: boolean;
  /** Identifies the state, as far as it decides what can happen next. */
  readonly key: string;
  /** Of the last script. */
  readonly writes: readonly Observed[];
}

/** A copy of fp_owner that is given another value before the last script. */
export interface Disturbance {
  readonly place: Place;
  readonly owner: number;
}

/** Throws for a line that is no event. */
export function decodeAll(lines: readonly object[]): Script {
  return lines.map((line) => {
    const event = createEventRecord();
    const wrong = decode(line, event);
    if (wrong !== undefined) throw new Error(`${wrong.field}: ${wrong.expected}`);
    return event;
  });
}

export function initialState({ profile }: Model, mode: Mode): string {
  return stateName(placesOf(profile, mode).map((place) => [place, INITIAL_OWNER]));
}

/**
 * Runs the scripts from the beginning. The first, which sets up the machine, is not looked at. `before` sees the machine before
 * each event of the last one.
 */
export function emulate(
  model: Model,
  mode: Mode,
  scripts: readonly Script[],
  disturb?: Disturbance,
  before: (machine: Machine, event: EventRecord) => void = nothing,
): Outcome {
  const [[first] = []] = scripts;
  if (first === undefined) throw new RangeError('no script');
  let impossible = false;
  const writes: Observed[] = [];
  const machine = createMachine(
    model.profile,
    mode,
    FEATURES,
    true,
    {
      ...DEAF,
      moment(moment) {
        if (moment === MOMENT.bracket) impossible = true;
      },
      implied() {
        impossible = true;
      },
      // It follows the write that it tells of.
      transition(_cpu, _instance, _from, _to, cause) {
        const written = writes.at(-1);
        if (written !== undefined) written.cause = cause;
      },
    },
    first,
  );
  const last = scripts.length - 1;
  for (const [index, script] of scripts.entries()) {
    if (index === last && last > 0) watchOwners(machine, disturb, writes);
    for (const event of script) {
      if (index === last) before(machine, event);
      step(machine, event);
    }
  }
  return { impossible, key: keyOf(machine), writes };
}

function nothing(): void {}

const DEAF: Machine['watch'] = {
  ...NOTHING_HIDDEN,
  moment: nothing,
  transition: nothing,
  amended: nothing,
  debugSwitch: nothing,
  charge: nothing,
  uncertain: nothing,
  implied: nothing,
  refused: nothing,
  assumed: nothing,
  unfollowed: nothing,
  confirmed: nothing,
  observed: nothing,
};

/** From now on every write to a copy of fp_owner is noted, also one that changes nothing, of which the watcher hears nothing. */
function watchOwners(machine: Machine, disturb: Disturbance | undefined, writes: Observed[]): void {
  for (const place of placesOf(machine.profile, machine.mode)) {
    const { holder, field } = holderOf(machine, place);
    let owner = disturb?.place === place ? disturb.owner : (holder[field] as number);
    Object.defineProperty(holder, field, {
      get: () => owner,
      set(written: number) {
        const from = stateOf(machine);
        owner = written;
        const { kind } = machine.event;
        writes.push({ from, to: stateOf(machine), kind, place, owner: OWNER_NAMES[owner] as string, cause: undefined });
      },
    });
  }
}

/** Where fp_owner is kept: one copy, or one that kernel code reaches and one that hypervisor code reaches (semantics 2.4). */
function placesOf(profile: Profile, mode: Mode): readonly Place[] {
  if (profile.ownerLoc === 'vcpu') return ['fp_owner'];
  const two = mode !== 'vhe' && (profile.accessor === 'v1bug' || mode === 'pkvm');
  return two ? ['kernel', 'hyp'] : ['fp_owner'];
}

/** The object and its field that are that copy. */
function holderOf(
  machine: Machine,
  place: Place,
): { readonly holder: Record<string, unknown>; readonly field: string } {
  const cpu = machine.cpus[0];
  const inVcpu = machine.profile.ownerLoc === 'vcpu';
  const holder: unknown = inVcpu ? machine.vcpus.get(0)?.get(0) : place === 'kernel' ? cpu?.kernel : cpu?.hyp;
  return { holder: holder as Record<string, unknown>, field: inVcpu ? 'fp_state' : 'fp_owner' };
}

function stateOf(machine: Machine): string {
  return stateName(
    placesOf(machine.profile, machine.mode).map((place) => {
      const { holder, field } = holderOf(machine, place);
      return [place, OWNER_NAMES[holder[field] as number] as string];
    }),
  );
}

/**
 * What the steps that write fp_owner look at, and what decides whether an event can happen. Not in it is what the registers
 * really hold, which the kernel does not know.
 */
function keyOf(machine: Machine): string {
  const cpu = machine.cpus[0] as Cpu;
  const vcpu = machine.vcpus.get(0)?.get(0);
  const { current, last } = cpu;
  return JSON.stringify([
    stateOf(machine),
    cpu.loaded !== undefined,
    // What traps is decided again at each entry.
    cpu.running && [cpu.trapFp, cpu.trapSve],
    [current.id, current.tif_foreign_fpstate, last.kind, last.id],
    [cpu.svcr_sm, cpu.svcr_za, vcpu?.userFormat],
    [...machine.tasks.values()].filter(({ id }) => id > 0).map(({ fpsimd_cpu, svcr_za }) => [fpsimd_cpu, svcr_za]),
  ]);
}
