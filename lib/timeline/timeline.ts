/**
 * A replay as a picture sees it: the events by their number, and for each CPU and vCPU what was so from which event on.
 * Everything that draws (a page, Perfetto, Chrome) reads this and nothing else.
 */

import type { Divergence, Report, Violation } from '../report/report.ts';

/**
 * What a value is, which decides its colour: nothing, somebody's (the host, a guest, kernel-mode NEON, user space), a place
 * (a CPU, memory), or a word.
 */
export const VALUE_KINDS = [
  'unknown',
  'none',
  'free',
  'host',
  'guest',
  'neon',
  'user',
  'external',
  'cpu',
  'memory',
  'word',
] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

export interface Value {
  readonly kind: ValueKind;
  /** Which vCPU (in the order of the trace) or which CPU; 0 where there is one only. */
  readonly id: number;
  /** Of registers: nowhere else is this value; of a vCPU's place: it runs there, and is not merely loaded. */
  readonly live: boolean;
  readonly text: string;
}

/** Whose state a track shows. */
export type Subject =
  | { readonly kind: 'cpu'; readonly cpu: number }
  | { readonly kind: 'vcpu'; readonly vm: number; readonly vcpu: number };

export interface Track {
  readonly name: string;
  readonly subject: Subject;
  /** Drawn as a lane; the others are told where an event is looked at. */
  readonly drawn: boolean;
  /** From that event on the state is that value, an index in `values`; before the first nothing is known. */
  readonly starts: Uint32Array;
  readonly states: Uint32Array;
}

/** One element an event. */
export interface EventColumns {
  /** ns since `base`; never smaller than the one before. Empty where the trace tells no times. */
  readonly times: Float64Array;
  readonly inputs: Uint32Array;
  readonly lines: Uint32Array;
  /** Index in EVENTS; UNKNOWN_EVENT for others. */
  readonly kinds: Uint32Array;
  /** CPU + 1; 0 where the event names none. */
  readonly cpus: Uint32Array;
  /** 1 where it was deduced. */
  readonly inferred: Uint32Array;
}

export interface TransitionColumns {
  readonly at: Uint32Array;
  readonly cpus: Uint32Array;
  /** Index in `edges`. */
  readonly edges: Uint32Array;
}

export interface Edge {
  readonly instance: string;
  readonly from: string;
  readonly to: string;
  readonly cause: string;
}

/** A place that the reader is to look at, and the events that led there, oldest first. */
export type Mark = { readonly at: number; readonly from: readonly number[] } & (
  | { readonly kind: 'violation'; readonly violation: Violation }
  | { readonly kind: 'divergence'; readonly divergence: Divergence }
  | { readonly kind: 'lost' }
);

export interface Timeline {
  readonly report: Report;
  /** ns, of the first event that has a time; '' where none has. */
  readonly base: string;
  readonly events: EventColumns;
  readonly values: readonly Value[];
  readonly tracks: readonly Track[];
  readonly edges: readonly Edge[];
  readonly transitions: TransitionColumns;
  readonly marks: readonly Mark[];
  /** Of each cause of the report, the event of each of its steps; ABSENT where that is not in the picture. */
  readonly causes: readonly (readonly number[])[];
  /** vCPUs, violations and losses that were more than are kept. */
  readonly left: { readonly vcpus: number; readonly marks: number };
}
