/**
 * Where a violation stands: what it read that may have been wrong before, what it leaves wrong, and what it would be called
 * if nothing before it is to blame. Plain data, for a violation may be taken back until it is known what happened.
 */

import type { Severity } from '../rule.ts';

/** What can be wrong on its own: a fault in one part is no reason for a violation in another. */
export type Part = 'fp' | 'za' | 'debug' | 'sme' | 'mpidr' | 'brackets';

/**
 * State that may be wrong because of something earlier. `version`: of an entity the generation of its value, of a CPU the
 * count of its load..put windows: what came after a newer value, or in a later window, has another reason.
 */
export interface Cell {
  readonly of: object;
  readonly part: Part;
  readonly version: number;
}

/** One step of the chain that leads from a cause to what it does, in the terms of the kernel. */
export interface Deed {
  /** Line that did it, where it is not that of the event under way. */
  readonly line?: number;
  /** Kernel function. */
  readonly source: string;
  /** wrote, read, should have saved, overwrote, ...; '' where the text is a sentence. */
  readonly verb: string;
  /** What was written, read, or not saved. */
  readonly text: string;
}

/** What stands in the place of a rule where an observed value is not the emulator's. */
export const DIVERGED = 'diverged';

export interface Site {
  /** The same for every violation that has the same reason where nothing earlier is to blame. */
  readonly key: string;
  /** In a line. */
  readonly title: string;
  /** What parted: "fp_owner of CPU 0". */
  readonly entity: string;
  /** Id of a rule, or DIVERGED. */
  readonly rule: string;
  readonly severity: Severity;
  readonly moment: number;
  readonly cpu: number;
  /** Where a reason may lie, the likeliest first; none where it has no other than itself. */
  readonly reads: readonly Cell[];
  /** The parts that a violation of the same event must be of to be its reason. */
  readonly parts: readonly Part[];
  readonly leaves: readonly Cell[];
  readonly deeds: readonly Deed[];
}
