/** A parsed JSON value becomes the flat record of an event, by the rules of the vocabulary table. */

import { describeType, describeValue, WrittenNumber } from './describe.ts';
import { clearEvent, type EventRecord, type Meta } from './event.ts';
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
  /** In a Map: `constructor` and `__proto__` are names like any other. */
  readonly fields: ReadonlyMap<string, FieldPlan>;
  /** How many of them a line must have. */
  readonly required: number;
}

function planOf(row: EventRow, kind: number): EventPlan {
  const names = [...new Set<FieldName>([...row.required, ...row.optional, ...COMMON_FIELDS])];
  const fields = names.map((name) => ({ name, required: row.required.includes(name), access: FIELD_ACCESS[name] }));
  return {
    kind,
    fields: new Map(fields.map((field) => [field.name, field])),
    required: row.required.length,
  };
}

const KINDS: ReadonlyMap<string, number> = new Map(EVENTS.map(({ name }, kind) => [name, kind]));
/** By kind, made when one first comes: most lines need none of them. */
const plans: (EventPlan | undefined)[] = EVENTS.map(() => undefined);

function findPlan(name: string): EventPlan | undefined {
  const kind = KINDS.get(name);
  if (kind === undefined) return undefined;
  plans[kind] ??= planOf(EVENTS[kind] as EventRow, kind);
  return plans[kind];
}

const META_ROW = EVENTS[KIND.meta] as EventRow;

/**
 * Fills `into` with the event that a parsed line says, and with nothing else; `input` and `line` are the caller's to set. Returns
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
  clearEvent(into);
  const plan = findPlan(name);
  if (plan === undefined) {
    decodeUnknown(object, name, into);
    return undefined;
  }
  into.kind = plan.kind;
  if (!readFields(object, plan, into)) return faultOf(object, plan, into);
  if (plan.kind === KIND.meta) into.meta = metaOf(object);
  return undefined;
}

/** False where a field is missing or not of its type. Looks at what the line has, which is a third of what it could have. */
function readFields(object: Readonly<Record<string, unknown>>, plan: EventPlan, into: EventRecord): boolean {
  let missing = plan.required;
  let unknown = 0;
  for (const name in object) {
    const value = object[name];
    const field = plan.fields.get(name);
    if (field === undefined) {
      if (name !== 'event') unknown++;
    } else if (value !== undefined) {
      if (!field.access.read(value, into)) return false;
      if (field.required) missing--;
    }
  }
  if (unknown > 0)
    into.unknownFields = Object.keys(object).filter((name) => name !== 'event' && !plan.fields.has(name));
  return missing === 0;
}

/** What is wrong where something is: the first field at fault, in the order of the vocabulary table. */
function faultOf(object: Readonly<Record<string, unknown>>, plan: EventPlan, into: EventRecord): DecodeError {
  const { name } = [...plan.fields.values()].find(
    ({ name, required, access }) => (object[name] !== undefined || required) && !access.read(object[name], into),
  ) as FieldPlan;
  return { field: name, expected: describeType(FIELDS[name].type), found: describeValue(object[name]) };
}

/** The common fields of an event that is not in the table, where they are what they should be. */
function decodeUnknown(object: Readonly<Record<string, unknown>>, name: string, into: EventRecord): void {
  into.kind = UNKNOWN_EVENT;
  into.unknownEvent = name;
  for (const common of COMMON_FIELDS) FIELD_ACCESS[common].read(object[common], into);
}

function metaOf(object: Readonly<Record<string, unknown>>): Meta {
  return Object.fromEntries(
    META_ROW.optional.filter((name) => object[name] !== undefined).map((name) => [name, object[name]]),
  );
}
