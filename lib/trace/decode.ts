/** A parsed JSON value becomes the flat record of an event, by the rules of the vocabulary table. */

import { describeType, describeValue, WrittenNumber } from './describe.ts';
import type { EventRecord, Meta } from './event.ts';
import { FIELD_ACCESS, type FieldAccess } from './field.ts';
import { COMMON_FIELDS, EVENTS, type EventRow, FIELDS, type FieldName, KIND, UNKNOWN_EVENT } from './vocabulary.ts';

/** Why a value is not an event of the format. */
export interface DecodeError {
  /** Field at fault; '' where it is the value as a whole. */
  readonly field: string;
  /** What was expected, in words. */
  readonly expected: string;
  /** What was there instead: at most 80 characters, not escaped. */
  readonly found: string;
}

interface FieldPlan {
  readonly name: FieldName;
  readonly required: boolean;
  readonly access: FieldAccess;
}

interface EventPlan {
  readonly kind: number;
  readonly fields: readonly FieldPlan[];
  readonly names: ReadonlySet<string>;
}

const NO_FIELDS: readonly string[] = Object.freeze([]);

function planOf(row: EventRow, kind: number): EventPlan {
  const names = new Set<FieldName>([...row.required, ...row.optional, ...COMMON_FIELDS]);
  const fields = [...names].map((name) => ({
    name,
    required: row.required.includes(name),
    access: FIELD_ACCESS[name],
  }));
  return { kind, fields, names: new Set<string>(['event', ...names]) };
}

/** By name, in a Map: `constructor` and `__proto__` are names like any other. */
const PLANS: ReadonlyMap<string, EventPlan> = new Map(EVENTS.map((row, kind) => [row.name, planOf(row, kind)]));
const META_ROW = EVENTS[KIND.meta] as EventRow;

/**
 * Fills `into` with the event that a parsed line says; `input` and `line` are the caller's to set.
 * Only the common fields and those of the event's row are set, those that the line does not have as well. Returns
 * what is wrong where `value` is not an event of the format; `into` is then not to be used.
 */
export function decode(value: unknown, into: EventRecord): DecodeError | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof WrittenNumber) {
    return { field: '', expected: 'a JSON object', found: describeValue(value) };
  }
  const object = value as Readonly<Record<string, unknown>>;
  const name = object.event;
  if (typeof name !== 'string') {
    return { field: 'event', expected: 'a string, the name of an event', found: describeValue(name) };
  }
  into.meta = undefined;
  into.unknownFields = NO_FIELDS;
  const plan = PLANS.get(name);
  if (plan === undefined) {
    decodeUnknown(object, name, into);
    return undefined;
  }
  into.kind = plan.kind;
  into.unknownEvent = '';
  return decodeFields(object, plan, into);
}

function decodeFields(
  object: Readonly<Record<string, unknown>>,
  plan: EventPlan,
  into: EventRecord,
): DecodeError | undefined {
  let known = 1;
  for (const { name, required, access } of plan.fields) {
    const value = object[name];
    if (value === undefined && !required) {
      access.clear(into);
    } else if (access.read(value, into)) {
      known++;
    } else {
      return { field: name, expected: describeType(FIELDS[name].type), found: describeValue(value) };
    }
  }
  const names = Object.keys(object);
  if (names.length !== known) into.unknownFields = names.filter((name) => !plan.names.has(name));
  if (plan.kind === KIND.meta) into.meta = metaOf(object);
  return undefined;
}

/** The common fields of an event that is not in the table, where they are what they should be. */
function decodeUnknown(object: Readonly<Record<string, unknown>>, name: string, into: EventRecord): void {
  into.kind = UNKNOWN_EVENT;
  into.unknownEvent = name;
  for (const common of COMMON_FIELDS) {
    const access = FIELD_ACCESS[common];
    if (!access.read(object[common], into)) access.clear(into);
  }
}

function metaOf(object: Readonly<Record<string, unknown>>): Meta {
  return Object.fromEntries(
    META_ROW.optional.filter((name) => object[name] !== undefined).map((name) => [name, object[name]]),
  );
}
