/** Integers as C calculates with them: every value has a type, and what two types make is the wider one. */

export interface CType {
  readonly bits: 32 | 64;
  readonly unsigned: boolean;
}

export const INT: CType = { bits: 32, unsigned: false };
export const POINTER: CType = { bits: 64, unsigned: true };

/** The type of a number in a `print fmt`: `1`, `1U`, `0x80000000`, `1UL`. */
export function typeOfNumber(digits: string, suffix: string, longBits: 32 | 64): CType {
  const isLong = /l/i.test(suffix);
  const isLongLong = /ll/i.test(suffix);
  const value = BigInt(digits);
  const needs: 32 | 64 =
    value >= 2n ** 32n || (value >= 2n ** 31n && /^\d+$/.test(digits) && !/u/i.test(suffix)) ? 64 : 32;
  const bits = isLongLong || needs === 64 ? 64 : isLong ? longBits : 32;
  return { bits, unsigned: /u/i.test(suffix) || value >= 2n ** BigInt(bits - 1) };
}

/** The value as one of that type. */
export const ofType = ({ bits, unsigned }: CType, value: bigint): bigint =>
  unsigned ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);

/** The usual arithmetic conversions. */
export function wider(a: CType, b: CType): CType {
  if (a.bits !== b.bits) return a.bits > b.bits ? a : b;
  return a.unsigned ? a : b;
}

interface Operator {
  /** How tightly it binds. */
  readonly binds: number;
  readonly apply: (a: bigint, b: bigint) => bigint;
  /** Of the result, where it is not that of the operands together: an int, or that of the left one. */
  readonly type?: 'int' | 'left';
}

const bit = (value: boolean): bigint => (value ? 1n : 0n);
const int = (binds: number, apply: (a: bigint, b: bigint) => boolean): Operator => ({
  binds,
  apply: (a, b) => bit(apply(a, b)),
  type: 'int',
});

export const BINARY: Readonly<Record<string, Operator>> = {
  '||': int(1, (a, b) => a !== 0n || b !== 0n),
  '&&': int(2, (a, b) => a !== 0n && b !== 0n),
  '|': { binds: 3, apply: (a, b) => a | b },
  '^': { binds: 4, apply: (a, b) => a ^ b },
  '&': { binds: 5, apply: (a, b) => a & b },
  '==': int(6, (a, b) => a === b),
  '!=': int(6, (a, b) => a !== b),
  '<': int(7, (a, b) => a < b),
  '>': int(7, (a, b) => a > b),
  '<=': int(7, (a, b) => a <= b),
  '>=': int(7, (a, b) => a >= b),
  // By as many bits as a processor would.
  '<<': { binds: 8, apply: (a, b) => a << (b & 63n), type: 'left' },
  '>>': { binds: 8, apply: (a, b) => a >> (b & 63n), type: 'left' },
  '+': { binds: 9, apply: (a, b) => a + b },
  '-': { binds: 9, apply: (a, b) => a - b },
  '*': { binds: 10, apply: (a, b) => a * b },
  '/': { binds: 10, apply: (a, b) => (b === 0n ? 0n : a / b) },
  '%': { binds: 10, apply: (a, b) => (b === 0n ? 0n : a % b) },
};

export const UNARY: Readonly<Record<string, (value: bigint) => bigint>> = {
  '-': (value) => -value,
  '+': (value) => value,
  '~': (value) => ~value,
  '!': (value) => bit(value === 0n),
};

/** Types that a cast can name, by their last word; others change nothing. */
export const CASTS: Readonly<Record<string, CType & { readonly cut: number }>> = {
  ...Object.fromEntries(
    ['u8', 'u16', '__u8', '__u16'].map((name) => [name, { ...INT, cut: name.endsWith('8') ? 8 : 16 }]),
  ),
  u32: { bits: 32, unsigned: true, cut: 32 },
  __u32: { bits: 32, unsigned: true, cut: 32 },
  u64: { bits: 64, unsigned: true, cut: 64 },
  __u64: { bits: 64, unsigned: true, cut: 64 },
  unsigned: { bits: 32, unsigned: true, cut: 32 },
};
