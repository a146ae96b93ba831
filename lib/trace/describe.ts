/** The words of messages about fields: what a type accepts, and what was there instead. */

import { shorten } from '../text/shorten.ts';
import type { FieldType } from './vocabulary.ts';

/**
 * A JSON number as it is written, where the double it parses to would say something else: `1.0`, `1e3`, 2^53+1.
 * Readers put it in the place of the number; no field accepts one.
 */
export class WrittenNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Longest `found` of an error, in UTF-16 units. */
const MAX_FOUND = 80;

/** What a JSON value is, for `found`: at most 80 characters, not escaped. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `"${shorten(value, MAX_FOUND - 2)}"`;
  if (value instanceof WrittenNumber) return shorten(value.text, MAX_FOUND);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return Object.is(value, -0) ? '-0' : shorten(String(value), MAX_FOUND);
}

/** `v0, v1, v2, ffr` as `"v0".."v2", "ffr"`: runs of numbered names are shown by their ends. */
function listOf(names: readonly string[]): string {
  const numbered = (name: string | undefined): [string, number] => {
    const [, prefix = '', digits = 'none'] = /^(.*?)(\d+)$/.exec(name as string) ?? [];
    return [prefix, Number(digits)];
  };
  const parts: string[] = [];
  for (let start = 0; start < names.length; ) {
    const [prefix, first] = numbered(names[start]);
    let end = start + 1;
    for (; end < names.length; end++) {
      const [nextPrefix, next] = numbered(names[end]);
      if (nextPrefix !== prefix || next !== first + (end - start)) break;
    }
    parts.push(end - start > 2 ? `"${names[start]}".."${names[end - 1]}"` : `"${names[start]}"`);
    start = end - start > 2 ? end : start + 1;
  }
  return parts.join(', ');
}

/** What a field of this type accepts, in words: "an integer from 0 to 4095". */
export function describeType(type: FieldType): string {
  switch (type.kind) {
    case 'integer': {
      if (type.min === type.max) return `the number ${type.min}`;
      const multiple = type.multipleOf === undefined ? '' : `, a multiple of ${type.multipleOf}`;
      return `an integer from ${type.min} to ${type.max}${type.unit ? ` (${type.unit})` : ''}${multiple}`;
    }
    case 'boolean':
      return 'true or false';
    case 'bit':
      return '0 or 1';
    case 'flag':
      return 'true, false, 0 or 1';
    case 'timestamp':
      return 'an integer from 0 to 9007199254740991 (ns), or a decimal string up to "18446744073709551615"';
    case 'hex':
      return type.bits % 4 === 0
        ? `a string "0x..." of 1 to ${type.bits / 4} hexadecimal digits`
        : `a string "0x..." from "0x0" to "0x${(2 ** type.bits - 1).toString(16)}"`;
    case 'enum':
      return `one of ${listOf(type.values)}`;
    case 'entity':
      return '"none", "task:PID" or "vcpu:VM/VCPU"';
    case 'string':
    case 'name':
      return 'a string';
    case 'strings':
      return 'an array of strings';
  }
}
