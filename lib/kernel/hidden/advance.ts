/** The rows of trace/hidden.ts as steps of the emulator: where they can be taken, and what they do. */

import type { EventRecord } from '../../trace/event.ts';
import { HIDDEN, HIDEABLE, type HiddenRow, type HideableKind, type Part, type Place } from '../../trace/hidden.ts';
import { KIND } from '../../trace/vocabulary.ts';
import { fpsimd_restore_current_state, kernel_neon_begin, kernel_neon_end, openRegion } from '../code/fpsimd.ts';
import { kvm_hyp_handle_fpsimd } from '../code/kvm-fpsimd.ts';
import type { Cpu } from '../state/cpu.ts';
import { NOBODY } from '../state/entity.ts';
import type { Machine } from '../state/machine.ts';
import { use } from '../state/registers.ts';
import type { Vcpu } from '../state/vcpu.ts';
import { loseDebug, loseFp, loseGuestDebug, loseTask } from './unknown.ts';

/** A hidden step that the emulator takes. */
export interface HiddenStep {
  /** Of the kind, by the order of HIDEABLE. */
  readonly bit: number;
  /** Whether it can have been taken before the event. */
  readonly may: (machine: Machine, cpu: Cpu, event: EventRecord) => boolean;
  /** Whether it would change nothing. */
  readonly isIdle: (cpu: Cpu) => boolean;
  readonly step: (machine: Machine, cpu: Cpu) => void;
}

export const bitOf = (kind: HideableKind): number => 1 << HIDEABLE.indexOf(kind);

const PLACES: Readonly<Record<Place, (cpu: Cpu) => boolean>> = {
  host: (cpu) => !cpu.running,
  'idle host': (cpu) => !cpu.running && cpu.loaded === undefined,
  loaded: (cpu) => !cpu.running && cpu.loaded !== undefined,
  guest: (cpu) => cpu.running,
};

/** The put of a nested transition has been, and its load has not. */
const isBetween = (cpu: Cpu): boolean => cpu.loaded === undefined && cpu.lastLoaded?.inNested === true;

type Step = Omit<HiddenStep, 'bit'>;

/** A nested transition of a kernel that leaves the FP state alone in it; elsewhere it is a put and a load like others. */
const nested: Step = {
  isIdle: () => false,
  may: ({ vhe, profile }, cpu, event) =>
    vhe && profile.nestedSkip && event.kind === KIND.vcpu_put && cpu.loaded !== undefined && !cpu.loaded.inNested,
  step(_machine, cpu) {
    (cpu.loaded as Vcpu).inNested = true;
  },
};

const STEPS: Partial<Record<HideableKind, Step>> = {
  neon_begin: {
    may: (_machine, cpu) => openRegion(cpu) === undefined,
    isIdle: ({ current, last, holder }) =>
      current.tif_foreign_fpstate === 1 && last.kind === NOBODY && holder.kind === NOBODY,
    step(machine, cpu) {
      kernel_neon_begin(machine, cpu, true);
      kernel_neon_end(machine, cpu, true);
    },
  },
  return_to_user: {
    // Where TIF_FOREIGN_FPSTATE is clear nothing is done; the idle task has no user mode.
    may: (_machine, cpu) =>
      cpu.current.tif_foreign_fpstate !== 0 && cpu.current.id !== 0 && openRegion(cpu) === undefined && !isBetween(cpu),
    isIdle: () => false,
    step: fpsimd_restore_current_state,
  },
  guest_fp_trap: {
    may: (_machine, cpu) => cpu.trapFp !== 0,
    isIdle: () => false,
    step(machine, cpu) {
      const vcpu = cpu.loaded as Vcpu;
      kvm_hyp_handle_fpsimd(machine, cpu, vcpu);
      use(machine, cpu, vcpu);
    },
  },
  nested_eret: nested,
};

const isHidden = (machine: Machine, kind: HideableKind): boolean => machine.hidden[KIND[kind]] === 1;

/** The steps that the trace hides. */
export function hiddenSteps(machine: Machine): readonly HiddenStep[] {
  const known = STEPS_OF.get(machine);
  if (known !== undefined) return known;
  const steps = (Object.entries(STEPS) as [HideableKind, Step][])
    .filter(([kind]) => isHidden(machine, kind))
    .map(([kind, { may, step, isIdle }]): HiddenStep => {
      const isThere = PLACES[HIDDEN[kind].where];
      return { bit: bitOf(kind), may: (of, cpu, event) => isThere(cpu) && may(of, cpu, event), step, isIdle };
    });
  STEPS_OF.set(machine, steps);
  return steps;
}

const STEPS_OF = new WeakMap<Machine, readonly HiddenStep[]>();

const BLURS: Readonly<Record<Part, (cpu: Cpu) => boolean>> = {
  fp: loseFp,
  task: loseTask,
  debug: loseDebug,
  'guest debug': loseGuestDebug,
};

/** Of what a hidden event may have changed in a way that is not followed, nothing is known any more. Whether anything was. */
export function blur(machine: Machine, cpu: Cpu): boolean {
  let lost = false;
  for (const kind of HIDEABLE) {
    const { may, where, besides }: HiddenRow = HIDDEN[kind];
    if (may === 'step' || !isHidden(machine, kind) || !PLACES[where](cpu)) continue;
    if (besides !== undefined && machine.hidden[KIND[besides]] === 0) continue;
    let changed = false;
    for (const part of may) if (BLURS[part](cpu)) changed = true;
    if (changed) machine.watch.unsettled(bitOf(kind));
    lost ||= changed;
  }
  return lost;
}

/** Whether the event cannot come where a nested transition has begun: its put and its load follow each other at once. */
export function isImpossible(cpu: Cpu, event: EventRecord): boolean {
  if (!isBetween(cpu)) return false;
  const { kind } = event;
  if (kind === KIND.observe || kind === KIND.neon_begin || kind === KIND.neon_end) return false;
  return kind !== KIND.vcpu_load || event.vcpu !== cpu.lastLoaded?.id || event.vm !== cpu.lastLoaded.vm;
}
