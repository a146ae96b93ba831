/** Order and bounds of everything that is a map. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareNames, createCounter, entry, sorted } from '../../lib/text/order.ts';

test('names are ordered with their numbers as numbers', () => {
  const names = ['10', '2', '0/10', '0/2', 'HFGRTR_EL2', 'HFGITR_EL2', 'DBGBCR10_EL1', 'DBGBCR2_EL1', 'a', 'a1', ''];
  assert.deepEqual(names.sort(compareNames), [
    ...['', '0/2', '0/10', '2', '10', 'DBGBCR2_EL1', 'DBGBCR10_EL1', 'HFGITR_EL2', 'HFGRTR_EL2', 'a', 'a1'],
  ]);
});

test('the order is one: antisymmetric, transitive, and equal for the same name only', () => {
  const name = fc.oneof(fc.string({ maxLength: 6 }), fc.stringMatching(/^[ab0-9/]{0,6}$/));
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      assert.equal(Math.sign(compareNames(a, b)), -Math.sign(compareNames(b, a)) + 0);
      if (compareNames(a, b) <= 0 && compareNames(b, c) <= 0) assert.ok(compareNames(a, c) <= 0);
      assert.equal(compareNames(a, a), 0);
    }),
  );
});

test('keys that mean something to JavaScript are keys like any other', () => {
  const map = sorted(JSON.parse('{"__proto__": 1, "constructor": 2}'));
  assert.deepEqual(Object.entries(map), [
    ['__proto__', 1],
    ['constructor', 2],
  ]);
});

test('an entry is made once', () => {
  const map: Record<string, number[]> = {};
  entry(map, 'a', () => []).push(1);
  entry(map, 'a', () => []).push(2);
  assert.deepEqual(map, { a: [1, 2] });
});

test('a counter tells so many names apart, and counts the rest as one', () => {
  const counter = createCounter(2, '(others)');
  for (const name of ['b', 'a', 'c', 'b', 'd']) counter.add(name);
  assert.deepEqual(Object.entries(counter.counts()), [
    ['(others)', 2],
    ['a', 1],
    ['b', 2],
  ]);
});
