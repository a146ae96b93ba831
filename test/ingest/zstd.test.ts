import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { PassThrough, Readable, Transform } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { createZstd, createZstdDecompress, createZstdStream } from '../../lib/ingest/open/zstd.ts';
import { createFrameWalk } from '../../lib/ingest/open/zstd-frames.ts';
import { createZstdProcess } from '../../lib/ingest/open/zstd-process.ts';
import { collectBytes, linesOf, type Seen } from '../support/collect.ts';
import { skipUnless } from '../support/skip.ts';
import { zstdFrame } from '../support/zstd-frame.ts';

const TEXT = Array.from({ length: 40 }, (_, cpu) => `{"event":"cpu_on","cpu":${cpu},"ts":${cpu * cpu}}\n`).join('');
/** What `zstd -19` makes of it, from a file and with a checksum, and from a pipe without one. */
const WITH_CHECKSUM = Buffer.from(
  'KLUv/WS4BEUGAIKMHheQKelTsKq/I83dT2mbkE22lBtU/3hwAoDGLF/r027Krbz0q3RLs9tdoqNe51jHHB6NoRkzFlqhmVI8lrJO' +
    'kVdNoiJuvYs936HZCu1Clu2uz+5V8/kTTX+u7FwZqxUWu67FBzToIIgECdBBAqRgECgOA3KQRIGwIBBGT6gRoKy9z2awk8LKAREg' +
    'BIDh/0RAhwMQ5g8PrJ9N+8h7OCjnq8hTQTjF5s/lOu80vntM/p2sc29EnaZOnkzJZCx+zUquQkAVAVsFKWwe7w==',
  'base64',
);
const WITHOUT_CHECKSUM = Buffer.from(
  'KLUv/QBoRQYAgoweF5Ap6VOwqr8jzd1PaZuQTbaUG1T/eHACgMYsX+vTbsqtvPSrdEuz212io17nWMccHo2hGTMWWqGZUjyWsk6R' +
    'V02iIm69iz3fodkK7UKW7a7P7lXz+RNNf67sXBmrFRa7rsUHNOggiAQJ0EECpGAQKA4DcpBEgbAgEEZPqBGgrL3PZrCTwsoBESAE' +
    'gOH/RECHAxDmDw+sn037yHs4KOeryFNBOMXmz+U67zS+e0z+naxzb0Sdpk6eTMlkLH7NSq5CQBUBWwU=',
  'base64',
);
const TEXT_BYTES = Buffer.from(TEXT);
const SKIPPABLE = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
const canRead = createZstdDecompress !== undefined || spawnSync('zstd', ['--version']).status === 0;
const skip = skipUnless(canRead, 'neither this Node.js nor a program can decompress zstd');

function foundOf(seen: readonly Seen[]): string {
  assert.deepEqual(linesOf(seen, 'error'), [0]);
  return seen.at(-1)?.error?.found ?? '';
}

/** Where frames end, walking in chunks of that size; -1 where something is no frame. */
function endsOf(bytes: Buffer, chunkSize: number): number[] {
  const frames = createFrameWalk();
  const ends: number[] = [];
  for (let chunk = 0; chunk < bytes.length; chunk += chunkSize) {
    const part = bytes.subarray(chunk, chunk + chunkSize);
    for (let start = 0; start < part.length; ) {
      start = frames.walk(part, start);
      if (frames.isBroken) return [...ends, -1];
      if (frames.isBetweenFrames) ends.push(chunk + start);
    }
  }
  return frames.isBetweenFrames ? ends : [...ends, Number.POSITIVE_INFINITY];
}

test('the ends of frames are found in every chunking', () => {
  const [a, b, c] = [WITH_CHECKSUM.length, WITHOUT_CHECKSUM.length, SKIPPABLE.length];
  const bytes = Buffer.concat([SKIPPABLE, WITH_CHECKSUM, WITHOUT_CHECKSUM, SKIPPABLE]);
  for (let chunkSize = 1; chunkSize <= bytes.length; chunkSize++) {
    assert.deepEqual(endsOf(bytes, chunkSize), [c, c + a, c + a + b, c + a + b + c]);
    assert.deepEqual(endsOf(Buffer.concat([WITH_CHECKSUM, TEXT_BYTES]), chunkSize), [a, -1]);
  }
  for (let length = 1; length < a; length++)
    assert.deepEqual(endsOf(bytes.subarray(c, c + length), 7), [Number.POSITIVE_INFINITY]);
});

test('each frame goes to a decompressor of its own, whole', async () => {
  const frames = [WITH_CHECKSUM, SKIPPABLE, WITHOUT_CHECKSUM, WITHOUT_CHECKSUM];
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 600 }), async (chunkSize, ready) => {
      const opened: Buffer[][] = [];
      const stream = createZstdStream(() => {
        const parts: Buffer[] = [];
        opened.push(parts);
        return new PassThrough({ highWaterMark: ready }).on('data', (part) => parts.push(part));
      }, ready);
      const bytes = Buffer.concat(frames);
      const chunks = Array.from({ length: Math.ceil(bytes.length / chunkSize) }, (_, index) =>
        bytes.subarray(index * chunkSize, (index + 1) * chunkSize),
      );
      Readable.from(chunks).pipe(stream);
      const out: Buffer[] = [];
      for await (const part of stream) out.push(part);
      assert.deepEqual(Buffer.concat(out), bytes);
      assert.deepEqual(
        opened.map((parts) => Buffer.concat(parts)),
        frames,
      );
      assert.equal(stream.bytesWritten, bytes.length);
    }),
    { numRuns: 40 },
  );
});

