import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shorten } from '../../lib/text/shorten.ts';
import { decode } from '../../lib/trace/decode.ts';
import { WrittenNumber } from '../../lib/trace/describe.ts';
import {
  ABSENT,
  createEventRecord,
  type EventRecord,
  LAST_TASK,
  LAST_VCPU,
  timestampOf,
} from '../../lib/trace/event.ts';
import { FIELDS, KIND, UNKNOWN_EVENT } from '../../lib/trace/vocabulary.ts';
import { anyLine, fieldsOf, line, rows, smallestLineOf, wrongValuesOf } from '../support/arbitrary.ts';

function read(value: unknown, into: EventRecord = createEventRecord()): EventRecord {
  assert.equal(decode(value, into), undefined);
  return into;
}

test('no field has a name that every object has', () => {
  for (const name of ['event', ...Object.keys(FIELDS)]) assert.ok(!(name in {}), name);
});

test('a record has a property for every field but text and those of meta (clearEvent of lib/trace/event.ts)', () => {
  const record: object = createEventRecord();
  const missing = rows
    .filter(({ name }) => name !== 'meta')
    .flatMap(fieldsOf)
    .filter((name) => !['string', 'timestamp'].includes(FIELDS[name].type.kind) && !Object.hasOwn(record, name));
  assert.deepEqual(missing, []);
});

test('every event needs each of its required fields', () => {
  for (const row of rows) {
    assert.equal(decode(smallestLineOf(row), createEventRecord()), undefined, row.name);
    for (const name of row.required) {
      const { [name]: _, ...without } = smallestLineOf(row);
      const error = decode(without, createEventRecord());
      assert.equal(error?.field, name, row.name);
      assert.equal(error.found, 'nothing');
    }
  }
});

test('every field of every event is checked', () => {
  for (const row of rows) {
    for (const name of fieldsOf(row)) {
      for (const wrong of [...wrongValuesOf(FIELDS[name].type), new WrittenNumber('1.0')]) {
        const error = decode({ ...smallestLineOf(row), [name]: wrong }, createEventRecord());
        assert.equal(error?.field, name, `${row.name} ${name} ${String(JSON.stringify(wrong))}`);
        assert.ok(error.expected.length > 0 && error.found.length <= 80);
      }
    }
  }
});

test('errors say what was expected and what was found', () => {
  const cases: [unknown, string, string, string][] = [
    [{ event: 'hyp_init', cpu: 'x' }, 'cpu', 'an integer from 0 to 4095', '"x"'],
    [{ event: 'hyp_init', cpu: -0 }, 'cpu', 'an integer from 0 to 4095', '-0'],
    [{ event: 'hyp_init', cpu: new WrittenNumber('1e3') }, 'cpu', 'an integer from 0 to 4095', '1e3'],
    [{ event: 'meta', format: 2 }, 'format', 'the number 1', '2'],
    [{ event: 'meta', format: 1, sve_vl: 24 }, 'sve_vl', 'an integer from 16 to 256 (bytes), a multiple of 16', '24'],
    [{ event: 'meta', format: 1, features: 'fgt' }, 'features', 'an array of strings', '"fgt"'],
    [{ event: 'guest_exit', cpu: 0, ec: '0x40' }, 'ec', 'a string "0x..." from "0x0" to "0x3f"', '"0x40"'],
    [{ event: 'pmuserenr', cpu: 0, value: 5 }, 'value', 'a string "0x..." of 1 to 16 hexadecimal digits', '5'],
    [{ event: 'guest_fp', cpu: 0, isa: null }, 'isa', 'one of "fpsimd", "sve", "sme"', 'null'],
    [
      { event: 'reg_get', vcpu: 0, reg: 'x0' },
      'reg',
      'one of "v0".."v31", "z0".."z31", "p0".."p15", "ffr", "za", "zt0", "svcr", "zcr_el1", "fpsr", "fpcr", "fpmr"',
      '"x0"',
    ],
    [{ cpu: 0 }, 'event', 'a string, the name of an event', 'nothing'],
    [{ event: ['hyp_init'] }, 'event', 'a string, the name of an event', 'an array'],
    [null, '', 'a JSON object', 'null'],
    [7, '', 'a JSON object', '7'],
    ['x'.repeat(200), '', 'a JSON object', `"${'x'.repeat(75)}..."`],
    [[], '', 'a JSON object', 'an empty array'],
    [undefined, '', 'a JSON object', 'nothing'],
    [new WrittenNumber('1.0'), '', 'a JSON object', '1.0'],
  ];
  for (const [value, field, expected, found] of cases) {
    assert.deepEqual(decode(value, createEventRecord()), { field, expected, found });
  }
});

test('nothing of the event before survives in the fields of the row', () => {
  const reused = createEventRecord();
  fc.assert(
    fc.property(fc.array(line, { minLength: 2, maxLength: 8 }), (lines) => {
      for (const value of lines) {
        read(value, reused);
        const fresh = read(value);
        const row = rows[fresh.kind];
        assert.ok(row);
        const meaningful = ['kind', 'tsHigh', 'tsLow', 'meta', 'unknownEvent', 'unknownFields', ...fieldsOf(row)];
        if (row.name === 'observe') meaningful.push('lastId', 'lastVcpu');
        for (const name of meaningful as (keyof EventRecord)[]) assert.deepEqual(reused[name], fresh[name], name);
      }
    }),
  );
});

