/** Fields of an entry of the ring buffer, by the description of its event. */

import { Malformed, readU16, readU32, readU64 } from './cursor.ts';
import type { Field } from './event-format.ts';

/** Where an entry lies; filled again for each. */
export interface Entry {
  bytes: Buffer;
  /** common_type is at `start`. */
  start: number;
  end: number;
  bigEndian: boolean;
}

/** An integer field, as a number: what has more than 53 bits loses its low ones. Throws `Malformed` where it is cut. */
export function numberOf(entry: Entry, field: Field): number {
  return field.size === 8 ? Number(integerOf(entry, field)) : smallNumber(entry, field, field.size);
}

/** An integer field. */
export function integerOf(entry: Entry, field: Field): bigint {
  if (field.size !== 8) return BigInt(smallNumber(entry, field, field.size));
  const value = readU64(entry.bytes, placeOf(entry, field.offset, 8), entry.bigEndian);
  return field.signed ? BigInt.asIntN(64, value) : value;
}

/** 64 bits as two numbers: for those that are only printed in hexadecimal. */
export function halvesOf(entry: Entry, field: Field): { readonly high: number; readonly low: number } {
  const { bytes, bigEndian } = entry;
  const at = placeOf(entry, field.offset, 8);
  return {
    high: readU32(bytes, bigEndian ? at : at + 4, bigEndian),
    low: readU32(bytes, bigEndian ? at + 4 : at, bigEndian),
  };
}

/** Of an array, element by element. */
export function elementOf(entry: Entry, field: Field, index: number): bigint {
  const { elementSize: size } = field;
  if (index < 0 || (index + 1) * size > field.size) throw new Malformed(`an index of ${field.name}`, String(index));
  const element = { ...field, offset: field.offset + index * size, size };
  return integerOf(entry, element);
}

function smallNumber(entry: Entry, { name, offset, signed }: Field, size: number): number {
  const { bytes, bigEndian } = entry;
  const at = placeOf(entry, offset, size);
  if (size === 4) {
    const value = readU32(bytes, at, bigEndian);
    return signed ? value | 0 : value;
  }
  if (size === 2) {
    const value = readU16(bytes, at, bigEndian);
    return signed ? (value << 16) >> 16 : value;
  }
  if (size === 1) {
    const value = bytes.readUInt8(at);
    return signed ? (value << 24) >> 24 : value;
  }
  throw new Malformed(`field ${name} of 1, 2, 4 or 8 bytes`, String(size));
}

/** The characters of a field up to a 0 byte. */
export function textOf(entry: Entry, field: Field): string {
  const { start, length } = extentOf(entry, field);
  const zero = entry.bytes.subarray(start, start + length).indexOf(0);
  return entry.bytes.toString('latin1', start, start + (zero < 0 ? length : zero));
}

/** Where the value of an array lies in the bytes. */
export function extentOf(entry: Entry, field: Field): { readonly start: number; readonly length: number } {
  if (field.kind === 'array') return { start: placeOf(entry, field.offset, field.size), length: field.size };
  const at = placeOf(entry, field.offset, 4);
  const value = readU32(entry.bytes, at, entry.bigEndian);
  const length = value >>> 16;
  const from = field.kind === 'relative' ? field.offset + 4 : 0;
  return { start: placeOf(entry, from + (value & 0xffff), length), length };
}

function placeOf({ start, end }: Entry, offset: number, size: number): number {
  const at = start + offset;
  if (at + size > end) throw new Malformed(`an entry of ${offset + size} bytes or more`, `one of ${end - start}`);
  return at;
}
