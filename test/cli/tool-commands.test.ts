/** compare, layouts, diagram and models --format json, as a user types them. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MODELS } from '../../lib/models/models.ts';
import { run } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'tool-commands-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const trace = (name: string, lines: readonly object[]): string => {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
};

const RUN = trace('run.ndjson', [
  { event: 'meta', format: 1, cpus: 1, model: 'v6.10', mode: 'nvhe' },
  { event: 'hyp_init', cpu: 0 },
  { event: 'vcpu_create', vm: 0, vcpu: 0 },
  { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 },
  { event: 'guest_enter', cpu: 0 },
  { event: 'guest_fp_trap', cpu: 0 },
  { event: 'observe', cpu: 0, fp_owner: 'guest' },
  { event: 'guest_exit', cpu: 0 },
  { event: 'vcpu_put', cpu: 0 },
  { event: 'return_to_user', cpu: 0, task: 41 },
]);

test('compare replays one trace under every model in every mode, models first', async () => {
  const { code, stdout, stderr } = await run(
    `compare ${RUN} --models v6.12,v7.1 --modes vhe,pkvm --format json`.split(' '),
  );
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  const { runs, differences } = JSON.parse(stdout);
  assert.deepEqual(
    runs.map(({ model }: { model: { name: string; mode: string } }) => `${model.name} ${model.mode}`),
    ['v6.12 vhe', 'v6.12 pkvm', 'v7.1 vhe', 'v7.1 pkvm'],
  );
  assert.deepEqual(runs[0].inputs, [{ name: 'run.ndjson', lines: 10, events: 10 }]);
  assert.equal(differences.guest_fp_trap_read_as_use, 1);
  assert.equal(differences.observe_left_out, 1);
  assert.equal(differences.runs.length, 4);
});

test('compare without --modes is vhe, says it as text, and fails where a kernel does', async () => {
  const text = await run(['compare', RUN, '--models', 'v6.2,v6.14']);
  assert.equal(text.code, 0);
  assert.match(text.stdout, /^run\.ndjson: 10 events under 2 kernels\n\nkernel /);
  assert.match(text.stdout, /^v6\.14 vhe +pass/m);
  const failing = await run(['compare', RUN, '--models', 'v6.10,seed-v1', '--modes', 'nvhe']);
  assert.equal(failing.code, 1);
  assert.match(failing.stdout, /only seed-v1 nvhe/);
});

test('compare says where a verdict is inconclusive', async () => {
  const path = trace('lost.ndjson', [
    { event: 'vcpu_load', cpu: 0, vcpu: 0 },
    { event: 'lost', count: 3 },
  ]);
  const { code, stderr } = await run(['compare', path, '--models', 'v6.10,v7.1']);
  assert.equal(code, 0);
  assert.match(stderr, /^note: the verdict is inconclusive under v6\.10 vhe, v7\.1 vhe;/);
});

const USAGE_ERRORS: readonly (readonly [string, RegExp])[] = [
  [`compare ${RUN}`, /--models names the kernels that one trace is compared under/],
  [`compare ${RUN} --models v6.11111`, /^error: unknown model 'v6\.11111'/],
  [`compare ${RUN} --models v6.10 --modes vhee`, /^error: unknown mode 'vhee' \(Did you mean vhe/],
  [
    `compare ${RUN} --models v6.8,v5.18 --modes vhe,hvhe`,
    /^error: model v5\.18 has no mode hvhe, only vhe, nvhe, pkvm\n$/,
  ],
  ['compare --models v6.10', /^error: no trace: name a file, or pipe one in\n$/],
  ['compare /no/such/trace --models v6.10', /no such file/],
  ['diagram --model v5.18 --mode hvhe', /^error: model v5\.18 has no mode hvhe, only vhe, nvhe, pkvm\n$/],
  ['diagram --model v6', /^error: unknown model 'v6'/],
  ['diagram --format svg', /argument 'svg' is invalid/],
  ['layouts', /^error: no trace: name a file, or pipe one in\n$/],
  ['layouts --format ndjson x', /argument 'ndjson' is invalid/],
];
for (const [line, expected] of USAGE_ERRORS) {
  test(`usage error: worldswitch ${line.replace(folder, '')}`, async () => {
    const { code, stdout, stderr } = await run(line.split(' '));
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
    assert.match(stderr, expected);
  });
}

test('a line that is no event ends compare and layouts with its place', async () => {
  const path = join(folder, 'bad.ndjson');
  writeFileSync(path, '{"event":"hyp_init","cpu":0}\n{"event":"vcpu_load","cpu":-1,"vcpu":0}\n');
  for (const argv of [
    ['compare', path, '--models', 'v6.10'],
    ['layouts', path],
  ]) {
    const { code, stdout, stderr } = await run(argv);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
    assert.match(stderr, /bad\.ndjson:2: .*cpu/);
  }
});

test('layouts prints text and JSON', async () => {
  const path = trace('layouts.ndjson', [
    { event: 'vcpu_create', vm: 0, vcpu: 0, sve: true, sme: true, sve_vl: 32, sme_vl: 64 },
    { event: 'reg_set', vcpu: 0, reg: 'z0' },
    { event: 'reg_set', vcpu: 0, reg: 'svcr', value: '0x1' },
  ]);
  const text = await run(['layouts', path]);
  assert.equal(text.code, 0);
  assert.match(text.stdout, /^orderings that lose data +0 +1 +1$/m);
  const json = JSON.parse((await run(['layouts', path, '--format', 'json'])).stdout);
  assert.deepEqual(
    json.layouts.map(({ id }: { id: string }) => id),
    ['L1', 'L2', 'L3'],
  );
  assert.equal(json.lost[0].line, 3);
});

test('diagram draws the default kernel in the dialect of the kernel, or in mermaid', async () => {
  const dot = await run(['diagram']);
  assert.equal(dot.code, 0);
  assert.match(dot.stdout, /^digraph state_automaton \{\n/);
  assert.match(dot.stdout, /label = "fp_owner of v6\.10, vhe";/);
  const mermaid = await run('diagram --model v6.14 --mode nvhe --format mermaid'.split(' '));
  assert.match(mermaid.stdout, /^stateDiagram-v2\n {4}\[\*\] --> free\n/m);
});

test('models --format json says for every mode what applies', async () => {
  const rows = JSON.parse((await run(['models', '--format', 'json'])).stdout);
  assert.equal(rows.length, MODELS.length);
  for (const { modes, applies } of rows) {
    assert.deepEqual(Object.keys(applies), modes);
    for (const mode of modes) {
      const { events, rules, costs } = applies[mode];
      assert.ok(events.length > 20 && rules.length > 20 && costs.steps.length > 20 && costs.primitives.length > 20);
    }
  }
});
