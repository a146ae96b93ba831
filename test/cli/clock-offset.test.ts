/** `--clock-offset` from the outside. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const HOST = file(
  'host.ndjson',
  '{"event":"vcpu_load","cpu":0,"vcpu":0,"ts":1000}\n{"event":"vcpu_put","cpu":0,"ts":3000}\n',
);
/** Its clock is 2 ms behind. */
const GUEST = file('guest.ndjson', '{"event":"guest_fp_trap","cpu":0,"ts":2002000}\n');

test('the times of one file are moved, and the events are in the order in which they happened', async () => {
  const wrong = await run(['replay', HOST, GUEST, '--format', 'json']);
  assert.notDeepEqual(JSON.parse(wrong.stdout).violation_counts ?? {}, {});
  for (const name of ['guest.ndjson', GUEST]) {
    const right = await run(['replay', HOST, GUEST, '--format', 'json', '--clock-offset', `${name}=-2ms`]);
    const report = JSON.parse(right.stdout);
    assert.deepEqual(report.violation_counts ?? {}, {});
    assert.equal(report.transitions.by_edge['free>guest'] ?? report.transitions.by_edge['host>guest'], 1);
  }
});

test('a name that is none of the traces, and an offset that is none, are usage errors', async () => {
  const unknown = await run(['replay', HOST, '--clock-offset', 'gest.ndjson=5']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /no trace is named 'gest\.ndjson'/);
  for (const value of ['host.ndjson', 'host.ndjson=', '=5', 'host.ndjson=5h', 'host.ndjson=--5']) {
    const { code, stderr } = await run(['replay', HOST, '--clock-offset', value]);
    assert.equal(code, 2, value);
    assert.match(stderr, /clock-offset/);
  }
});