test('an absent field is ABSENT, but vm and inferred are 0', () => {
  const used = read({ event: 'vcpu_load', cpu: 1, vm: 2, vcpu: 3, task: 4, ts: 5, inferred: true });
  const record = read({ event: 'vcpu_put', cpu: 0 }, used);
  assert.deepEqual(
    [record.kind, record.cpu, record.vm, record.vcpu, record.task, record.inferred, timestampOf(record)],
    [KIND.vcpu_put, 0, 0, ABSENT, ABSENT, 0, undefined],
  );
});

test('values arrive as the record says', () => {
  const observe = read({ event: 'observe', cpu: 1, fp_owner: 'guest', last: 'vcpu:3/4', mpidr: '0x80000000fFfFfFfF' });
  assert.deepEqual([observe.fp_owner, observe.last, observe.lastId, observe.lastVcpu], [2, LAST_VCPU, 3, 4]);
  assert.equal(observe.mpidr, 0x80000000ffffffffn);
  const task = read({ event: 'observe', cpu: 1, last: 'task:9007199254740991' }, observe);
  assert.deepEqual([task.last, task.lastId, task.lastVcpu, task.mpidr], [LAST_TASK, 2 ** 53 - 1, ABSENT, undefined]);
  assert.equal(read({ event: 'guest_exit', cpu: 0, ec: '0x0000000000000024' }).ec, 0x24);
  assert.equal(read({ event: 'guest_oslock', cpu: 0, locked: true }).locked, 1);
  assert.equal(read({ event: 'guest_oslock', cpu: 0, locked: 0 }).locked, 0);
  const meta = { model: 'v6.10', cpus: 2, sve_vl: 64, features: ['fgt'], source: 'x' };
  assert.deepEqual(read({ event: 'meta', format: 1, ...meta }).meta, meta);
});

test('times keep all of their 64 bits', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (time) => {
      const asText = read({ event: 'cpu_on', cpu: 0, ts: String(time) });
      assert.equal((BigInt(asText.tsHigh) << 32n) | BigInt(asText.tsLow), time);
      if (time > BigInt(Number.MAX_SAFE_INTEGER)) return;
      const asNumber = read({ event: 'cpu_on', cpu: 0, ts: Number(time) });
      assert.deepEqual([asNumber.tsHigh, asNumber.tsLow], [asText.tsHigh, asText.tsLow]);
    }),
  );
});

test('unknown fields are named and otherwise ignored', () => {
  const hostile = JSON.parse(
    '{"__proto__":{"cpu":7},"event":"vcpu_put","constructor":1,"cpu":0,"toString":null,"ec":"x","format":9}',
  );
  const record = read(hostile);
  assert.deepEqual(record.unknownFields, ['__proto__', 'constructor', 'toString', 'ec', 'format']);
  assert.equal(record.cpu, 0);
  const missing = decode(JSON.parse('{"event":"vcpu_put","__proto__":{"cpu":7}}'), record);
  assert.equal(missing?.field, 'cpu');
  assert.deepEqual(read({ event: 'vcpu_put', cpu: 0 }, record).unknownFields, []);
});

test('unknown events keep what is right of their common fields', () => {
  for (const name of ['', 'x', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'HYP_INIT', 'meta ']) {
    const used = read({ event: 'meta', format: 1, model: 'x', cpu: 3 });
    const record = read({ event: name, cpu: 1, vm: 'x', vcpu: 2, ts: '7', inferred: 1, speed: 3 }, used);
    assert.equal(record.kind, UNKNOWN_EVENT);
    assert.equal(record.unknownEvent, name);
    assert.deepEqual([record.cpu, record.vm, record.vcpu, record.task, record.inferred], [1, 0, 2, ABSENT, 0]);
    assert.equal(timestampOf(record), 7);
    assert.deepEqual([record.meta, record.unknownFields], [undefined, []]);
    assert.equal(read({ event: 'cpu_on', cpu: 0 }, record).unknownEvent, '');
  }
});

test('no value makes the decoder throw, and the first wrong field does not depend on the order of the keys', () => {
  const record = createEventRecord();
  fc.assert(
    fc.property(fc.oneof(anyLine, fc.anything(), fc.object()), (value) => {
      const error = decode(value, record);
      if (error)
        assert.ok(error.found.length <= 80 && (error.field === '' || error.field in FIELDS || error.field === 'event'));
    }),
  );
  fc.assert(
    fc.property(anyLine, (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      assert.deepEqual(decode(reversed, record), decode(value, record));
    }),
  );
});

test('what is shortened is not cut inside of a surrogate pair', () => {
  assert.equal(shorten('abc\u{1f600}\u{1f600}\u{1f600}', 7), 'abc...');
  assert.equal(shorten('ab\u{1f600}\u{1f600}\u{1f600}', 7), 'ab\u{1f600}...');
  assert.equal(shorten('abcdefg', 7), 'abcdefg');
  assert.equal(shorten('abcdefgh', 7), 'abcd...');
});
