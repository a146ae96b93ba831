/** `replay --each`: a report for each trace, as `replay` alone gives it, however the work is divided and interrupted. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { type Outcome, run as runHere, runProcess, start } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-each-'));
after(() => rmSync(folder, { recursive: true }));
const traces = join(folder, 'traces');
const LIST = join(folder, 'list');
const NAMES = readdirSync('traces/golden').filter((name) => name.endsWith('.ndjson'));
mkdirSync(traces);
for (const name of NAMES) copyFileSync(`traces/golden/${name}`, join(traces, name));
const PATHS = NAMES.map((name) => join(traces, name));
writeFileSync(LIST, `${PATHS.join('\r\n')}\n\n`);

let folders = 0;
const newFolder = (): string => join(folder, `reports-${folders++}`);
/** Its processes, and those that it starts, are of what is built. */
const run = (argv: readonly string[], env: Record<string, string> = {}): Promise<Outcome> =>
  runProcess(argv, '', { env: { ...process.env, ...env } });
const each = (reports: string, ...more: string[]): Promise<Outcome> =>
  run(['replay', '--each', '--inputs', LIST, '--reports', reports, ...more]);

/** Everything below the folder, by its path in it. */
function filesOf(reports: string): Record<string, string> {
  const files = readdirSync(reports, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort();
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(reports, name), 'utf8')]));
}

const whole = newFolder();
const first = await each(whole, '--jobs', '2');

test('each report is what replay says of the trace, under the name that the list has for it', async () => {
  assert.equal(first.stderr, '');
  for (const path of PATHS) {
    const report = JSON.parse(readFileSync(join(whole, `${path}.json`), 'utf8'));
    assert.equal(report.inputs[0].name, path);
    const alone = JSON.parse((await runHere(['replay', '--format', 'json', path])).stdout);
    assert.deepEqual(report, { ...alone, inputs: [{ ...alone.inputs[0], name: path }] });
  }
});

test('the result has a line for each trace and their sum, and the exit code is the worst', () => {
  const lines = first.stdout.trimEnd().split('\n');
  assert.equal(lines.length, PATHS.length + 1);
  assert.match(lines.at(-1) ?? '', new RegExp(`^${PATHS.length} traces: \\d+ pass, \\d+ fail`));
  assert.equal(first.code, 1);
});

test('the same bytes from one process, from two, and from shards', async () => {
  const one = newFolder();
  assert.deepEqual(await each(one, '--jobs', '1'), first);
  assert.deepEqual(filesOf(one), filesOf(whole));
  const sharded = newFolder();
  for (const shard of ['1/3', '2/3', '3/3']) {
    const { stderr } = await each(sharded, '--jobs', '1', '--shard', shard);
    assert.match(stderr, new RegExp(`^note: shard ${shard[0]} of 3 `));
  }
  assert.deepEqual(filesOf(sharded), filesOf(whole));
});

test('Slurm and Kubernetes say which shard it is', async () => {
  const argv = ['replay', '--each', '--inputs', LIST, '--jobs', '1', '--reports'];
  const slurm = { SLURM_ARRAY_TASK_ID: '2', SLURM_ARRAY_TASK_MIN: '1', SLURM_ARRAY_TASK_COUNT: '3' };
  const [said, bySlurm, byKubernetes] = [newFolder(), newFolder(), newFolder()];
  const expected = await run([...argv, said, '--shard', '2/3']);
  assert.equal((await run([...argv, bySlurm], slurm)).stdout, expected.stdout);
  const pod = { JOB_COMPLETION_INDEX: '1' };
  assert.equal((await run([...argv, byKubernetes, '--shard', '/3'], pod)).stdout, expected.stdout);
});

test('a rerun does what is missing, older or damaged, and nothing else', async () => {
  const reports = newFolder();
  await each(reports);
  const [missing = '', older = '', damaged = '', ...others] = PATHS.map((path) => join(reports, `${path}.json`));
  const before = new Map(others.map((path) => [path, statSync(path).ino]));
  rmSync(missing);
  utimesSync(older, 1, 1);
  const { mtime } = statSync(damaged);
  writeFileSync(damaged, readFileSync(damaged, 'utf8').slice(0, 100));
  utimesSync(damaged, mtime, mtime);
  const { stdout } = await each(reports);
  assert.match(stdout, new RegExp(`; ${PATHS.length - 3} reports were there\n$`));
  assert.deepEqual(filesOf(reports), filesOf(whole));
  for (const path of others) assert.equal(statSync(path).ino, before.get(path), path);
});

