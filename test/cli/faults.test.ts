/** What goes wrong around a run: files that change, pipes, full disks, signals. Each has its message, and leaves no half a file. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readTrace } from '../../lib/ingest/reader.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { builtProgram } from '../support/built.ts';
import { run, start as startProcess } from '../support/cli.ts';
import { skipUnless } from '../support/skip.ts';
import { skip as WITHOUT_THREADS } from '../support/threads.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** A process that does not outlive the tests. */
function start(argv: readonly string[]): ChildProcess {
  const child = startProcess(argv);
  children.push(child);
  // It may end before it has read everything.
  child.stdin?.on('error', () => {});
  return child;
}

/** A process that does not end by itself must not hold up the rest. */
const TIMEOUT = { timeout: 60_000 };

const LINES = '{"event":"vcpu_load","cpu":0,"vcpu":0}\n{"event":"guest_fp","cpu":0}\n{"event":"vcpu_put","cpu":0}\n';

let files = 0;
function file(content: string | Uint8Array = ''): string {
  const path = join(folder, `${++files}.ndjson`);
  writeFileSync(path, content);
  return path;
}

function fifo(): string {
  const path = join(folder, `${++files}.fifo`);
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  return path;
}
const NO_FIFO = skipUnless(process.platform === 'linux', 'FIFOs and signals are those of Linux');

/** What the process writes to stderr and stdout, and how it ends. */
async function outcomeOf(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const text = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (text.stdout += chunk));
  child.stderr?.on('data', (chunk) => (text.stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, ...text };
}

/** Waits until the process has made the temporary file of its `--out`, that is, until it runs. */
async function running(): Promise<void> {
  for (let tries = 0; temporaryFiles().length === 0; tries++) {
    assert.ok(tries < 1000, 'the process did not start');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function temporaryFiles(): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.tmp'));
}

/** Events and errors of the file, of which `change` is called after the first batch. */
async function readWhile(
  path: string,
  change: () => void,
  threads: 1 | 2 = 1,
): Promise<{ events: number; faults: string[] }> {
  const event = createEventRecord();
  const source = readTrace([path], { chunkSize: 1000, threads });
  const faults: string[] = [];
  let events = 0;
  for await (const batch of source.batches) {
    for (let index = 0; index < batch.length; index++) {
      const error = batch.read(index, event);
      if (error === undefined) events++;
      else faults.push(`${error.line}: expected ${error.expected}, found ${error.found}`);
    }
    if (events > 0) change();
    change = () => {};
  }
  return { events, faults };
}

test('a file that grows while it is read is read to its new end', async () => {
  const path = file(LINES.repeat(100));
  const { events, faults } = await readWhile(path, () => appendFileSync(path, LINES.repeat(50)));
  assert.deepEqual([events, faults], [450, []]);
});

test('a file whose last line is still being written ends in an error of that line', async () => {
  const path = file(LINES.repeat(100));
  const { events, faults } = await readWhile(path, () => appendFileSync(path, '{"event":"vcpu_l'));
  assert.deepEqual(
    [events, faults],
    [300, ['301: expected a closing double quote at character 17, found the end of the line']],
  );
});

test('a file that is made shorter while it is read is an error', async () => {
  const path = file(LINES.repeat(100));
  const { faults } = await readWhile(path, () => truncateSync(path, LINES.length * 50));
  const expected = `a file of ${LINES.length * 100} bytes, as when it was opened`;
  assert.deepEqual(faults, [`0: expected ${expected}, found only ${LINES.length * 50}: it was made shorter`]);
});

test('a file that is made shorter while a thread of its own reads it', { skip: WITHOUT_THREADS }, async () => {
  const path = file(LINES.repeat(200_000));
  const { faults } = await readWhile(path, () => truncateSync(path, LINES.length * 199_000), 2);
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? '', /^0: expected a file of \d+ bytes, .* it was made shorter$/);
});

test('a file that is made shorter, compressed', async () => {
  const packed = gzipSync(Array.from({ length: 3000 }, (_, n) => `{"event":"cpu_on","cpu":${n}}\n`).join(''));
  const path = file(packed);
  const { faults } = await readWhile(path, () => truncateSync(path, packed.length - 100));
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? '', /^0: .* it was made shorter$/);
});

