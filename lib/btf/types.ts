/** Types of a BTF blob: decoding a record, finding one by name, following typedefs, sizes. */

import { type Btf, type BtfError, btfError, isBtfError, KINDS, type Kind, limitError, RECORD_BYTES } from './blob.ts';

/** One btf_type. */
export interface BtfType {
  readonly id: number;
  readonly kind: Kind;
  /** Offset of the name in the string section; 0: it has none. */
  readonly name: number;
  readonly vlen: number;
  readonly kindFlag: boolean;
  /** Size in bytes, or the id of another type: the kind says which. */
  readonly sizeOrType: number;
  /** Byte offset of what follows the record. */
  readonly tail: number;
}

/** Pointers of the kernels this tool reads are those of a 64-bit machine. */
const POINTER_BYTES = 8;
/** Sizes are 32 bits in the format, and so are those of arrays in the kernel (btf_array_resolve in kernel/bpf/btf.c). */
const MAX_SIZE = 2 ** 32 - 1;
const MODIFIERS: ReadonlySet<Kind> = new Set<Kind>(['TYPEDEF', 'VOLATILE', 'CONST', 'RESTRICT', 'TYPE_TAG']);
const SIZED: ReadonlySet<Kind> = new Set<Kind>(['INT', 'FLOAT', 'STRUCT', 'UNION', 'ENUM', 'ENUM64']);

export function word(btf: Btf, offset: number): number {
  return btf.view.getUint32(offset, btf.littleEndian);
}

export function typeAt(btf: Btf, id: number): BtfType | BtfError {
  if (id === 0) return { id, kind: 'VOID', name: 0, vlen: 0, kindFlag: false, sizeOrType: 0, tail: 0 };
  const at = btf.records[id];
  if (at === undefined) return btfError(-1, `a type id below ${btf.records.length}`, String(id));
  const info = word(btf, at + 4);
  return {
    id,
    kind: KINDS[(info >>> 24) & 0x1f] ?? 'VOID',
    name: word(btf, at),
    vlen: info & 0xffff,
    kindFlag: info >>> 31 === 1,
    sizeOrType: word(btf, at + 8),
    tail: at + RECORD_BYTES,
  };
}

/** Whether the string at `offset` of the string section is `name`. */
export function isNamed(btf: Btf, offset: number, name: Uint8Array): boolean {
  const start = btf.strings.start + offset;
  if (start + name.length >= btf.strings.end) return false;
  for (let index = 0; index < name.length; index++) {
    if (btf.bytes[start + index] !== name[index]) return false;
  }
  return btf.bytes[start + name.length] === 0;
}

/** The string at `offset` of the string section; '' where it is outside. */
export function nameAt(btf: Btf, offset: number): string {
  const start = btf.strings.start + offset;
  if (start >= btf.strings.end) return '';
  return Buffer.from(btf.bytes.subarray(start, btf.bytes.indexOf(0, start))).toString('latin1');
}

/** The struct or union called `name`; the first one, where a kernel has several. */
export function findStruct(btf: Btf, name: string): BtfType | BtfError {
  const wanted = Buffer.from(name, 'latin1');
  for (let id = 1; name !== '' && id < btf.records.length; id++) {
    const at = btf.records[id] as number;
    const kind = KINDS[(word(btf, at + 4) >>> 24) & 0x1f];
    if ((kind === 'STRUCT' || kind === 'UNION') && isNamed(btf, word(btf, at), wanted)) return typeAt(btf, id);
  }
  return btfError(-1, `a struct or union ${name}`, 'none in this BTF');
}

/** The type behind typedefs and qualifiers. A chain that does not end is an error. */
export function resolve(btf: Btf, id: number): BtfType | BtfError {
  let type = typeAt(btf, id);
  for (let step = 0; step < btf.limits.depth; step++) {
    if (isBtfError(type) || !MODIFIERS.has(type.kind)) return type;
    type = typeAt(btf, type.sizeOrType);
  }
  return limitError(btf.records[id] ?? -1, 'depth', btf.limits, 'typedefs and qualifiers before a type');
}

/** An array type, decoded: element type, number of elements. */
export function arrayOf(btf: Btf, type: BtfType): { readonly element: number; readonly count: number } {
  return { element: word(btf, type.tail), count: word(btf, type.tail + 8) };
}

/** Size of a type in bytes. A type that has none (void, a function, a forward declaration) is an error. */
export function sizeOf(btf: Btf, id: number): number | BtfError {
  let factor = 1;
  let current = id;
  for (let step = 0; step < btf.limits.depth; step++) {
    const type = resolve(btf, current);
    if (isBtfError(type)) return type;
    if (type.kind !== 'ARRAY') return ownSize(btf, type, factor);
    const { element, count } = arrayOf(btf, type);
    factor *= count;
    current = element;
  }
  return limitError(btf.records[id] ?? -1, 'depth', btf.limits, 'arrays in each other');
}

function ownSize(btf: Btf, type: BtfType, factor: number): number | BtfError {
  const each = type.kind === 'PTR' ? POINTER_BYTES : SIZED.has(type.kind) ? type.sizeOrType : undefined;
  const at = btf.records[type.id] ?? -1;
  if (each === undefined) return btfError(at, 'a type with a size', type.kind);
  const size = each * factor;
  return size <= MAX_SIZE ? size : btfError(at, `a size of at most ${MAX_SIZE} bytes`, String(size));
}

/** The type as C writes it, near enough for people: `struct kvm_guest_debug_arch`, `u64`, `u64[16]`, `struct foo *`. */
export function describeType(btf: Btf, id: number, depth = 0): string {
  const type = typeAt(btf, id);
  if (isBtfError(type) || depth > btf.limits.depth) return '?';
  const inner = (of: number) => describeType(btf, of, depth + 1);
  const name = nameAt(btf, type.name);
  if (type.kind === 'PTR') return `${inner(type.sizeOrType)} *`;
  if (type.kind === 'ARRAY') {
    const { element, count } = arrayOf(btf, type);
    return `${inner(element)}[${count}]`;
  }
  if (type.kind === 'STRUCT' || type.kind === 'UNION' || type.kind === 'ENUM') {
    return `${type.kind.toLowerCase()} ${name}`.trimEnd();
  }
  if (MODIFIERS.has(type.kind) && type.kind !== 'TYPEDEF') return inner(type.sizeOrType);
  return type.kind === 'FUNC_PROTO' ? 'function' : name || type.kind.toLowerCase();
}
