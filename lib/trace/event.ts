/**
 * A decoded event: one flat record of small integers, made once and filled again for every line, so that the core
 * allocates nothing per event. Only the common fields and those of the event's own row are meaningful.
 */

import type { COMMON_FIELDS, EVENTS, FIELDS } from './vocabulary.ts';

/** An integer field that the line does not have. */
export const ABSENT = -1;

/** What a `meta` line says; strings and lists that no other event has. */
export interface Meta {
  readonly model?: string;
  readonly mode?: string;
  /** Number of physical CPUs. */
  readonly cpus?: number;
  /** Largest SVE vector length of the machine in bytes; absent: no SVE. */
  readonly sve_vl?: number;
  /** Largest streaming vector length of the machine in bytes; absent: no SME. */
  readonly sme_vl?: number;
  readonly brps?: number;
  readonly wrps?: number;
  readonly features?: readonly string[];
  readonly records?: readonly string[];
  readonly source?: string;
}

type FieldOf<Row> = Row extends {
  readonly required: readonly (infer Required)[];
  readonly optional: readonly (infer Optional)[];
}
  ? Required | Optional
  : never;
/** Fields of events; those of `meta` are kept as they are. */
type EventField = (typeof COMMON_FIELDS)[number] | FieldOf<Exclude<(typeof EVENTS)[number], { readonly name: 'meta' }>>;

/** Kinds of values for which a record has a number under the field's own name. */
type NumberKind = 'integer' | 'boolean' | 'bit' | 'flag' | 'enum' | 'hex';
type OfType<Type> = {
  [name in EventField]: (typeof FIELDS)[name]['type'] extends Type ? name : never;
}[EventField];
/** Registers, which a number cannot hold. */
export type RegisterField = OfType<{ readonly kind: 'hex'; readonly bits: 64 }>;
type IntegerField = Exclude<OfType<{ readonly kind: NumberKind }>, RegisterField>;

/**
 * Booleans and bits are 0 or 1; enums are the index of the value in the field's list; `ec` is the number;
 * ABSENT where the line has no such field, but `vm`, which is then 0.
 */
export type EventRecord = { [name in IntegerField]: number } & { [name in RegisterField]: bigint | undefined } & {
  /** Index of the event in the vocabulary, or UNKNOWN_EVENT. */
  kind: number;
  /** Index of the input among those of the run. */
  input: number;
  /** Line of the input, from 1. */
  line: number;
  /** Upper and lower 32 bits of the time in ns, both unsigned; ABSENT in `tsHigh` where there is none. */
  tsHigh: number;
  tsLow: number;
  /** `observe.last`: ABSENT, or one of LAST_*. */
  last: number;
  /** pid, or the VM of the vCPU that `last` names. */
  lastId: number;
  /** vcpu_id of the vCPU that `last` names. */
  lastVcpu: number;
  /** Only in a `meta` event. */
  meta: Meta | undefined;
  /** `left_out.what`, else ''. */
  what: string;
  /** Name of an event that is not in the vocabulary, else ''. */
  unknownEvent: string;
  /** Names of fields that are not in the event's row; ignored, but counted. */
  unknownFields: readonly string[];
};

export const LAST_NONE = 0;
export const LAST_TASK = 1;
export const LAST_VCPU = 2;

const NO_FIELDS: readonly string[] = [];

/** A record with nothing in it. */
export function createEventRecord(): EventRecord {
  const record = { input: 0, line: 0 } as EventRecord;
  clearEvent(record);
  return record;
}

/**
 * Takes everything out of a record but its input and line. One store for each property, since those that are named in the
 * code cost a tenth of those whose name is in a variable; in this order, so that all records have one hidden class.
 */
export function clearEvent(into: EventRecord): void {
  into.kind = ABSENT;
  into.tsHigh = ABSENT;
  into.tsLow = 0;
  into.cpu = ABSENT;
  into.vm = 0;
  into.vcpu = ABSENT;
  into.task = ABSENT;
  into.inferred = 0;
  into.sve = ABSENT;
  into.sme = ABSENT;
  into.sme2 = ABSENT;
  into.fa64 = ABSENT;
  into.fpmr = ABSENT;
  into.aarch32 = ABSENT;
  into.nested = ABSENT;
  into.protected = ABSENT;
  into.finalised = ABSENT;
  into.sve_vl = ABSENT;
  into.sme_vl = ABSENT;
  into.maybe = ABSENT;
  into.irqs_off = ABSENT;
  into.preemptible = ABSENT;
  into.ec = ABSENT;
  into.isa = ABSENT;
  into.fp_type = ABSENT;
  into.regset = ABSENT;
  into.sm = ABSENT;
  into.za = ABSENT;
  into.mde = ABSENT;
  into.kde = ABSENT;
  into.locked = ABSENT;
  into.singlestep = ABSENT;
  into.use_hw = ABSENT;
  into.softirq = ABSENT;
  into.next = ABSENT;
  into.reuses = ABSENT;
  into.spe = ABSENT;
  into.trbe = ABSENT;
  into.brbe = ABSENT;
  into.reg = ABSENT;
  into.fp_owner = ABSENT;
  into.fp_owner_kernel = ABSENT;
  into.fp_owner_hyp = ABSENT;
  into.last = ABSENT;
  into.lastId = ABSENT;
  into.lastVcpu = ABSENT;
  into.tif_foreign = ABSENT;
  into.debug_dirty = ABSENT;
  into.debug_owner = ABSENT;
  into.count = ABSENT;
  into.about = ABSENT;
  into.value = undefined;
  into.mpidr = undefined;
  into.meta = undefined;
  into.what = '';
  into.unknownEvent = '';
  into.unknownFields = NO_FIELDS;
}

/** Time of the event in ns: a number while it is exact, else a decimal string; undefined where there is none. */
export function timestampOf(event: EventRecord): number | string | undefined {
  if (event.tsHigh === ABSENT) return undefined;
  // 2^21 * 2^32 = 2^53, the first integer a double cannot tell from its neighbour.
  if (event.tsHigh < 0x200000) return event.tsHigh * 0x1_0000_0000 + event.tsLow;
  return ((BigInt(event.tsHigh) << 32n) | BigInt(event.tsLow)).toString();
}
