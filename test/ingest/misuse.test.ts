/** Bugs of a caller, and of a package, are exceptions: not errors of the input. */

import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { mock, test } from 'node:test';
import { parse } from 'ndjson';
import { formatInputError } from '../../lib/ingest/message.ts';
import { createRowParser } from '../../lib/ingest/ndjson.ts';
import { readTrace } from '../../lib/ingest/reader.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { collectBytes, collectFiles, linesOf, temporaryFiles } from './collect.ts';

const file = temporaryFiles();
const LINE = '{"event":"cpu_on","cpu":0,"ts":1}\n';

test('a batch has no entry beyond its last', async () => {
  const path = file('one.ndjson', `x\n${LINE}`);
  for (const inputs of [[path], [path, path]]) {
    for (const reader of ['fast', 'ndjson'] as const) {
      for await (const batch of readTrace(inputs, { reader }).batches) {
        const beyond = inputs.length === 1 && reader === 'fast' ? 0 : batch.length;
        const record = createEventRecord();
        // A record beyond the last is whatever was there before; a slow line is given out once, and known by its index.
        if (beyond === 0) batch.read(0, record);
        else assert.throws(() => batch.read(beyond, record), /^RangeError: no entry \d+ in a batch of \d+$/);
      }
    }
  }
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
  const handle = await open(path);
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  const failWith = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
  try {
    const read = mock.method(prototype, 'read');
    read.mock.mockImplementationOnce(failWith('EAGAIN'));
    assert.deepEqual(linesOf(await collectFiles([path]), 'event'), [1]);
    read.mock.mockImplementationOnce(failWith('EIO'), read.mock.callCount());
    assert.deepEqual(linesOf(await collectFiles([path]), 'error'), [0]);
  } finally {
    mock.restoreAll();
  }
});
