/** The scanner in WebAssembly takes the lines that the one in TypeScript takes, and makes the same records of them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileScan } from '../../bin/compile-scan.js';
import { BATCH_WORDS, FAST_ROWS, KIND_WORD, RECORD_WORDS, SLOW, SLOW_WORD } from '../../lib/ingest/fast/layout.ts';
import { PADDING, type Scan, scanLines } from '../../lib/ingest/fast/scan.ts';
import { layMemory, preludeOf } from '../../lib/ingest/fast/simd/memory.ts';
import { createSimdScanner, fastestOf } from '../../lib/ingest/fast/simd/scanner.ts';
import type { Fault } from '../../lib/ingest/fault.ts';
import { createRandom, lineOfMembers, mutatedText, plainMembers, seedLines } from '../support/mutate-lines.ts';

const wasm = await compileScan(preludeOf(layMemory().constants));
const simd = createSimdScanner(wasm);

interface Scanned {
  /** The words of a record, or of one that is for the reference reader what is set of it. */
  readonly records: readonly (readonly number[])[];
  readonly slow: readonly string[];
  readonly lines: number;
}

/** `room`: words for records that are made in one go. */
function scanWith(scanner: typeof scanLines, text: Uint8Array, room: number, faults?: Scan['faults']): Scanned {
  const bytes = new Uint8Array(text.length + PADDING);
  bytes.set(text);
  const scan: Scan = { bytes, view: new DataView(bytes.buffer), end: text.length, faults, position: 0, line: 0 };
  const words = new Int32Array(room);
  const records: number[][] = [];
  const slow: string[] = [];
  while (scan.position < scan.end) {
    const made = scanner(scan, words, (start, end, line, at) => {
      words[at + SLOW_WORD] = slow.push(`${line}: ${Buffer.from(bytes.subarray(start, end)).toString('latin1')}`) - 1;
      return end - start > 1;
    });
    for (let at = 0; at < made * RECORD_WORDS; at += RECORD_WORDS) {
      const set = words[at + KIND_WORD] === SLOW ? SLOW_WORD + 1 : RECORD_WORDS;
      records.push([...words.subarray(at, at + set)]);
    }
  }
  return { records, slow, lines: scan.line };
}

function assertSame(lines: readonly string[], room = BATCH_WORDS): Scanned {
  const text = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const plain = scanWith(scanLines, text, room);
  assert.deepEqual(scanWith(simd, text, room), plain);
  return plain;
}

test('lines of every event, with their keys in any order, however many records there is room for', () => {
  const random = createRandom(1);
  const rows = FAST_ROWS.filter((row) => row !== undefined);
  const lines = Array.from({ length: 20_000 }, () => {
    const members = [...plainMembers(rows[random.below(rows.length)] as (typeof rows)[number], random)];
    if (random.below(2) === 0) members.reverse();
    return lineOfMembers(new Map(members));
  });
  const { records, slow } = assertSame(lines);
  assert.ok(records.length - slow.length > 19_000, 'most lines are taken');
  for (const room of [1, 2, 7]) assertSame(lines.slice(0, 500), room * RECORD_WORDS);
});

test('lines that are wrong, or strange, in every way', () => {
  const mutated = mutatedText(seedLines(2, 200), 100_000, createRandom(2));
  const text = Buffer.concat([mutated, Buffer.from('\n')]);
  const plain = scanWith(scanLines, text, BATCH_WORDS);
  assert.deepEqual(scanWith(simd, text, BATCH_WORDS), plain);
  const { records, slow } = plain;
  assert.ok(slow.length > 1000 && records.length - slow.length > 1000, 'both kinds of line are there');
});

test('numbers of every length, and those beside every limit', () => {
  const limits = [2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 64n, 10n ** 8n, 10n ** 9n, 10n ** 16n, 10n ** 19n, 10n ** 20n];
  const numbers = limits.flatMap((limit) => [-2n, -1n, 0n, 1n, 2n].map((by) => String(limit + by)));
  const lengths = Array.from({ length: 26 }, (_, length) =>
    ['1', '9', '0'].map((digit) => digit.repeat(length)),
  ).flat();
  const strange = ['0', '00', '01', '-1', '1e3', '1.5', '+1', ' 1', '1 ', '0x1', '1_0', '\u0661'];
  const lines = [...numbers, ...lengths, ...strange].flatMap((value) => [
    `{"event":"cpu_on","ts":${value},"cpu":1}`,
    `{"event":"cpu_on","ts":"${value}","cpu":1}`,
    `{"event":"cpu_on","cpu":${value}}`,
    `{"event":"pmuserenr","cpu":1,"value":"0x${value}"}`,
    `{"event":"guest_exit","cpu":1,"ec":"0x${value}"}`,
    `{"event":"observe","cpu":1,"last":"task:${value}"}`,
    `{"event":"observe","cpu":1,"last":"vcpu:${value}/${value}"}`,
  ]);
  assertSame(lines);
});

test('a digit of eight, or a byte of a text, that is any other byte', () => {
  const line = '{"event":"observe","ts":1234567890123456,"cpu":1,"fp_owner_kernel":"guest","last":"vcpu:0/1"}';
  const one = Buffer.from(`${line}\n`);
  const texts = [...one.keys()].slice(0, -1).flatMap((at) =>
    [0, 1, 9, 0x0d, 0x20, 0x22, 0x2f, 0x30, 0x3a, 0x5c, 0x7f, 0x80, 0xb5, 0xff].map((byte) => {
      const changed = Buffer.from(one);
      changed[at] = byte;
      return changed;
    }),
  );
  const text = Buffer.concat(texts);
  assert.deepEqual(scanWith(simd, text, BATCH_WORDS), scanWith(scanLines, text, BATCH_WORDS));
});

test('blocks of any length in turn, and one with lines that must not be looked at', () => {
  const line = '{"event":"cpu_on","cpu":0}';
  for (const count of [1, 100_000, 3, 0, 5000]) assertSame(Array.from({ length: count }, () => line));
  assertSame(['', line, '', '', line, '']);
  const fault = { expected: 'UTF-8 text', found: 'other bytes' } as Fault;
  const faults = new Map([[1, fault]]);
  const text = Buffer.from(`${line}\n`.repeat(3));
  const scanned = scanWith(simd, text, BATCH_WORDS, faults);
  assert.deepEqual(scanned, scanWith(scanLines, text, BATCH_WORDS, faults));
  assert.equal(scanned.slow.length, 1);
});

test('what is no WebAssembly, or none that runs here, leaves lines to the scanner in TypeScript', () => {
  assert.equal(fastestOf(undefined), scanLines);
  assert.equal(fastestOf(Buffer.from('no module').toString('base64')), scanLines);
  const fastest = fastestOf(Buffer.from(wasm).toString('base64'));
  assert.notEqual(fastest, scanLines);
  const text = Buffer.from(`${seedLines(2, 200).join('\n')}\n`);
  assert.deepEqual(scanWith(fastest, text, BATCH_WORDS), scanWith(scanLines, text, BATCH_WORDS));
});
