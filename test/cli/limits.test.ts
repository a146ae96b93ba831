/** What a hostile file can ask for has a limit, the error names it, and an option lifts it. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createReplay } from '../../lib/replay/replay.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { KIND } from '../../lib/trace/vocabulary.ts';
import { run } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(content: string | Uint8Array): string {
  const path = join(folder, `${++files}.ndjson`);
  writeFileSync(path, content);
  return path;
}

const LINE = '{"event":"cpu_on","cpu":0}\n';
const MEBIBYTE = 1024 * 1024;

interface Limit {
  readonly name: string;
  readonly content: () => string | Uint8Array;
  /** Options with which the limit is passed, and with which it is not. */
  readonly tight: readonly string[];
  readonly lifted: readonly string[];
  readonly message: RegExp;
}

const LIMITS: readonly Limit[] = [
  {
    name: 'length of a line',
    content: () => `${LINE}{"event":"cpu_on","cpu":0,"note":"${'x'.repeat(MEBIBYTE)}"}\n`,
    tight: [],
    lifted: ['--max-line-bytes', String(2 * MEBIBYTE)],
    message:
      /:2: error: expected a line of at most 1048576 bytes, found a longer one \(--max-line-bytes lifts this limit\)$/m,
  },
  {
    name: 'bytes after decompression',
    content: () => gzipSync(LINE.repeat(100)),
    tight: ['--max-bytes', String(LINE.length * 100 - 1)],
    lifted: ['--max-bytes', String(LINE.length * 100)],
    message: /expected at most 2699 bytes after decompression, found more \(--max-bytes lifts this limit\)$/m,
  },
  {
    name: 'bytes for each compressed byte',
    content: () =>
      Buffer.concat(Array.from({ length: 66 }, () => gzipSync(Buffer.alloc(MEBIBYTE, '\n'), { level: 9 }))),
    tight: ['--max-ratio', '500'],
    lifted: [],
    message: /expected at most 500 bytes for each compressed byte, found \d+ bytes from \d+ \(--max-ratio lifts/m,
  },
  {
    name: 'tasks and vCPUs',
    content: () => Array.from({ length: 9 }, (_, n) => `{"event":"vcpu_reset","vm":${n},"vcpu":${n}}\n`).join(''),
    tight: ['--max-entities', '8'],
    lifted: ['--max-entities', '9'],
    message:
      /:9: error: expected at most 8 tasks and vCPUs in a trace, found another one \(replay --max-entities lifts/m,
  },
];

for (const { name, content, tight, lifted, message } of LIMITS) {
  test(name, async () => {
    const path = file(content());
    const refused = await run(['replay', path, ...tight]);
    assert.deepEqual([refused.code, refused.stdout], [2, '']);
    assert.match(refused.stderr, message);
    assert.equal((await run(['replay', path, ...lifted, '--allow-empty'])).code, 0);
  });
}

test('the format itself has 4096 CPUs', async () => {
  assert.equal((await run(['replay', file('{"event":"cpu_on","cpu":4095}\n')])).code, 0);
  assert.equal((await run(['replay', file('{"event":"cpu_on","cpu":4096}\n')])).code, 2);
});

test('too many tasks and vCPUs end the run with --keep-going too', async () => {
  const text = Array.from({ length: 3 }, (_, n) => `{"event":"task_switch","cpu":0,"next":${n + 1}}\n`).join('');
  const { code, stderr } = await run(['replay', file(text), '--keep-going', '--max-entities', '2']);
  assert.deepEqual([code, /:3: error: expected at most 2 tasks/.test(stderr)], [2, true]);
});

test('as many tasks and vCPUs as the limit says, and no more', () => {
  const replay = createReplay({ maxEntities: 1000 });
  const event = createEventRecord();
  event.kind = KIND.vcpu_reset;
  for (let vm = 0; vm < 1000; vm++) {
    Object.assign(event, { vm, vcpu: vm * 2 ** 40, line: vm + 1 });
    assert.equal(replay.step(event), undefined);
  }
  event.vm = 1000;
  assert.equal(replay.step(event)?.option, 'replay --max-entities');
});

test('what vCPUs beyond the first ten thousand cost is one entry, and nothing is lost', async () => {
  const load = (n: number) => `{"event":"vcpu_load","cpu":0,"vcpu":${n}}\n{"event":"vcpu_put","cpu":0}\n`;
  const text = Array.from({ length: 10_002 }, (_, n) => load(n)).join('');
  const { stdout } = await run(['replay', file(text), '--format', 'json']);
  const { cost } = JSON.parse(stdout);
  const names = Object.keys(cost.by_vcpu);
  assert.deepEqual([names.length, names[0], names.at(-1)], [10_001, '(others)', '0/9999']);
  const count = (costs: Record<string, { count: number }>) =>
    Object.values(costs).reduce((sum, each) => sum + each.count, 0);
  const told = names.reduce((sum, name) => sum + count(cost.by_vcpu[name]), 0);
  assert.equal(told, count(cost.total));
});

test('names that a trace makes up are cut in the report', async () => {
  const text = Array.from(
    { length: 3 },
    (_, n) => `{"event":"${'x'.repeat(1000)}${n}","${'y'.repeat(1000)}":1}\n`,
  ).join('');
  const { stdout } = await run(['replay', file(text), '--format', 'json']);
  const { ledger } = JSON.parse(stdout);
  assert.deepEqual(ledger.unknown_events, { [`${'x'.repeat(197)}...`]: 3 });
  assert.ok(stdout.length < 5000);
});

test('a line without an end is an error as soon as it is too long', async () => {
  let taken = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      taken += MEBIBYTE;
      yield Buffer.alloc(MEBIBYTE, 'x');
    }
  }
  const { readTrace } = await import('../../lib/ingest/reader.ts');
  for await (const batch of readTrace(['-'], { stdin: endless() }).batches) {
    assert.equal(batch.read(0, createEventRecord())?.line, 1);
    break;
  }
  assert.ok(taken <= 4 * MEBIBYTE);
});

test('a report that is read is bounded, however it is compressed, and whatever it is', async () => {
  const report = (await run(['replay', file(LINE), '--format', 'json'])).stdout;
  const [plain, packed] = [file(report), file(gzipSync(report))];
  const just = ['--max-report-bytes', String(report.length)];
  const less = ['--max-report-bytes', String(report.length - 1)];
  for (const path of [plain, packed]) {
    assert.equal((await run(['diff', path, plain, ...just])).code, 0);
    assert.equal((await run(['replay', '--golden', path, file(LINE), ...just])).stderr, '');
    for (const argv of [
      ['diff', path, plain],
      ['replay', '--golden', path, file(LINE)],
    ]) {
      const { code, stderr } = await run([...argv, ...less]);
      assert.equal(code, 2);
      assert.match(stderr, /: expected at most \d+ bytes, found more \(--max-report-bytes lifts this limit\)\n$/);
    }
  }
  for (const path of ['/dev/zero', file(gzipSync(Buffer.alloc(100 * MEBIBYTE)))]) {
    assert.match((await run(['diff', path, plain])).stderr, /expected at most 16777216 bytes, found more/);
  }
});
