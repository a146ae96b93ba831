/** A signal ends every command at once, whatever it waits for: a writer, a reader, the rest of a file, or its own work. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { COMMANDS } from '../../lib/cli/commands/registry.ts';
import { type EventLoop, eachEvent } from '../../lib/cli/event-loop.ts';
import type { Signal } from '../../lib/cli/terminal/io.ts';
import { start } from '../support/cli.ts';
import { skipUnless } from '../support/skip.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const LINES = '{"event":"vcpu_load","cpu":0,"vcpu":0}\n{"event":"guest_fp","cpu":0}\n{"event":"vcpu_put","cpu":0}\n';
const CAPTURED = ' vm-1 [000] d..1. 100.000001: kvm_entry: PC: 0xffff800010000000\n';
const TRACE = join(folder, 'trace.ndjson');
writeFileSync(TRACE, LINES);

let files = 0;
function fifo(): string {
  const path = join(folder, `${files++}.fifo`);
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  return path;
}

/** Resolves when somebody has the FIFO open for reading, with a writer that writes nothing. */
async function readerOf(path: string, child: ChildProcess): Promise<number> {
  for (;;) {
    assert.equal(child.exitCode, null, 'it was to read the FIFO');
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
      await sleep(20);
    }
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const temporaryFiles = () => readdirSync(folder).filter((name) => name.endsWith('.tmp'));

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** Far more than an idle machine needs, and far less than the work that is interrupted. */
const SOON = 5000;

async function endsSoon(child: ChildProcess, signal: Signal): Promise<void> {
  assert.equal(child.exitCode, null, 'it was to be interrupted');
  const ended = once(child, 'exit');
  child.stdout?.resume();
  child.stderr?.resume();
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), SOON);
  const [code, by] = await ended;
  clearTimeout(late);
  // By the system itself where the program has not begun yet.
  assert.ok(code === SIGNALS[signal] || by === signal, `exit code ${code}, ${by}`);
  // Others run beside it, and have theirs.
  assert.deepEqual(
    temporaryFiles().filter((name) => name.includes(`-${child.pid}-`)),
    [],
  );
}

function run(...argv: string[]): ChildProcess {
  const child = start(argv);
  children.push(child);
  return child;
}

/** Every place where a command takes a file: what stands for `F` is one that never says anything. */
const READING: readonly string[] = [
  'probes --btf F',
  'footprint --btf F',
  `diff F ${TRACE}`,
  `replay --golden F ${TRACE}`,
  'replay F',
  'replay --reader ndjson F',
  `replay ${TRACE} F`,
  'compare --models v6.10 F',
  'layouts F',
  'identify F',
  'view F',
  'export chrome F',
  'state --at 3 F',
  'minimize F',
  'events F',
  'costs F',
  'merge F',
  'coverage F',
  `replay --each --reports ${join(folder, 'reports')} --inputs F`,
  `replay --each --reports ${join(folder, 'reports')} F`,
  'check F',
  'import text F',
  'import ftrace F',
  `import ftrace F -o ${join(folder, 'imported')}`,
];

/** These read no file, or refuse one that is a pipe. */
const READ_NONE = ['explain', 'diagram', 'models', 'rules', 'schema', 'completion', 'man'];

test('every command that reads is interrupted', () => {
  const tried = new Set(READING.map((line) => line.split(' ')[0]));
  assert.deepEqual(
    Object.keys(COMMANDS).filter((name) => !tried.has(name)),
    READ_NONE,
  );
});

const options = {
  concurrency: 2,
  timeout: 120_000,
  skip: skipUnless(process.platform === 'linux', 'FIFOs and signals are those of Linux'),
};

describe('while a file is read', options, () => {
  for (const [index, line] of READING.entries()) {
    const signal = (Object.keys(SIGNALS) as Signal[])[index % 3] as Signal;
    test(`${line.replaceAll(folder, '')}: ${signal}`, async () => {
      const path = fifo();
      const child = run(...line.split(' ').map((word) => (word === 'F' ? path : word)));
      const writer = await readerOf(path, child);
      await endsSoon(child, signal);
      closeSync(writer);
    });
  }
});

describe('while a file that never ends is read', options, () => {
  for (const [line, text] of [
    ['replay F', LINES],
    ['replay F', CAPTURED],
    ['import ftrace F', CAPTURED],
    ['identify F', CAPTURED],
    ['compare --models v6.10,v6.12,v6.14 F', LINES],
  ] as const) {
    test(`${line}: ${text.length} bytes at a time`, async () => {
      const child = run(...line.split(' ').map((word) => (word === 'F' ? '-' : word)));
      const stop = feeding(child, text.repeat(2000));
      await sleep(2000);
      await endsSoon(child, 'SIGINT');
      stop();
    });
  }
});

/** Writes `text` to the child again and again, until it ends or the result is called. */
function feeding(child: ChildProcess, text: string): () => void {
  let over = false;
  child.stdin?.on('error', () => {
    over = true;
  });
  const more = (): void => {
    while (!over && child.stdin?.write(text) === true);
    if (!over) child.stdin?.once('drain', more);
  };
  more();
  return () => {
    over = true;
    child.stdin?.destroy();
  };
}

describe('while nobody reads an output', options, () => {
  test('replay --out to a FIFO, with a file before it', async () => {
    const before = join(folder, 'before.json');
    const child = run('replay', TRACE, '--out', `json:${before}`, '--out', `json:${fifo()}`);
    while (temporaryFiles().length === 0) await sleep(20);
    await sleep(100);
    await endsSoon(child, 'SIGTERM');
    assert.equal(existsSync(before), false);
  });

  test('import -o to a FIFO', async () => {
    const child = run('import', 'ftrace', TRACE, '-o', fifo());
    await sleep(1500);
    await endsSoon(child, 'SIGTERM');
  });
});

test('a long batch is left in the middle', async () => {
  const interruption: { signal: Signal | undefined; onSignal(): void; release(): void } = {
    signal: undefined,
    onSignal() {},
    release() {},
  };
  const length = 1_000_000;
  let visited = 0;
  const batch = { length, read: () => undefined };
  async function* batches() {
    yield batch;
  }
  setTimeout(() => {
    interruption.signal = 'SIGINT';
  }, 100);
  const loop: EventLoop = {
    source: { batches: batches(), inputs: [] },
    visit() {
      visited++;
      // Work: some microseconds for each event.
      for (let times = 0; times < 10_000; times++) Math.hypot(times, visited);
    },
    fault() {},
    output: { ready: () => undefined },
    progress: false,
    interruption,
  };
  await eachEvent(loop, { stdin: {}, stdout: process.stdout, stderr: process.stderr, env: {} });
  assert.ok(visited > 0 && visited < length, `${visited} visited`);
});

test('none of them has left a temporary file', () => assert.deepEqual(temporaryFiles(), []));
