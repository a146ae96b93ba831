/** What is printed can be typed back: places, vCPUs, times, names of kernels; and a filter is told where it was used. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-typed-'));
after(() => rmSync(folder, { recursive: true }));

const REAL = 'traces/real/6.12-lazy-nvhe.ndjson';
const json = async (...argv: string[]) => JSON.parse((await run(['replay', REAL, '--format', 'json', ...argv])).stdout);

test('a vCPU with its VM, and the times of the report, are filters', async () => {
  const text = (await run(['replay', REAL])).stdout;
  const [, from = '', to = ''] = /^ {2}time +(\d+\.\d+) to (\d+\.\d+), /m.exec(text) ?? [];
  const whole = await json('--from', from, '--to', to);
  // All but the meta line, which has no time.
  assert.equal(whole.filter.events, whole.inputs[0].events - 1);
  const vcpus = Object.keys(whole.cost.by_vcpu);
  assert.ok(vcpus.length > 1);
  for (const vcpu of vcpus) {
    const { cost, filter } = await json('--vcpu', vcpu);
    assert.deepEqual([Object.keys(cost.by_vcpu), filter.options], [[vcpu], { vcpu }]);
  }
  assert.equal((await json('--vcpu', '7/0')).filter.events, 0);
  assert.match((await run(['replay', REAL, '--vcpu', '7/0'])).stdout, /^ {2}filter +--vcpu 7\/0: none of /m);
  assert.match((await run(['replay', REAL, '--vcpu', '0/1/2'])).stderr, /error: .*--vcpu.* Expected numbers/);
});

test('a kernel is named by any version that its model covers, which is said', async () => {
  const cases = [
    ['v6.9', 'v6.8'],
    ['6.12.107+deb13-arm64', 'v6.12-stable'],
    ['6.1.176', 'v6.1-stable'],
    ['v6.17', 'v6.16'],
  ] as const;
  for (const [given, model] of cases) {
    const { stdout, stderr } = await run(['replay', REAL, '--model', given, '--format', 'json']);
    assert.equal(JSON.parse(stdout).model.name, model);
    assert.match(stderr, new RegExp(`^note: ${given.replace('+', '\\+')} is a kernel of model ${model}$`, 'm'));
  }
  assert.doesNotMatch((await run(['replay', REAL, '--model', 'v6.10'])).stderr, /is a kernel of/);
  assert.match((await run(['replay', REAL, '--model', 'v6.1O'])).stderr, /unknown model 'v6.1O' \(Did you mean v6.1/);
  assert.match((await run(['compare', REAL, '--models', 'v6.9,v6.17'])).stdout, /v6\.8 vhe .*v6\.16 vhe/);
});

test('paths are printed as they were given, with the line and what is wrong on one line', async () => {
  const below = join(folder, 'a b');
  mkdirSync(below);
  const path = join(below, 'x.ndjson');
  writeFileSync(
    path,
    '{"event":"hyp_init","cpu":0}\n{"event":"vcpu_load","cpu":0,"vcpu":0,"task":41}\n{"event":"guest_fp_trap","cpu":0}\n{"event":"vcpu_put","cpu":0}\n',
  );
  const { stdout } = await run(['replay', path, '--model', 'seed-v1', '--mode', 'nvhe']);
  assert.ok(
    stdout
      .split('\n')
      .some((line) => line.startsWith(`${path}:`) && / error: .* \[(?:cause \d+|[A-Z]+-\d+)\]$/.test(line)),
    stdout,
  );
});

test('.worldswitch.json says what traces below are of that do not say it themselves', async () => {
  const below = join(folder, 'settings', 'below');
  mkdirSync(below, { recursive: true });
  writeFileSync(join(folder, 'settings', '.worldswitch.json'), '{"model": "v6.15", "mode": "nvhe"}');
  const trace = join(below, 'x.ndjson');
  writeFileSync(trace, '{"event":"vcpu_load","cpu":0,"vcpu":0}\n');
  const modelOf = async (...argv: string[]) =>
    JSON.parse((await run(['replay', trace, '--format', 'json', ...argv])).stdout).model;
  assert.deepEqual(await modelOf(), { name: 'v6.15', mode: 'nvhe' });
  assert.deepEqual(await modelOf('--model', 'v6.2'), { name: 'v6.2', mode: 'nvhe' });
  writeFileSync(
    trace,
    '{"event":"meta","format":1,"model":"v7.1","mode":"vhe"}\n{"event":"vcpu_load","cpu":0,"vcpu":0}\n',
  );
  assert.deepEqual(await modelOf(), { name: 'v7.1', mode: 'vhe' });
});

test('a report that is longer than the screen has its verdict at both ends', async () => {
  const argv = ['replay', 'traces/real/6.12-seed-v1-nvhe.ndjson', '--no-progress', '--color', 'never'];
  const plain = (await run(argv)).stdout;
  const onScreen = async (rows: number) => (await run(argv, { isTTY: true, rows })).stdout;
  const [first] = plain.split('\n');
  assert.equal(await onScreen(1000), plain);
  assert.ok((await onScreen(10)).endsWith(`\n\n${first}\n`));
});