test('a trace that changes after its report is replayed again', async () => {
  const trace = join(folder, 'growing.ndjson');
  const reports = newFolder();
  const lines = readFileSync(PATHS[0] as string, 'utf8')
    .trimEnd()
    .split('\n');
  const argv = ['replay', '--each', trace, '--reports', reports];
  const inputs = () => JSON.parse(readFileSync(join(reports, `${trace}.json`), 'utf8')).inputs[0].lines;
  writeFileSync(trace, `${lines.slice(0, -1).join('\n')}\n`);
  await run(argv);
  assert.equal(inputs(), lines.length - 1);
  const { mtimeMs } = statSync(trace);
  writeFileSync(trace, `${lines.join('\n')}\n`);
  utimesSync(trace, mtimeMs / 1000 + 2, mtimeMs / 1000 + 2);
  await run(argv);
  assert.equal(inputs(), lines.length);
});

test('killed at any moment, it leaves whole reports, and a rerun completes them', async () => {
  const reports = newFolder();
  const argv = ['replay', '--each', '--inputs', LIST, '--reports', reports, '--jobs', '1'];
  const child = start(argv);
  // After its first line: in the middle of the traces.
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
  const left = filesOf(reports);
  const expected = filesOf(whole);
  for (const [name, text] of Object.entries(left)) if (name !== '.worldswitch.json') assert.equal(text, expected[name]);
  await each(reports);
  assert.deepEqual(filesOf(reports), expected);
});

test('what cannot be read is said, and stops nothing else', async () => {
  const bad = join(folder, 'bad.ndjson');
  writeFileSync(bad, '{"event":"vcpu_load","cpu":"x"}\n');
  const reports = newFolder();
  const missing = join(folder, 'no\u001b[31mthing');
  const good = PATHS[0] as string;
  const { code, stdout, stderr } = await run(['replay', '--each', bad, missing, folder, good, '--reports', reports]);
  assert.equal(code, 2);
  assert.match(stdout, /^4 traces: 1 \w+, 3 not read$/m);
  assert.match(stderr, /^\S*bad\.ndjson:1: error: field "cpu": expected an integer/m);
  assert.match(stderr, /^error: .*no\\u\{1b\}\[31mthing: expected a file that can be read, found no such file$/m);
  assert.ok(!`${stdout}${stderr}`.includes('\u001b'));
  assert.ok(existsSync(join(reports, `${good}.json`)));
  assert.ok(!existsSync(join(reports, `${bad}.json`)));
});

test('reports of other options are not mixed with those that are there', async () => {
  const { code, stderr } = await each(whole, '--strict');
  assert.equal(code, 2);
  assert.match(stderr, /were made with other options or by another version/);
});

test('no input has its report outside of the folder, and no two have one', async () => {
  const reports = newFolder();
  const inside = `${traces}/../${basename(traces)}/${NAMES[0]}`;
  await run(['replay', '--each', inside, '--reports', reports]);
  assert.deepEqual(Object.keys(filesOf(reports)).filter((name) => name.includes('%2E%2E')).length, 1);
  const twice = await run(['replay', '--each', PATHS[0] as string, `/${PATHS[0]}`, '--reports', newFolder()]);
  assert.equal(twice.code, 2);
  assert.match(twice.stderr, /would have one report/);
});

const REFUSED: readonly (readonly [readonly string[], RegExp])[] = [
  [['--each', 'a'], /--reports DIR/],
  [['--each', '--reports', 'r'], /no trace/],
  [['--each', '-', '--reports', 'r'], /stdin has no name/],
  [['--each', 'a', '--reports', 'r', '--format', 'json'], /no --format/],
  [['--each', 'a', '--reports', 'r', '--golden', 'g'], /--golden is about one report/],
  [['--each', 'a', '--reports', 'r', '--explain'], /--explain is about one report/],
  [['--each', 'a', '--reports', 'r', '--out', 'json:x'], /--out is about one report/],
  [['--each', 'a', '--reports', 'r', '--shard', '5/4'], /shard 5 of 4/],
  [['--each', 'a', '--reports', 'r', '--event', 'nothing'], /unknown event/],
  [['--each', 'a', '--reports', 'r', '--model', 'v0'], /unknown model/],
  [
    ['--each', '--inputs', 'no-such-list', '--reports', 'r'],
    /no-such-list: expected a file that can be read, found no such file/,
  ],
  [['--each', 'a', '--reports', '/dev/null/r'], /cannot write to/],
  [['a', '--reports', 'r'], /--reports goes with --each/],
  [['a', '--shard', '1/2'], /--shard goes with --each/],
];

test('options that say nothing or contradict each other are refused before anything is made', async () => {
  for (const [argv, expected] of REFUSED) {
    const { code, stderr } = await run(['replay', ...argv]);
    assert.equal(code, 2, argv.join(' '));
    assert.match(stderr, expected);
  }
  assert.equal(existsSync('r'), false);
});
