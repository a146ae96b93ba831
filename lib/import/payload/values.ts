/** Values of kprobe fields, at their place in the bytes that were read; BAD where they are cut or not of their kind. */

import { isDigit } from '../columns/bytes.ts';

const SMALL_F = 0x66;
const SMALL_X = 0x78;

/** The value in `[start, end)` is not one that the field can have. */
export const BAD = -1;

/** enum { FP_STATE_FREE, FP_STATE_HOST_OWNED, FP_STATE_GUEST_OWNED }: one digit. */
export function ownerAt(bytes: Uint8Array, start: number, end: number): number {
  const value = (bytes[start] as number) - 0x30;
  return end === start + 1 && value >= 0 && value <= 2 ? value : BAD;
}

export function integerAt(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 9) return BAD;
  let value = 0;
  for (let i = start; i < end; i++) {
    const code = bytes[i] as number;
    if (!isDigit(code)) return BAD;
    value = value * 10 + code - 0x30;
  }
  return value;
}

/** The value of a byte as a hexadecimal digit in small letters; BAD where it is none. */
const HEX = new Int8Array(256).fill(BAD);
for (const [value, digit] of Buffer.from('0123456789abcdef').entries()) HEX[digit] = value;

/** `0x...` of at most 8 digits. */
export function hexAt(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 3 || end - start > 10 || bytes[start + 1] !== SMALL_X) return BAD;
  let value = 0;
  for (let i = start + 2; i < end; i++) {
    const digit = HEX[bytes[i] as number] as number;
    if (digit < 0) return BAD;
    value = value * 16 + digit;
  }
  return value;
}

/** `0x0`, or `0x` and as many digits as a kernel address has, which begins with an f. */
export function isPointer(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start + 1] !== SMALL_X) return false;
  const first = bytes[start + 2];
  return (end - start === 18 && first === SMALL_F) || (end - start === 3 && first === 0x30);
}

/** A pointer by its lower 13 digits. */
export function pointerAt(bytes: Uint8Array, start: number, end: number): number {
  if (!isPointer(bytes, start, end)) return BAD;
  if (end - start === 3) return 0;
  // Once BAD, which is negative, they stay negative: 24 and 28 bits are shifted in.
  let high = 0;
  for (let i = start + 5; i < start + 11; i++) high = (high << 4) | (HEX[bytes[i] as number] as number);
  let low = 0;
  for (let i = start + 11; i < start + 18; i++) low = (low << 4) | (HEX[bytes[i] as number] as number);
  return high < 0 || low < 0 ? BAD : high * 0x1000_0000 + low;
}
