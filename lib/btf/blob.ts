/**
 * Opens a BTF blob, what a kernel shows as `/sys/kernel/btf/vmlinux`: checks the header and walks the type records once.
 * Format: kernel Documentation/bpf/btf.rst. The blob is untrusted: every read is inside bounds that were checked here.
 */

import { gunzipSync } from 'node:zlib';
import { type BtfLimit, type BtfLimits, DEFAULT_BTF_LIMITS, optionOf } from './limits.ts';

/** Why a blob, a type or a member path cannot be read. A value, never an exception. */
export interface BtfError {
  /** Byte offset in the (decompressed) blob of what is wrong; -1 where the fault is in the question, not in the blob. */
  readonly offset: number;
  readonly expected: string;
  /** Unescaped: escape it before it is printed. */
  readonly found: string;
  /** The limit that was reached, where it is one. */
  readonly limit?: BtfLimit;
}

export interface Btf {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly littleEndian: boolean;
  /** Byte offset of the record of each type, by type id. Id 0 is void and has no record. */
  readonly records: Uint32Array;
  /** Byte range of the string section, which starts and ends with a NUL. */
  readonly strings: { readonly start: number; readonly end: number };
  readonly limits: BtfLimits;
}

export function isBtfError(value: object): value is BtfError {
  return 'expected' in value;
}

/** `found` is cut to 80 characters: it may come from the blob. */
export function btfError(offset: number, expected: string, found: string): BtfError {
  return { offset, expected, found: found.slice(0, 80) };
}

/** `at byte 40: expected a type record of 12 bytes, found 8 bytes`; not escaped. */
export function describeBtfError({ offset, expected, found, limit }: BtfError): string {
  const place = offset < 0 ? '' : `at byte ${offset}: `;
  const hint = limit === undefined ? '' : ` (${optionOf(limit)} lifts this limit)`;
  return `${place}expected ${expected}, found ${found}${hint}`;
}

/** More of something than is believed. */
export function limitError(offset: number, limit: BtfLimit, limits: BtfLimits, what: string): BtfError {
  return { offset, expected: `at most ${limits[limit]} ${what}`, found: 'more', limit };
}

/** Kinds of btf_type records, by their number (include/uapi/linux/btf.h). */
export const KINDS = [
  'VOID',
  'INT',
  'PTR',
  'ARRAY',
  'STRUCT',
  'UNION',
  'ENUM',
  'FWD',
  'TYPEDEF',
  'VOLATILE',
  'CONST',
  'RESTRICT',
  'FUNC',
  'FUNC_PROTO',
  'VAR',
  'DATASEC',
  'FLOAT',
  'DECL_TAG',
  'TYPE_TAG',
  'ENUM64',
] as const;
export type Kind = (typeof KINDS)[number];

/** What follows the 12 bytes of a btf_type: so many bytes, and so many more for each of its vlen entries. */
const TAIL: { readonly [K in Kind]?: readonly [fixed: number, each: number] } = {
  INT: [4, 0],
  ARRAY: [12, 0],
  STRUCT: [0, 12],
  UNION: [0, 12],
  ENUM: [0, 8],
  FUNC_PROTO: [0, 8],
  VAR: [4, 0],
  DATASEC: [0, 12],
  DECL_TAG: [4, 0],
  ENUM64: [0, 12],
};
const NO_TAIL = [0, 0] as const;

const MAGIC = 0xeb9f;
const HEADER_BYTES = 24;
export const RECORD_BYTES = 12;

