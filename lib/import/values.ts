/** Values of kprobe fields, at their place in a longer text; BAD where they are cut or not of their kind. */

import { isDigit } from './line.ts';

const SMALL_F = 0x66;

const SMALL_X = 0x78;

/** The value in `[start, end)` is not one that the field can have. */
export const BAD = -1;

/** enum { FP_STATE_FREE, FP_STATE_HOST_OWNED, FP_STATE_GUEST_OWNED }: one digit. */
export function ownerAt(text: string, start: number, end: number): number {
  const value = text.charCodeAt(start) - 0x30;
  return end === start + 1 && value >= 0 && value <= 2 ? value : BAD;
}

export function integerAt(text: string, start: number, end: number): number {
  if (end <= start || end - start > 9) return BAD;
  let value = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (!isDigit(code)) return BAD;
    value = value * 10 + code - 0x30;
  }
  return value;
}

function digitOf(code: number): number {
  if (code <= 0x39) return code >= 0x30 ? code - 0x30 : BAD;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  return BAD;
}

/** `0x...` of at most 8 digits. */
export function hexAt(text: string, start: number, end: number): number {
  if (end - start < 3 || end - start > 10 || text.charCodeAt(start + 1) !== 0x78) return BAD;
  let value = 0;
  for (let i = start + 2; i < end; i++) {
    const digit = digitOf(text.charCodeAt(i));
    if (digit < 0) return BAD;
    value = value * 16 + digit;
  }
  return value;
}

/** `0x0`, or `0x` and as many digits as a kernel address has, which begins with an f. */
export function isPointer(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start + 1) !== SMALL_X) return false;
  const first = text.charCodeAt(start + 2);
  return (end - start === 18 && first === SMALL_F) || (end - start === 3 && first === 0x30);
}

/** A pointer by its lower 13 digits. */
export function pointerAt(text: string, start: number, end: number): number {
  if (!isPointer(text, start, end)) return BAD;
  if (end - start === 3) return 0;
  let high = 0;
  for (let i = start + 5; i < start + 11; i++) {
    const digit = digitOf(text.charCodeAt(i));
    if (digit < 0) return BAD;
    high = (high << 4) | digit;
  }
  let low = 0;
  for (let i = start + 11; i < end; i++) {
    const digit = digitOf(text.charCodeAt(i));
    if (digit < 0) return BAD;
    low = (low << 4) | digit;
  }
  return high * 0x1000_0000 + low;
}
