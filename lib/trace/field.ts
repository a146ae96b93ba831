/** How each field of the vocabulary is read into, and written from, the flat record. Derived from its type. */

import {
  ABSENT,
  createEventRecord,
  type EventRecord,
  LAST_NONE,
  LAST_TASK,
  LAST_VCPU,
  type RegisterField,
  timestampOf,
} from './event.ts';
import { FIELDS, type FieldName, type FieldType } from './vocabulary.ts';

/** A field that the record keeps as a number under its own name. */
type NumberField = {
  [name in FieldName]: name extends keyof EventRecord ? (EventRecord[name] extends number ? name : never) : never;
}[FieldName];

export interface FieldAccess {
  /** Stores a JSON value; false where it is not of the field's type, and the record is then as it was. */
  readonly read: (value: unknown, into: EventRecord) => boolean;
  /** The JSON value of the field; undefined where it is absent, or kept elsewhere (`meta`) or nowhere (`note`). */
  readonly write: (from: EventRecord) => unknown;
}

/** A JSON value as the non-negative number that stands for it in a record, or ABSENT where it is of another type. */
type ToNumber = (value: unknown) => number;

const HEX = /^0x[0-9a-fA-F]{1,16}$/;
const DECIMAL = /^(?:0|[1-9][0-9]{0,19})$/;
const ENTITY = /^(?:none|task:(0|[1-9][0-9]{0,15})|vcpu:(0|[1-9][0-9]{0,15})\/(0|[1-9][0-9]{0,15}))$/;
const MAX_TIMESTAMP = 2n ** 64n - 1n;

/** The types that a number in the record stands for. */
type NumberType = Exclude<FieldType, { readonly kind: 'timestamp' | 'entity' | 'string' | 'name' | 'strings' }>;

function numberOf(type: NumberType): ToNumber {
  switch (type.kind) {
    case 'integer': {
      const { min, max, multipleOf = 1 } = type;
      return (value) =>
        Number.isSafeInteger(value) &&
        (value as number) >= min &&
        (value as number) <= max &&
        (value as number) % multipleOf === 0 &&
        !Object.is(value, -0)
          ? (value as number)
          : ABSENT;
    }
    case 'boolean':
      return (value) => (value === true ? 1 : value === false ? 0 : ABSENT);
    case 'bit':
      return (value) => (value === 1 ? 1 : Object.is(value, 0) ? 0 : ABSENT);
    case 'flag':
      return (value) => (value === true || value === 1 ? 1 : value === false || Object.is(value, 0) ? 0 : ABSENT);
    case 'enum': {
      const indexes = new Map<unknown, number>(type.values.map((name, index) => [name, index]));
      return (value) => indexes.get(value) ?? ABSENT;
    }
    case 'hex': {
      const max = 2 ** type.bits - 1;
      return (value) => {
        const number = typeof value === 'string' && HEX.test(value) ? Number(value) : ABSENT;
        return number <= max ? number : ABSENT;
      };
    }
  }
}

function jsonOf(type: FieldType): (number: number) => unknown {
  switch (type.kind) {
    case 'boolean':
    case 'flag':
      return (number) => number !== 0;
    case 'enum':
      return (number) => type.values[number];
    case 'hex':
      return (number) => `0x${number.toString(16)}`;
    default:
      return (number) => number;
  }
}

function numberAccess(name: NumberField, type: NumberType): FieldAccess {
  const toNumber = numberOf(type);
  const toJson = jsonOf(type);
  return {
    read(value, into) {
      const number = toNumber(value);
      if (number === ABSENT) return false;
      into[name] = number;
      return true;
    },
    write: (from) => (from[name] === ABSENT ? undefined : toJson(from[name])),
  };
}

/** A 64-bit register value, which a double cannot hold. */
function registerAccess(name: RegisterField): FieldAccess {
  return {
    read(value, into) {
      if (typeof value !== 'string' || !HEX.test(value)) return false;
      into[name] = BigInt(value);
      return true;
    },
    write: (from) => (from[name] === undefined ? undefined : `0x${from[name].toString(16)}`),
  };
}

const timestampAccess: FieldAccess = {
  read(value, into) {
    if (typeof value === 'string') {
      if (!DECIMAL.test(value)) return false;
      const time = BigInt(value);
      if (time > MAX_TIMESTAMP) return false;
      into.tsHigh = Number(time >> 32n);
      into.tsLow = Number(time & 0xffff_ffffn);
      return true;
    }
    if (!Number.isSafeInteger(value) || (value as number) < 0 || Object.is(value, -0)) return false;
    const high = Math.floor((value as number) / 0x1_0000_0000);
    into.tsHigh = high;
    // In half the time of the remainder of a division.
    into.tsLow = (value as number) - high * 0x1_0000_0000;
    return true;
  },
  write: timestampOf,
};

function setEntity(into: EventRecord, last: number, lastId: number, lastVcpu: number): boolean {
  into.last = last;
  into.lastId = lastId;
  into.lastVcpu = lastVcpu;
  return true;
}

const entityAccess: FieldAccess = {
  read(value, into) {
    const match = typeof value === 'string' ? ENTITY.exec(value) : null;
    if (!match) return false;
    const [, pid, vm, vcpu] = match;
    if (pid === undefined && vm === undefined) return setEntity(into, LAST_NONE, ABSENT, ABSENT);
    const id = Number(pid ?? vm);
    const vcpuId = vcpu === undefined ? ABSENT : Number(vcpu);
    if (!Number.isSafeInteger(id) || !Number.isSafeInteger(vcpuId)) return false;
    return setEntity(into, pid === undefined ? LAST_VCPU : LAST_TASK, id, vcpuId);
  },
  write({ last, lastId, lastVcpu }) {
    if (last === LAST_NONE) return 'none';
    if (last === LAST_TASK) return `task:${lastId}`;
    return last === LAST_VCPU ? `vcpu:${lastId}/${lastVcpu}` : undefined;
  },
};

/** The only name that a record keeps. */
const whatAccess: FieldAccess = {
  read(value, into) {
    if (typeof value !== 'string') return false;
    into.what = value;
    return true;
  },
  write: ({ what }) => what,
};

/** A field whose type is checked, but which the record does not keep under its own name. */
function checkedAccess(accepts: (value: unknown) => boolean): FieldAccess {
  return { read: accepts, write: () => undefined };
}

function accessOf(name: FieldName): FieldAccess {
  const type: FieldType = FIELDS[name].type;
  switch (type.kind) {
    case 'timestamp':
      return timestampAccess;
    case 'entity':
      return entityAccess;
    case 'name':
      return whatAccess;
    case 'string':
      return checkedAccess((value) => typeof value === 'string');
    case 'strings':
      return checkedAccess((value) => Array.isArray(value) && value.every((item) => typeof item === 'string'));
    default: {
      if (type.kind === 'hex' && type.bits === 64) return registerAccess(name as RegisterField);
      if (name in createEventRecord()) return numberAccess(name as NumberField, type);
      const toNumber = numberOf(type);
      return checkedAccess((value) => toNumber(value) !== ABSENT);
    }
  }
}

export const FIELD_ACCESS = Object.fromEntries(
  (Object.keys(FIELDS) as FieldName[]).map((name) => [name, accessOf(name)]),
) as Readonly<Record<FieldName, FieldAccess>>;
