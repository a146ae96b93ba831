/** The rows of the cost tables are held against disassembly: each of them, or it is said why not. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { primitivesOf } from '../../lib/costs/primitives.ts';
import { MODELS } from '../../lib/models/models.ts';
import { FEATURES } from '../../lib/trace/vocabulary.ts';
import { skipUnless } from '../support/skip.ts';
import { cacheFolder } from './cache.ts';
import { COST_ROWS } from './cost-rows.ts';
import { accessesOf, checkCached, checkKernel } from './disassembly.ts';
import { cachedKernels } from './fetch-kernel.ts';
import { encode } from './instructions.ts';
import { encodingOf, namesInText } from './register-names.ts';
import { rowsDocument } from './rows-document.ts';
import { parseSymbols } from './symbols.ts';

const TABLE = readFileSync(new URL('cost-rows.md', import.meta.url), 'utf8');
const MACHINE = { sveVl: 16, smeVl: 16, brps: 16, wrps: 16, features: new Set<string>(FEATURES) };
const ROWS = MODELS.flatMap(({ profile, modes }) =>
  modes.flatMap((mode) => Object.entries(primitivesOf(profile, mode, MACHINE))),
);

test('each row of the cost tables says what was checked of it', () => {
  for (const [row] of ROWS) {
    assert.ok(Object.hasOwn(COST_ROWS, row), row);
    assert.match(TABLE, new RegExp(`^\\| \`${row}\` \\| (\\d+ of \\d+|not checked: .+) \\|`, 'm'));
  }
});

test('registers are told apart by their encodings, and every one has one', () => {
  const names = new Set(
    ROWS.flatMap(([, { read = [], write = [] }]) => [...read, ...write]).filter((name) => name !== 'any'),
  );
  const encodings = [...names].map(encodingOf);
  assert.equal(new Set(encodings).size, names.size);
  for (const name of names) assert.ok(namesInText(name).includes(encodingOf(name)));
  // The words of Documentation: `msr hcr_el2, x0`, `msr mdscr_el1, x0`.
  assert.equal(encode(encodingOf('HCR_EL2')), 0xd51c1100);
  assert.equal(encode(encodingOf('MDSCR_EL1')), 0xd5100240);
  assert.throws(() => encodingOf('NONE_EL1'), /NONE_EL1: no such register/);
});

test('a register that the functions of a row do not access is told, and so is a function that is not there', () => {
  const symbols = parseSymbols('ffff800080000000 T __debug_save_state\nffff800080001000 T _end\n');
  const reads = (name: string): number => (encode(name) | 0x0020_0000) >>> 0;
  const registers = Array.from({ length: 16 }, (_, n) => [4, 5, 6, 7].map((op2) => `S2_0_C0_C${n}_${op2}`)).flat();
  const words = [...registers, 'S2_0_C0_C2_0', 'S3_0_C0_C5_0'].map(reads);
  const check = (kept: readonly number[]) => {
    const text = { start: 0xffff800080000000n, words: Uint32Array.from(kept) };
    const checked = checkKernel('6.12.107', accessesOf(text, symbols));
    return (row: string) => checked.find((one) => one.row === row && one.mode === 'vhe');
  };
  assert.deepEqual(check(words)('debug_save')?.missing, []);
  assert.deepEqual(check(words.slice(1))('debug_save')?.missing, ['R DBGBVR0_EL1']);
  assert.deepEqual(check(words)('debug_restore')?.functions, []);
});

const CACHE = { folder: cacheFolder(undefined, process.env) };
const skip = skipUnless(cachedKernels(CACHE).length > 0, 'no laboratory cache');

test('the table is what the kernels in the cache say', { skip }, () => {
  const checks = checkCached(CACHE);
  const kernels = [...new Set(checks.checked.map(({ kernel }) => kernel))];
  // Of other kernels the table is another.
  if (TABLE.includes(`Kernels: ${kernels.join(', ')}.`)) assert.equal(rowsDocument(checks), TABLE);
  for (const { row, kernel, mode, functions } of checks.checked)
    assert.ok(functions.length > 0, `${row} in ${kernel} ${mode}: no such function`);
});
