/** Who is told what happens in the machine. */

import type { Cpu } from './cpu.ts';
import type { Entity } from './entity.ts';

/** Who is told what happens. Called on the hot path: must not keep the arguments, which are changed later. */
export interface Watcher extends WatcherOfHidden {
  /** `subject`: whom it is about, where that is not the CPU as a whole; `detail`: how events fail to bracket, an error. */
  moment(moment: number, cpu: Cpu, subject?: Entity, detail?: string): void;
  /** fp_owner was written with another value, or by a load. `cause`: the step. */
  transition(cpu: Cpu, place: string, from: string, to: string, cause: string): void;
  /** The last transition of the CPU, made by a load, turns out to have ended elsewhere. */
  amended(cpu: Cpu, to: string): void;
  /** The debug registers were switched from one set to another. */
  debugSwitch(cpu: Cpu, from: number, to: number): void;
  /** A step of STEPS ran; `bytes` of register payload were moved. */
  charge(step: number, bytes: number): void;
  /**
   * Of the charges of a step, so many may not have been, and so many more may have been (Infinity: any number). `doubt`: why, an index of
   * DOUBTS.
   */
  uncertain(doubt: number, step: number, fewer: number, more: number): void;
  /** A step was supplied that the trace leaves out. */
  implied(cpu: Cpu, step: string): void;
  /** KVM_GET/SET_ONE_REG returned an error. */
  refused(errno: string): void;
  /** Something was taken for granted. */
  assumed(what: string): void;
  /** Something ran that could not be followed because the state is unknown. */
  unfollowed(what: string): void;
  /** A value read inside the kernel is the emulator's. */
  confirmed(cpu: Cpu, field: ObservedField): void;
  /** A value read inside the kernel, and the emulator's. */
  observed(cpu: Cpu, field: ObservedField, observed: string, predicted: string, outcome: Observation): void;
}

/** What one of several things that may have happened has told. */
export interface Tape {
  readonly watch: Watcher;
  /** A rule of severity error breaks, or a value that was read is another: a correct kernel did not do it. */
  contradicted(): boolean;
  /** How many such errors. */
  errors(): number;
  /** The trace cannot go on so. */
  impossible(): void;
}

/** What an `observe` event tells the value of. */
export type ObservedField =
  | 'fp_owner'
  | 'fp_owner_hyp'
  | 'fp_owner_kernel'
  | 'last'
  | 'tif_foreign'
  | 'debug_dirty'
  | 'debug_owner'
  | 'mpidr';
export type Observation = 'confirmed' | 'diverged' | 'learned' | 'resynchronised';

/** What only a trace leads to that hides steps: several things may have happened. */
export interface WatcherOfHidden {
  /** What happens from now on is one of the things that may have happened: it is written down for `merge`. */
  fork(): Tape;
  /**
   * One event, as each of the things that may have happened has it; `via`: hidden kinds that tell them apart. `broken`: of
   * things that a correct kernel has not done. What breaks in them is open: if they have happened, the kernel is not correct.
   */
  merge(tapes: readonly Tape[], via: number, broken: readonly Tape[]): void;
  /** Hidden kinds of which the trace will never tell whether one happened here: bits by the order of HIDEABLE. */
  unsettled(via: number): void;
  /** A step that the trace hides may have been taken. */
  hidden(tape: Tape): void;
}

const never = (): never => {
  throw new Error('a step is hidden where nobody expects it');
};

/** For who watches complete traces only. */
export const NOTHING_HIDDEN: WatcherOfHidden = { fork: never, merge: never, unsettled: never, hidden: never };
