/** Bugs of a caller, and of a package, are exceptions: not errors of the input. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { Readable } from 'node:stream';
import { mock, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parse } from 'ndjson';
import { createRecordReader } from '../../lib/ingest/fast/record-reader.ts';
import { type Fault, fault } from '../../lib/ingest/fault.ts';
import { formatInputError } from '../../lib/ingest/message.ts';
import { COMPRESSIONS, type DecompressionLimits, decompress } from '../../lib/ingest/open/decompress.ts';
import { createRowParser } from '../../lib/ingest/plain/ndjson.ts';
import { readTrace } from '../../lib/ingest/reader.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { collectBytes, collectFiles, linesOf, temporaryFiles } from '../support/collect.ts';

const file = temporaryFiles();
const LINE = '{"event":"cpu_on","cpu":0,"ts":1}\n';

test('a batch has no entry beyond its last', async () => {
  const path = file('one.ndjson', `x\n${LINE}`);
  for (const [inputs, reader] of [
    [[path], 'ndjson'],
    [[path, path], 'fast'],
  ] as const) {
    for await (const batch of readTrace(inputs, { reader }).batches) {
      assert.throws(
        () => batch.read(batch.length, createEventRecord()),
        /^RangeError: no entry \d+ in a batch of \d+$/,
      );
    }
  }
  const reader = createRecordReader(0);
  const blockOf = (text: string) => ({ bytes: Buffer.from(text), faults: new Map() });
  for (const _ of reader.batches(blockOf('x\ny\nz\n')));
  for (const batch of reader.batches(blockOf('x\n'))) {
    assert.throws(() => batch.read(2, createEventRecord()), /^RangeError: no entry 2 in a batch of 1$/);
  }
});

test('nothing comes after a fault of compressed data, also where one goes on reading', async () => {
  const packed = gzipSync(LINE.repeat(1000));
  async function* bytes(): AsyncGenerator<Uint8Array | Fault> {
    yield packed.subarray(0, 20);
    yield fault('all of it', 'a part');
    yield packed.subarray(20);
  }
  const gzip = COMPRESSIONS.find(({ name }) => name === 'gzip');
  assert.ok(gzip !== undefined);
  const endOf = async (limits: DecompressionLimits, compressed: AsyncIterable<Uint8Array | Fault>) => {
    const items: (Uint8Array | Fault)[] = [];
    for await (const item of decompress(gzip, compressed, limits)) items.push(item);
    assert.equal(items.filter((item) => !(item instanceof Uint8Array)).length, 1);
    return items.at(-1) as Fault;
  };
  assert.equal((await endOf({ maxBytes: 1e6, maxRatio: 1e6 }, bytes())).found, 'a part');
  const whole = Readable.from([packed, packed]);
  assert.equal((await endOf({ maxBytes: 10, maxRatio: 1e6 }, whole)).option, '--max-bytes');
});

test('an input error of an input without a name', () => {
  const error = { input: 2, line: 1, field: '', expected: 'x', found: 'y' };
  assert.equal(formatInputError(error, []), 'input 2:1: expected x, found y');
});

test('a package that has no row mapper, or keeps lines to itself', () => {
  assert.throws(
    () =>
      createRowParser(100, (options) => {
        const stream = parse(options);
        Object.assign(stream, { mapper: undefined });
        return stream;
      }),
    /no row mapper any more/,
  );
  const parser = createRowParser(100, (options) => {
    const stream = parse(options);
    stream.write = () => true;
    return stream;
  });
  assert.throws(() => parser.parse({ bytes: Buffer.from(LINE), faults: new Map() }), /did not deliver every line/);
});

test('what is no error of the system goes on as it is', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(LINE);
    throw new TypeError('a bug');
  }
  await assert.rejects(async () => {
    for await (const batch of readTrace(['-'], { stdin: broken() }).batches) batch.read(0, createEventRecord());
  }, /^TypeError: a bug$/);
});

test('stdin may give strings', async () => {
  async function* strings(): AsyncGenerator<Uint8Array> {
    yield LINE as unknown as Uint8Array;
  }
  let events = 0;
  for await (const batch of readTrace(['-'], { stdin: strings() }).batches) events += batch.length;
  assert.equal(events, 1);
  assert.equal((await collectBytes(LINE)).length, 1);
});

test('a file that has nothing yet is asked again; one that cannot be read is an error', async () => {
  const path = file('slow.ndjson', LINE);
  const failWith = (code: string) => () => {
    throw Object.assign(new Error(code), { code });
  };
  try {
    const read = mock.method(fs, 'readSync');
    read.mock.mockImplementationOnce(failWith('EAGAIN'));
    assert.deepEqual(linesOf(await collectFiles([path]), 'event'), [1]);
    read.mock.mockImplementationOnce(failWith('EIO'), read.mock.callCount());
    assert.deepEqual(linesOf(await collectFiles([path]), 'error'), [0]);
  } finally {
    mock.restoreAll();
  }
});