test('zstd is known by its content; several frames are one file', { skip }, async () => {
  const plain = await collectBytes(TEXT);
  for (const bytes of [
    WITH_CHECKSUM,
    WITHOUT_CHECKSUM,
    Buffer.concat([SKIPPABLE, WITH_CHECKSUM]),
    Buffer.concat([WITHOUT_CHECKSUM, SKIPPABLE]),
  ]) {
    for (const chunkSize of [1, 7, 1000]) assert.deepEqual(await collectBytes(bytes, { chunkSize }), plain);
  }
  const twice = await collectBytes(Buffer.concat([WITH_CHECKSUM, WITHOUT_CHECKSUM]));
  assert.deepEqual(twice, await collectBytes(TEXT + TEXT));
});

test('zstd that is cut short, corrupt or followed by something else is an error', { skip }, async () => {
  for (const length of [4, 5, 6, 9, 20, 100, WITH_CHECKSUM.length - 5, WITH_CHECKSUM.length - 1]) {
    assert.equal(foundOf(await collectBytes(WITH_CHECKSUM.subarray(0, length))), 'one that is cut short');
  }
  assert.match(foundOf(await collectBytes(Buffer.concat([WITH_CHECKSUM, TEXT_BYTES]))), /^other bytes after the end/);
  for (let at = 6; at < WITH_CHECKSUM.length; at += 9) {
    const bytes = Buffer.from(WITH_CHECKSUM);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    const seen = await collectBytes(bytes);
    // Lines that come before it is noticed may be anything.
    assert.equal(seen.at(-1)?.line, 0, `byte ${at}`);
  }
});

test('zstd is read up to the limits', { skip }, async () => {
  const limited = await collectBytes(WITH_CHECKSUM, { maxBytes: TEXT.length - 1 });
  assert.equal(foundOf(limited), 'more');
  assert.deepEqual(linesOf(await collectBytes(WITH_CHECKSUM, { maxBytes: TEXT.length }), 'error'), []);
});

test('frames of every kind of header: sizes, dictionaries, runs of one byte', () => {
  const magic = [0x28, 0xb5, 0x2f, 0xfd];
  const lastRaw = [0x01, 0, 0];
  const run = [0x02 | ((100 << 3) % 256), (100 << 3) >> 8, 0, 0x0a];
  for (const [descriptor, rest] of [
    [0x00, 1],
    [0x20, 1],
    [0x40, 1 + 2],
    [0xc0, 1 + 8],
    [0x01, 1 + 1],
    [0x23, 4 + 1],
  ] as const) {
    const frame = Buffer.from([...magic, descriptor, ...Array(rest).fill(0), ...run, ...lastRaw]);
    assert.deepEqual(endsOf(Buffer.concat([frame, frame]), 3), [frame.length, 2 * frame.length]);
  }
});

/** What a stream says of `bytes`: the text, or what is wrong with them. */
async function outcomeOf(bytes: Buffer, transform: (chunk: Buffer, done: (error?: Error) => void) => void) {
  const stream = createZstd(1000, () => new Transform({ transform: (chunk, _, done) => transform(chunk, done) }));
  stream.end(bytes);
  try {
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part);
    return Buffer.concat(parts).toString();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  }
}

test('a decompressor of Node.js: what is cut short, is no frame, or fails', async () => {
  const pass = (_chunk: Buffer, done: (error?: Error) => void): void => done();
  assert.equal(await outcomeOf(WITH_CHECKSUM, pass), '');
  assert.equal(await outcomeOf(WITH_CHECKSUM.subarray(0, 20), pass), 'Z_BUF_ERROR');
  assert.equal(await outcomeOf(Buffer.from('no frame'), pass), 'ZSTD_error_prefix_unknown');
  assert.equal(await outcomeOf(WITH_CHECKSUM, (_chunk, done) => done(new Error('bad block'))), 'bad block');
});

test('the program is held up where nobody reads', { skip }, async () => {
  const bytes = Buffer.alloc(1_000_000, 'x');
  const stream = createZstdProcess(1000);
  stream.end(zstdFrame(bytes));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  assert.ok(Buffer.concat(parts).equals(bytes));
});

test('without Node.js or a program for it, zstd is an error that says so', async () => {
  const { PATH } = process.env;
  if (createZstdDecompress !== undefined) return;
  process.env.PATH = '';
  try {
    const [seen] = await collectBytes(WITH_CHECKSUM);
    assert.match(seen?.error?.expected ?? '', /zstd needs Node\.js 22\.15 or later, or the program zstd/);
  } finally {
    process.env.PATH = PATH;
  }
});
