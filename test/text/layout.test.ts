/** Numbers, tables and wrapping. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countOf, formatAmount, formatCount } from '../../lib/text/numbers.ts';
import { formatTable } from '../../lib/text/table.ts';
import { labelled, show, wrap } from '../../lib/text/wrap.ts';

test('thousands have a comma, whatever the locale', () => {
  const cases = [0, 7, 999, 1000, 12_345, 1_234_567, Number.MAX_SAFE_INTEGER];
  const expected = ['0', '7', '999', '1,000', '12,345', '1,234,567', '9,007,199,254,740,991'];
  assert.deepEqual(cases.map(formatCount), expected);
  assert.deepEqual(
    [0, 1, 2, 1000].map((count) => countOf(count, 'error')),
    ['no error', '1 error', '2 errors', '1,000 errors'],
  );
});

test('amounts have digits behind the point, and a sign', () => {
  assert.deepEqual(
    [formatAmount(1234), formatAmount(-1234.5, 2), formatAmount(0, 2), formatAmount(999.999, 2)],
    ['1,234', '-1,234.50', '0.00', '1,000.00'],
  );
});

test('wrapping keeps every word, in order, and only overlong words exceed the width', () => {
  const word = fc.stringMatching(/^[!-~]{1,30}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 1, max: 40 }), (words, width) => {
      const lines = wrap(words.join(' '), width);
      assert.deepEqual(lines.join(' ').split(' '), words);
      for (const line of lines) assert.ok(line.length <= width || !line.includes(' '), line);
    }),
  );
});

test('a label hangs before its text, which is wrapped beside it', () => {
  const lines = labelled(2, 5, 'in', `${'word '.repeat(20)}end`, (text) => text);
  assert.ok(lines.length > 1);
  assert.ok(lines[0]?.startsWith('  in   word'));
  for (const line of lines.slice(1)) assert.match(line, /^ {7}\S/);
});

test('what is shown is escaped and not longer than asked for', () => {
  assert.equal(show('a\u001b[2Jb\n'), 'a\\u{1b}[2Jb\\n');
  assert.equal(show('x'.repeat(1000)).length, 400);
  assert.equal(show('x'.repeat(1000), 10), 'xxxxxxx...');
});

test('columns are as wide as their widest cell, numbers to the right, no trailing space', () => {
  const { head, rows } = formatTable(
    [
      { title: 'name', align: 'left' },
      { title: 'count', align: 'right' },
      { title: 'note', align: 'left' },
    ],
    [
      ['isb', '1', ''],
      ['sysreg_read', '1,234,567', 'x'],
    ],
  );
  assert.deepEqual(
    [head, ...rows],
    ['name             count  note', 'isb                  1', 'sysreg_read  1,234,567  x'],
  );
});
