/** The inverse of the decoder: a record becomes a line of the format. */

import type { EventRecord } from './event.ts';
import { FIELD_ACCESS } from './field.ts';
import { COMMON_FIELDS, EVENTS, type EventRow, type FieldName, KIND, UNKNOWN_EVENT } from './vocabulary.ts';

/** Values that mean the same as an absent field; not written where the event does not require the field. */
const IMPLIED: Partial<Record<FieldName, unknown>> = { vm: 0, inferred: false };

/** The order in which fields are written after `event`. */
const ORDER: readonly (readonly FieldName[])[] = EVENTS.map((row: EventRow) => [
  ...new Set<FieldName>(['ts', ...row.required, ...row.optional, ...COMMON_FIELDS]),
]);

/**
 * The event as the JSON object that decodes to it. What a record does not keep (`note`, `reason`, names of unknown
 * fields) cannot be written. Throws RangeError where `kind` is none, which is a bug of the caller.
 */
export function encode(record: EventRecord): Record<string, unknown> {
  if (record.kind === UNKNOWN_EVENT) return fieldsOf(record, record.unknownEvent, ['ts', ...COMMON_FIELDS], []);
  const row: EventRow | undefined = EVENTS[record.kind];
  const order = ORDER[record.kind];
  if (row === undefined || order === undefined) throw new RangeError(`not the kind of an event: ${record.kind}`);
  if (record.kind !== KIND.meta) return fieldsOf(record, row.name, order, row.required);
  const { event, ...common } = fieldsOf(record, row.name, ['ts', ...COMMON_FIELDS], []);
  return { event, format: 1, ...record.meta, ...common };
}

/** The event as the text of a line, without the line feed. */
export function encodeLine(record: EventRecord): string {
  return JSON.stringify(encode(record));
}

function fieldsOf(
  record: EventRecord,
  event: string,
  order: readonly FieldName[],
  required: readonly FieldName[],
): Record<string, unknown> {
  const object: Record<string, unknown> = { event };
  for (const name of order) {
    const value = FIELD_ACCESS[name].write(record);
    if (value !== undefined && (value !== IMPLIED[name] || required.includes(name))) object[name] = value;
  }
  return object;
}
