import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Block, createLineSplitter } from '../../lib/ingest/lines.ts';

interface SplitLine {
  readonly text: string;
  readonly fault: string | undefined;
}

function split(chunks: Iterable<Uint8Array>, maxLineBytes = 100): SplitLine[] {
  const splitter = createLineSplitter(maxLineBytes);
  const lines: SplitLine[] = [];
  const take = ({ bytes, faults }: Block): void => {
    const texts = Buffer.from(bytes).toString('latin1').split('\n');
    assert.equal(texts.pop(), '', 'a block ends in a line feed');
    for (const [index, text] of texts.entries()) {
      const fault = faults.get(index);
      lines.push({ text: fault ? '' : text, fault: fault && `${fault.expected}: ${fault.found}` });
    }
    assert.ok(texts.length > 0 && [...faults.keys()].every((index) => index < texts.length));
  };
  for (const chunk of chunks) for (const block of splitter.push(chunk)) take(block);
  for (const block of splitter.end()) take(block);
  return lines;
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

/** Each chunk in the place of the one before: it shows where one is used after its time. */
function* reused(chunks: readonly Uint8Array[]): Generator<Uint8Array> {
  const buffer = new Uint8Array(Math.max(1, ...chunks.map(({ length }) => length)));
  for (const chunk of chunks) {
    buffer.fill(0x58);
    buffer.set(chunk);
    yield buffer.subarray(0, chunk.length);
  }
}

test('lines do not depend on how the bytes come', () => {
  const piece = fc.oneof(
    fc.constantFrom('\n', '\r\n', '\r', 'x', 'é', '€', '😀', '\ufeff', ' ').map((text) => Buffer.from(text)),
    fc.constantFrom([0xff], [0xef, 0xbb], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0]).map((bytes) => Buffer.from(bytes)),
    fc.nat(12).map((length) => Buffer.alloc(length, 0x61)),
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), sizes, (pieces, sizes) => {
      const bytes = Buffer.concat(pieces);
      const whole = split([bytes], 10);
      assert.deepEqual(split(reused(cut(bytes, sizes)), 10), whole);
      assert.deepEqual(split(cut(bytes, [1]), 10), whole);
      const body = bytes.subarray(0, 3).equals(Buffer.from('\ufeff')) ? bytes.subarray(3) : bytes;
      const feeds = body.filter((byte) => byte === 0x0a).length;
      assert.equal(whole.length, feeds + (body.length > 0 && body.at(-1) !== 0x0a ? 1 : 0));
    }),
    { numRuns: 1000 },
  );
});

test('a byte order mark is left out at the start only', () => {
  for (const size of [1, 2, 3, 4, 100]) {
    const texts = split(cut(Buffer.from('\ufeff\ufeffa\n\ufeffb'), [size])).map(({ text }) =>
      Buffer.from(text, 'latin1').toString(),
    );
    assert.deepEqual(texts, ['\ufeffa', '\ufeffb']);
    assert.deepEqual(split(cut(Buffer.from('\ufeff'), [size])), []);
    assert.equal(split(cut(Buffer.from([0xef, 0xbb]), [size]))[0]?.fault, 'UTF-8 text: bytes that are not UTF-8');
  }
});

test('the limit is of the bytes before the line feed', () => {
  for (const size of [1, 3, 64]) {
    const lines = split(cut(Buffer.from(`${'a'.repeat(10)}\n${'b'.repeat(11)}\nc\n${'d'.repeat(500)}`), [size]), 10);
    assert.deepEqual(
      lines.map(({ fault }) => fault),
      [undefined, 'a line of at most 10 bytes: a longer one', undefined, 'a line of at most 10 bytes: a longer one'],
    );
  }
});

test('the carriage return of CR LF does not count', () => {
  for (const size of [1, 3, 64]) {
    const lines = split(
      cut(Buffer.from(`${'a'.repeat(10)}\r\n${'b'.repeat(11)}\r\n${'c'.repeat(9)}\r\r\n`), [size]),
      10,
    );
    assert.deepEqual(
      lines.map(({ fault }) => fault),
      [undefined, 'a line of at most 10 bytes: a longer one', undefined],
    );
    for (const [text, expected] of [
      ['c'.repeat(9), /carriage return/],
      ['c'.repeat(10), /carriage return/],
      ['c'.repeat(11), /at most 10 bytes/],
    ] as const) {
      assert.match(split(cut(Buffer.from(`${text}\r`), [size]), 10)[0]?.fault ?? '', expected);
    }
  }
});

test('what is not UTF-8 is marked, and UTF-16 is called by its name', () => {
  const overlong = [0xc0, 0xaf];
  const surrogate = [0xed, 0xa0, 0x80];
  const lines = split([
    Buffer.from([0x61, 0x0a, ...overlong, 0x0a, 0x62, 0x0a, ...surrogate, 0x0a, 0xff, 0xfe, 0x61, 0, 0x0a]),
  ]);
  assert.deepEqual(
    lines.map(({ fault }) => fault?.replace('UTF-8 text: ', '')),
    [undefined, 'bytes that are not UTF-8', undefined, 'bytes that are not UTF-8', 'UTF-16 text'],
  );
});

test('a line of 64 MB keeps no more than the limit, whatever the chunks', () => {
  const chunk = Buffer.alloc(64 * 1024, 0x61);
  const before = process.memoryUsage().arrayBuffers;
  let highest = 0;
  function* chunks(): Generator<Uint8Array> {
    for (let n = 0; n < 1024; n++) {
      yield chunk;
      highest = Math.max(highest, process.memoryUsage().arrayBuffers);
    }
    yield Buffer.from('\nb\n');
  }
  const lines = split(chunks(), 1024 * 1024);
  assert.deepEqual(
    lines.map(({ text, fault }) => fault ?? text),
    ['a line of at most 1048576 bytes: a longer one', 'b'],
  );
  assert.ok(highest - before < 8 * 1024 * 1024, `${highest - before} bytes`);
});
