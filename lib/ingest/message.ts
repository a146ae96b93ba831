/** An input error in words, on one line, safe to print. */

import { escapeText } from '../text/escape.ts';
import type { InputError } from './source.ts';

/** How stdin is called in messages, as compilers do. */
const STDIN = '<stdin>';
const MAX_PATH = 4096;
const MAX_FIELD = 80;
/** `found` is at most 80 characters, which escapes may lengthen. */
const MAX_FOUND_ESCAPED = 160;

/**
 * `FILE:LINE: field "cpu": expected an integer from 0 to 4095, found "x"`, without a line feed. `inputs` are the
 * inputs of the run as they were given; without a line where the fault is of the input as a whole.
 */
export function formatInputError(error: InputError, inputs: readonly string[]): string {
  const { place, what } = partsOfInputError(error, inputs);
  return `${place}: ${what}`;
}

/** Where it is, and what: a message may have a word of its own between them. */
export function partsOfInputError(
  error: InputError,
  inputs: readonly string[],
): { readonly place: string; readonly what: string } {
  const nameOf = (input: number): string => {
    const path = inputs[input] ?? `input ${input}`;
    return path === '-' ? STDIN : escapeText(path, MAX_PATH);
  };
  const name = nameOf(error.input);
  const place = error.line > 0 ? `${name}:${error.line}` : name;
  const field = error.field === '' ? '' : `field "${escapeText(error.field, MAX_FIELD)}": `;
  const source = error.saidBy === undefined ? '' : `, as ${nameOf(error.saidBy)} says`;
  const expected = `${escapeText(error.expected)}${source}`;
  const hint = error.option === undefined ? '' : ` (${error.option} lifts this limit)`;
  const what = `${field}expected ${expected}, found ${escapeText(error.found, MAX_FOUND_ESCAPED)}${hint}`;
  return { place, what };
}
