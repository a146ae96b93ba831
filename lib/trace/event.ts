/**
 * A decoded event: one flat record of small integers, made once and filled again for every line, so that the core
 * allocates nothing per event. Only the common fields and those of the event's own row are meaningful.
 */

import type { FieldName } from './vocabulary.ts';

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

type IntegerField = Exclude<
  FieldName,
  | 'ts'
  | 'note'
  | 'reason'
  | 'source'
  | 'model'
  | 'mode'
  | 'features'
  | 'records'
  | 'last'
  | 'value'
  | 'mpidr'
  | 'format'
  | 'cpus'
  | 'brps'
  | 'wrps'
>;

/**
 * Booleans and bits are 0 or 1; enums are the index of the value in the field's list; `ec` is the number;
 * ABSENT where the line has no such field, but `vm`, which is then 0.
 */
export type EventRecord = { [name in IntegerField]: number } & {
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
  value: bigint | undefined;
  mpidr: bigint | undefined;
  /** Only in a `meta` event. */
  meta: Meta | undefined;
  /** Name of an event that is not in the vocabulary, else ''. */
  unknownEvent: string;
  /** Names of fields that are not in the event's row; ignored, but counted. */
  unknownFields: readonly string[];
};

export const LAST_NONE = 0;
export const LAST_TASK = 1;
export const LAST_VCPU = 2;

const NO_FIELDS: readonly string[] = [];

/** A record with nothing in it. Every property is set here, so that all records have one hidden class. */
export function createEventRecord(): EventRecord {
  return {
    kind: ABSENT,
    input: 0,
    line: 0,
    tsHigh: ABSENT,
    tsLow: 0,
    cpu: ABSENT,
    vm: 0,
    vcpu: ABSENT,
    task: ABSENT,
    inferred: 0,
    sve: ABSENT,
    sme: ABSENT,
    sme2: ABSENT,
    fa64: ABSENT,
    fpmr: ABSENT,
    aarch32: ABSENT,
    nested: ABSENT,
    protected: ABSENT,
    sve_vl: ABSENT,
    sme_vl: ABSENT,
    maybe: ABSENT,
    irqs_off: ABSENT,
    preemptible: ABSENT,
    ec: ABSENT,
    isa: ABSENT,
    sm: ABSENT,
    za: ABSENT,
    mde: ABSENT,
    kde: ABSENT,
    locked: ABSENT,
    singlestep: ABSENT,
    use_hw: ABSENT,
    softirq: ABSENT,
    next: ABSENT,
    reuses: ABSENT,
    spe: ABSENT,
    trbe: ABSENT,
    brbe: ABSENT,
    reg: ABSENT,
    fp_owner: ABSENT,
    fp_owner_kernel: ABSENT,
    fp_owner_hyp: ABSENT,
    last: ABSENT,
    lastId: ABSENT,
    lastVcpu: ABSENT,
    tif_foreign: ABSENT,
    debug_dirty: ABSENT,
    count: ABSENT,
    value: undefined,
    mpidr: undefined,
    meta: undefined,
    unknownEvent: '',
    unknownFields: NO_FIELDS,
  };
}

/** Time of the event in ns: a number while it is exact, else a decimal string; undefined where there is none. */
export function timestampOf(event: EventRecord): number | string | undefined {
  if (event.tsHigh === ABSENT) return undefined;
  // 2^21 * 2^32 = 2^53, the first integer a double cannot tell from its neighbour.
  if (event.tsHigh < 0x200000) return event.tsHigh * 0x1_0000_0000 + event.tsLow;
  return ((BigInt(event.tsHigh) << 32n) | BigInt(event.tsLow)).toString();
}
