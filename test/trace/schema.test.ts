import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { jsonSchema } from '../../lib/trace/schema.ts';
import { FIELDS } from '../../lib/trace/vocabulary.ts';
import { anyLine, fieldsOf, line, rightValueOf, rows, smallestLineOf, wrongValuesOf } from '../support/arbitrary.ts';

const validate = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(jsonSchema());
const record = createEventRecord();

function agree(value: unknown): void {
  assert.equal(validate(value), decode(value, record) === undefined, JSON.stringify(value));
}

/** -0 is an integer to a schema. */
function hasNegativeZero(value: object): boolean {
  return Object.values(value).some((item) => Object.is(item, -0));
}

test('the schema accepts and rejects what the decoder does', () => {
  fc.assert(fc.property(line, (value) => assert.ok(validate(value), JSON.stringify(validate.errors))));
  fc.assert(
    fc.property(anyLine, (value) => {
      fc.pre(!hasNegativeZero(value));
      agree(value);
    }),
    { numRuns: 500 },
  );
});

test('each field of each event, missing and wrong', () => {
  for (const row of rows) {
    for (const name of row.required) {
      const { [name]: _, ...without } = smallestLineOf(row);
      assert.ok(!validate(without), `${row.name} without ${name}`);
    }
    for (const name of fieldsOf(row)) {
      for (const wrong of wrongValuesOf(FIELDS[name].type)) {
        if (!Object.is(wrong, -0)) agree({ ...smallestLineOf(row), [name]: wrong });
      }
    }
  }
});

test('numbers at the edges of what strings may say', () => {
  const edges = [0n, 9n, 10n, 2n ** 53n, 2n ** 63n, 2n ** 64n, 10n ** 19n, 10n ** 20n];
  for (const edge of edges.flatMap((n) => [n - 1n, n, n + 1n])) {
    agree({ event: 'cpu_on', cpu: 0, ts: String(edge) });
    agree({ event: 'observe', cpu: 0, last: `task:${edge}` });
    agree({ event: 'pmuserenr', cpu: 0, value: `0x${edge.toString(16)}` });
  }
  for (let code = 0; code < 300; code++) agree({ event: 'guest_exit', cpu: 0, ec: `0x${code.toString(16)}` });
  fc.assert(fc.property(rightValueOf(FIELDS.ec.type), (ec) => agree({ event: 'guest_exit', cpu: 0, ec })));
});

test('lines of all kinds', () => {
  const values: unknown[] = [null, 1, 'x', [], {}, { event: 1 }, { event: 'new', cpu: 'x' }, { event: 'meta' }];
  values.push({ event: 'cpu_on', cpu: 0, new: {} }, JSON.parse('{"event":"__proto__","__proto__":1}'));
  for (const value of values) agree(value);
});
