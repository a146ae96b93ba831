/** Members of the structs of a BTF blob: the list of them, and where a path such as `arch.host_debug_state.mdcr_el2` leads. */

import { type Btf, type BtfError, btfError, isBtfError, limitError } from './blob.ts';
import { arrayOf, type BtfType, findStruct, isNamed, nameAt, resolve, sizeOf, word } from './types.ts';

/** Where something lies inside a struct. */
export interface Field {
  readonly typeId: number;
  /** From the start of the struct that the search began in. */
  readonly bitOffset: number;
  /** Its size in bits; below 8 times the size of its type where it is a bit field. */
  readonly bitSize: number;
}

export interface Member extends Field {
  /** '' for an anonymous struct or union. */
  readonly name: string;
}

const MEMBER_BYTES = 12;
const MEMBERS = 'members looked at';

/** The members of a struct or union, in order. The offset is that of the member in `type`. */
export function members(btf: Btf, type: BtfType): readonly Member[] | BtfError {
  if (type.kind !== 'STRUCT' && type.kind !== 'UNION') {
    return btfError(btf.records[type.id] ?? -1, 'a struct or union', type.kind);
  }
  if (type.vlen > btf.limits.members) return limitError(btf.records[type.id] ?? -1, 'members', btf.limits, MEMBERS);
  const list: Member[] = [];
  for (let index = 0; index < type.vlen; index++) {
    const member = memberAt(btf, type, index);
    if (isBtfError(member)) return member;
    list.push(member);
  }
  return list;
}

function memberAt(btf: Btf, type: BtfType, index: number): Member | BtfError {
  const field = fieldAt(btf, type, index);
  if (isBtfError(field)) return field;
  return { name: nameAt(btf, word(btf, type.tail + index * MEMBER_BYTES)), ...field };
}

function fieldAt(btf: Btf, type: BtfType, index: number): Field | BtfError {
  const at = type.tail + index * MEMBER_BYTES;
  const typeId = word(btf, at + 4);
  const packed = word(btf, at + 8);
  // With kind_flag, the offset word holds the width of a bit field in its top byte (btf.rst, BTF_KIND_STRUCT).
  const width = type.kindFlag ? packed >>> 24 : 0;
  const bitOffset = type.kindFlag ? packed & 0xffffff : packed;
  if (width > 0) return { typeId, bitOffset, bitSize: width };
  const size = sizeOf(btf, typeId);
  return typeof size === 'number' ? { typeId, bitOffset, bitSize: size * 8 } : size;
}

/**
 * Where `path` leads from the struct or union called `struct`: members joined by dots, an index in brackets after an array
 * (`sys_regs[3]`); '' is the struct itself. Members of anonymous structs and unions are found as in C.
 */
export function findField(btf: Btf, struct: string, path: string): Field | BtfError {
  const root = findStruct(btf, struct);
  if (isBtfError(root)) return root;
  let field: Field = { typeId: root.id, bitOffset: 0, bitSize: root.sizeOrType * 8 };
  for (const step of path === '' ? [] : (path.match(/[^.[\]]+|\[[^\]]*\]?/g) ?? [path])) {
    const next = step.startsWith('[') ? element(btf, field, step) : named(btf, field, step);
    if (isBtfError(next)) return { ...next, expected: `${next.expected} (for ${struct}.${path})` };
    field = { ...next, bitOffset: field.bitOffset + next.bitOffset };
  }
  return field;
}

function element(btf: Btf, field: Field, step: string): Field | BtfError {
  const type = resolve(btf, field.typeId);
  if (isBtfError(type)) return type;
  if (type.kind !== 'ARRAY') return btfError(btf.records[type.id] ?? -1, 'an array', type.kind);
  const { element: typeId, count } = arrayOf(btf, type);
  const index = /^\[\d{1,9}\]$/.test(step) ? Number(step.slice(1, -1)) : -1;
  if (index < 0 || index >= count) return btfError(-1, `an index from 0 to ${count - 1}`, step);
  const size = sizeOf(btf, typeId);
  return typeof size === 'number' ? { typeId, bitOffset: index * size * 8, bitSize: size * 8 } : size;
}

function named(btf: Btf, field: Field, name: string): Field | BtfError {
  const type = resolve(btf, field.typeId);
  if (isBtfError(type)) return type;
  if (type.kind !== 'STRUCT' && type.kind !== 'UNION') {
    return btfError(btf.records[type.id] ?? -1, 'a struct or union', type.kind);
  }
  const wanted = Buffer.from(name, 'latin1');
  return (
    search(btf, type, wanted, { seen: new Set(), members: 0 }, 0) ??
    btfError(-1, `a member ${name}`, `none in ${nameAt(btf, type.name) || 'it'}`)
  );
}

/** What a search has seen so far. */
interface Seen {
  /** Ids of anonymous structs and unions. */
  readonly seen: Set<number>;
  members: number;
}

/** Depth first, as C looks a name up. Each anonymous struct is entered once: a blob where they contain each other still ends. */
function search(btf: Btf, type: BtfType, name: Uint8Array, sought: Seen, depth: number): Field | BtfError | undefined {
  const at = btf.records[type.id] ?? -1;
  if (depth > btf.limits.depth) return limitError(at, 'depth', btf.limits, 'anonymous members in each other');
  sought.seen.add(type.id);
  for (let index = 0; index < type.vlen; index++) {
    if (++sought.members > btf.limits.members) return limitError(at, 'members', btf.limits, MEMBERS);
    const found = match(btf, type, index, name, sought, depth);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The field called `name` where the member is it, or is anonymous and has it. */
function match(
  btf: Btf,
  type: BtfType,
  index: number,
  name: Uint8Array,
  sought: Seen,
  depth: number,
): Field | BtfError | undefined {
  const at = type.tail + index * MEMBER_BYTES;
  const memberName = word(btf, at);
  if (memberName !== 0) return isNamed(btf, memberName, name) ? fieldAt(btf, type, index) : undefined;
  const inner = resolve(btf, word(btf, at + 4));
  if (isBtfError(inner)) return inner;
  if ((inner.kind !== 'STRUCT' && inner.kind !== 'UNION') || sought.seen.has(inner.id)) return undefined;
  const found = search(btf, inner, name, sought, depth + 1);
  if (found === undefined || isBtfError(found)) return found;
  const outer = fieldAt(btf, type, index);
  return isBtfError(outer) ? outer : { ...found, bitOffset: found.bitOffset + outer.bitOffset };
}
