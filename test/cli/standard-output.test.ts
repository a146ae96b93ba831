/** What stdout may be: a pipe whose reader is slow, stuck or gone, a file. The pipes of node:child_process are sockets. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { run, start } from '../support/cli.ts';
import { skipUnless } from '../support/skip.ts';

const OPTIONS = {
  timeout: 60_000,
  skip: skipUnless(process.platform === 'linux', 'FIFOs and signals are those of Linux'),
};

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const LINES = '{"event":"vcpu_load","cpu":0,"vcpu":0}\n{"event":"guest_fp","cpu":0}\n{"event":"vcpu_put","cpu":0}\n';
const trace = join(folder, 'trace.ndjson');
writeFileSync(trace, LINES.repeat(2000));
/** Prints more than a pipe holds. */
const LONG = ['replay', trace, '--format', 'ndjson'];

/** A process that writes to `stdout`, which is closed here. */
function startWith(stdout: number): ChildProcess {
  const child = start(LONG, { stdio: ['ignore', stdout, 'inherit'] });
  closeSync(stdout);
  children.push(child);
  return child;
}

/** A pipe: its end for the process, and a reader of it. */
function pipe(name: string): { readonly reader: Socket; readonly end: number } {
  const path = join(folder, name);
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  const reader = new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) });
  return { reader, end: openSync(path, 'w') };
}

const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('a reader that is slow gets everything', OPTIONS, async () => {
  const { reader, end } = pipe('slow');
  const child = startWith(end);
  const exit = once(child, 'exit');
  await later(1000);
  assert.equal(child.exitCode, null);
  assert.equal(await text(reader), (await run(LONG)).stdout);
  assert.deepEqual(await exit, [0, null]);
});

test('a reader that goes away ends the run, and is no error', OPTIONS, async () => {
  const { reader, end } = pipe('gone');
  const exit = once(startWith(end), 'exit');
  await once(reader, 'readable');
  reader.destroy();
  assert.deepEqual(await exit, [0, null]);
});

test('the second signal ends a run whose reader is stuck, whatever kind of pipe it has', OPTIONS, async () => {
  const { reader, end } = pipe('stuck');
  const child = startWith(end);
  const exit = once(child, 'exit');
  await once(reader, 'readable');
  await later(300);
  child.kill('SIGINT');
  await later(300);
  child.kill('SIGINT');
  assert.deepEqual(await exit, [130, null]);
  reader.destroy();
});

test('a file is written from where it stands', OPTIONS, async () => {
  const path = join(folder, 'appended');
  writeFileSync(path, 'before\n');
  assert.deepEqual(await once(startWith(openSync(path, 'a')), 'exit'), [0, null]);
  assert.equal(readFileSync(path, 'utf8'), `before\n${(await run(LONG)).stdout}`);
});
