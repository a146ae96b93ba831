/** An input whose clock is not that of the others: its times are moved as it is read. */

import { ABSENT, type EventRecord } from '../trace/event.ts';
import type { Batch, InputError } from './source.ts';

const MOST = 2n ** 64n - 1n;

/** The batches with `offset` ns added to every time. A time that no 64 bits hold is an error of its line. */
export async function* shiftedBatches(batches: AsyncIterable<Batch>, offset: bigint): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    yield { length: batch.length, read: (index, into) => batch.read(index, into) ?? shift(into, offset) };
  }
}

function shift(event: EventRecord, offset: bigint): InputError | undefined {
  if (event.tsHigh === ABSENT) return undefined;
  const before = (BigInt(event.tsHigh) << 32n) | BigInt(event.tsLow);
  const time = before + offset;
  if (time < 0n || time > MOST) {
    const { input, line } = event;
    const expected = `a time that stays between 0 and ${MOST} with the clock offset of ${offset} ns`;
    return { input, line, field: 'ts', expected, found: String(before) };
  }
  event.tsHigh = Number(time >> 32n);
  event.tsLow = Number(time & 0xffff_ffffn);
  return undefined;
}

/** The offset of the input that `offsets` names by its path, or by its file's name alone; 0 where it names none. */
export function offsetOf(path: string, offsets: ReadonlyMap<string, bigint> | undefined): bigint {
  return offsetSaid(path, offsets) ?? 0n;
}

/** The same; undefined where it names none. One of 0 says that the clock is the same. */
export function offsetSaid(path: string, offsets: ReadonlyMap<string, bigint> | undefined): bigint | undefined {
  return offsets?.get(path) ?? offsets?.get(path.slice(path.lastIndexOf('/') + 1));
}
