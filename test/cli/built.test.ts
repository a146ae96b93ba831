import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { run } from '../support/cli.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TRACE = join(ROOT, 'traces/golden/ten-runs-with-fp.ndjson');
// Inside of the repository, where packages are found.
const folder = mkdtempSync(join(ROOT, '.built-'));
after(() => rmSync(folder, { recursive: true }));
execFileSync(process.execPath, ['bin/build.js', folder], { cwd: ROOT });
const bin = join(folder, 'bin');

function built(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(bin, 'worldswitch.js'), ...argv], {
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

const COMMAND_LINES = [
  ['--version'],
  ['--help'],
  ['replay', TRACE],
  ['replay', '--format', 'ndjson', '--color', 'always', TRACE],
  ['replay', '--color', 'always', TRACE],
  ['replay', '--reader', 'ndjson', TRACE],
  ['replay', '--cpu', 'x', TRACE],
  ['compare', '--models', 'v6.12,v6.14', TRACE],
  ['rules', 'FP-07'],
  ['rpelay', TRACE],
];

async function sayTheSame(): Promise<void> {
  for (const argv of COMMAND_LINES) assert.deepEqual(built(...argv), await run(argv), argv.join(' '));
}

test('what is built says what the sources say', sayTheSame);

test('so it does with what V8 compiled under another version, damaged or not there', async () => {
  const caches = readdirSync(bin).filter((name) => name.endsWith('.cache'));
  assert.equal(caches.length, 1);
  const cache = join(bin, caches[0] as string);
  writeFileSync(cache, Buffer.alloc(statSync(cache).size, 'x'));
  await sayTheSame();
  rmSync(cache);
  await sayTheSame();
});

test('the library that is built replays, also with a reading thread', async () => {
  const { createEventRecord, createReplay, readTrace } = (await import(
    pathToFileURL(join(folder, 'lib/index.js')).href
  )) as typeof import('../../lib/index.ts');
  for (const threads of [1, 2] as const) {
    const [event, replay] = [createEventRecord(), createReplay({})];
    const source = readTrace([TRACE], { threads });
    for await (const batch of source.batches) {
      for (let index = 0; index < batch.length; index++) {
        assert.equal(batch.read(index, event) ?? replay.step(event), undefined);
      }
    }
    assert.equal(replay.finish(source.inputs).verdict, 'pass');
  }
  assert.ok(statSync(join(folder, 'lib/index.d.ts')).size > 0);
});
