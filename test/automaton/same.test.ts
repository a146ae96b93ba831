/** A replay that takes steps from the table says the same, to the byte, as one that runs each of them. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MOST_SYMBOLS } from '../../lib/automaton/symbols.ts';
import { nameOf } from '../../lib/kernel/state/entity.ts';
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

/** A host that runs a guest, and whose debugger changes its mind all the time: what is known of the CPU is looked for anew. */
function* interrupted(rounds: number): Generator<string> {
  yield JSON.stringify({ event: 'meta', format: 1, model: 'v6.12-stable', mode: 'vhe', sve_vl: 64 });
  yield JSON.stringify({ event: 'vcpu_load', cpu: 0, vcpu: 0, task: 7 });
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < 20; turn++) {
      yield '{"event":"guest_enter","cpu":0}';
      yield '{"event":"guest_exit","cpu":0,"ec":"0x24"}';
    }
    yield JSON.stringify({ event: 'guest_debug', vcpu: 0, use_hw: round % 2 === 0 });
  }
}

test('a trace that pays well enough goes on with the table', async () => {
  await withFile([...interrupted(4_500)], async (path) => {
    const { leapt, events } = await leapsIn(path);
    assert.ok(leapt > 0.9 * events, `${leapt} of ${events}`);
    await assertSame(path);
  });
});

test('what is learnt before the trace tells of host tasks is forgotten when it does', async () => {
  const [first, ...rest] = [...interrupted(3)];
  const host = [
    { event: 'vcpu_put', cpu: 0 },
    { event: 'task_switch', cpu: 0, next: 8 },
    { event: 'task_switch', cpu: 0, next: 7 },
    { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 7 },
  ].map((event) => JSON.stringify(event));
  const again = [...rest.slice(1), ...host];
  // The second task is known before anything is learnt: the first switch to it is a step that could be.
  const known = [
    { event: 'vcpu_create', vcpu: 1 },
    { event: 'map_fp', vcpu: 1, task: 8 },
  ].map((event) => JSON.stringify(event));
  await withFile([first as string, ...known, ...rest, ...host, ...again, ...again], (path) =>
    assertSame(path, { model: 'v5.18' }),
  );
});

test('a thread that comes back with its vCPU, and is not named', async () => {
  const lines = [{ event: 'meta', format: 1, model: 'v6.12-stable', mode: 'vhe', sve_vl: 64 } as object];
  for (const task of [7, 8]) {
    lines.push({ event: 'task_switch', cpu: 0, next: task }, { event: 'return_to_user', cpu: 0, task });
    lines.push({ event: 'vcpu_load', cpu: 0, vcpu: task, task }, { event: 'sched_out', cpu: 0, vcpu: task });
  }
  for (let round = 0; round < 40; round++) {
    const [vcpu, next] = [7 + (Math.floor(round / 5) % 2), 7 + (Math.floor(round / 3) % 2)];
    lines.push({ event: 'task_switch', cpu: 0, next }, { event: 'sched_in', cpu: 0, vcpu });
    lines.push({ event: 'guest_enter', cpu: 0 }, { event: 'guest_exit', cpu: 0 }, { event: 'sched_out', cpu: 0, vcpu });
  }
  await withFile(
    lines.map((line) => JSON.stringify(line)),
    assertSame,
  );
});

test('registers that only one CPU has of a task that is not current there', async () => {
  const lines = [
    { event: 'meta', format: 1, model: 'v6.12-stable', mode: 'vhe' },
    { event: 'return_to_user', cpu: 0, task: 5 },
    { event: 'host_fp', cpu: 0 },
    { event: 'observe', cpu: 0, tif_foreign: true },
    { event: 'task_switch', cpu: 0, next: 6 },
    ...Array.from({ length: 5 }, () => ({ event: 'observe', cpu: 0, tif_foreign: true })),
    { event: 'return_to_user', cpu: 0, task: 6 },
    ...Array.from({ length: 5 }, () => ({ event: 'host_fp', cpu: 0 })),
  ];
  await withFile(
    lines.map((line) => JSON.stringify(line)),
    assertSame,
  );
});

test('more kinds of record than there are symbols for', async () => {
  const owners = ['free', 'host', 'guest'];
  const lines = [{ event: 'meta', format: 1, model: 'v6.12-stable', mode: 'vhe' } as object];
  lines.push({ event: 'vcpu_load', cpu: 0, vcpu: 0, task: 7 });
  for (const fp_owner of owners)
    for (const fp_owner_kernel of owners)
      for (const fp_owner_hyp of owners)
        for (const tif_foreign of [true, false])
          for (const debug_dirty of [true, false])
            for (const debug_owner of owners)
              for (const last of ['none', undefined])
                for (const vcpu of [0, undefined])
                  lines.push({
                    ...{ event: 'observe', cpu: 0, vcpu, fp_owner, fp_owner_kernel, fp_owner_hyp, tif_foreign },
                    ...{ debug_dirty, debug_owner, last },
                  });
  assert.ok(lines.length > MOST_SYMBOLS);
  await withFile(
    [...lines, ...lines.slice(-10)].map((line) => JSON.stringify(line)),
    assertSame,
  );
});

test('a machine can be looked at in the midst of a replay', async () => {
  const lines = linesOfWalk('v6.12-stable', 'vhe', { seed: 2, events: 3_000 });
  await withFile(lines, async (path) => {
    const [table, each] = [await machineAfter(path, TABLE), await machineAfter(path, EACH)];
    assert.deepEqual(table, each);
  });
});

/** What the CPUs are after a trace. */
async function machineAfter(path: string, options: FileOptions) {
  const { replay } = await leapsIn(path, options);
  return replay.machine?.cpus.map((cpu) => {
    if (cpu === undefined) return undefined;
    const { current, loaded, running, window, hyp, kernel, holder, last } = cpu;
    const owners = [hyp.fp_owner, kernel.fp_owner, hyp.fp_ownerLine, hyp.fp_ownerEvent];
    const { id, tif_foreign_fpstate, generation, memory, auth } = current;
    const bound = [nameOf(holder), cpu.generation, nameOf(last), loaded?.id, loaded?.debug_dirty];
    return { running, window, owners, bound, task: [id, tif_foreign_fpstate, generation, memory, auth] };
  });
}

test('a trace of which nothing comes again is left to the emulator', async () => {
  const lines = linesOfWalk('v6.12-stable', 'vhe', { seed: 4, events: 60_000 });
  await withFile(lines, async (path) => {
    const { leapt, events } = await leapsIn(path);
    assert.ok(leapt < 0.7 * events, `${leapt} of ${events}`);
    await assertSame(path);
  });
});
