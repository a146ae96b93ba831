import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import { openBytes } from '../../lib/ingest/open/open.ts';
import type { ReadOptions } from '../../lib/ingest/reader.ts';
import { collectBytes, collectFiles, linesOf, type Seen, temporaryFiles } from '../support/collect.ts';
import { skipUnless } from '../support/skip.ts';

const file = temporaryFiles();
const LINE = '{"event":"cpu_on","cpu":0}\n';
const text = Array.from({ length: 200 }, (_, cpu) => `{"event":"cpu_on","cpu":${cpu},"ts":${cpu * cpu}}\n`).join('');
const packed = zlib.gzipSync(text);
const SIZES: ReadOptions[] = [{ chunkSize: 1 }, { chunkSize: 7 }, { chunkSize: 1000 }, {}];

/** Where a link leads; '' where it is gone by now. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** The one error of an input as a whole, which has to come last. */
function faultOf(seen: readonly Seen[]): string {
  assert.deepEqual(linesOf(seen, 'error'), [0]);
  const last = seen.at(-1);
  assert.equal(last?.error?.field, '');
  return `expected ${last.error.expected}, found ${last.error.found}`;
}

test('what cannot be opened is an error of line 0', async () => {
  const cases: [string, RegExp][] = [
    [file('x', '').replace(/x$/, 'missing'), /found no such file$/],
    [`${file('x', '')}/below`, /found no such file \(/],
    [tmpdir(), /found a directory$/],
    ['a\0b', /NUL/],
    ['x'.repeat(5000), /too long/],
  ];
  for (const [path, expected] of cases) assert.match(faultOf(await collectFiles([path])), expected);
});

test('a file that may not be read', {
  skip: skipUnless(process.getuid?.() !== 0, 'root may read every file'),
}, async () => {
  const path = file('secret', LINE);
  chmodSync(path, 0);
  assert.match(faultOf(await collectFiles([path])), /no permission/);
});

test('a file is closed by a reader that leaves it half read', {
  skip: skipUnless(existsSync('/proc/self/fd'), 'no /proc'),
}, async () => {
  const path = file('long', text);
  const isOpen = (): boolean => readdirSync('/proc/self/fd').some((fd) => linkOf(`/proc/self/fd/${fd}`) === path);
  const bytes = openBytes(path, { chunkSize: 1000 })[Symbol.asyncIterator]();
  const first = await bytes.next();
  assert.equal(String(Buffer.from(first.value as Uint8Array)), text.slice(0, 1000));
  assert.ok(isOpen());
  await bytes.return?.();
  assert.ok(!isOpen());
});

test('a stream that breaks is an error after what came before it', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(`${LINE}${LINE}{"event":`);
    throw Object.assign(new Error('read'), { code: 'EIO' });
  }
  for (const chunkSize of [1, 1000]) {
    const seen = await collectFiles(['-'], { stdin: broken(), chunkSize });
    assert.equal(faultOf(seen), 'expected a file that can be read, found EIO');
    assert.deepEqual(linesOf(seen, 'event'), [1, 2]);
  }
});

test('gzip is known by its content; several members are one file', async () => {
  const plain = await collectBytes(text);
  const members = [zlib.gzipSync(text.slice(0, 333)), zlib.gzipSync(''), zlib.gzipSync(text.slice(333))];
  for (const options of SIZES) {
    assert.deepEqual(await collectBytes(packed, options), plain);
    assert.deepEqual(await collectBytes(Buffer.concat(members), options), plain);
    assert.deepEqual(await collectFiles([file('not-named-gz', packed)], options), plain);
    assert.deepEqual(await collectBytes(zlib.gzipSync(''), options), []);
  }
  assert.deepEqual(await collectFiles([file('not-gzip.gz', text)]), plain);
});

test('a gzip file that is cut short delivers its whole lines, and says so', async () => {
  for (const length of [2, 5, 10, 11, 200, packed.length - 9, packed.length - 8, packed.length - 1]) {
    const whole = await collectBytes(packed.subarray(0, length));
    assert.equal(faultOf(whole), 'expected a complete gzip file, found one that is cut short', `${length} bytes`);
    assert.deepEqual(
      linesOf(whole, 'event'),
      linesOf(whole, 'event').map((_, index) => index + 1),
    );
    if (length === packed.length - 1) assert.equal(whole.length, 201);
    for (const options of SIZES) {
      assert.deepEqual(await collectBytes(packed.subarray(0, length), options), whole, `${length} bytes`);
    }
  }
  const second = Buffer.concat([packed, packed.subarray(0, 12)]);
  for (const options of SIZES) assert.match(faultOf(await collectBytes(second, options)), /cut short/);
});

test('anything after the last gzip member is an error', async () => {
  const rests = [
    Buffer.from('garbage!'),
    Buffer.alloc(100),
    Buffer.concat([Buffer.alloc(9), packed]),
    Buffer.from(LINE),
  ];
  for (const rest of rests) {
    for (const options of SIZES) {
      const fault = faultOf(await collectBytes(Buffer.concat([packed, rest]), options));
      assert.equal(fault, 'expected nothing but gzip data, found other bytes after the end of the compressed data');
    }
  }
});

test('a gzip file with a changed byte is an error; its checksum comes last, after the events', async () => {
  const plain = await collectBytes(text);
  for (let at = 10; at < packed.length; at += Math.ceil(packed.length / 40)) {
    const changed = Buffer.from(packed);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    const seen = await collectBytes(changed);
    if (seen.at(-1)?.line !== 0) assert.deepEqual(seen, plain, `byte ${at}`);
  }
});

test('a gzip file is read up to its limits, a little at a time', async () => {
  const lines = Buffer.from(`${' '.repeat(1023)}\n`.repeat(1024));
  const bomb = Buffer.concat(Array.from({ length: 80 }, () => zlib.gzipSync(lines, { level: 9 })));
  assert.deepEqual(await collectBytes(bomb, { maxRatio: 2000 }), []);
  assert.match(faultOf(await collectBytes(bomb, { maxRatio: 400 })), /^expected at most 400 bytes for each compressed/);
  const limited = await collectBytes(packed, { maxBytes: text.length - 1 });
  assert.equal(faultOf(limited), `expected at most ${text.length - 1} bytes after decompression, found more`);
  assert.equal(faultOf(await collectBytes(packed, { maxBytes: text.length - 1, chunkSize: 3 })).length > 0, true);
  assert.deepEqual(linesOf(await collectBytes(packed, { maxBytes: text.length }), 'error'), []);
});

test('the sources read stdin and a FIFO, as what is built does', {
  skip: skipUnless(process.platform === 'linux', 'FIFOs and signals are those of Linux'),
}, () => {
  const path = `${file('x', '')}.fifo`;
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  // Elsewhere processes are of what is built, which tells nothing of what the tests run of the sources.
  const argv = ['--import', 'tsx', 'bin/worldswitch.ts', 'replay', '-', path, '--format', 'json', '--no-progress'];
  const command = 'printf "%s\\n" "$LINE" > "$FIFO" & printf "%s\\n" "$LINE" | exec "$0" "$@"';
  const env = { ...process.env, LINE: '{"event":"neon_begin","cpu":0,"ts":1}', FIFO: path };
  const { stdout } = spawnSync('/bin/sh', ['-c', command, process.execPath, ...argv], { env, encoding: 'utf8' });
  const { inputs } = JSON.parse(stdout);
  assert.deepEqual(
    inputs.map(({ events }: { readonly events: number }) => events),
    [1, 1],
  );
});
