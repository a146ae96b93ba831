/** The text of an entry as the kernel prints it: its `print fmt`, or what the kernel would have no other word for, its fields. */

import { Malformed } from './cursor.ts';
import { type Entry, halvesOf, integerOf, numberOf, textOf } from './entry.ts';
import type { EventFormat, Field } from './event-format.ts';
import { asInteger, type Expression, type Value } from './expression.ts';
import { parsePrintFormat } from './print-format.ts';

/** The payload of an entry. Throws `Malformed` where the entry is too short for its fields. */
export type Print = (entry: Entry) => string;

/** `longSize`: bytes of a long of the machine that recorded. */
export function createPrint(format: EventFormat, longSize: number): Print {
  try {
    return formatted(format, longSize);
  } catch (error) {
    if (error instanceof Malformed) return (entry) => fieldsOf(format, entry);
    throw error;
  }
}

type Piece = (entry: Entry) => string;

/** `%-5.3lx`, `%%`, `%pS`: flags, width, precision, length, conversion. */
const SPECIFIER = /%(?:%|([-+ #0]*)(\d{0,3})(?:\.(\d{1,3}))?(hh|h|ll|l|L|q|j|z|t)?([diuxXcps])([A-Za-z]*))/g;

function formatted(format: EventFormat, longSize: number): Print {
  const { template, args } = parsePrintFormat(format, longSize);
  const pieces: (string | Piece)[] = [];
  let next = 0;
  let last = 0;
  for (const match of template.matchAll(SPECIFIER)) {
    const literal = template.slice(last, match.index);
    if (literal !== '') pieces.push(checked(literal));
    last = match.index + match[0].length;
    if (match[0] === '%%') pieces.push('%');
    else {
      const arg = args[next++];
      if (arg === undefined) throw new Malformed('an argument for each conversion of a print fmt', template);
      const isPointer = match[5] === 'p';
      pieces.push(pieceOf(match as unknown as Specifier, arg, longSize));
      // What follows %p is text, but for letters that say what it points to: then it is not the pointer that is printed.
      if (isPointer && match[6] !== '' && !PLAIN_POINTERS.test(match[6] as string)) {
        throw new Malformed('a pointer that is printed as such', match[0]);
      }
      if (!isPointer) pieces.push(match[6] as string);
    }
  }
  pieces.push(checked(template.slice(last)));
  if (next !== args.length) throw new Malformed('a conversion for each argument of a print fmt', template);
  return (entry) => {
    let text = '';
    for (const piece of pieces) text += typeof piece === 'string' ? piece : piece(entry);
    return text;
  };
}

/** Symbols and hashed pointers are printed as addresses: their names say nothing that is needed. */
const PLAIN_POINTERS = /^([KxSsFfB]|Sb|SR)$/;

function checked(literal: string): string {
  if (literal.includes('%')) throw new Malformed('conversions of a print fmt that are known', literal);
  return literal;
}

type Specifier = readonly [
  all: string,
  flags: string,
  width: string,
  precision: string | undefined,
  length: string,
  conversion: string,
];

function pieceOf(
  [, flags, width, precision, length = '', conversion]: Specifier,
  arg: Expression,
  longSize: number,
): Piece {
  const pad = padding(flags, Number(width));
  const most = precision === undefined ? Number.POSITIVE_INFINITY : Number(precision);
  const { field, evaluate } = arg;
  const bits = bitsOf(length, conversion, longSize);
  if (conversion === 's') return (entry) => pad(wordOf(evaluate(entry)).slice(0, most));
  if (conversion === 'c') return (entry) => pad(String.fromCharCode(Number(asInteger(evaluate(entry)) & 0xffn)));
  const digits = precision === undefined ? 0 : most;
  const finish = (text: string): string => pad(withDigits(text, digits));
  const isHex = conversion === 'x' || conversion === 'X' || conversion === 'p';
  const prefix = isHex && flags.includes('#') ? '0x' : '';
  if (field !== undefined && isHex && field.kind === 'integer' && field.size === 8 && bits === 64) {
    return (entry) => finish(prefix + hexOf(entry, field, conversion === 'p' ? 16 : 0));
  }
  if (field !== undefined && !isHex && field.kind === 'integer' && field.size < 8 && bits >= field.size * 8) {
    // Most numbers are small fields, which need no big integers.
    if (field.signed === (conversion !== 'u')) return (entry) => finish(String(numberOf(entry, field)));
  }
  return (entry) => {
    const value = evaluate(entry);
    const integer = asInteger(value);
    if (typeof value === 'string' && !isHex) return pad(value);
    if (!isHex)
      return finish(String(conversion === 'u' ? BigInt.asUintN(bits, integer) : BigInt.asIntN(bits, integer)));
    const hex = BigInt.asUintN(bits, integer).toString(16);
    const whole = conversion === 'p' ? hex.padStart(16, '0') : hex;
    return finish(prefix + (conversion === 'X' ? whole.toUpperCase() : whole));
  };
}

function bitsOf(length: string, conversion: string, longSize: number): number {
  if (conversion === 'p' || length === 'l' || length === 'z' || length === 't') return longSize * 8;
  if (length === 'hh') return 8;
  if (length === 'h') return 16;
  return length === '' ? 32 : 64;
}

function hexOf(entry: Entry, field: Field, least: number): string {
  const { high, low } = halvesOf(entry, field);
  const text = high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, '0');
  return text.padStart(least, '0');
}

/** A text where one is meant: a pointer to one that is not in the recording is printed as a number. */
const wordOf = (value: Value): string =>
  typeof value === 'string' ? value : `0x${BigInt.asUintN(64, value).toString(16)}`;

function withDigits(text: string, digits: number): string {
  if (digits <= text.length) return text;
  return text.startsWith('-') ? `-${text.slice(1).padStart(digits, '0')}` : text.padStart(digits, '0');
}

function padding(flags: string, width: number): (text: string) => string {
  if (width === 0) return (text) => text;
  if (flags.includes('-')) return (text) => text.padEnd(width);
  if (!flags.includes('0')) return (text) => text.padStart(width);
  return (text) => {
    const sign = /^(-|0x)?/.exec(text)?.[0] ?? '';
    return sign + text.slice(sign.length).padStart(width - sign.length, '0');
  };
}

/** As trace-cmd prints an event whose format it does not understand: `field=value`, but without its remark. */
function fieldsOf(format: EventFormat, entry: Entry): string {
  const words: string[] = [];
  for (const field of format.fields.values()) {
    if (field.name.startsWith('common_')) continue;
    if (field.kind === 'integer') words.push(`${field.name}=${integerText(entry, field)}`);
    else if (field.isText) words.push(`${field.name}=${textOf(entry, field)}`);
  }
  return words.join(' ');
}

/** Signed fields are numbers, others mostly addresses and flags; small ones look the same either way. */
function integerText(entry: Entry, field: Field): string {
  const value = integerOf(entry, field);
  return field.signed || (value >= 0n && value < 10n) ? String(value) : `0x${value.toString(16)}`;
}
