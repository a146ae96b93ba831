/** `check`: what is as expected, what is not and why, and what an update makes of it. */

import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Outcome, run as runHere, runProcess } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-check-'));
after(() => rmSync(folder, { recursive: true }));

let made = 0;
/** A folder of its own with files of the corpus. */
function folderOf(...files: readonly string[]): string {
  const path = join(folder, String(made++));
  mkdirSync(path);
  for (const file of files) copyFileSync(file, join(path, file.split('/').at(-1) ?? ''));
  return path;
}

const check = (...argv: string[]): Promise<Outcome> => runProcess(['check', ...argv]);

const TRACE = 'traces/golden/ten-runs-with-fp.ndjson';
const GOLDEN = 'traces/golden/ten-runs-with-fp.v6.14.vhe.json';
const edit = (path: string, from: string | RegExp, to: string): void => {
  const text = readFileSync(path, 'utf8');
  assert.notEqual(text.replace(from, to), text);
  writeFileSync(path, text.replace(from, to));
};

test('every expected report of the corpus is what its trace gives', async () => {
  const { code, stdout, stderr } = await check('traces', '--quiet');
  const reports = readdirSync('traces', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  // Those of traces/counted are counts of a kernel, and no reports.
  const isReport = (name: string) => !name.split('/').at(-1)?.startsWith('.') && !name.startsWith('counted/');
  const expected = reports.filter(isReport).length;
  assert.equal(stderr, '');
  assert.match(stdout, new RegExp(`^\\d+ traces: ${expected} same, \\d+ skipped\\n$`));
  assert.equal(code, 0);
});

test('a report that differs is told with where it does, and an update writes what it showed', async () => {
  const path = folderOf(TRACE, GOLDEN);
  const golden = join(path, 'ten-runs-with-fp.v6.14.vhe.json');
  const before = readFileSync(golden, 'utf8');
  edit(golden, '"verdict": "pass"', '"verdict": "fail"');
  edit(golden, '"implied": 0', '"implied": 7');
  const edited = readFileSync(golden, 'utf8');
  const differing = await check(path);
  assert.equal(differing.code, 1);
  assert.match(
    differing.stdout,
    /^differs {7}.*ten-runs-with-fp.ndjson, v6.14 vhe\n {2}verdict: fail -> pass\n {2}ledger implied: 7 -> 0\n/,
  );
  const dry = await check(path, '--update', '--dry-run');
  assert.equal(dry.code, 1);
  assert.match(dry.stdout, /ledger implied: 7 -> 0[\s\S]*\nwould write .*v6.14.vhe.json\n/);
  assert.equal(readFileSync(golden, 'utf8'), edited);
  const update = await check(path, '--update');
  assert.deepEqual(update, { code: 0, stdout: dry.stdout.replaceAll('would write', 'wrote'), stderr: '' });
  assert.equal(readFileSync(golden, 'utf8'), before);
  assert.match((await check(path)).stdout, /^same .*\n1 trace: 1 same\n$/);
});

test('why a report differs comes first: it is of another kernel, another trace, another format', async () => {
  const path = folderOf(TRACE);
  const golden = join(path, 'ten-runs-with-fp.v6.10.nvhe.json');
  copyFileSync(GOLDEN, golden);
  edit(golden, /"lines": \d+, "events": \d+/, '"lines": 1, "events": 1');
  edit(golden, '"format": 2', '"format": 1');
  const [, ...lines] = (await check(path)).stdout.split('\n');
  assert.deepEqual(lines.slice(0, 3), [
    '  other format: format 1 before, format 2 now',
    '  other model: v6.14 vhe before, v6.10 nvhe now',
    `  other trace: 1 lines, 1 events before, ${/\d+ lines, \d+ events now/.exec(lines[2] ?? '')?.[0]}`,
  ]);
});

test('an expected report that is none, or gone damaged, is said to be none', async () => {
  const path = folderOf(TRACE, GOLDEN);
  writeFileSync(join(path, 'ten-runs-with-fp.v6.14.vhe.json'), '{"format": 2');
  const { code, stdout } = await check(path);
  assert.equal(code, 1);
  assert.match(stdout, /^differs .*\n {2}is no report: not JSON/);
});

test('a trace without an expected report is there for its verdict, and gets one by an update', async () => {
  const path = folderOf(TRACE, 'traces/bugs/seed-v1-chain.ndjson');
  writeFileSync(join(path, 'window.ndjson'), '{"event":"guest_exit","cpu":0}\n');
  writeFileSync(join(path, 'broken.ndjson'), '{"event":"vcpu_load","cpu":0,"vcpu":0}\nnothing\n');
  writeFileSync(
    join(path, 'seed.ndjson'),
    `{"event":"meta","format":1,"model":"seed-v1","mode":"nvhe"}\n${readFileSync(
      'traces/bugs/seed-v1-chain.ndjson',
      'utf8',
    )
      .split('\n')
      .filter((line) => !line.includes('"meta"'))
      .join('\n')}`,
  );
  const first = await check(path);
  assert.equal(first.code, 2);
  assert.match(first.stdout, /^pass {10}.*ten-runs-with-fp.ndjson, /m);
  assert.match(first.stdout, /^not read {6}.*broken.ndjson\n {2}.*broken.ndjson:2: expected/m);
  assert.match(first.stdout, /^inconclusive {2}.*window.ndjson, /m);
  assert.match(first.stdout, /^fail {10}.*seed.ndjson, seed-v1 nvhe\n[\s\S]*?\n {2}first .*seed.ndjson:\d+: /m);
  rmSync(join(path, 'broken.ndjson'));
  assert.equal((await check(path)).code, 1);
  for (const name of ['seed', 'seed-v1-chain']) rmSync(join(path, `${name}.ndjson`));
  assert.equal((await check(path)).code, 4);
  assert.equal((await check(path, '--update')).code, 0);
  const after = await check(path);
  assert.equal(after.code, 0);
  assert.match(after.stdout, /\n2 traces: 2 same\n$/);
});

test('an expected report of no trace or of no kernel is stale; an update removes it', async () => {
  const path = folderOf(TRACE, GOLDEN);
  const stale = ['gone.v6.14.vhe.json', 'ten-runs-with-fp.v9.9.vhe.json', 'ten-runs-with-fp.v6.1-stable.hvhe.json'];
  for (const name of stale) copyFileSync(GOLDEN, join(path, name));
  // No expected report is called so.
  writeFileSync(join(path, 'settings.of.vhe.json'), '{}');
  const { code, stdout } = await check(path);
  assert.equal(code, 1);
  for (const name of stale) assert.match(stdout, new RegExp(`^stale {9}.*${name}`, 'm'));
  assert.match(stdout, /1 same, 3 stale\n$/);
  assert.equal((await check(path, '--update')).code, 0);
  assert.deepEqual(
    readdirSync(path).sort(),
    ['settings.of.vhe.json', 'ten-runs-with-fp.ndjson', GOLDEN.split('/').at(-1)].sort(),
  );
});

test('shards divide the traces among them', async () => {
  const lines = async (...argv: string[]) =>
    (await check('traces/bugs', ...argv)).stdout.trimEnd().split('\n').slice(0, -1);
  const parts = [await lines('--shard', '1/3'), await lines('--shard', '2/3'), await lines('--shard', '3/3')];
  assert.ok(parts.every((part) => part.length > 0));
  assert.deepEqual(parts.flat().sort(), (await lines()).sort());
  assert.equal((await check('traces/bugs', '--shard', '4/3')).code, 2);
});

test('a list of paths is checked as the paths are, and a job array divides it', async () => {
  const list = join(folder, 'list');
  writeFileSync(list, 'traces/bugs\n');
  const linesOf = ({ stdout }: { readonly stdout: string }) => stdout.trimEnd().split('\n').slice(0, -1).sort();
  const all = linesOf(await check('traces/bugs'));
  assert.deepEqual(linesOf(await check('--inputs', list)), all);
  const task = (id: string) =>
    runProcess(['check', '--inputs', list], '', {
      env: { ...process.env, SLURM_ARRAY_TASK_ID: id, SLURM_ARRAY_TASK_COUNT: '2', SLURM_ARRAY_TASK_MIN: '1' },
    });
  const parts = [linesOf(await task('1')), linesOf(await task('2'))];
  assert.ok(parts.every((part) => part.length > 0));
  assert.deepEqual(parts.flat().sort(), all);
  assert.match((await runHere(['check'])).stderr, /^error: no trace: name files/);
});

test('.worldswitch.json says what traces are of that do not, and which are not looked at', async () => {
  const path = folderOf('traces/bugs/fp-owner-in-the-other-instance.ndjson');
  edit(join(path, 'fp-owner-in-the-other-instance.ndjson'), /^.*"meta".*\n/, '{"event":"meta","format":1}\n');
  const plain = await check(path);
  writeFileSync(join(path, '.worldswitch.json'), '{"model": "seed-v1", "mode": "nvhe"}');
  const told = await check(path);
  assert.match(plain.stdout, /, v6.10 vhe\n/);
  assert.match(told.stdout, /^fail .*, seed-v1 nvhe\n/);
  mkdirSync(join(path, 'below'));
  copyFileSync(join(path, 'fp-owner-in-the-other-instance.ndjson'), join(path, 'below', 'x.ndjson'));
  assert.match((await check(path)).stdout, /below.x.ndjson, seed-v1 nvhe\n/);
  writeFileSync(join(path, '.worldswitch.json'), '{"skip": "not today"}');
  const skipped = await check(path);
  assert.equal(skipped.code, 0);
  assert.match(skipped.stdout, /^skipped .*\n {2}not today\n[\s\S]*\n2 traces: 2 skipped\n$/);
  for (const [text, message] of [
    ['{"modle": "v6.14"}', "unknown key 'modle' (Did you mean model"],
    ['{"model": "v0"}', "unknown model 'v0'"],
    ['{"mode": "el2"}', 'mode: expected one of vhe'],
    ['{"records": ["vcpu_lod"]}', "unknown event 'vcpu_lod' (Did you mean vcpu_load?)"],
    ['[]', 'expected an object'],
    ['{', 'not JSON'],
  ] as const) {
    writeFileSync(join(path, '.worldswitch.json'), text);
    const { code, stderr } = await check(path);
    assert.equal(code, 2, text);
    assert.ok(stderr.includes(`.worldswitch.json: ${message}`), stderr);
  }
});

test('an expected report stands for its trace on that kernel; a path that is not there, or has nothing, is refused', async () => {
  const { stdout } = await check(GOLDEN);
  assert.equal(stdout, `same          ${TRACE}, v6.14 vhe\n1 trace: 1 same\n`);
  assert.match((await check('nowhere')).stderr, /^error: cannot read nowhere: no such file/);
  assert.match((await check(folderOf())).stderr, /^error: there is no trace/);
  assert.match((await check(TRACE, '--dry-run')).stderr, /^error: --dry-run is about --update/);
  assert.equal(existsSync('nowhere'), false);
});
