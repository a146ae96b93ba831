/**
 * A line as parsed JSON, with what `JSON.parse` leaves out: it takes the last of duplicate keys, rounds numbers, and
 * says nothing useful of what is wrong. The meaning of a line is defined here and in the decoder, for every reader.
 */

import { decode } from '../../trace/decode.ts';
import { WrittenNumber } from '../../trace/describe.ts';
import type { EventRecord } from '../../trace/event.ts';
import { KIND } from '../../trace/vocabulary.ts';
import { type Fault, fault } from '../fault.ts';
import { bareCarriageReturn } from '../lines.ts';
import type { InputError } from '../source.ts';
import { LONGEST_KEY, scanJson } from './json.ts';

/** A line that is not blank: what it says, or what is wrong with it. */
export interface Row {
  /** Line of the input, from 1. */
  readonly line: number;
  readonly value: unknown;
  readonly fault: Fault | undefined;
}

/** A number with a fraction or an exponent. May match inside a string. */
const NOT_ONLY_DIGITS = /[:[,][ \t]*-?[0-9]+[.eE]/;
const BLANK = /^[ \t]*$/;

/** Whether a line, without its line end, is one that counts but says nothing. */
export function isBlank(text: string): boolean {
  return BLANK.test(text);
}

function countColons(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) count++;
  return count;
}

/** True where only a walk over the text can tell that nothing is lost in `value`. */
function needsScan(text: string, value: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(value);
  // Each member has its colon outside of strings: as many keys as colons means that no key came twice.
  if (countColons(text) !== keys.length) return true;
  if (NOT_ONLY_DIGITS.test(text) || text.includes('\\u')) return true;
  return keys.some((key) => typeof value[key] === 'number' && !Number.isSafeInteger(value[key]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a line may be given to `JSON.parse`: it keeps keys for good, however long they are. What it may not have is a fault. */
export function mayBeParsed(text: string): boolean {
  return text.length <= LONGEST_KEY || scanJson(text).fault === undefined;
}

/**
 * The row of a line, without its LF or CR LF; undefined where it is blank. `value` is what `JSON.parse` made of the text,
 * undefined where that is no JSON or may not be parsed.
 */
export function rowOf(line: number, text: string, value: unknown): Row | undefined {
  if (text.includes('\r')) return { line, value: undefined, fault: bareCarriageReturn() };
  if (value === undefined && isBlank(text)) return undefined;
  if (value !== undefined && !(isObject(value) && needsScan(text, value))) return { line, value, fault: undefined };
  const scan = scanJson(text);
  if (scan.fault) return { line, value: undefined, fault: scan.fault };
  // A text without a fault is JSON, and what is no object was not looked at.
  const object = value as Record<string, unknown>;
  for (const [key, written] of scan.written) object[key] = new WrittenNumber(written);
  return { line, value, fault: undefined };
}

/**
 * Fills `into` with the event that the row says, or says why it cannot. `mayBeMeta`: only blank lines came before it
 * in its input.
 */
export function entryOf(row: Row, input: number, mayBeMeta: boolean, into: EventRecord): InputError | undefined {
  into.input = input;
  into.line = row.line;
  const wrong = row.fault ?? decode(row.value, into) ?? misplaced(into, mayBeMeta);
  return wrong && errorOf(wrong, input, row.line);
}

function misplaced(event: EventRecord, mayBeMeta: boolean): Fault | undefined {
  if (event.kind !== KIND.meta || mayBeMeta) return undefined;
  return fault('meta only on the first line', '"meta"', 'event');
}

/** `line` is 0 for a fault of the input as a whole. */
export function errorOf({ field, expected, found, option }: Fault, input: number, line: number): InputError {
  return { input, line, field, expected, found, ...(option !== undefined && { option }) };
}