/** Reads a raw BTF blob of either byte order, or one compressed with gzip (known by its content). */
export function readBtf(bytes: Uint8Array, limits: BtfLimits = DEFAULT_BTF_LIMITS): Btf | BtfError {
  const raw = bytes[0] === 0x1f && bytes[1] === 0x8b ? decompress(bytes, limits) : bytes;
  if (!(raw instanceof Uint8Array)) return raw;
  if (raw.length > limits.bytes) return limitError(-1, 'bytes', limits, 'bytes');
  const header = readHeader(raw);
  if (isBtfError(header)) return header;
  const { view, littleEndian, types, strings } = header;
  if (strings.end === strings.start || raw[strings.start] !== 0 || raw[strings.end - 1] !== 0) {
    return btfError(
      strings.start,
      'a string section that starts and ends with NUL',
      `${strings.end - strings.start} bytes`,
    );
  }
  const long = longName(raw, strings, limits.name);
  if (long !== undefined) return limitError(long, 'name', limits, 'bytes in a name');
  const records = indexRecords(view, littleEndian, types, limits);
  return records instanceof Uint32Array ? { bytes: raw, view, littleEndian, records, strings, limits } : records;
}

function decompress(bytes: Uint8Array, limits: BtfLimits): Uint8Array | BtfError {
  try {
    return gunzipSync(bytes, { maxOutputLength: limits.bytes });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ERR_BUFFER_TOO_LARGE'
      ? limitError(-1, 'bytes', limits, 'bytes after decompression')
      : btfError(0, 'whole gzip data', message);
  }
}

/** Offset of the first name that is longer than `most` bytes. A name may begin inside of another, but ends where that does. */
function longName(raw: Uint8Array, { start, end }: Range, most: number): number | undefined {
  for (let at = start; at < end; ) {
    const next = raw.indexOf(0, at);
    if (next - at > most) return at;
    at = next + 1;
  }
  return undefined;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function readHeader(raw: Uint8Array) {
  if (raw.length < HEADER_BYTES) return btfError(0, `a BTF header of ${HEADER_BYTES} bytes`, `${raw.length} bytes`);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const littleEndian = view.getUint16(0, true) === MAGIC;
  if (!littleEndian && view.getUint16(0, false) !== MAGIC) {
    const found = `0x${view.getUint16(0, false).toString(16).padStart(4, '0')}`;
    return btfError(0, 'the BTF magic 0xeb9f (a raw blob such as /sys/kernel/btf/vmlinux, not an ELF file)', found);
  }
  if (raw[2] !== 1) return btfError(2, 'BTF version 1', String(raw[2]));
  const word = (offset: number) => view.getUint32(offset, littleEndian);
  const length = word(4);
  if (length < HEADER_BYTES || length > raw.length) {
    return btfError(4, `a header length from ${HEADER_BYTES} to ${raw.length}`, String(length));
  }
  const section = (at: number, name: string): Range | BtfError => {
    const start = length + word(at);
    const end = start + word(at + 4);
    if (end > raw.length)
      return btfError(at, `a ${name} section inside the ${raw.length} bytes of the blob`, `${start} to ${end}`);
    return { start, end };
  };
  const types = section(8, 'type');
  if (isBtfError(types)) return types;
  const strings = section(16, 'string');
  if (isBtfError(strings)) return strings;
  return { view, littleEndian, types, strings };
}

function indexRecords(view: DataView, littleEndian: boolean, types: Range, limits: BtfLimits): Uint32Array | BtfError {
  const records = new Uint32Array(Math.min(limits.types, Math.floor((types.end - types.start) / RECORD_BYTES)) + 1);
  let count = 1;
  let at = types.start;
  while (at < types.end) {
    if (at + RECORD_BYTES > types.end) {
      return btfError(at, `a type record of ${RECORD_BYTES} bytes`, `${types.end - at} bytes`);
    }
    const info = view.getUint32(at + 4, littleEndian);
    const kind = KINDS[(info >>> 24) & 0x1f];
    if (kind === undefined || kind === 'VOID') {
      return btfError(at + 4, `a kind from 1 to ${KINDS.length - 1}`, String((info >>> 24) & 0x1f));
    }
    const [fixed, each] = TAIL[kind] ?? NO_TAIL;
    const next = at + RECORD_BYTES + fixed + each * (info & 0xffff);
    if (next > types.end) return btfError(at, `${kind} of ${next - at} bytes`, `${types.end - at} bytes left`);
    if (count > limits.types) return limitError(at, 'types', limits, 'types');
    records[count++] = at;
    at = next;
  }
  return records.slice(0, count);
}
