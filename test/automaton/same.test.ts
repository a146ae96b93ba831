/** A replay that takes steps from the table says the same, to the byte, as one that runs each of them. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MODELS } from '../../lib/models/models.ts';
import { type FileOptions, replayFile, TraceError } from '../../lib/replay/file.ts';
import { generate } from '../bench/generate.ts';
import { CORPUS, FOLDERS, tracesOf } from '../support/corpus.ts';
import { leapsIn } from '../support/leaps.ts';
import { KERNELS, linesOfWalk, withFile } from './walks.ts';

const EACH = { leapsAfter: Number.POSITIVE_INFINITY } as const;
const TABLE = { leapsAfter: 0 } as const;

async function said(path: string, options: FileOptions): Promise<string> {
  try {
    return JSON.stringify(await replayFile(path, options), null, 1);
  } catch (error) {
    if (error instanceof TraceError) return error.message;
    throw error;
  }
}

async function assertSame(path: string, options: FileOptions = {}): Promise<void> {
  assert.equal(await said(path, { ...options, ...TABLE }), await said(path, { ...options, ...EACH }));
}

for (const folder of FOLDERS) {
  test(`traces/${folder}`, async () => {
    for (const [index, name] of tracesOf(folder).entries()) {
      const path = fileURLToPath(new URL(`${folder}/${name}.ndjson`, CORPUS));
      await assertSame(path, { strict: index % 2 === 0 });
      const { name: model, modes } = MODELS[index % MODELS.length] as (typeof MODELS)[number];
      await assertSame(path, { model, mode: modes[index % modes.length] as string });
    }
  });
}

test('walks of every kernel', async () => {
  for (const [index, [model, mode]] of KERNELS.entries()) {
    const lines = linesOfWalk(model, mode, { seed: index + 1, events: 2_000 });
    await withFile(lines, assertSame);
  }
});

test('the same with lines that are missing', async () => {
  for (const [index, [model, mode]] of KERNELS.entries()) {
    const lines = linesOfWalk(model, mode, { seed: index + 101, events: 2_000, spoiltOnceIn: 40 });
    await withFile(lines, assertSame);
  }
});

for (const shape of ['short', 'mixed', 'long'] as const) {
  test(`a busy host, ${shape} lines: most steps come again`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'worldswitch-busy-'));
    try {
      const path = join(folder, 'busy.ndjson');
      generate(path, 60_000, shape);
      await assertSame(path);
      const { leapt, events } = await leapsIn(path);
      assert.ok(leapt > 0.9 * events, `${leapt} of ${events}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

/** A VM of one vCPU that goes from CPU to CPU, of `cpus` of them, on each in another of `threads` threads. */
function* wandering(cpus: number, threads: number, events: number): Generator<string> {
  yield JSON.stringify({ event: 'meta', format: 1, model: 'v6.12-stable', mode: 'vhe', sve_vl: 64 });
  for (let round = 0; 5 * round < events; round++) {
    const [cpu, task, vcpu] = [round % cpus, 100 + (round % threads), round % threads];
    for (const event of [
      { event: 'task_switch', cpu, next: task },
      { event: 'vcpu_load', cpu, vcpu, task },
      { event: 'guest_enter', cpu },
      { event: 'guest_exit', cpu, ec: '0x24' },
      { event: 'vcpu_put', cpu, vcpu },
    ])
      yield JSON.stringify(event);
  }
}

test('vCPUs that go round', async () => {
  for (const [cpus, threads] of [
    [1, 2],
    [2, 1],
    [3, 5],
    [7, 7],
  ] as const)
    await withFile([...wandering(cpus, threads, 3_000)], assertSame);
});

test('more CPUs with more vCPUs than are counted at a time', async () => {
  await withFile([...wandering(64, 127, 130_000)], async (path) => {
    const { leapt } = await leapsIn(path);
    assert.ok(leapt > 60_000, `${leapt}`);
    await assertSame(path);
  });
});

test('a trace of which nothing comes again is left to the emulator', async () => {
  const lines = linesOfWalk('v6.12-stable', 'vhe', { seed: 4, events: 60_000 });
  await withFile(lines, async (path) => {
    const { leapt, events } = await leapsIn(path);
    assert.ok(leapt < 0.7 * events, `${leapt} of ${events}`);
    await assertSame(path);
  });
});
