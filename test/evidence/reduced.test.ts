/**
 * Captures of correct kernels with part of their evidence taken away: each kind of line alone, pairs, random subsets,
 * tracepoints only, windows, losses. SUBSETS sets how many random subsets of the excerpts (default 200).
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { alarmsOf, capturesAtHand, combinationOf, reductionsOf, replayText } from '../support/partial.ts';
import { createRandom } from '../support/random.ts';
import { kindsOf, type Lines, readLines, window, without } from '../support/reduce.ts';
import { skipUnless } from '../support/skip.ts';

const SUBSETS = Number(process.env.SUBSETS ?? 200);
const DATA = new URL('../import/data/', import.meta.url);

function assertSilent(
  lines: Lines,
  kernel: { model: string; mode: string },
  amount: Parameters<typeof reductionsOf>[2],
): void {
  for (const { name, text } of reductionsOf(lines, createRandom(1), amount)) {
    assert.deepEqual(alarmsOf(replayText(text, kernel.model, kernel.mode)), [], name);
  }
}

const EXCERPTS = readdirSync(DATA)
  .filter((name) => name.endsWith('.ndjson'))
  .map((name) => name.replace('.ndjson', ''));

for (const name of EXCERPTS) {
  const { model, mode } = JSON.parse(readFileSync(new URL(`${name}.ndjson`, DATA), 'utf8').split('\n', 1)[0] ?? '');
  const lines = readLines(readFileSync(new URL(`${name}.ftrace`, DATA), 'latin1'));
  if (name === 'split-instances') {
    test(`${name}: the bug of the kernel is never passed, whichever kinds of line are left out`, () => {
      const kinds = kindsOf(lines);
      for (const one of kinds) {
        for (const other of kinds) {
          const { verdict } = replayText(without(lines, [one, other]).text, model, mode);
          assert.notEqual(verdict, 'pass', `${one}, ${other}`);
        }
      }
    });
    continue;
  }
  test(`${name}: no error where kinds of line are left out, blocks are lost or only a window is seen`, () => {
    const pairs = (kindsOf(lines).length * (kindsOf(lines).length - 1)) / 2;
    assertSilent(lines, { model, mode }, { pairs, subsets: SUBSETS, windows: 30, losses: 30 });
  });
}

for (const name of EXCERPTS.filter((one) => one !== 'split-instances')) {
  const { model, mode } = JSON.parse(readFileSync(new URL(`${name}.ndjson`, DATA), 'utf8').split('\n', 1)[0] ?? '');
  const lines = readLines(readFileSync(new URL(`${name}.ftrace`, DATA), 'latin1'));
  test(`${name}: no error where several of these come together`, () => {
    const random = createRandom(3);
    for (let count = 0; count < SUBSETS / 2; count++) {
      const { name: what, text } = combinationOf(lines, random);
      assert.deepEqual(alarmsOf(replayText(text, model, mode)), [], what);
    }
  });
}

const CAPTURES = capturesAtHand();
const skip = skipUnless(CAPTURES.length > 0, 'no captures beside the project');
/** Entries of a capture that are looked at: `npm run nightly` takes all of them. */
const ENTRIES = 800;
/** What stands before the first entry is shorter. Some captures have a million lines, of which no more is taken apart than this. */
const LINES = ENTRIES + 1000;

test('parts of whole captures: the same', { skip }, () => {
  for (const { name, model, mode, text } of CAPTURES) {
    const all = readLines(text.split('\n', LINES).join('\n'));
    const part = readLines(window(all, 0, ENTRIES).text);
    for (const reduced of reductionsOf(part, createRandom(2), { pairs: 0, subsets: 1, windows: 1, losses: 1 })) {
      assert.deepEqual(alarmsOf(replayText(reduced.text, model, mode)), [], `${name}: ${reduced.name}`);
    }
  }
});
