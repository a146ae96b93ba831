/** `worldswitch merge`: files, folders, pipes; what is no report; and the same bytes from any of them. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Merged } from '../../lib/fleet/merged.ts';
import { builtProgram } from '../support/built.ts';
import { run, runProcess } from '../support/cli.ts';
import { expectedText, runsOf } from '../support/corpus.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-merge-'));
after(() => rmSync(folder, { recursive: true }));
const TEXTS = runsOf('golden').slice(0, 24).map(expectedText);
const LINES = TEXTS.map((text) => `${JSON.stringify(JSON.parse(text))}\n`);
const write = (name: string, text: string | Uint8Array): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
};
const FILES = TEXTS.map((text, at) => write(`reports/rack${at % 3}/${at}.json`, text));
const reports = join(folder, 'reports');
const merge = (...argv: string[]) => run(['merge', '--format', 'json', ...argv]);
const whole = await merge(...FILES);

test('files, a folder, lines, a pipe and what is compressed give the same bytes', async () => {
  assert.deepEqual({ code: whole.code, stderr: whole.stderr }, { code: 0, stderr: '' });
  assert.deepEqual(await merge(reports), whole);
  assert.deepEqual(await merge(write('lines.ndjson', LINES.join(''))), whole);
  assert.deepEqual(await merge(write('lines.gz', gzipSync(LINES.join('')))), whole);
  assert.deepEqual(await runProcess(['merge', '--format', 'json'], LINES.join('')), whole);
  const [first = '', ...others] = FILES;
  assert.deepEqual(await runProcess(['merge', '--format', 'json', '-', ...others], TEXTS[0]), whole);
  assert.deepEqual(await merge(write('one.json.gz', gzipSync(readFileSync(first))), ...others), whole);
});

test('merged reports merge like reports, by racks or one by one', async () => {
  const racks = await Promise.all(
    [0, 1, 2].map(async (rack) => {
      const path = join(folder, `rack${rack}.json`);
      assert.equal((await merge(join(reports, `rack${rack}`), '-o', path)).stdout, '');
      return path;
    }),
  );
  assert.deepEqual(await merge(...racks.reverse()), whole);
  assert.deepEqual(await merge(racks[1] as string, join(reports, 'rack2'), racks[2] as string), whole);
  const lines = racks.map((path) => `${JSON.stringify(JSON.parse(readFileSync(path, 'utf8')))}\n`);
  assert.deepEqual(await runProcess(['merge', '--format', 'json'], lines.join('')), whole);
});

test('the stream of replay --format ndjson is its report', async () => {
  const trace = 'traces/golden/ten-runs-with-fp.ndjson';
  const [report, streamed] = await Promise.all(
    ['json', 'ndjson'].map((format) => run(['replay', trace, '--format', format])),
  );
  assert.ok((streamed?.stdout.split('\n').length ?? 0) > 3);
  const expected = await merge(write('alone.json', report?.stdout ?? ''));
  assert.deepEqual(await merge(write('streamed.ndjson', streamed?.stdout ?? '')), expected);
});

test('text says kernels, causes with their places, what is hidden, and costs', async () => {
  const { stdout } = await run(['merge', ...['bad', 'golden'].flatMap((each) => `traces/${each}`), '--keep-going']);
  for (const part of [/^\d+ reports$/m, /^kernel +reports +pass/m, /^causes$/m, /ndjson:\d+$/m, /^what traces hide$/m])
    assert.match(stdout, part);
  assert.match(stdout, /^v6\.10 vhe +fpsimd_save( +([\d.]+|any)){6}$/m);
});

test('what is no report ends it with the place, or is left out where that is asked for', async () => {
  const path = write('bad.ndjson', `${LINES[0]}{"format":2}\n${LINES[1]}not json \u001b[31m\n`);
  const ended = await merge(path);
  assert.deepEqual({ code: ended.code, stdout: ended.stdout }, { code: 2, stdout: '' });
  assert.match(ended.stderr, /bad\.ndjson:2: model: missing\n$/);
  const left = await merge(path, '--keep-going');
  assert.equal(left.code, 2);
  assert.match(
    left.stderr,
    /bad\.ndjson:2: model: missing\nerror: .*bad\.ndjson:4: not JSON.*\nnote: 2 reports left out\n$/,
  );
  assert.ok(!left.stderr.includes('\u001b'));
  assert.equal(left.stdout, (await merge(write('good.ndjson', `${LINES[0]}${LINES[1]}`))).stdout);
});

test('a folder says how much in it is no report by its name', async () => {
  write('mixed/1.json', TEXTS[0] ?? '');
  write('mixed/notes.txt', 'nothing');
  write('mixed/.worldswitch.json', '{}');
  const { code, stderr } = await merge(join(folder, 'mixed'));
  assert.deepEqual(
    { code, stderr },
    { code: 0, stderr: 'note: 1 file in folders left out: neither .json nor .ndjson\n' },
  );
});

test('a report without end is not read to its end', async () => {
  const long = write('long.json', `{\n${'"x": 1,\n'.repeat(50_000)}`);
  for (const path of [long, write('long.ndjson', `{"x":"${'y'.repeat(300_000)}"}\n`)]) {
    const { code, stderr } = await merge(path, '--max-bytes', '100000');
    assert.equal(code, 2);
    assert.match(stderr, /at most 100000|100000 bytes/);
  }
});

const REFUSED: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /no report: name files, or pipe them in/],
  [['-', '-'], /stdin can be only one/],
  [['no-such-file'], /no-such-file: expected a file that can be read, found no such file/],
  [['--host', '(', 'x'], /--host: Invalid regular expression/],
  [['--format', 'csv', join(folder, 'rack0.json')], /rack0\.json is merged already: rows are made of reports/],
  [['-o', FILES[0] as string, FILES[0] as string], /it is an input of this run/],
];

test('what cannot be done is said, and leaves no file', async () => {
  for (const [argv, expected] of REFUSED) {
    const { code, stderr } = await run(['merge', ...argv]);
    assert.equal(code, 2, argv.join(' '));
    assert.match(stderr, expected);
  }
  const output = join(folder, 'none.json');
  assert.equal((await merge('no-such-file', '-o', output)).code, 2);
  assert.equal(existsSync(output), false);
});

test('rows have the host that the pattern finds, and csv is quoted where it must be', async () => {
  const report = JSON.parse(TEXTS[0] ?? '');
  const path = write(
    'host.json',
    JSON.stringify({ ...report, inputs: [{ ...report.inputs[0], name: 'a,b/h"1/x\u001b.gz' }] }),
  );
  const csv = await run(['merge', path, '--format', 'csv']);
  assert.match(csv.stdout.split('\n')[1] ?? '', /^"a,b\/h""1\/x\ufffd\.gz","h""1",/);
  const { stdout } = await run(['merge', path, '--format', 'ndjson', '--host', '^[^,]+']);
  assert.equal(JSON.parse(stdout.split('\n')[0] ?? '').host, 'a');
});

test('memory does not grow with the number of reports', async () => {
  const COUNT = 16_000;
  // In MB. As text these reports take more than that, and as objects several times as much.
  const argv = ['--max-old-space-size=64', builtProgram(), 'merge', '--format', 'json'];
  assert.ok((COUNT * LINES.join('').length) / LINES.length > 64e6);
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  let merged = '';
  child.stdout.on('data', (chunk) => (merged += chunk));
  for (let at = 0; at < COUNT; at++) {
    const line = (LINES[at % LINES.length] ?? '').replace('"name":"', `"name":"host${at}/`);
    if (!child.stdin.write(line)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  const { kernels } = JSON.parse(merged) as Merged;
  assert.equal(
    Object.values(kernels).reduce((sum, { reports }) => sum + reports, 0),
    COUNT,
  );
});
