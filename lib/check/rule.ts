/** What a rule is: a statement about the state at certain moments, with where it comes from. Data and two pure functions. */

import type { Cpu } from '../kernel/state/cpu.ts';
import type { Entity } from '../kernel/state/entity.ts';
import type { Machine } from '../kernel/state/machine.ts';
import type { MomentName } from '../kernel/state/moments.ts';
import type { Vcpu } from '../kernel/state/vcpu.ts';
import type { Mode, Profile } from '../models/profile.ts';

export type Severity = 'error' | 'warning' | 'suspicious';

/** What looking at the state gives. */
export const HOLDS = 0;
export const VIOLATED = 1;
/** A value that the rule needs is not known: the check is not made, and is counted. */
export const SKIPPED = 2;
/** A known weakness of the model that becomes a violation with --strict only, and is counted. */
export const WEAK = 3;
export type Outcome = typeof HOLDS | typeof VIOLATED | typeof SKIPPED | typeof WEAK;

/** What a violation says, beside the state before the event. */
export interface Finding {
  readonly message: string;
  readonly expected: readonly string[];
  /** Kernel function in which it happened. */
  readonly source: string;
  /** Where it differs from the rule's. */
  readonly severity?: Severity;
  /** Violations of one rule on one CPU with the same root are one violation and its followers. */
  readonly root: string;
}

export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  /** What must hold, and when. */
  readonly statement: string;
  /** To which models and modes it applies, in words and as a test. */
  readonly appliesTo: string;
  readonly applies: (profile: Profile, mode: Mode) => boolean;
  /** Where the statement comes from: kernel functions and comments. */
  readonly derives: string;
  /** Bugs that it would have reported. */
  readonly history: string;
  readonly at: readonly MomentName[];
  /** `moment`: which of `at` it is; `subject` and `detail`: as the moment gives them (kernel/state/moments.ts). */
  readonly check: (machine: Machine, cpu: Cpu, moment: number, subject: Entity, detail: string) => Outcome;
  readonly describe: (machine: Machine, cpu: Cpu, moment: number, subject: Entity, detail: string) => Finding;
}

export const always = (): boolean => true;
/** Not protected KVM with eager restore, whose fp_owner speaks about EL1 as a whole (semantics 5.13). */
export const notPkvmEager = (profile: Profile, mode: Mode): boolean => mode !== 'pkvm' || profile.pkvmFp !== 'eager';

/** The vCPU that a moment between load and put is about. */
export function vcpuAt(cpu: Cpu): Vcpu {
  const vcpu = cpu.loaded ?? cpu.lastLoaded;
  if (vcpu === undefined) throw new Error('a moment between load and put without a vCPU');
  return vcpu;
}
