/**
 * Values of JSON, read from bytes into the words of a record. Each returns the position behind the value, or NONE where
 * the bytes are not plainly that: then the line is for the reference reader. What follows the value the caller looks at.
 */

import { LAST_NONE, LAST_VCPU } from '../../trace/event.ts';
import { createLexicon, find, NONE } from './lexicon.ts';

const QUOTE = 0x22;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
const ZERO = 0x30;

/** More digits than this may not fit a word; ids that large are for the reference reader. */
export const MOST_DIGITS = 9;

function wordOf(text: string): number {
  return Buffer.from(text).readInt32LE(0);
}

const TRUE = wordOf('true');
const FALSE_START = wordOf('fals');
const FALSE_END = wordOf('alse');

/** A decimal integer from 0 to 999,999,999. */
export function takeInteger(bytes: Uint8Array, start: number, words: Int32Array, word: number): number {
  let value = (bytes[start] as number) - ZERO;
  // As an unsigned number, what is below the digit 0 is far above 9.
  if (value >>> 0 > 9) return NONE;
  let position = start + 1;
  if (value === 0) {
    words[word] = 0;
    return position;
  }
  for (let digit = (bytes[position] as number) - ZERO; digit >>> 0 <= 9; digit = (bytes[position] as number) - ZERO) {
    if (position - start === MOST_DIGITS) return NONE;
    value = value * 10 + digit;
    position++;
  }
  words[word] = value;
  return position;
}

/** `true` or `false`, as 1 or 0. */
export function takeTruth(view: DataView, start: number, words: Int32Array, word: number): number {
  const text = view.getInt32(start, true);
  if (text === TRUE) {
    words[word] = 1;
    return start + 4;
  }
  if (text !== FALSE_START || view.getInt32(start + 1, true) !== FALSE_END) return NONE;
  words[word] = 0;
  return start + 5;
}

/** The digit 0 or 1. */
export function takeFlag(bytes: Uint8Array, start: number, words: Int32Array, word: number): number {
  const digit = (bytes[start] as number) - ZERO;
  if (digit >>> 0 > 1) return NONE;
  words[word] = digit;
  return start + 1;
}

/** Four digits at once as a number; negative where the four bytes are not all digits. */
function fourDigits(text: number): number {
  const digits = text ^ 0x30303030;
  // A byte above 9 has its high bit set once 0x76 is added, or had it set before.
  if ((((digits & 0x7f7f7f7f) + 0x76767676) | digits) & 0x80808080) return NONE;
  const pairs = (Math.imul(digits, 0x0a01) >>> 8) & 0x00ff00ff;
  return Math.imul(pairs, 0x640001) >>> 16;
}

const TWO_16 = 0x1_0000;
const TWO_32 = 0x1_0000_0000;
/** Upper half of 2^53. */
const HIGH_OF_UNSAFE = 0x20_0000;

/**
 * An integer up to 2^53-1, or a string of decimal digits up to 2^64-1, into two words: the upper and the lower 32 bits,
 * which a reader has to take as unsigned.
 */
export function takeTime(bytes: Uint8Array, view: DataView, start: number, words: Int32Array, word: number): number {
  const isQuoted = bytes[start] === QUOTE;
  const first = isQuoted ? start + 1 : start;
  let position = first;
  let top = 0;
  for (let four = 0; position - first < 12; position += 4) {
    four = fourDigits(view.getInt32(position, true));
    if (four === NONE) break;
    top = top * 10_000 + four;
  }
  let rest = 0;
  let scale = 1;
  for (let digit = (bytes[position] as number) - ZERO; digit >>> 0 <= 9; digit = (bytes[position] as number) - ZERO) {
    if (scale === 1e8) return NONE;
    rest = rest * 10 + digit;
    scale *= 10;
    position++;
  }
  const length = position - first;
  if (length === 0 || (length > 1 && bytes[first] === ZERO)) return NONE;
  let high: number;
  if (length < 16) {
    const value = top * scale + rest;
    high = Math.floor(value / TWO_32);
    words[word + 1] = value - high * TWO_32;
  } else {
    // top < 10^12 and scale <= 10^8: taken apart so that every product and sum is an exact double.
    const upper = Math.floor(top / TWO_16);
    const lower = (top - upper * TWO_16) * scale + rest;
    const product = upper * scale;
    const above = Math.floor(product / TWO_16);
    const below = (product - above * TWO_16) * TWO_16 + lower;
    const carry = Math.floor(below / TWO_32);
    high = above + carry;
    words[word + 1] = below - carry * TWO_32;
  }
  if (high >= (isQuoted ? TWO_32 : HIGH_OF_UNSAFE)) return NONE;
  words[word] = high;
  if (!isQuoted) return position;
  return bytes[position] === QUOTE ? position + 1 : NONE;
}

/** Value of each byte as a hexadecimal digit; negative for others. */
export const HEX_DIGITS = new Int8Array(256).fill(-1);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  HEX_DIGITS[digit.charCodeAt(0)] = value;
  HEX_DIGITS[digit.toUpperCase().charCodeAt(0)] = value;
}
/** `"0x` as a number of three bytes. */
const QUOTED_0X = wordOf('"0x"') & 0xff_ffff;

/** A string "0x..." of at most `bits` bits (and 16 digits), into one word, or above 31 bits two: the upper one first. */
export function takeHex(bytes: Uint8Array, start: number, bits: number, words: Int32Array, word: number): number {
  const prefix = (bytes[start] as number) | ((bytes[start + 1] as number) << 8) | ((bytes[start + 2] as number) << 16);
  if (prefix !== QUOTED_0X) return NONE;
  const first = start + 3;
  let position = first;
  let high = 0;
  let low = 0;
  for (let digit = HEX_DIGITS[bytes[position] as number] as number; digit >= 0; ) {
    high = (high << 4) | (low >>> 28);
    low = (low << 4) | digit;
    position++;
    digit = HEX_DIGITS[bytes[position] as number] as number;
  }
  const length = position - first;
  if (length === 0 || length > 16 || bytes[position] !== QUOTE) return NONE;
  if (bits > 31) {
    if (bits < 64) return NONE;
    words[word] = high;
    words[word + 1] = low;
  } else {
    if (high !== 0 || low >>> bits !== 0) return NONE;
    words[word] = low;
  }
  return position + 1;
}

/** In the order of LAST_*. */
export const ENTITY_TEXTS = createLexicon(['"none"', '"task:', '"vcpu:']);

/** `"none"`, `"task:PID"` or `"vcpu:VM/VCPU"`, into three words: LAST_*, and what it names. */
export function takeEntity(bytes: Uint8Array, view: DataView, start: number, words: Int32Array, word: number): number {
  const last = find(ENTITY_TEXTS, view, start);
  if (last === NONE) return NONE;
  words[word] = last;
  let position = start + 6;
  if (last === LAST_NONE) return position;
  position = takeInteger(bytes, position, words, word + 1);
  if (last === LAST_VCPU) {
    if (position === NONE || bytes[position] !== SLASH) return NONE;
    position = takeInteger(bytes, position + 1, words, word + 2);
  }
  return position !== NONE && bytes[position] === QUOTE ? position + 1 : NONE;
}

/** A string without escapes, of which nothing is kept. That it is UTF-8 is known. */
export function skipText(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== QUOTE) return NONE;
  for (let position = start + 1; ; position++) {
    const byte = bytes[position] as number;
    if (byte === QUOTE) return position + 1;
    if (byte < FIRST_PRINTABLE || byte === BACKSLASH) return NONE;
  }
}
