import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatInputError } from '../../lib/ingest/message.ts';

const error = { input: 0, line: 3, field: 'cpu', expected: 'an integer from 0 to 4095', found: '"x"' };

test('a message names file, line, field, what was expected and what was found', () => {
  assert.equal(
    formatInputError(error, ['dir/a.ndjson']),
    'dir/a.ndjson:3: field "cpu": expected an integer from 0 to 4095, found "x"',
  );
  assert.equal(
    formatInputError({ ...error, field: '' }, ['-']),
    '<stdin>:3: expected an integer from 0 to 4095, found "x"',
  );
  assert.equal(
    formatInputError({ ...error, line: 0, field: '', expected: 'a file that can be read', found: 'no such file' }, [
      'a',
    ]),
    'a: expected a file that can be read, found no such file',
  );
});

test('no part of a message can leave its line or reach the terminal', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\u001b]0;x\u0007\n::error::\u202e'));
  fc.assert(
    fc.property(text, text, text, (path, field, found) => {
      const message = formatInputError({ ...error, field, found }, [path]);
      assert.doesNotMatch(message, /[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
});
