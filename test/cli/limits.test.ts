/** What a hostile file can ask for has a limit, the error names it, and an option lifts it. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createReplay } from '../../lib/replay/replay.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { KIND } from '../../lib/trace/vocabulary.ts';
import { run } from '../support/cli.ts';
import { measured } from '../support/measure.ts';

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

test('files that are looked for are bounded too: a list of inputs, settings of a folder, an expected report', async () => {
  const inner = join(folder, 'looked-for');
  const reports = join(inner, 'reports');
  mkdirSync(inner);
  const trace = join(inner, 'trace.ndjson');
  writeFileSync(trace, LINE);
  const each = (...argv: string[]) => run(['replay', '--each', '--reports', reports, ...argv]);
  const refused = async (outcome: ReturnType<typeof run>, message: RegExp) => {
    const { code, stderr } = await outcome;
    assert.deepEqual([code, message.test(stderr)], [2, true], stderr);
  };
  if (existsSync('/dev/zero')) {
    await refused(
      each('--inputs', '/dev/zero'),
      /^\/dev\/zero:1: error: expected a line of at most 4096 bytes, found a longer one$/m,
    );
    symlinkSync('/dev/zero', join(inner, '.worldswitch.json'));
    await refused(run(['check', inner]), /^error: cannot read \S+\.worldswitch\.json: it is no regular file$/m);
    rmSync(join(inner, '.worldswitch.json'));
    for (const what of ['ftrace', 'text'])
      await refused(run(['import', what, '/dev/zero']), /^(?:error: )?\/dev\/zero/m);
  }
  await refused(each('--inputs', inner), /^error: \S+: expected a file that can be read, found a directory$/m);
  const list = file(`${trace}\n${LINE}\n${LINE}`);
  await refused(
    each('--inputs', list, '--max-inputs', '2'),
    /expected at most 2 paths, found more \(--max-inputs lifts this limit\)$/m,
  );
  writeFileSync(join(inner, '.worldswitch.json'), ' '.repeat(2 * MEBIBYTE));
  await refused(run(['check', inner]), /\.worldswitch\.json: expected at most 1048576 bytes, found 2097152$/m);
  rmSync(join(inner, '.worldswitch.json'));
  const golden = join(inner, 'trace.v6.10.vhe.json');
  writeFileSync(golden, ' '.repeat(17 * MEBIBYTE));
  const { code, stdout } = await run(['check', inner]);
  assert.equal(code, 1);
  assert.match(stdout, /expected at most 16777216 bytes, found 17825792\s+\(--max-report-bytes lifts this limit\)/);
  assert.match((await run(['check', inner, '--max-report-bytes', String(32 * MEBIBYTE)])).stdout, /is no report/);
});

test('a report that was left in the place of one, and is none, is made again', async () => {
  const inner = join(folder, 'left');
  const [trace, report] = [file(LINE), ''];
  const path = join(inner, `${trace}.json`);
  mkdirSync(dirname(path), { recursive: true });
  const argv = ['replay', '--each', '--reports', inner, '--allow-empty', trace];
  for (const leave of [() => symlinkSync('/dev/zero', path), () => writeFileSync(path, report)]) {
    rmSync(path, { force: true });
    leave();
    const { code, stderr } = await run(argv);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(JSON.parse(readFileSync(path, 'utf8')).format, 2);
  }
});

test('a path that cannot be looked at is an input that cannot be read', async () => {
  const reports = join(folder, 'unreadable');
  const names = ['x'.repeat(300), `${LINE}/..`, 'x'.repeat(5000)];
  const { code, stdout } = await run(['replay', '--each', '--reports', reports, ...names]);
  assert.equal(code, 2);
  assert.equal(stdout.match(/^not read /gm)?.length, 3);
});

test('a capture whose lines are empty takes no more memory than others', async () => {
  const capture = file(
    `${' kvm-1     [000] d..1.  100.000001: kvm_entry: PC: 0xffff800010000000\n'}${'\n'.repeat(30 * MEBIBYTE)}`,
  );
  const { maxRSS, code } = await measured(['import', 'ftrace', capture]);
  assert.equal(code, 0);
  assert.ok(maxRSS < 400, `${maxRSS} MB`);
});

/** Every place where a command takes a file; `F` stands for it. */
const READING: readonly string[] = [
  ...['replay F', 'replay --reader ndjson F', 'view F', 'export perfetto F', 'explain F', 'state --at 3 F', 'events F'],
  ...[
    'minimize F',
    'compare --models v6.10 F',
    'check F',
    'costs F',
    'layouts F',
    'probes --btf F',
    'footprint --btf F',
  ],
  ...['import ftrace F', 'import text F', 'identify F', 'diff F F', 'merge F', 'coverage F', 'replay --golden F TRACE'],
  ...[
    'replay TRACE F',
    'replay --each --reports REPORTS F',
    'replay --each --reports REPORTS --inputs F',
    'check --inputs F',
  ],
];

test('a device that never ends is refused by every command, and so are folders and devices without anything', async (t) => {
  const trace = file(LINE);
  const odd = join(folder, 'odd');
  mkdirSync(odd);
  for (const [name, target] of Object.entries({ circle: 'circle.ndjson', nowhere: 'gone', endless: '/dev/zero' })) {
    symlinkSync(target, join(odd, `${name}.ndjson`));
  }
  for (const device of ['/dev/zero', '/dev/null', odd, '/dev/full'].filter(existsSync)) {
    for (const line of READING) {
      await t.test(`${line}: ${device.replace(folder, '')}`, { timeout: 20_000 }, async () => {
        const words: Readonly<Record<string, string>> = {
          F: device,
          TRACE: trace,
          REPORTS: join(folder, 'of-devices'),
        };
        const { code, stdout, stderr } = await run(line.split(' ').map((word) => words[word] ?? word));
        // An empty trace is one, and a folder may be one of traces.
        const codes = device === '/dev/null' || device === odd ? [0, 1, 2, 4] : [2];
        assert.ok(codes.includes(code as number), `exit code ${code}: ${stderr}`);
        assert.ok(stdout.length + stderr.length < MEBIBYTE);
      });
    }
  }
});
