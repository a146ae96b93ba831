/** A small BTF writer: as many kinds as the tests need. Type ids count from 1, in the order of the list. */

export interface MemberSpec {
  readonly name: string;
  readonly type: number;
  readonly bits: number;
  /** Width of a bit field. */
  readonly width?: number;
}

export interface TypeSpec {
  readonly kind: number;
  readonly name?: string;
  readonly kindFlag?: boolean;
  /** Entries of `words` that count as vlen. */
  readonly vlen?: number;
  readonly sizeOrType?: number;
  /** Words after the record; a string is written as its offset in the string section. */
  readonly words?: readonly (number | string)[];
}

export const int = (name: string, size: number): TypeSpec => ({ kind: 1, name, sizeOrType: size, words: [size * 8] });
export const pointer = (type: number): TypeSpec => ({ kind: 2, sizeOrType: type });
export const array = (element: number, count: number, index = element): TypeSpec => ({
  kind: 3,
  words: [element, index, count],
});
export const typedef = (name: string, type: number): TypeSpec => ({ kind: 8, name, sizeOrType: type });
export const modifier = (kind: 9 | 10 | 11 | 18, type: number): TypeSpec => ({ kind, sizeOrType: type });

function aggregate(kind: number, name: string, size: number, members: readonly MemberSpec[]): TypeSpec {
  const kindFlag = members.some((member) => member.width !== undefined);
  return {
    kind,
    name,
    kindFlag,
    vlen: members.length,
    sizeOrType: size,
    words: members.flatMap((m) => [m.name, m.type, kindFlag ? (m.width ?? 0) * 2 ** 24 + m.bits : m.bits]),
  };
}
export const struct = (name: string, size: number, ...members: MemberSpec[]) => aggregate(4, name, size, members);
export const union = (name: string, size: number, ...members: MemberSpec[]) => aggregate(5, name, size, members);
/** A member at a byte offset. */
export const member = (name: string, type: number, offset: number): MemberSpec => ({ name, type, bits: offset * 8 });

export function writeBtf(types: readonly TypeSpec[], littleEndian = true): Uint8Array {
  const strings: number[] = [0];
  const offsets = new Map<string, number>([['', 0]]);
  const intern = (text: string): number => {
    const known = offsets.get(text);
    if (known !== undefined) return known;
    const offset = strings.length;
    for (const byte of Buffer.from(text)) strings.push(byte);
    strings.push(0);
    offsets.set(text, offset);
    return offset;
  };
  const words = types.flatMap((type) => [
    intern(type.name ?? ''),
    ((type.vlen ?? 0) | (type.kind << 24) | (type.kindFlag ? 1 << 31 : 0)) >>> 0,
    type.sizeOrType ?? 0,
    ...(type.words ?? []).map((value) => (typeof value === 'string' ? intern(value) : value)),
  ]);
  const typeBytes = words.length * 4;
  const bytes = new Uint8Array(24 + typeBytes + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, littleEndian);
  bytes[2] = 1;
  [24, 0, typeBytes, typeBytes, strings.length].forEach((value, index) => {
    view.setUint32(4 + index * 4, value, littleEndian);
  });
  words.forEach((value, index) => {
    view.setUint32(24 + index * 4, value, littleEndian);
  });
  bytes.set(strings, 24 + typeBytes);
  return bytes;
}
