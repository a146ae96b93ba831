import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readTrace } from '../../lib/ingest/reader.ts';
import { hasCoreForThread, isPlainNdjson } from '../../lib/ingest/thread/thread-gain.ts';
import { readInThread } from '../../lib/ingest/thread/two-threads.ts';
import { collect, collectFiles, type Seen, temporaryFiles } from '../support/collect.ts';
import { createRandom, mutatedText, seedLines } from '../support/mutate-lines.ts';
import { skip } from '../support/threads.ts';

const file = temporaryFiles();
const LINE = '{"event":"cpu_on","cpu":0}\n';

async function inBoth(path: string, chunkSize?: number): Promise<readonly Seen[]> {
  const options = chunkSize === undefined ? {} : { chunkSize };
  const one = readTrace([path], { ...options, threads: 1 });
  const two = readTrace([path], { ...options, threads: 2 });
  const seen = await collect(one);
  const other = await collect(two);
  const different = seen.findIndex((entry, index) => JSON.stringify(entry) !== JSON.stringify(other[index]));
  assert.deepEqual(other[different], seen[different]);
  assert.equal(other.length, seen.length);
  assert.deepEqual(two.inputs, one.inputs);
  return seen;
}

test('two threads read what one reads: right lines, bad ones, blank ones, and how far it has come', {
  skip,
}, async () => {
  const text = mutatedText(seedLines(7, 200), 20_000, createRandom(7));
  const path = file('mutated.ndjson', text);
  for (const chunkSize of [undefined, 1000]) assert.ok((await inBoth(path, chunkSize)).length > 10_000);
});

test('more batches than there are buffers for them', { skip }, async () => {
  const seen = await inBoth(file('long.ndjson', LINE.repeat(150_000)));
  assert.equal(seen.at(-1)?.line, 150_000);
});

test('files of every small size', { skip }, async () => {
  for (const text of ['', '\n', LINE.trim(), `\ufeff${LINE}`, '{"event":"meta","format":1}\n', 'x', '\r\n\r']) {
    await inBoth(file('small.ndjson', text));
  }
});

test('what a thread cannot read is read without one', { skip }, async () => {
  const packed = file('packed.ndjson', gzipSync(LINE));
  assert.deepEqual(await collectFiles([packed], { threads: 2 }), await collectFiles([packed], { threads: 1 }));
  const missing = file('x', '').replace(/x$/, 'missing');
  assert.deepEqual(await collectFiles([missing], { threads: 2 }), await collectFiles([missing], { threads: 1 }));
});

test('a reader that is given up ends its thread', { skip }, async () => {
  const source = readTrace([file('given-up.ndjson', LINE.repeat(500_000))], { threads: 2 });
  for await (const _ of source.batches) break;
  assert.ok((source.inputs[0]?.lines ?? 0) < 500_000);
});

test('a thread that dies is an error of the input, after what it had read', { skip }, async () => {
  // Of another type than all others are, so that the thread, and nothing before it, stumbles over it.
  const maxLineBytes = 100n as unknown as number;
  const progress = { name: 'x', lines: 0, events: 0, bytes: 0, size: 0 };
  const task = { path: file('dies.ndjson', LINE), maxLineBytes, chunkSize: 1000 };
  const found: string[] = [];
  const batches = readInThread(task, 0, progress, (fault) => {
    found.push(fault.found);
    return { length: 0, read: () => undefined };
  });
  for await (const batch of batches) assert.equal(batch.length, 0);
  assert.equal(found.length, 1);
  assert.match(found[0] ?? '', /^a reading thread that failed \(.*BigInt/);
});

test('a program that stands on the command line of node can read with a thread', () => {
  const program = `
    const { readTrace } = await import(process.argv[1]);
    const { batches, inputs } = readTrace([process.argv[2]], { threads: 2 });
    for await (const _ of batches);
    console.log(inputs[0].lines);`;
  const reader = new URL('../../lib/ingest/reader.ts', import.meta.url).href;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program, reader, file('seven.ndjson', LINE.repeat(7))],
    // What it says is for threads as well.
    { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '--import tsx --import ./test/threads.js' } },
  );
  assert.deepEqual({ stdout, stderr }, { stdout: '7\n', stderr: '' });
});

/** Whether a thread is started to read the file. */
async function takesThread(path: string): Promise<boolean> {
  let taken = false;
  const note = (): void => {
    taken = true;
  };
  process.on('worker', note);
  await collectFiles([path]);
  process.off('worker', note);
  return taken;
}

test('a second thread is for large files, where there is a core for it', { skip }, async () => {
  const line = `{"event":"cpu_on","cpu":0,"note":"${'x'.repeat(1_000_000)}"}\n`;
  assert.equal(await takesThread(file('small.ndjson', line)), false);
  assert.equal(await takesThread(file('large.ndjson', line.repeat(34))), hasCoreForThread());
});

test('a second thread is for plain files', () => {
  assert.equal(isPlainNdjson(file('plain.ndjson', LINE), undefined), true);
  assert.equal(
    isPlainNdjson(file('plain.ndjson', LINE), () => 'more'),
    false,
  );
  assert.equal(
    isPlainNdjson(file('gone.ndjson', '').replace(/gone/, 'missing'), () => 'more'),
    false,
  );
  assert.equal(isPlainNdjson(file('packed.gz', gzipSync(LINE)), undefined), false);
});
