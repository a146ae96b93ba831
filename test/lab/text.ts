/** The text of a kernel image: instructions by address. */

import { addressOf, type Symbols } from './symbols.ts';

export interface Text {
  /** Linked address of the first word. */
  readonly start: bigint;
  readonly words: Uint32Array;
}

/** The image file is the kernel from _text on; kernels before 6.12 show only _stext, which is 64 KiB behind. */
const HEAD = 0x10000n;

export function readText(image: Uint8Array, symbols: Symbols): Text {
  if (Buffer.from(image.subarray(56, 60)).toString('latin1') !== 'ARMd')
    throw new Error('the kernel is not an uncompressed arm64 Image (no magic "ARMd" at byte 56)');
  const start = symbols.address.get('_text') ?? addressOf(symbols, '_stext') - HEAD;
  const size = Math.min(Number(addressOf(symbols, '_etext') - start), image.length) & ~3;
  const bytes = new Uint8Array(size);
  bytes.set(image.subarray(0, size));
  return { start, words: new Uint32Array(bytes.buffer) };
}

export function end(text: Text): bigint {
  return text.start + BigInt(text.words.length * 4);
}

export function addressAt(text: Text, index: number): bigint {
  return text.start + BigInt(index * 4);
}

/** `count` words from an address on; fewer at the end of the text. */
export function wordsAt(text: Text, address: bigint, count: number): number[] {
  const index = Number((address - text.start) / 4n);
  return index < 0 ? [] : [...text.words.subarray(index, index + count)];
}
