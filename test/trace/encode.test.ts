import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode } from '../../lib/trace/decode.ts';
import { encode, encodeLine } from '../../lib/trace/encode.ts';
import { createEventRecord, type EventRecord } from '../../lib/trace/event.ts';
import { line, rows, smallestLineOf } from '../support/arbitrary.ts';

function read(value: unknown): EventRecord {
  const record = createEventRecord();
  assert.equal(decode(value, record), undefined);
  return record;
}

test('what is encoded decodes to the same record', () => {
  fc.assert(
    fc.property(line, (value) => {
      const record = read(value);
      assert.deepEqual(read(JSON.parse(encodeLine(record))), record);
    }),
    { numRuns: 500 },
  );
});

test('encoding loses only what a record does not keep', () => {
  fc.assert(
    fc.property(line, ({ note: _note, reason: _reason, ...value }) => {
      const once = encode(read(value));
      const names = Object.keys(value).filter((name) => !(['vm', 'inferred'].includes(name) && !value[name]));
      for (const name of names) assert.ok(name in once, name);
      for (const name of Object.keys(once)) assert.ok(name in value, name);
    }),
  );
});

test('nothing stale of another event is written', () => {
  const record = createEventRecord();
  for (const row of [...rows, ...rows.toReversed()]) {
    assert.equal(decode(smallestLineOf(row), record), undefined);
    assert.deepEqual(Object.keys(encode(record)).sort(), ['event', ...row.required].sort());
  }
});

test('lines are written in the form that people write', () => {
  const cases: [object, string][] = [
    [{ cpu: 0, vcpu: 1, vm: 0, event: 'vcpu_load', ts: '5' }, '{"event":"vcpu_load","ts":5,"cpu":0,"vcpu":1}'],
    [{ event: 'vcpu_create', vm: 0, vcpu: 0, sve: true }, '{"event":"vcpu_create","vm":0,"vcpu":0,"sve":true}'],
    [{ event: 'guest_exit', cpu: 0, ec: '0x0024' }, '{"event":"guest_exit","cpu":0,"ec":"0x24"}'],
    [
      { event: 'pmuserenr', cpu: 0, value: '0xFFFFFFFFFFFFFFFF' },
      '{"event":"pmuserenr","cpu":0,"value":"0xffffffffffffffff"}',
    ],
    [{ event: 'cpu_on', cpu: 0, ts: '18446744073709551615' }, '{"event":"cpu_on","ts":"18446744073709551615","cpu":0}'],
    [{ event: 'new', cpu: 3, other: 1, inferred: true }, '{"event":"new","cpu":3,"inferred":true}'],
    [{ event: 'meta', format: 1, ts: 4, cpus: 2, vcpu: 1 }, '{"event":"meta","format":1,"cpus":2,"ts":4,"vcpu":1}'],
  ];
  for (const [value, expected] of cases) assert.equal(encodeLine(read(value)), expected);
});

test('a record without an event is a bug', () => {
  assert.throws(() => encode(createEventRecord()), RangeError);
});
