/** Every kind of bad line on the command line: the message names it, nothing is reported, and --keep-going leaves it out. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as zlib from 'node:zlib';
import { BAD, type BadLine } from '../support/bad-lines.ts';
import { run, runProcess } from '../support/cli.ts';
import { zstdFrame } from '../support/zstd-frame.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

const GOOD = ['{"event":"vcpu_reset","vcpu":0}', '', '{"event":"vcpu_reset","vcpu":1,"note":"\u2028"}'];
const LIMIT = ['--max-line-bytes', '250000'];

const readsZstd = 'createZstdDecompress' in zlib || spawnSync('zstd', ['--version']).status === 0;
const PACKINGS: readonly (readonly [name: string, pack: (bytes: Buffer) => Buffer])[] = [
  ['plain.ndjson', (bytes) => bytes],
  ['packed.ndjson.gz', (bytes) => zlib.gzipSync(bytes)],
  ...(readsZstd ? [['packed.ndjson.zst', zstdFrame] as const] : []),
];

const joined = (lines: readonly (string | Uint8Array)[]): Buffer =>
  Buffer.concat(lines.flatMap((line) => [Buffer.from(line as string), Buffer.from('\n')]));

function traceWith({ text }: BadLine, position: number): Buffer {
  return joined([...GOOD.slice(0, position), text, ...GOOD.slice(position)]);
}

for (const [name, pack] of PACKINGS) {
  test(`${name}: every bad line, first, in the middle and last`, async () => {
    const path = join(folder, name);
    for (const bad of BAD) {
      for (const position of [0, 1, GOOD.length]) {
        writeFileSync(path, pack(traceWith(bad, position)));
        const context = `${bad.name} at ${position}`;
        const refused = await run(['replay', path, ...LIMIT]);
        assert.deepEqual([refused.code, refused.stdout], [2, ''], context);
        assert.match(
          refused.stderr,
          new RegExp(`^.*${name}:${position + 1}: error: .*expected .*, found .*\n$`),
          context,
        );
        const passed = await run(['replay', path, ...LIMIT, '--keep-going', '--format', 'json']);
        const { verdict, ledger, events } = JSON.parse(passed.stdout);
        assert.deepEqual(
          [passed.code, verdict, ledger.skipped_lines, events],
          [0, 'inconclusive', 1, { vcpu_reset: 2 }],
          context,
        );
        assert.ok(passed.stderr.startsWith(refused.stderr), context);
      }
    }
  });
}

test('stdin: every bad line of many is named, and in the same words', async () => {
  const bytes = joined(BAD.flatMap(({ text }) => [GOOD[0] ?? '', text]));
  const path = join(folder, 'all.ndjson');
  writeFileSync(path, bytes);
  const options = [...LIMIT, '--keep-going', '--format', 'json'];
  const stdin = await runProcess(['replay', '-', ...options], bytes);
  const file = await run(['replay', path, ...options]);
  const named = [...stdin.stderr.matchAll(/^<stdin>:(\d+): error: /gm)].map(([, line]) => Number(line));
  assert.deepEqual(
    named,
    BAD.map((_, index) => 2 * index + 2),
  );
  assert.equal(stdin.code, 0);
  assert.equal(stdin.stderr, file.stderr.replaceAll(path, '<stdin>'));
  const { inputs, verdict } = JSON.parse(stdin.stdout);
  assert.deepEqual([inputs[0].events, verdict], [BAD.length, 'inconclusive']);
  const refused = await runProcess(['replay', '-', ...LIMIT], bytes);
  assert.deepEqual([refused.code, refused.stdout], [2, '']);
  assert.match(refused.stderr, /^<stdin>:2: error: .*\n$/);
});
