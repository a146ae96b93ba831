/** Help, usage errors, and the commands that only print. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { RULES } from '../../lib/check/rules.ts';
import { COMMANDS } from '../../lib/cli/commands/registry.ts';
import { MODELS } from '../../lib/models/models.ts';
import { jsonSchema } from '../../lib/trace/schema.ts';
import { run } from '../support/cli.ts';

test('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  for (const argv of [['--version'], ['-V']]) {
    const { code, stdout, stderr } = await run(argv);
    assert.deepEqual([code, stderr], [0, '']);
    const [first, ...rest] = stdout.split('\n');
    assert.equal(first, version);
    assert.deepEqual(
      rest.map((line) => line.split(' ')[0]),
      ['commit', 'formats', 'node', ''],
    );
    assert.ok(stdout.includes(`node     ${process.version} `));
  }
});

test('help goes to stdout, with examples, exit codes and environment, in 80 columns', async () => {
  for (const argv of [['--help'], ['replay', '--help'], ['help', 'replay'], ['help']]) {
    const { code, stdout, stderr } = await run(argv);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    for (const part of ['Usage:', 'Examples:', 'Exit codes:', 'Environment:', 'NO_COLOR', '128 + n']) {
      assert.ok(stdout.includes(part), `${argv}: ${part}`);
    }
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  }
});

for (const name of Object.keys(COMMANDS)) {
  test(`help of ${name}: what it does, in 80 columns`, async () => {
    const { code, stdout, stderr } = await run([name, '--help']);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const [usage = '', empty, description = ''] = stdout.split('\n');
    assert.ok(usage.startsWith(`Usage: worldswitch ${name}`), usage);
    assert.deepEqual([empty, description === ''], ['', false]);
    // Lines that are too long are broken once more, and leave a word alone.
    const told = stdout.split('\n\n')[1]?.split('\n') ?? [];
    for (const line of told.slice(0, -1)) assert.ok(line.length >= 40, line);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  });
}

test('no command is a usage error: help on stderr', async () => {
  const { code, stdout, stderr } = await run([]);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
  assert.match(stderr, /^Usage: worldswitch/);
});

const USAGE_ERRORS: readonly (readonly [string, RegExp])[] = [
  ['repaly', /unknown command 'repaly'\n\(Did you mean replay\?\)/],
  ['replay --fromat json', /unknown option '--fromat'\n\(Did you mean --format\?\)/],
  ['replay --format yaml x', /argument 'yaml' is invalid/],
  ['replay', /^error: no trace: name a file, or pipe one in\n$/],
  ['replay --cpu 3-1 x', /'--cpu <list>' argument '3-1' is invalid/],
  ['replay --from soon x', /'--from <time>' argument 'soon' is invalid/],
  ['replay --event vcpu_laod x', /^error: unknown event 'vcpu_laod' \(Did you mean vcpu_load\?\)\n$/],
  ['replay --rule FP-77777777 x', /^error: unknown rule 'FP-77777777'/],
  ['replay --model v6.11111 x', /^error: unknown model 'v6.11111'/],
  ['replay --mode nvhee x', /^error: unknown mode 'nvhee' \(Did you mean nvhe/],
  ['replay --model v5.18 --mode hvhe x', /^error: model v5.18 has no mode hvhe, only /],
  ['replay --out report.json x', /^error: --out report.json: expected FORMAT:PATH\n$/],
  ['replay --out jsno:x x', /^error: --out jsno:x: unknown format 'jsno' \(Did you mean json\?\)\n$/],
  ['replay --max-violations -1 x', /'--max-violations <n>' argument '-1' is invalid/],
  ['replay --sve-vl 17 x', /'--sve-vl <bytes>' argument '17' is invalid/],
  ['replay --golden x.json --format ndjson x', /^error: --golden prints a comparison/],
  ['rules FP-77777777', /^error: unknown rule 'FP-77777777'/],
  ['models x', /too many arguments/],
  ['diff a.json', /missing required argument 'B.json'/],
  ['diff - -', /^error: stdin can be only one of the two reports\n$/],
  ['diff /no/such/a /no/such/b', /^error: \/no\/such\/a: expected a file that can be read, found no such file\n$/],
  ['replay --golden /no/such/a x', /^error: \/no\/such\/a: expected a file that can be read, found no such file\n$/],
];

for (const [line, expected] of USAGE_ERRORS) {
  test(`usage error: worldswitch ${line}`, async () => {
    const { code, stdout, stderr } = await run(line.split(' '));
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
    assert.match(stderr, expected);
  });
}

test('what the command line repeats of its arguments is escaped', async () => {
  for (const argv of [
    ['\u001b[2J'],
    ['replay', '--\u001b[2J'],
    ['replay', '--cpu', '\u001b[2J'],
    ['replay', '\u001b[2J'],
  ]) {
    const { code, stderr } = await run(argv);
    assert.equal(code, 2);
    assert.match(stderr, /^[\n -~]*$/);
  }
});

test('models lists every model, with its modes', async () => {
  const json = await run(['models', '--format', 'json']);
  assert.equal(json.code, 0);
  assert.deepEqual(
    JSON.parse(json.stdout).map(({ name, modes }: { name: string; modes: string[] }) => ({ name, modes })),
    MODELS.map(({ name, modes }) => ({ name, modes })),
  );
  const text = await run(['models']);
  for (const { name } of MODELS) assert.match(text.stdout, new RegExp(`^${name}( \\(default\\))?$`, 'm'));
  for (const line of text.stdout.split('\n')) assert.ok(line.length <= 80, line);
});

test('rules lists every rule in a line or few, and those that are named in full', async () => {
  const json = await run(['rules', '--format', 'json']);
  assert.deepEqual(
    JSON.parse(json.stdout).map(({ id }: { id: string }) => id),
    RULES.map(({ id }) => id),
  );
  const text = await run(['rules']);
  for (const { id } of RULES) assert.ok(text.stdout.includes(`${id} `), id);
  const full = await run(['rules', 'FP-07']);
  assert.match(full.stdout, /^FP-07 {2}error {2}/);
  for (const line of `${text.stdout}${full.stdout}`.split('\n')) assert.ok(line.length <= 80, line);
});

test('schema prints the JSON Schema', async () => {
  const { code, stdout } = await run(['schema']);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(jsonSchema())));
});

test('colour follows the option and the environment', async () => {
  const hasEscapes = async (argv: string[], options: Parameters<typeof run>[1]) =>
    (await run(['models', ...argv], options)).stdout.includes('\u001b[');
  assert.equal(await hasEscapes([], { isTTY: true }), true);
  assert.equal(await hasEscapes([], { isTTY: true, env: { NO_COLOR: '1' } }), false);
  assert.equal(await hasEscapes([], {}), false);
  assert.equal(await hasEscapes([], { env: { FORCE_COLOR: '1' } }), true);
  assert.equal(await hasEscapes(['--color', 'always'], { env: { NO_COLOR: '1' } }), true);
  assert.equal(await hasEscapes(['--color', 'never'], { isTTY: true, env: { FORCE_COLOR: '1' } }), false);
});
