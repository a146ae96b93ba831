import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutCalls } from './broken.ts';
import { parseSymbols } from './symbols.ts';

const symbols = parseSymbols(`ffff800080000000 T _text
ffff800080000040 T put
ffff800080000050 T save
ffff800080000054 T flush
ffff800080000060 D _etext
`);
const NOP = 0xd503201f;
/** `bl` to so many words from here. */
const call = (words: number): number => (0x94000000 | (words & 0x3ffffff)) >>> 0;

function imageOf(words: Readonly<Record<number, number>>): Buffer {
  const image = Buffer.alloc(0x80);
  image.write('ARMd', 56, 'latin1');
  for (const [offset, word] of Object.entries(words)) image.writeUInt32LE(word, Number(offset));
  return image;
}

test('calls of one function by another become nops, and nothing else does', () => {
  const image = imageOf({ 64: call(4), 68: call(4), 72: call(2), 80: call(1), 88: call(-2) });
  const broken = withoutCalls(image, symbols, { caller: 'put', callee: 'save' });
  const changed = [...Array(image.length / 4).keys()]
    .map((index) => 4 * index)
    .filter((offset) => broken.readUInt32LE(offset) !== image.readUInt32LE(offset));
  assert.deepEqual(changed, [0x40, 0x48]);
  assert.deepEqual(
    changed.map((offset) => broken.readUInt32LE(offset)),
    [NOP, NOP],
  );
});

test('a call that is not there is an error', () => {
  const image = imageOf({ 64: NOP });
  assert.throws(() => withoutCalls(image, symbols, { caller: 'put', callee: 'save' }), {
    message: 'put does not call save, or has it inlined',
  });
  assert.throws(() => withoutCalls(image, symbols, { caller: 'put', callee: 'gone' }), {
    message: 'the kernel has no symbol gone',
  });
});
