import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callOffset, conditionalOffset, encode, registerOf } from './instructions.ts';
import { findCalls, findSites } from './sites.ts';
import type { Text } from './text.ts';

const NOP = 0xd503201f;
const START = 0xffff800080000000n;
const textOf = (words: readonly number[]): Text => ({ start: START, words: Uint32Array.from(words) });
const at = (index: number): bigint => START + BigInt(4 * index);

const range = (count: number): number[] => [...Array(count).keys()];
/** `stp q<2i>, q<2i+1>, [x<base>, #32i]`, or `ldp`. */
const pair = (load: boolean, base: number) => (i: number) =>
  (0xad000000 | (load ? 1 << 22 : 0) | ((i * 2) << 15) | ((2 * i + 1) << 10) | (base << 5) | (2 * i)) >>> 0;
/** `str z<i>, [x<base>, #i, mul vl]`, or `ldr`. */
const vector = (load: boolean, base: number) => (i: number) =>
  ((load ? 0x85804000 : 0xe5804000) | ((i >> 3) << 16) | ((i & 7) << 10) | (base << 5) | i) >>> 0;

test('saves and loads of all vector registers are found wherever they stand', () => {
  for (const base of [0, 7, 30]) {
    const text = textOf([
      ...[NOP, ...range(16).map(pair(false, base))],
      ...[NOP, ...range(16).map(pair(true, base))],
      ...[NOP, ...range(32).map(vector(false, base))],
      ...[NOP, ...range(32).map(vector(true, base))],
    ]);
    assert.deepEqual(findSites(text), [
      { primitive: 'fpsimd_save', address: at(1) },
      { primitive: 'fpsimd_load', address: at(18) },
      { primitive: 'sve_save', address: at(35) },
      { primitive: 'sve_load', address: at(68) },
    ]);
  }
});

test('the last pair may write back, and other instructions may stand between', () => {
  const written = range(16).map(pair(false, 0));
  written[15] = 0xadbf7c1e;
  const apart = range(16).flatMap((i) => (i % 4 === 0 ? [NOP, pair(false, 0)(i)] : [pair(false, 0)(i)]));
  for (const words of [written, apart]) assert.equal(findSites(textOf(words)).length, 1);
});

test('a copy with a few vector registers is no save', () => {
  const words = [...range(4).map(pair(false, 0)), ...Array<number>(30).fill(NOP), ...range(8).map(vector(false, 0))];
  assert.deepEqual(findSites(textOf(words)), []);
});

test('ZA is saved once where its loop ends: as in sme_save_state, and as it is inlined in fpsimd_save_user_state', () => {
  const asFunction = [0x04bf5822, 0x5280000c, 0xe1200000, 0x8b020000, 0x9100058c, 0xeb0c005f, 0x54ffff81, 0xb4000041];
  const inlined = [0x9ba07c60, 0x8b0000e0, 0xe1200000, 0x11000580, 0xaa0003ec, 0xeb00007f, 0x54ffff48, 0x3500076a];
  for (const words of [asFunction, inlined])
    assert.deepEqual(findSites(textOf([...words, 0xe13f80e0])), [
      { primitive: 'za_save', address: at(7) },
      { primitive: 'zt0_save', address: at(8) },
    ]);
  // No branch back: a row that is written by itself.
  assert.deepEqual(findSites(textOf([0xe1200000, ...Array<number>(20).fill(NOP)])), []);
});

test('calls forward and back', () => {
  const text = textOf([NOP, 0x94000002, NOP, NOP, 0x94000008]);
  const functions = new Map([
    [at(0), 'first'],
    [at(3), 'last'],
  ] as const);
  assert.deepEqual(findCalls(text, functions), [{ primitive: 'last', address: at(1) }]);
  assert.equal(callOffset(0x97fffffd), -12);
  assert.equal(conditionalOffset(0x54ffff81), -16);
  assert.equal(conditionalOffset(0x54000280), 0x50);
});

test('names of system registers are their encodings', () => {
  const known: readonly (readonly [word: number, name: string])[] = [
    [0xd5381040, 'S3_0_C1_C0_2'], // mrs x0, cpacr_el1
    [0xd5384100, 'S3_0_C4_C1_0'], // mrs x0, sp_el0
    [0xd53b4240, 'S3_3_C4_C2_2'], // mrs x0, svcr
  ];
  for (const [word, name] of known) {
    assert.equal(registerOf(word), name);
    assert.equal((word & ~(1 << 21) & ~31) >>> 0, encode(name));
  }
  assert.throws(() => encode('MDSCR_EL1'), /is not S<op0>/);
});
