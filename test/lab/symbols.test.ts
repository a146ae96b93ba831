import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, nearest, parseSymbols } from './symbols.ts';
import { addressAt, end, readText, wordsAt } from './text.ts';

const KALLSYMS = `ffff800080000000 T _text
ffff800080010020 t second
ffff800080010000 T _stext
ffff800080010000 T first
ffff800080010010 W weak
ffff800080010030 D data
ffff800080010020 t $x
ffff800080010040 D _etext
ffff80007a000000 t in_a_module\t[kvm]
`;

test('symbols by name and by address; those of modules and mapping symbols are left out', () => {
  const symbols = parseSymbols(KALLSYMS);
  assert.equal(addressOf(symbols, 'second'), 0xffff800080010020n);
  assert.throws(() => addressOf(symbols, 'in_a_module'), { message: 'the kernel has no symbol in_a_module' });
  assert.deepEqual(nearest(symbols, 0xffff80008001001cn), { name: 'weak', offset: 12 });
  assert.deepEqual(nearest(symbols, 0xffff800080010034n), { name: 'second', offset: 20 });
  assert.deepEqual(nearest(symbols, 0x10n), { name: '0x10', offset: 0 });
});

test('the text of an image: from _text to _etext, and from 64 KiB before _stext where there is no _text', () => {
  const image = Buffer.alloc(0x10100);
  image.write('ARMd', 56, 'latin1');
  image.writeUInt32LE(0xd503245f, 0x10000);
  for (const listing of [KALLSYMS, KALLSYMS.replace(/^.* _text\n/, '')]) {
    const text = readText(image, parseSymbols(listing));
    assert.equal(text.start, 0xffff800080000000n);
    assert.equal(end(text), 0xffff800080010040n);
    assert.deepEqual(wordsAt(text, 0xffff800080010000n, 2), [0xd503245f, 0]);
    assert.equal(addressAt(text, 0x4000), 0xffff800080010000n);
    assert.deepEqual(wordsAt(text, 0xffff80008001003cn, 4), [0]);
    assert.deepEqual(wordsAt(text, 0n, 4), []);
  }
});

test('an image that is compressed is refused', () => {
  assert.throws(() => readText(Buffer.from('\x1f\x8b'.padEnd(100)), parseSymbols(KALLSYMS)), /no magic "ARMd"/);
});
