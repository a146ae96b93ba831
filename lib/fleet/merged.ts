/**
 * The merged report, format 1: what many reports say together. It is made of values that add up alone, so that merged
 * reports merge like reports, and is bounded: however many are merged, names and examples are only so many.
 */

import { ledgerOf } from '../report/ledger-fields.ts';
import { type Check, count, object, text } from '../report/shape.ts';
import { type Additive, least, named, together, total, upper, word } from './additive.ts';
import { sketch } from './sketch.ts';

/** More than events, steps, rules, fields, edges and primitives are; those that traces invent are cut at this. */
const NAMES = 256;
const KERNELS = 128;
const CAUSES = 2000;
const EXAMPLES = 3;

const counts = named(total, NAMES);
const cost = named(together({ count: total, bytes: total }), NAMES);
/** Sums of intervals: of a report that is certain of its count, both ends are that. */
const bounded = named(together({ count: total, bytes: total, least: total, most: upper }), NAMES);

const observed = { checked: total, diverged: total, learned: total };

/** What all reports of one kernel say: model and mode. */
const kernel = together({
  reports: total,
  verdicts: counts,
  /** Reports of replays that ended before their input. */
  partial: total,
  inputs: together({ files: total, lines: total, events: total }),
  /** Guest entries. */
  entries: total,
  events: counts,
  transitions: together({ total, by_edge: counts, by_cause: counts }),
  debug: together({ switches: total, by_edge: counts }),
  /** Rule -> reports in which it was violated, and how often. */
  violations: named(together({ reports: total, total, followed: total }), NAMES),
  cost: together({
    total: bounded,
    by_event: named(cost, NAMES),
    sysregs: named(together({ read: total, write: total }), NAMES),
    /** Why a count can be another -> reports in which it can, what would show it, and of which primitives, in how many reports. */
    doubts: named(together({ reports: total, shown_by: word, primitives: counts }), NAMES),
  }),
  /** Primitive -> how often a guest entry has it, over the reports; `bytes`: register payload of an entry. */
  per_entry: named(sketch, NAMES),
  observations: together({ ...observed, by_field: named(together(observed), NAMES) }),
  /** Reports that have them. */
  coverage: together({ rules_fired: counts, steps_hit: counts }),
  /** Kind of event that traces hide -> reports in which it left something open, and what would show it. */
  hides: named(together({ reports: total, places: total, checks: total, shown_by: word }), NAMES),
  ledger: together({ skipped_lines: total, ...ledgerOf(total, counts) }),
});

/** Where a cause was seen. `input` as the report names it. */
export interface Example {
  readonly input: string;
  readonly line: number;
}

const compareExamples = (a: Example, b: Example): number =>
  a.input < b.input ? -1 : a.input > b.input ? 1 : a.line - b.line;

/** The same cause, wherever it was seen. */
const cause = together({
  /** Violations and divergences that come of it. */
  count: total,
  /** Those of causes of severity error. */
  errors: total,
  /** Rule -> violations; "diverged" -> divergences. */
  consequences: counts,
  reports: total,
  /** Kernel -> reports. */
  kernels: named(total, KERNELS),
  examples: least<Example>(EXAMPLES, object({ input: text, line: count }), compareExamples),
});

const FORMAT = 1;

const format: Additive<number, number> = {
  check: ((value, path) => (value === FORMAT ? undefined : `${path}: expected ${FORMAT}`)) satisfies Check,
  read: (json) => json,
  write: (value) => value,
  zero: () => FORMAT,
  add: (a) => a,
};

export const MERGED = together({ merged: format, kernels: named(kernel, KERNELS), causes: named(cause, CAUSES) });

type Of<A> = A extends Additive<infer T, infer _> ? T : never;
type JsonOf<A> = A extends Additive<infer _, infer J> ? J : never;

/** As it is added up. */
export type Sums = Of<typeof MERGED>;
/** As JSON. */
export type Merged = JsonOf<typeof MERGED>;
export type MergedKernel = Merged['kernels'][string];
export type MergedCause = Merged['causes'][string];

export const KERNEL = kernel;
export const CAUSE = cause;
