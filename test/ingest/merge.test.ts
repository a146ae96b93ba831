import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readTrace } from '../../lib/ingest/reader.ts';
import { collect, collectFiles, type Seen, temporaryFiles } from '../support/collect.ts';

const file = temporaryFiles();

function eventsAt(times: readonly (number | string)[], cpu: number): string {
  return times.map((ts) => `${JSON.stringify({ event: 'cpu_on', cpu, ts })}\n`).join('');
}

function write(texts: readonly string[]): string[] {
  return texts.map((text, index) => file(`${index}.ndjson`, text));
}

/** "input:line" of each entry, with "!" where it is an error. */
function placesOf(seen: readonly Seen[]): string[] {
  return seen.map(({ input, line, error }) => `${input}:${line}${error ? '!' : ''}`);
}

const time = fc.oneof(
  fc.nat(9).map(BigInt),
  fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
  fc.bigInt({ min: 2n ** 64n - 9n, max: 2n ** 64n - 1n }),
);
const sortedTimes = fc
  .array(time, { maxLength: 12 })
  .map((times) => times.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));

test('the merge is the stable sort by time, input and line, in every chunking', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(sortedTimes, { minLength: 2, maxLength: 4 }),
      fc.integer({ min: 1, max: 200 }),
      async (inputs, chunkSize) => {
        const all = inputs.flatMap((times, input) =>
          times.map((ts, index) => ({ ts, place: `${input}:${index + 1}` })),
        );
        const sorted = all.toSorted((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0)).map(({ place }) => place);
        const paths = write(inputs.map((times, input) => eventsAt(times.map(String), input)));
        assert.deepEqual(placesOf(await collectFiles(paths)), sorted);
        assert.deepEqual(placesOf(await collectFiles(paths, { chunkSize })), sorted);
      },
    ),
    { numRuns: 60 },
  );
});

test('events arrive as they are, each counted once in its own input', async () => {
  const paths = write([eventsAt([1, 3], 1), eventsAt([2, 4, 5], 2)]);
  const source = readTrace(paths);
  const seen = await collect(source);
  assert.deepEqual(
    seen.map(({ event }) => [event?.ts, event?.cpu]),
    [
      [1, 1],
      [2, 2],
      [3, 1],
      [4, 2],
      [5, 2],
    ],
  );
  assert.deepEqual(
    source.inputs.map(({ name, lines, events }) => [name, lines, events]),
    [
      ['0.ndjson', 2, 2],
      ['1.ndjson', 3, 3],
    ],
  );
});

test('meta lines come first and need no time', async () => {
  const meta = '{"event":"meta","format":1}\n';
  const paths = write([meta + eventsAt([5], 0), eventsAt([1], 1), meta + eventsAt([0], 2)]);
  assert.deepEqual(placesOf(await collectFiles(paths)), ['0:1', '2:1', '2:2', '1:1', '0:2']);
});

test('an input that is not sorted is an error that names the line', async () => {
  const paths = write([eventsAt([1, 5, 4, 6], 0), eventsAt([2, 7], 1)]);
  const seen = await collectFiles(paths);
  assert.deepEqual(placesOf(seen), ['0:1', '1:1', '0:2', '0:3!', '0:4', '1:2']);
  assert.deepEqual(seen[3]?.error, {
    field: 'ts',
    expected: 'a time not before that of line 2 (5), as merging inputs needs',
    found: '4',
  });
});

test('an event without a time is an error that names the line, an unknown one too', async () => {
  const paths = write([`${eventsAt([1], 0)}{"event":"cpu_on","cpu":0}\n`, `${eventsAt([0], 1)}\n{"event":"new"}\n`]);
  const seen = await collectFiles(paths);
  assert.deepEqual(placesOf(seen), ['1:1', '1:3!', '0:1', '0:2!']);
  assert.deepEqual(seen[3]?.error, { field: 'ts', expected: 'a time, which merging inputs needs', found: 'nothing' });
});

test('one input needs no time and may go back in it', async () => {
  const paths = write([`${eventsAt([5, 4], 0)}{"event":"cpu_on","cpu":0}\n`]);
  assert.deepEqual(placesOf(await collectFiles(paths)), ['0:1', '0:2', '0:3']);
});

test('bad lines and inputs keep their place between good ones', async () => {
  const paths = write([`${eventsAt([1], 0)}bad\n${eventsAt([4], 0)}`, eventsAt([2, 3], 1), 'bad\n']);
  assert.deepEqual(placesOf(await collectFiles(paths)), ['2:1!', '0:1', '0:2!', '1:1', '1:2', '0:3']);
  assert.deepEqual(placesOf(await collectFiles([`${paths[0]}.missing`, paths[1] ?? ''])), ['0:0!', '1:1', '1:2']);
  assert.deepEqual(await collectFiles([]), []);
});

test('stdin may be one of the inputs, but only once', async () => {
  async function* stdin(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(eventsAt([2], 9));
  }
  const [path = ''] = write([eventsAt([1, 3], 0)]);
  assert.deepEqual(placesOf(await collectFiles(['-', path], { stdin: stdin() })), ['1:1', '0:1', '1:2']);
  const seen = await collectFiles(['-', path, '-'], { stdin: stdin() });
  assert.deepEqual(placesOf(seen), ['2:0!', '1:1', '0:1', '1:2']);
});

test('giving up closes every input', async () => {
  const paths = write([
    eventsAt(
      Array.from({ length: 5000 }, (_, ts) => ts),
      0,
    ),
    eventsAt([0], 1),
  ]);
  const source = readTrace(paths, { chunkSize: 500 });
  for await (const _ of source.batches) break;
  assert.ok((source.inputs[0]?.bytes ?? 0) <= 500);
});
