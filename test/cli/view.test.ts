/** `worldswitch view` as a user types it. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { unpack } from '../../lib/show/html/page/unpack.ts';
import { run } from '../support/cli.ts';

const TRACE = 'traces/real/6.12-seed-v1-nvhe.ndjson';
const folder = mkdtempSync(join(tmpdir(), 'worldswitch-view-'));
after(() => rmSync(folder, { recursive: true }));

const dataOf = (page: string) => unpack(/id="data">([^<]*)</.exec(page)?.[1] ?? '');

test('the page goes to the file that is named, or to a pipe, and is the same', async () => {
  const path = join(folder, 'page.html');
  const toFile = await run(['view', TRACE, '-o', path]);
  assert.deepEqual(toFile, { code: 0, stdout: '', stderr: '' });
  const piped = await run(['view', TRACE]);
  assert.equal(piped.stdout, readFileSync(path, 'utf8'));
  const { count, report } = await dataOf(piped.stdout);
  assert.deepEqual([count, report.verdict], [360, 'fail']);
});

test('CPUs and times cut a part out of it; the kernel can be another', async () => {
  const { stdout } = await run(['view', TRACE, '--cpu', '1', '--from', '3.9s', '--to', '3.93s']);
  const part = await dataOf(stdout);
  assert.ok(part.count > 10 && part.count < 200);
  assert.deepEqual([...new Set(part.cpus)], [2]);
  const other = await dataOf((await run(['view', TRACE, '--model', 'v6.12', '--mode', 'vhe'])).stdout);
  assert.deepEqual(other.report.model, { name: 'v6.12', mode: 'vhe' });
});

test('what cannot be is said, and leaves no file', async () => {
  const path = join(folder, 'none.html');
  const tooMany = await run(['view', TRACE, '--max-events', '100', '-o', path]);
  assert.deepEqual([tooMany.code, existsSync(path)], [2, false]);
  assert.match(tooMany.stderr, /^error: more than 100 events: --cpu, --from and --to cut a part out/);
  const toTerminal = await run(['view', TRACE], { isTTY: true });
  assert.match(toTerminal.stderr, /^error: a page is not for a terminal/);
  const own = join(folder, 'own.ndjson');
  writeFileSync(own, '{"event":"cpu_on","cpu":0}\n');
  assert.match((await run(['view', own, '-o', own])).stderr, /it is an input of this run/);
  const bad = join(folder, 'bad.ndjson');
  writeFileSync(bad, '{"event":"cpu_on"}\n');
  assert.match((await run(['view', bad, '-o', path])).stderr, /bad\.ndjson:1/);
  assert.match((await run(['view', TRACE, '--model', 'v9'])).stderr, /unknown model 'v9'/);
  assert.equal(existsSync(path), false);
});
