/**
 * JSONTestSuite through both readers. Each case is read as an input of its own, as the value of an unknown field, and,
 * where it is a number, as the value of `cpu`. A line feed ends a line here, so that
 *
 * - as an input, a case of several lines is that many lines, each of which is judged by itself;
 * - as a value, a line feed is given as a tab: between tokens that is the same JSON, in a string it is as wrong.
 *
 * What the suite leaves open (i_): a number of any size and nesting of any depth are JSON; text that is not UTF-8, a lone
 * surrogate, and a byte order mark but at the very start are errors.
 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReadOptions } from '../../lib/ingest/reader.ts';
import { collectBytes, linesOf, type Seen } from '../support/collect.ts';
import { CASES, type Case } from './cases.ts';

const READERS = ['fast', 'ndjson'] as const;
const OPTIONS: ReadOptions = { maxLineBytes: 1_000_000 };

/** Whether a case is JSON to us. */
function isJson({ name }: Case): boolean {
  return name.startsWith('y_') || /^i_(number_|structure_500_nested_arrays$)/.test(name);
}

/** JSON that is refused all the same: the last of two values of one key is not what a reader may choose. */
const DUPLICATE = ['y_object_duplicated_key', 'y_object_duplicated_key_and_value'];

const isAccepted = (of: Case): boolean => isJson(of) && !DUPLICATE.includes(of.name);

/** What both readers make of the bytes, which has to be the same. */
async function read(bytes: Uint8Array, context: string): Promise<readonly Seen[]> {
  const [fast, reference] = await Promise.all(
    READERS.map((reader) => collectBytes(bytes, { ...OPTIONS, reader, threads: 1 })),
  );
  assert.deepEqual(fast, reference, context);
  return fast as Seen[];
}

test('the suite is whole', () => {
  const count = (kind: string): number => CASES.filter(({ name }) => name.startsWith(kind)).length;
  assert.deepEqual([count('y_'), count('n_'), count('i_')], [95, 188, 35]);
});

describe('as an input', () => {
  /** No text at all is no line. Only at the start of an input, and then a byte order mark is no text. */
  const NOTHING = ['n_single_space', 'n_structure_no_data', 'n_structure_UTF8_BOM_no_data'];
  const NOT_AN_EVENT = /^a JSON object$/;

  /** Of the lines of a case, each is bad, and each is named. */
  test('every line of every case is an error, of that line', async () => {
    for (const { name, bytes } of CASES) {
      const lines = bytes.toString('latin1').split('\n');
      const seen = await read(bytes, name);
      const expected = NOTHING.includes(name) ? [] : lines.flatMap((line, index) => (line === '' ? [] : [index + 1]));
      assert.deepEqual([linesOf(seen, 'error'), linesOf(seen, 'event')], [expected, []], name);
    }
  });

  test('what is JSON is refused because it is no event, and what is not JSON because it is not', async () => {
    for (const of of CASES) {
      if (NOTHING.includes(of.name)) continue;
      const bytes = oneLine(of);
      const [{ error } = assert.fail(of.name), ...rest] = await read(bytes, of.name);
      assert.equal(rest.length, 0, of.name);
      const isMissingEvent = error?.field === 'event' && error.found === 'nothing';
      const isJsonToUs = isMissingEvent || NOT_AN_EVENT.test(error?.expected ?? '');
      const startsWithMark = of.name === 'i_structure_UTF-8_BOM_empty_object';
      assert.equal(isJsonToUs, isAccepted(of) || startsWithMark || isStringNotLookedAt(of), of.name);
    }
  });
});

/** A line that is no object is refused as such, whatever its strings hold. */
function isStringNotLookedAt({ name, bytes }: Case): boolean {
  return /^i_string_/.test(name) && /^[\x20-\x7e]+$/.test(bytes.toString('latin1'));
}

/** The case with its line feeds as tabs. */
function oneLine({ bytes }: Case): Buffer {
  return Buffer.from(bytes.map((byte) => (byte === 0x0a ? 0x09 : byte)));
}

test('as the value of an unknown field: what is JSON is let pass, the rest is an error of its line', async () => {
  const parts = CASES.flatMap((of) => [Buffer.from('{"event":"cpu_on","cpu":0,"x":'), oneLine(of), Buffer.from('}\n')]);
  const seen = await read(Buffer.concat(parts), 'all');
  assert.equal(seen.length, CASES.length);
  for (const [index, of] of CASES.entries()) {
    const { line, event, unknownFields, error } = seen[index] ?? assert.fail();
    assert.equal(line, index + 1, of.name);
    if (!isAccepted(of)) assert.ok(error !== undefined, of.name);
    else assert.deepEqual([event, unknownFields], [{ event: 'cpu_on', cpu: 0 }, ['x']], of.name);
    if (DUPLICATE.includes(of.name)) assert.equal(error?.expected, 'each key once');
    if (/invalid.utf|UTF-?8_(invalid|surrogate)|overlong|latin_1|truncated-utf/i.test(of.name)) {
      assert.equal(error?.expected, 'UTF-8 text', of.name);
    }
  }
});

test('as the value of an integer field: only plain digits of an exact integer in its range', async () => {
  const numbers = CASES.flatMap(({ name, bytes }) => {
    const [, number] = /^\[\s*([^\s,[\]]+)\s*\]$/.exec(bytes.toString()) ?? [];
    return /^[yi]_.*(number|int)/.test(name) && number !== undefined ? [{ name, number }] : [];
  });
  assert.ok(numbers.length > 25);
  const text = numbers.map(({ number }) => `{"event":"cpu_on","cpu":${number}}\n`).join('');
  const seen = await read(Buffer.from(text), 'all');
  for (const [index, { name, number }] of numbers.entries()) {
    const { event, error } = seen[index] ?? assert.fail();
    if (/^(0|[1-9][0-9]{0,3})$/.test(number)) assert.equal(event?.cpu, Number(number), name);
    else assert.equal(error?.field, 'cpu', name);
  }
});
