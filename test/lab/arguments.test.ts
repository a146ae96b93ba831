import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parseArguments } from './arguments.ts';
import { cacheFolder } from './cache.ts';
import { KERNELS } from './kernels.ts';
import { NIGHTLY, WORKLOADS } from './workloads.ts';

test('a kernel, a mode and a workload; the workload is vmm where none is given', () => {
  for (const kernel of KERNELS)
    for (const mode of kernel.modes)
      for (const workload of WORKLOADS) {
        const { request } = parseArguments([kernel.series, mode, workload.name]);
        assert.deepEqual(request, { kind: 'cell', kernel, mode, workload });
      }
  const { request } = parseArguments(['7.3', 'pkvm']);
  assert.equal(request.kind === 'cell' && request.workload.name, 'vmm');
});

test('what is not known is refused with what is', () => {
  const refused: readonly (readonly [words: string[], message: RegExp])[] = [
    [[], /expected KERNEL MODE/],
    [['6.1'], /expected KERNEL MODE/],
    [['5.10', 'vhe'], /5\.10: expected a kernel out of 6\.1, 6\.12/],
    [['6.1', 'hvhe'], /hvhe: expected a mode of 6\.1, out of vhe, nvhe, pkvm/],
    [['6.1', 'vhe', 'x'], /x: expected a workload out of vmm/],
    [['6.1', 'vhe', 'vmm', 'more'], /more: expected nothing/],
    [['6.1', 'vhe', '--cpus', '9'], /--cpus 9: expected a number from 1 to 8/],
    [['6.1', 'vhe', '--seed', '-1'], /--seed -1: expected a number from 0/],
    [['6.1', 'vhe', '--without', 'put'], /--without put: expected FUNCTION:CALLEE/],
    [['6.1', 'vhe', '--without', 'a:b:c'], /--without a:b:c: expected FUNCTION:CALLEE/],
    [['--cache'], /--cache: expected a path/],
    [['--fast'], /--fast: no such option/],
  ];
  for (const [words, message] of refused) assert.throws(() => parseArguments(words), { message });
});

test('options stand anywhere', () => {
  const broken = parseArguments(['--without', 'put:save', '6.12', 'vhe']).request;
  assert.deepEqual(broken.kind === 'broken' && broken.without, { caller: 'put', callee: 'save' });
  assert.deepEqual(parseArguments(['--all']).request, { kind: 'all', again: false });
  assert.deepEqual(parseArguments(['--again', '--all']).request, { kind: 'all', again: true });
  assert.deepEqual(parseArguments(['--selftest']).request, { kind: 'selftest' });
  const script = parseArguments(['7.0', '--script', 'try.sh', 'nvhe']).request;
  assert.deepEqual([script.kind, script.kind === 'script' && script.script], ['script', 'try.sh']);
  const { cache, request } = parseArguments(['6.1', '--cache', '/c', 'vhe']);
  assert.equal(cache, '/c');
  assert.equal(request.kind, 'cell');
});

test('a workload with another seed or on other CPUs has another name', () => {
  const { request } = parseArguments(['6.1', 'vhe', 'tasks', '--seed', '0', '--cpus', '3']);
  assert.ok(request.kind === 'cell');
  const { name, seed, cpus } = request.workload;
  assert.deepEqual([name, seed, cpus], ['tasks-seed0-cpus3', 0, 3]);
});

test('the nightly workloads exist', () => {
  for (const name of NIGHTLY) assert.ok(WORKLOADS.some((workload) => workload.name === name));
});

test('the cache folder: option, variable, XDG_CACHE_HOME, home', () => {
  assert.equal(cacheFolder('a', { WORLDSWITCH_LAB_CACHE: '/b' }), resolve('a'));
  assert.equal(cacheFolder(undefined, { WORLDSWITCH_LAB_CACHE: '/b', XDG_CACHE_HOME: '/c' }), '/b');
  assert.equal(cacheFolder(undefined, { WORLDSWITCH_LAB_CACHE: '', XDG_CACHE_HOME: '/c' }), '/c/worldswitch-lab');
  assert.equal(cacheFolder(undefined, {}), join(homedir(), '.cache/worldswitch-lab'));
});
