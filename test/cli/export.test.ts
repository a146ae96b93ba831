/** `worldswitch export` as a user types it. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../support/cli.ts';

const TRACE = 'traces/real/6.12-lazy-vhe.ndjson';
const folder = mkdtempSync(join(tmpdir(), 'worldswitch-export-'));
after(() => rmSync(folder, { recursive: true }));

test("both formats go to a file, and Chrome's to a pipe", async () => {
  const path = join(folder, 'x.pftrace');
  assert.deepEqual(await run(['export', 'perfetto', TRACE, '-o', path]), { code: 0, stdout: '', stderr: '' });
  // Trace.packet, a message.
  assert.equal(readFileSync(path)[0], 0x0a);
  const { stdout } = await run(['export', 'chrome', TRACE, '--cpu', '0']);
  const { traceEvents, otherData } = JSON.parse(stdout);
  assert.ok(traceEvents.length > 50);
  assert.deepEqual(otherData, { model: 'v6.10', mode: 'vhe', verdict: 'pass' });
});

test('what cannot be is said, and leaves no file', async () => {
  const unknown = await run(['export', 'perfeto', TRACE]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /Allowed choices are perfetto, chrome/);
  assert.match((await run(['export', 'chrome', TRACE], { isTTY: true })).stderr, /^error: this is not for a terminal/);
  const path = join(folder, 'none');
  const none = await run(['export', 'chrome', 'no-such-trace', '-o', path]);
  assert.deepEqual([none.code, existsSync(path)], [2, false]);
});

test('whatever a trace holds, there is a picture of it or an error of its own', async () => {
  const hostile = readdirSync('traces/hostile').filter((name) => !name.endsWith('.txt') && !name.endsWith('.json'));
  assert.ok(hostile.length > 10);
  const path = join(folder, 'hostile');
  for (const name of hostile) {
    for (const command of [['view'], ['export', 'chrome'], ['export', 'perfetto']]) {
      const { code, stderr } = await run([...command, `traces/hostile/${name}`, '-o', path, '--no-progress']);
      assert.ok(code === 0 || code === 2, `${command.join(' ')} ${name}: ${stderr}`);
    }
  }
});

test('as many CPUs and vCPUs as a trace can have', async () => {
  const trace = join(folder, 'wide.ndjson');
  const lines = Array.from(
    { length: 4096 },
    (_, cpu) => `{"event":"vcpu_load","cpu":${cpu},"vcpu":${cpu},"ts":${cpu}}\n`,
  );
  writeFileSync(trace, lines.join(''));
  for (const command of [['view'], ['export', 'chrome'], ['export', 'perfetto']]) {
    const { code, stderr } = await run([...command, trace, '-o', join(folder, 'wide'), '--no-progress']);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  }
});
