/** Text is as wide as the terminal, says what was asked for, and is quiet where that is. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'page-'));
after(() => rmSync(folder, { recursive: true }));

const FAILS = 'traces/bugs/seed-v1-chain.ndjson';
const PASSES = 'traces/golden/ten-runs-with-fp.ndjson';

/** The longest line, but for those that editors read, which stay whole. */
const widest = (text: string): number =>
  Math.max(
    ...text
      .split('\n')
      .filter((line) => !line.includes(': error: '))
      .map((line) => line.length),
  );

async function textAt(trace: string, columns: number | undefined): Promise<string> {
  const argv = ['replay', trace, '--color', 'never', '--no-progress'];
  return (await run(argv, { isTTY: columns !== undefined, ...(columns !== undefined && { columns }) })).stdout;
}

test('what can be wrapped is as wide as the terminal, from 40 to 200 columns', async () => {
  const of = async (columns: number) => widest(await textAt(FAILS, columns));
  assert.ok((await of(80)) <= 80);
  assert.ok((await of(120)) > 100 && (await of(120)) <= 120);
  assert.equal(await of(500), await of(200));
  assert.equal(await of(10), await of(40));
  assert.ok((await of(40)) < (await of(80)));
});

test('tables that do not fit beside each other stand one below the other', async () => {
  const [narrow, wide] = [await textAt(PASSES, 40), await textAt(PASSES, 80)];
  assert.match(wide, /primitive .* register /);
  assert.doesNotMatch(narrow, /primitive .* register /);
  assert.match(narrow, /^ {2}register /m);
});

test('text in files is of 80 columns whatever the terminal', async () => {
  const file = join(folder, 'report.txt');
  await run(['replay', FAILS, '--out', `text:${file}`], { isTTY: true, columns: 160 });
  assert.equal(readFileSync(file, 'utf8'), await textAt(FAILS, undefined));
});

test('--all prints lists to their ends', async () => {
  const trace = join(folder, 'many.ndjson');
  const lines = Array.from({ length: 30 }, (_, at) => ({ event: `unknown_${at}`, cpu: 0 }));
  writeFileSync(trace, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const cut = (await run(['replay', trace, '--allow-empty'])).stdout;
  const all = (await run(['replay', trace, '--allow-empty', '-v'])).stdout;
  const named = (text: string) => new Set(text.match(/unknown_\d+/g)).size;
  assert.match(cut, /more names/);
  assert.equal(named(all), 30);
  assert.ok(named(cut) < 30);
  assert.doesNotMatch(all, /\bmore\b/);
});

test('--quiet leaves notes out, and nothing else', async () => {
  const argv = ['replay', PASSES, '-m', 'v6.11.4'];
  const [told, quiet] = [await run(argv), await run([...argv, '-q'])];
  assert.match(told.stderr, /^note: /);
  assert.equal(quiet.stderr, '');
  assert.equal(quiet.stdout, told.stdout);
  assert.match((await run(['replay', 'no-such-file', '-q'])).stderr, /no-such-file/);
});
