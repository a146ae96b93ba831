import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readTrace } from '../../lib/ingest/reader.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { anyLine } from '../support/arbitrary.ts';
import { collect, collectBytes, collectFiles, runBytes, temporaryFiles } from '../support/collect.ts';

const file = temporaryFiles();

const anyText = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 6, arbitrary: anyLine.map((line) => JSON.stringify(line)) },
        fc.constantFrom('', ' ', 'x', '{"event":"new"}', '{"event":"cpu_on","cpu":1.0}', '\ud83d\ude00', '\ufeff'),
      ),
      fc.constantFrom('\n', '\n', '\r\n', '\n\n'),
    ),
    { maxLength: 12 },
  )
  .map((lines) => lines.flat().join(''));

test('any chunking, stdin, file and gzip give the same events and errors', async () => {
  await fc.assert(
    fc.asyncProperty(anyText, fc.integer({ min: 1, max: 40 }), async (text, chunkSize) => {
      const whole = await collectBytes(text);
      assert.deepEqual(await collectBytes(text, { chunkSize }), whole);
      assert.deepEqual(await collectFiles([file('a.ndjson', text)], { chunkSize }), whole);
      assert.deepEqual(await collectFiles([file('a.gz', gzipSync(text))], { chunkSize }), whole);
    }),
    { numRuns: 60 },
  );
});

test('empty inputs, blank lines and byte order marks give no events, and the lines are counted', async () => {
  const cases: [string, number][] = [
    ['', 0],
    ['\ufeff', 0],
    ['\n', 1],
    ['\r\n\n \t\n', 3],
    ['\ufeff\n\n ', 3],
  ];
  for (const [text, lines] of cases) {
    for (const chunkSize of [1, 1000]) {
      const { seen, progress } = await runBytes(text, { chunkSize });
      assert.deepEqual(seen, []);
      assert.deepEqual(progress, { name: '-', lines, events: 0, bytes: Buffer.byteLength(text), size: undefined });
    }
  }
});

test('progress counts lines, events and bytes of the file', async () => {
  const text = '{"event":"cpu_on","cpu":0}\n\nbad\n{"event":"new"}\n{"event":"cpu_on"}';
  const packed = gzipSync(text);
  for (const [name, content] of [
    ['p.ndjson', Buffer.from(text)],
    ['p.gz', packed],
  ] as const) {
    const source = readTrace([file(name, content)]);
    assert.deepEqual(source.inputs, [{ name, lines: 0, events: 0, bytes: 0, size: content.length }]);
    await collect(source);
    assert.deepEqual(source.inputs, [{ name, lines: 5, events: 2, bytes: content.length, size: content.length }]);
  }
});

test('a reader that is given up closes its file and does not read on', async () => {
  const path = file('long.ndjson', '{"event":"cpu_on","cpu":0}\n'.repeat(10_000));
  const source = readTrace([path], { chunkSize: 1000 });
  for await (const _ of source.batches) break;
  assert.equal(source.inputs[0]?.bytes, 1000);
  assert.ok((source.inputs[0]?.lines ?? 0) < 100);
});

test('lines come as soon as they are there, not when the input ends', async () => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('{"event":"cpu_on","cpu":3}\n{"ev');
    await held;
  }
  const batches = readTrace(['-'], { stdin: slow() }).batches[Symbol.asyncIterator]();
  const first = await batches.next();
  const record = createEventRecord();
  assert.equal(first.value?.read(0, record), undefined);
  assert.equal(record.cpu, 3);
  release();
  assert.equal((await batches.next()).value?.read(0, record)?.line, 2);
});

test('many bad lines are all delivered', async () => {
  const seen = await collectBytes('bad\n'.repeat(20_000));
  assert.equal(seen.length, 20_000);
  assert.equal(seen.at(-1)?.line, 20_000);
});
