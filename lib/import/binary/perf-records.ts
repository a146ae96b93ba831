/** Records of the data of perf.data: tools/perf/Documentation/perf.data-file-format.txt, include/uapi/linux/perf_event.h. */

import { type Cursor, Malformed } from './cursor.ts';
import { type Attribute, SAMPLE } from './perf-attributes.ts';

/** Types of records that are looked at; all others are passed over. */
export const RECORD = {
  lost: 2,
  comm: 3,
  sample: 9,
  lostSamples: 13,
  headerAttribute: 64,
  tracingData: 66,
  finishedRound: 68,
  auxtrace: 71,
  headerFeature: 80,
  compressed: 81,
  compressed2: 83,
} as const;

/** What a record says of its place. */
export interface Place {
  readonly time: bigint | undefined;
  readonly cpu: number | undefined;
}

export interface Sample extends Place {
  /** The entry as the ring buffer of ftrace would have it; undefined where the event is no tracepoint. */
  readonly raw: Buffer | undefined;
}

/** The body of a SAMPLE, up to its raw data. */
export function readSample(cursor: Cursor, attribute: Attribute): Sample {
  const { has } = attribute;
  if (has(SAMPLE.identifier)) cursor.skip(8);
  if (has(SAMPLE.ip)) cursor.skip(8);
  if (has(SAMPLE.tid)) cursor.skip(8);
  const time = has(SAMPLE.time) ? cursor.u64() : undefined;
  for (const bit of [SAMPLE.address, SAMPLE.id, SAMPLE.streamId]) if (has(bit)) cursor.skip(8);
  const cpu = has(SAMPLE.cpu) ? cursor.u32() : undefined;
  if (cpu !== undefined) cursor.skip(4);
  if (has(SAMPLE.period)) cursor.skip(8);
  if (has(SAMPLE.read)) skipRead(cursor, attribute.readFormat);
  if (has(SAMPLE.callchain)) cursor.skip(8 * count(cursor));
  return { time, cpu, raw: has(SAMPLE.raw) ? cursor.take(cursor.u32()) : undefined };
}

const ENABLED = 1n;
const RUNNING = 2n;
const ID = 4n;
const GROUP = 8n;
const LOST = 16n;

function skipRead(cursor: Cursor, format: bigint): void {
  const words = (...bits: bigint[]): number => bits.filter((bit) => (format & bit) !== 0n).length;
  if ((format & GROUP) === 0n) cursor.skip(8 * (1 + words(ENABLED, RUNNING, ID, LOST)));
  else {
    const members = count(cursor);
    cursor.skip(8 * words(ENABLED, RUNNING));
    cursor.skip(8 * members * (1 + words(ID, LOST)));
  }
}

/** A number of words that follow. */
function count(cursor: Cursor): number {
  const number = cursor.size();
  if (number > cursor.left / 8) throw new Malformed(`at most ${Math.floor(cursor.left / 8)} words`, String(number));
  return number;
}

/** Of a record that is no sample: what its end says, where it says anything. */
export function trailerOf(cursor: Cursor, { has, hasTrailer }: Attribute): Place {
  const none = { time: undefined, cpu: undefined };
  if (!hasTrailer) return none;
  const parts = [SAMPLE.tid, SAMPLE.time, SAMPLE.id, SAMPLE.streamId, SAMPLE.cpu, SAMPLE.identifier].filter(has);
  const start = cursor.bytes.length - parts.length * 8;
  if (start < cursor.at) return none;
  cursor.at = start;
  let time: bigint | undefined;
  let cpu: number | undefined;
  for (const part of parts) {
    if (part === SAMPLE.time) time = cursor.u64();
    else if (part === SAMPLE.cpu) {
      cpu = cursor.u32();
      cursor.skip(4);
    } else cursor.skip(8);
  }
  return { time, cpu };
}
