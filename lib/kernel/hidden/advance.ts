/** The rows of trace/hidden.ts as steps of the emulator: where they can be taken, and what they do. */

import type { EventRecord } from '../../trace/event.ts';
import { HIDDEN, HIDEABLE, type HiddenRow, type HideableKind, type Part, type Place } from '../../trace/hidden.ts';
import { KIND } from '../../trace/vocabulary.ts';
import { fpsimd_restore_current_state } from '../code/fpsimd.ts';
import { kernel_neon_begin, kernel_neon_end } from '../code/kernel-neon.ts';
import { openRegion } from '../code/kernel-state.ts';
import { kvm_hyp_handle_fpsimd, revealSvcr } from '../code/kvm-fpsimd.ts';
import { guestEnter, guestExit } from '../code/switch.ts';
import type { Cpu } from '../state/cpu.ts';
import { NOBODY } from '../state/entity.ts';
import { flushesStreaming, type Machine, ownerOfKernel } from '../state/machine.ts';
import { HOST_OWNED } from '../state/owner.ts';
import { use } from '../state/registers.ts';
import type { Vcpu } from '../state/vcpu.ts';
import { bitOf, hides, leaveUnheard } from './supply.ts';
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

const PLACES: Readonly<Record<Place, (machine: Machine, cpu: Cpu) => boolean>> = {
  host: (_machine, cpu) => !cpu.running,
  // What is loaded may have been put.
  'idle host': (machine, cpu) => !cpu.running && (cpu.loaded === undefined || hides(machine, 'vcpu_put', 'sched_out')),
  loaded: (_machine, cpu) => !cpu.running && cpu.loaded !== undefined,
  guest: (_machine, cpu) => cpu.running,
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

/** Events before which the guest runs, or has run. */
const IN_GUEST: ReadonlySet<number> = new Set([
  ...[KIND.guest_exit, KIND.guest_fp, KIND.guest_fp_trap, KIND.guest_svcr, KIND.guest_mdscr, KIND.guest_oslock],
  ...[KIND.guest_zcr, KIND.debug_dirty, KIND.observe],
]);

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
      cpu.loaded === undefined &&
      cpu.current.tif_foreign_fpstate !== 0 &&
      cpu.current.id !== 0 &&
      openRegion(cpu) === undefined &&
      !isBetween(cpu),
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
  // Where both are hidden nothing is followed of either: see blur().
  guest_enter: {
    may: (machine, _cpu, event) => !isHidden(machine, 'guest_exit') && IN_GUEST.has(event.kind),
    isIdle: () => false,
    step: (machine, cpu) => guestEnter(machine, cpu, cpu.loaded as Vcpu),
  },
  guest_exit: {
    may: (machine) => !isHidden(machine, 'guest_enter'),
    isIdle: () => false,
    step(machine, cpu) {
      guestExit(machine, cpu, cpu.loaded as Vcpu, false);
      blur(machine, cpu);
    },
  },
  nested_eret: nested,
};

/** SVCR was set at the load, and nothing was read since that says whether the load flushed for it. No kind of event: a value. */
const streamed: HiddenStep = {
  bit: 0,
  isIdle: () => false,
  may: (machine, cpu, event) =>
    cpu.justLoaded &&
    cpu.svcrOpen &&
    cpu.loaded !== undefined &&
    event.kind !== KIND.observe &&
    ownerOfKernel(machine, cpu, cpu.loaded) === HOST_OWNED,
  step: (machine, cpu) => revealSvcr(machine, cpu, cpu.loaded as Vcpu),
};

const isHidden = (machine: Machine, kind: HideableKind): boolean => machine.hidden[KIND[kind]] === 1;

/** A hidden event that is not followed step by step. */
interface Blur {
  readonly bit: number;
  readonly isThere: (machine: Machine, cpu: Cpu) => boolean;
  readonly parts: readonly Part[];
}

