/** Files as the library replays them. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { replayFile } from '../../lib/replay/file.ts';
import { temporaryFiles } from '../support/collect.ts';

const CAPTURE = fileURLToPath(new URL('../import/data/lazy-vhe.ftrace', import.meta.url));
const KERNEL = { model: 'v6.10', mode: 'vhe' } as const;
const file = temporaryFiles();

test('one path and a list of one are the same; a list is merged', async () => {
  const report = await replayFile(CAPTURE, KERNEL);
  assert.deepEqual(await replayFile([CAPTURE], KERNEL), report);
  const other = file('other.ndjson', '{"event":"host_fp","cpu":9,"task":5,"ts":1}\n');
  assert.equal((await replayFile([CAPTURE, other], KERNEL)).events.host_fp, (report.events.host_fp ?? 0) + 1);
});

test('what of a capture is not understood is in the ledger', async () => {
  const noisy = file('noisy.ftrace', `${readFileSync(CAPTURE, 'utf8')}nonsense\n`);
  const { ledger } = await replayFile(noisy, KERNEL);
  assert.match(JSON.stringify(ledger), /nonsense|text that is no line/);
  assert.doesNotMatch(JSON.stringify((await replayFile(CAPTURE, KERNEL)).ledger), /text that is no line/);
});

test('events of a capture that are to be ignored are not there, and vCPUs have the vector length that is said', async () => {
  const seen = await replayFile(CAPTURE, { ...KERNEL, sveVl: 64 });
  const ignored = await replayFile(CAPTURE, { ...KERNEL, sveVl: 64, ignore: ['hyp_fp_trap'] });
  assert.ok((ignored.events.guest_fp_trap ?? 0) < (seen.events.guest_fp_trap ?? 0));
  const without = await replayFile(CAPTURE, { ...KERNEL, sveVl: 0 });
  assert.notDeepEqual(without.cost.total, seen.cost.total);
});
