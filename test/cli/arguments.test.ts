import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { integer, names, ranges, time, vectorLength } from '../../lib/cli/options/arguments.ts';

test('ranges: numbers and spans, added to those before', () => {
  const cpus = ranges(4095);
  assert.deepEqual(cpus('0-3,7', [{ from: 9, to: 9 }]), [
    { from: 9, to: 9 },
    { from: 0, to: 3 },
    { from: 7, to: 7 },
  ]);
  for (const bad of [
    '',
    ',',
    '1,',
    '-1',
    '3-1',
    '1-',
    'a',
    '0x1',
    '1.5',
    '4096',
    '0-4096',
    ' 1',
    '1-2-3',
    '9'.repeat(400),
  ]) {
    assert.throws(() => cpus(bad), { code: 'commander.invalidArgument' }, bad);
  }
});

test('times: exact, in the unit given', () => {
  const cases: readonly (readonly [string, bigint])[] = [
    ['0', 0n],
    ['1200', 1200n],
    ['1200ns', 1200n],
    ['3us', 3000n],
    ['20ms', 20_000_000n],
    ['1.5s', 1_500_000_000n],
    ['1.000000001s', 1_000_000_001n],
    // As ftrace prints it.
    ['3.917238', 3_917_238_000n],
    ['3917238us', 3_917_238_000n],
    ['18446744073709551615', 2n ** 64n - 1n],
  ];
  for (const [text, expected] of cases) assert.equal(time(text), expected, text);
  for (const bad of ['', '-1', '1.', '1.5ns', '1.0001us', '1m', '1 s', '18446744073709551616', '1e9', 's', '.5s']) {
    assert.throws(() => time(bad), { code: 'commander.invalidArgument' }, bad);
  }
});

test('times in seconds with nine digits are the ns they spell', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n }), (ns) => {
      const digits = ns.toString().padStart(10, '0');
      assert.equal(time(`${digits.slice(0, -9)}.${digits.slice(-9)}s`), ns);
    }),
  );
});

test('integers and vector lengths', () => {
  assert.equal(integer(0, 9)('7'), 7);
  for (const bad of ['', '10', '-1', '1.0', '1e0', '٣']) assert.throws(() => integer(0, 9)(bad), bad);
  assert.deepEqual(['0', '16', '64', '256'].map(vectorLength), [0, 16, 64, 256]);
  for (const bad of ['', '8', '272', '-16', '0x10']) assert.throws(() => vectorLength(bad), bad);
});

test('names are split at commas', () => {
  assert.deepEqual(names('b,c', ['a']), ['a', 'b', 'c']);
});