test('a FIFO is read from its writer to its end', { ...TIMEOUT, skip: NO_FIFO }, async () => {
  const path = fifo();
  const child = start(['replay', path, '--format', 'json']);
  const outcome = outcomeOf(child);
  const writer = createWriteStream(path);
  writer.write(LINES.slice(0, 50));
  await new Promise((resolve) => setTimeout(resolve, 100));
  writer.end(LINES.slice(50) + LINES.repeat(20_000));
  const { code, stdout } = await outcome;
  assert.deepEqual([code, JSON.parse(stdout).inputs[0].events], [0, 60_003]);
});

for (const [signal, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} while nobody writes to a FIFO`, { ...TIMEOUT, skip: NO_FIFO }, async () => {
    const out = join(folder, `${signal}.json`);
    const child = start(['replay', fifo(), '--out', `json:${out}`]);
    const outcome = outcomeOf(child);
    await running();
    child.kill(signal);
    assert.equal((await outcome).code, expected);
    assert.deepEqual([temporaryFiles(), JSON.parse(readFileSync(out, 'utf8')).partial], [[], true]);
  });

  test(
    `${signal} in the middle: a report of what was read, marked as such, on stdout and in files`,
    TIMEOUT,
    async () => {
      const out = join(folder, `middle-${signal}.json`);
      const child = start(['replay', '-', '--format', 'ndjson', '--out', `json:${out}`]);
      const outcome = outcomeOf(child);
      const written = once(child.stdout as NodeJS.ReadableStream, 'data');
      // Enough of it that transitions are written; the rest never comes.
      child.stdin?.write(LINES.repeat(3000));
      await written;
      child.kill(signal);
      const { code, stdout, stderr } = await outcome;
      const report = JSON.parse(readFileSync(out, 'utf8'));
      const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
      assert.deepEqual(last, { type: 'report', ...report });
      assert.deepEqual([code, report.partial, report.verdict], [expected, true, 'inconclusive']);
      assert.equal(report.reasons[0], `only a part was replayed: ended by ${signal}`);
      assert.match(
        stderr,
        new RegExp(`^note: the verdict is inconclusive:\n  only a part was replayed: ended by ${signal}\n`),
      );
      assert.equal(report.inputs[0].events, report.events.vcpu_load + report.events.guest_fp + report.events.vcpu_put);
      assert.deepEqual(temporaryFiles(), []);
    },
  );
}

test('a violation found before the signal still fails the report', TIMEOUT, async () => {
  const child = start(['replay', '-', '--format', 'ndjson']);
  const outcome = outcomeOf(child);
  const written = once(child.stdout as NodeJS.ReadableStream, 'data');
  // A vCPU that is loaded twice.
  child.stdin?.write(`${LINES.split('\n')[0]}\n${LINES.repeat(3000)}`);
  await written;
  child.kill('SIGINT');
  const { code, stdout } = await outcome;
  const report = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  assert.deepEqual([code, report.partial, report.verdict], [130, true, 'fail']);
});

test('the second signal ends a run whose reader is stuck', TIMEOUT, async () => {
  const child = start(['replay', '-', '--format', 'ndjson']);
  const ended = once(child, 'exit');
  // Nobody reads its stdout.
  child.stdin?.write(LINES.repeat(100_000));
  await once(child.stdout as NodeJS.ReadableStream, 'readable');
  // Time for what is between the two to fill up; where it is not yet full, the first signal ends it.
  for (const wait of [700, 300]) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    child.kill('SIGINT');
  }
  const [code] = await ended;
  assert.equal(code, 130);
  child.stdout?.destroy();
});

test('a signal ends an import and takes its temporary file away', TIMEOUT, async () => {
  const out = join(folder, 'imported.ndjson');
  const child = start(['import', 'ftrace', '-', '--output', out]);
  const outcome = outcomeOf(child);
  await running();
  child.kill('SIGINT');
  assert.equal((await outcome).code, 130);
  assert.deepEqual([temporaryFiles(), existsSync(out)], [[], false]);
});

test('a disk that is full leaves neither the file nor a part of it', {
  skip: skipUnless(existsSync('/bin/bash'), 'no bash'),
}, async () => {
  const trace = file(LINES.repeat(2000));
  const out = join(folder, 'full.ndjson');
  writeFileSync(out, 'as it was');
  // Files of this process may have 64 kB: a write beyond is refused, as on a full disk.
  const command = `trap '' XFSZ; ulimit -f 64; exec "$@"`;
  const program = [process.execPath, builtProgram()];
  const argv = ['replay', trace, '--out', `ndjson:${out}`, '--no-progress'];
  const { status, stderr } = spawnSync('/bin/bash', ['-c', command, 'bash', ...program, ...argv], { encoding: 'utf8' });
  assert.match(stderr, /^error: cannot write \S+full\.ndjson: file too large$/m);
  assert.deepEqual([status, readFileSync(out, 'utf8'), temporaryFiles()], [2, 'as it was', []]);
});

for (const [what, change] of [
  ['its folder vanishes', (inner: string) => rmSync(inner, { recursive: true })],
  ['its temporary file vanishes', (inner: string) => readdirSync(inner).map((name) => rmSync(join(inner, name)))],
  ['a folder takes its name', (inner: string) => mkdirSync(join(inner, 'report.json'))],
] as const) {
  test(`an output cannot be written where ${what} during the run`, TIMEOUT, async () => {
    const inner = join(folder, 'inner-of-fault');
    mkdirSync(inner);
    const out = join(inner, 'report.json');
    const child = start(['replay', '-', '--out', `json:${out}`]);
    const outcome = outcomeOf(child);
    for (let tries = 0; readdirSync(inner).length === 0; tries++) {
      assert.ok(tries < 1000, 'the process did not start');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    change(inner);
    child.stdin?.end(LINES);
    const { code, stderr } = await outcome;
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^error: cannot write \S+report\.json: [^\n]+\n$/m);
    assert.deepEqual(existsSync(inner) ? readdirSync(inner).filter((name) => name.endsWith('.tmp')) : [], []);
    rmSync(inner, { recursive: true, force: true });
  });
}

test('an output cannot be written where nothing can be, and the run says so before it begins', async () => {
  for (const path of ['/proc/report.json', '/proc/self/report.json', join(folder, 'missing/report.json'), folder]) {
    const { code, stdout, stderr } = await run(['replay', file(LINES), '--out', `json:${path}`]);
    assert.deepEqual([code, stdout], [2, ''], path);
    assert.match(stderr, /^error: cannot write \S+: [^\n]+\n$/);
  }
});

test('an output whose name is as long as names can be', async () => {
  const out = join(folder, `${'n'.repeat(250)}.json`);
  assert.equal((await run(['replay', file(LINES), '--out', `json:${out}`])).code, 0);
  assert.equal(JSON.parse(readFileSync(out, 'utf8')).format, 2);
  rmSync(out);
});

test('an output goes where links lead, whether there is a file or not', async () => {
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  symlinkSync(inner, join(folder, 'way'));
  // Not beside the link as it is named, but beside where it is.
  symlinkSync('../target.json', join(inner, 'second'));
  symlinkSync('way/second', join(folder, 'first'));
  for (const times of [1, 2]) {
    const out = join(folder, 'first');
    assert.equal((await run(['replay', file(LINES), '--out', `json:${out}`])).code, 0);
    assert.equal(lstatSync(out).isSymbolicLink() && lstatSync(join(inner, 'second')).isSymbolicLink(), true);
    assert.equal(JSON.parse(readFileSync(join(folder, 'target.json'), 'utf8')).format, 2, `time ${times}`);
  }
  symlinkSync('circle', join(folder, 'circle'));
  symlinkSync('missing/file', join(folder, 'nowhere'));
  for (const [name, why] of [
    ['circle', 'too many symbolic links encountered'],
    ['nowhere', 'no such file or directory'],
  ]) {
    const { code, stderr } = await run(['replay', file(LINES), '--out', `json:${join(folder, name as string)}`]);
    assert.deepEqual([code, stderr], [2, `error: cannot write ${join(folder, name as string)}: ${why}\n`]);
  }
  assert.deepEqual(temporaryFiles(), []);
});

test('a report goes to a FIFO, and an --out that nobody reads any more is no error', {
  ...TIMEOUT,
  skip: NO_FIFO,
}, async () => {
  const path = fifo();
  const reader = spawnSync('bash', ['-c', `head -c 10 < ${path} > /dev/null &`], { stdio: 'ignore' });
  assert.equal(reader.status, 0);
  const { code, stderr } = await run(['replay', file(LINES.repeat(3000)), '--out', `ndjson:${path}`]);
  assert.deepEqual([code, stderr.replace(/^note:.*\n( .*\n)*/, '')], [0, '']);
});
