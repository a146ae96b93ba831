import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createByteLines } from '../../lib/text/byte-lines.ts';

type Piece = string | number;

/** `lines` as they are written: the text, and the length of each write. */
function write(lines: readonly (readonly Piece[])[]): { readonly text: string; readonly sizes: readonly number[] } {
  const pieces: Uint8Array[] = [];
  const bytes = createByteLines((piece) => pieces.push(Uint8Array.from(piece)));
  for (const line of lines) {
    for (const piece of line) {
      if (typeof piece === 'number') bytes.integer(piece);
      else bytes.text(piece);
    }
    bytes.end();
  }
  bytes.flush();
  bytes.flush();
  return { text: Buffer.concat(pieces).toString(), sizes: pieces.map(({ length }) => length) };
}

test('text and integers of any length come out as they went in', () => {
  const near = fc
    .integer({ min: 0, max: 15 })
    .chain((power) => fc.integer({ min: -2, max: 2 }).map((by) => 10 ** power + by));
  const integer = fc.oneof(
    fc.maxSafeNat(),
    fc.nat(),
    near.filter((value) => value >= 0),
  );
  const piece = fc.oneof(integer, fc.string({ unit: 'binary', maxLength: 3000 }));
  fc.assert(
    fc.property(fc.array(fc.array(piece), { maxLength: 50 }), (lines) => {
      assert.equal(write(lines).text, lines.map((line) => `${line.join('')}\n`).join(''));
    }),
  );
});

test('a text that is longer than a piece is written in one', () => {
  const long = 'x'.repeat(1_000_000);
  const { text, sizes } = write([['a'], [long, 7], ['b']]);
  assert.equal(text, `a\n${long}7\nb\n`);
  assert.ok(Math.max(...sizes) >= long.length);
});
