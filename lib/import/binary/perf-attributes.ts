/** struct perf_event_attr (include/uapi/linux/perf_event.h): what the samples of an event consist of. */

import { createCursor, Malformed } from './cursor.ts';

/** Bits of sample_type. */
export const SAMPLE = {
  ip: 0,
  tid: 1,
  time: 2,
  address: 3,
  read: 4,
  callchain: 5,
  id: 6,
  cpu: 7,
  period: 8,
  streamId: 9,
  raw: 10,
  identifier: 16,
} as const;

export interface Attribute {
  /** Its samples are of a tracepoint: their raw data are entries of ftrace. */
  readonly isTracepoint: boolean;
  /** Whether a bit of SAMPLE is set. */
  has(bit: number): boolean;
  /** read_format. */
  readonly readFormat: bigint;
  /** Records that are no samples end with the time and the CPU. */
  readonly hasTrailer: boolean;
  /** clockid, where use_clockid is set. */
  readonly clock: number | undefined;
}

/** PERF_TYPE_TRACEPOINT. */
const TRACEPOINT = 2;
/** Up to clockid. */
const LEAST = 96;
const FLAGS = { sampleIdAll: 18n, useClockId: 25n } as const;

export function readAttribute(bytes: Buffer, bigEndian: boolean): Attribute {
  const cursor = createCursor(bytes, bigEndian, 'an attribute of perf.data');
  const type = cursor.u32();
  const size = cursor.u32();
  if (size < 64) throw new Malformed('an attribute of 64 bytes or more', String(size));
  cursor.skip(16);
  const sampleType = cursor.u64();
  const readFormat = cursor.u64();
  const flags = cursor.u64();
  // Bit fields begin with the most significant bit where numbers do.
  const flag = (bit: bigint): boolean => ((flags >> (bigEndian ? 63n - bit : bit)) & 1n) === 1n;
  return {
    isTracepoint: type === TRACEPOINT,
    has: (bit) => ((sampleType >> BigInt(bit)) & 1n) === 1n,
    readFormat,
    hasTrailer: flag(FLAGS.sampleIdAll),
    clock: flag(FLAGS.useClockId) && bytes.length >= LEAST ? clockIdIn(bytes, bigEndian) : undefined,
  };
}

const CLOCK_ID = 92;
const clockIdIn = (bytes: Buffer, bigEndian: boolean): number =>
  bigEndian ? bytes.readInt32BE(CLOCK_ID) : bytes.readInt32LE(CLOCK_ID);

/** Names that ftrace has for the clocks of clock_gettime. */
const CLOCKS: Readonly<Record<number, string>> = { 1: 'mono', 4: 'mono_raw', 7: 'boot', 11: 'tai' };

/** perf's own clock is the scheduler's. */
export const clockName = (id: number | undefined): string =>
  id === undefined ? 'perf' : (CLOCKS[id] ?? `clock ${id}`);
