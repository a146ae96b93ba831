/** A capture says the same whether it is replayed as it is, or imported first: nothing that was not understood is forgotten. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mutated } from '../fuzz/mutate.ts';
import { run } from '../support/cli.ts';
import {
  bothWays,
  CAPTURES,
  type Capture,
  DAMAGES,
  damagedCapture,
  OPTIONS,
  reportOf,
} from '../support/import-replay.ts';
import { createRandom } from '../support/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

async function isTheSame(text: string, options: readonly string[], what: string): Promise<boolean> {
  const both = await bothWays(text, options, folder);
  if (both !== undefined) assert.deepEqual(both.after, both.direct, what);
  return both !== undefined;
}

for (const [damage, apply] of Object.entries(DAMAGES)) {
  test(`imported and then replayed: ${damage}`, async () => {
    for (const [number, seed] of CAPTURES.entries()) {
      const random = createRandom(number);
      const part = seed.lines.slice(0, 400);
      apply(part, random);
      await isTheSame(`${part.join('\n')}\n`, random.pick(OPTIONS), `${seed.name}, ${damage}`);
    }
  });
}

test('imported and then replayed: mutations of captures', async () => {
  const seeds = CAPTURES.map((seed) => ({ ...seed, isTrace: false }));
  let compared = 0;
  for (let number = 0; number < 150; number++) {
    const random = createRandom(number);
    const { bytes, of } = mutated(seeds, random);
    if (await isTheSame(bytes.toString('latin1'), random.pick(OPTIONS), `mutation ${number} of ${of.name}`)) compared++;
  }
  assert.ok(compared > 100, `${compared}`);
});

test('imported and then replayed: windows of captures with lines, kinds and numbers that are missing or wrong', async () => {
  let compared = 0;
  for (let number = 0; number < 60; number++) {
    const { text, options, what } = damagedCapture(CAPTURES, createRandom(number));
    if (await isTheSame(text, options, `number ${number}: ${what}`)) compared++;
  }
  assert.ok(compared > 40, `${compared}`);
});

test('what is presumed of a kernel holds until the caller names it', async () => {
  const [capture, trace] = [join(folder, 'unnamed'), join(folder, 'unnamed.ndjson')];
  const lines = (CAPTURES[0] as Capture).lines.filter((line) => !line.startsWith('#')).slice(0, 200);
  writeFileSync(capture, `${lines.join('\n')}\n`);
  await run(['import', 'ftrace', capture, '-o', trace]);
  const presumes = async (...argv: string[]) =>
    (await reportOf([...argv, trace])).reasons.some((reason) => reason.includes('presumed'));
  assert.deepEqual(
    [await presumes(), await presumes('--model', 'v6.10'), await presumes('--model', 'v6.10', '--mode', 'vhe')],
    [true, true, false],
  );
});

test('a mode that the time of loads tells holds until the caller names the mode, whatever model is named', async () => {
  const { lines } = CAPTURES.find(({ name }) => name === 'owner-debug.ftrace') as Capture;
  const [capture, trace] = [join(folder, 'no-mode'), join(folder, 'no-mode.ndjson')];
  writeFileSync(capture, `${lines.filter((line) => !line.startsWith('#')).join('\n')}\n`);
  await run(['import', 'ftrace', capture, '-o', trace, '--model', 'v6.12']);
  for (const path of [capture, trace]) {
    const presumes = async (...argv: string[]) =>
      (await reportOf([...argv, '--model', 'v6.12', path])).reasons.some((reason) => reason.includes('taken for nvhe'));
    assert.deepEqual([await presumes(), await presumes('--mode', 'nvhe')], [true, false], path);
  }
});