/** What the trace hides. */
interface Hidden {
  readonly steps: readonly HiddenStep[];
  readonly blurs: readonly Blur[];
}

/** The steps that the trace hides. */
export const hiddenSteps = (machine: Machine): readonly HiddenStep[] => hiddenOf(machine).steps;

function hiddenOf(machine: Machine): Hidden {
  const known = HIDDEN_OF.get(machine);
  if (known !== undefined) return known;
  const hidden = { steps: stepsOf(machine), blurs: blursOf(machine) };
  HIDDEN_OF.set(machine, hidden);
  return hidden;
}

const HIDDEN_OF = new WeakMap<Machine, Hidden>();

function stepsOf(machine: Machine): readonly HiddenStep[] {
  const steps = (Object.entries(STEPS) as [HideableKind, Step][])
    .filter(([kind]) => isHidden(machine, kind))
    .map(([kind, { may, step, isIdle }]): HiddenStep => {
      const isThere = PLACES[HIDDEN[kind].where];
      return { bit: bitOf(kind), may: (of, cpu, event) => isThere(of, cpu) && may(of, cpu, event), step, isIdle };
    });
  if (flushesStreaming(machine)) steps.push(streamed);
  return steps;
}

function blursOf(machine: Machine): readonly Blur[] {
  return HIDEABLE.filter((kind) => isHidden(machine, kind)).flatMap((kind) => {
    const { may, where }: HiddenRow = HIDDEN[kind];
    return may === 'step' ? [] : [{ bit: bitOf(kind), isThere: PLACES[where], parts: may }];
  });
}

const BLURS: Readonly<Record<Part, (cpu: Cpu) => boolean>> = {
  fp: loseFp,
  task: loseTask,
  debug: loseDebug,
  'guest debug': loseGuestDebug,
};

/** Whether there is anything that blur() could do. */
export const mayBlur = (machine: Machine): boolean =>
  hiddenOf(machine).blurs.length > 0 || isHidden(machine, 'guest_exit');

/** Of what a hidden event may have changed in a way that is not followed, nothing is known any more. Whether anything was. */
export function blur(machine: Machine, cpu: Cpu): boolean {
  let lost = leaveBlurred(machine, cpu);
  for (const { bit, isThere, parts } of hiddenOf(machine).blurs) {
    if (!isThere(machine, cpu)) continue;
    let changed = false;
    for (const part of parts) if (BLURS[part](cpu)) changed = true;
    if (changed) machine.watch.unsettled(bit);
    lost ||= changed;
  }
  return lost;
}

/** The vCPU that is loaded may have run, any number of times. */
function leaveBlurred(machine: Machine, cpu: Cpu): boolean {
  if (cpu.loaded === undefined && cpu.loadedUnknown && isHidden(machine, 'guest_exit')) {
    // Whoever may be loaded may have run since it was entered.
    const known = loseFp(cpu);
    if (known) machine.watch.unsettled(bitOf('guest_exit'));
    return known;
  }
  if (cpu.loaded === undefined || !isHidden(machine, 'guest_enter') || !isHidden(machine, 'guest_exit')) return false;
  const left = cpu.running;
  if (left) leaveUnheard(machine, cpu);
  const changed = [left, loseFp(cpu), loseDebug(cpu)].includes(true);
  if (changed) machine.watch.unsettled(bitOf('guest_enter') | bitOf('guest_exit'));
  return changed;
}

/** Whether the event cannot come where a nested transition has begun: its put and its load follow each other at once. */
export function isImpossible(cpu: Cpu, event: EventRecord): boolean {
  if (!isBetween(cpu)) return false;
  const { kind } = event;
  if (kind === KIND.observe || kind === KIND.neon_begin || kind === KIND.neon_end) return false;
  return kind !== KIND.vcpu_load || event.vcpu !== cpu.lastLoaded?.id || event.vm !== cpu.lastLoaded.vm;
}
