/** `worldswitch replay` and `diff` from the outside: exit codes, where output goes, and what is left behind. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run, runProcess, start } from '../support/cli.ts';
import { skipUnless } from '../support/skip.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

const LOAD = '{"event":"vcpu_load","cpu":0,"vcpu":0,"task":41}\n';
const TRAP = '{"event":"guest_fp_trap","cpu":0}\n';
const PUT = '{"event":"vcpu_put","cpu":0}\n';
const LOST = '{"event":"lost","count":3}\n';

let files = 0;
/** A new file in the folder of this test run. */
function file(content: string, name = `${++files}.ndjson`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const GOOD = file(LOAD + TRAP + PUT, 'good.ndjson');
/** Under nVHE the first posting of the series loses the host's registers. */
const BAD = file(
  `{"event":"meta","format":1,"model":"seed-v1","mode":"nvhe"}\n${LOAD}${TRAP}${PUT}{"event":"return_to_user","cpu":0,"task":41}\n`,
  'bad.ndjson',
);

test('0: replayed, nothing violated', async () => {
  const { code, stdout } = await run(['replay', GOOD]);
  assert.equal(code, 0);
  assert.match(stdout, /^(PASS|INCONCLUSIVE) {2}no violation/);
});

test('1: a violation of severity error', async () => {
  const { code, stdout, stderr } = await run(['replay', BAD]);
  assert.deepEqual({ code, stderr }, { code: 1, stderr: '' });
  assert.match(stdout, /^FAIL {2}/);
  assert.match(stdout, /^\/.*\/bad\.ndjson:\d+: error: /m);
});

test('2: a line that is no event, with file, line, field and what was expected, and no report', async () => {
  const path = file(`${LOAD}\n{"event":"vcpu_put","cpu":"\\u001b[2J"}\n`, 'wrong.ndjson');
  const { code, stdout, stderr } = await run(['replay', path, '--format', 'json']);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
  assert.match(stderr, /^\S*wrong\.ndjson:3: error: field "cpu": expected an integer from 0 to 4095, found [ -~]+\n$/);
});

test('2: with --strict an unknown event is an input error', async () => {
  const path = file(`${LOAD}{"event":"vcpu_putt","cpu":0}\n`);
  const { code, stdout, stderr } = await run(['replay', path, '--strict']);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
  assert.match(
    stderr,
    /:2: error: field "event": expected the name of an event, found "vcpu_putt" \(Did you mean vcpu_put\?\)/,
  );
});

test('an inconclusive run is 0 and a note with the reasons on stderr; with --strict 4', async () => {
  const path = file(LOST);
  const usual = await run(['replay', path]);
  assert.equal(usual.code, 0);
  assert.match(usual.stdout, /^INCONCLUSIVE /);
  assert.match(usual.stderr, /^note: the verdict is inconclusive:\n {2}\S/);
  assert.equal((await run(['replay', path, '--strict'])).code, 4);
});

test('no file: stdin, where it is not a terminal; and so is "-"', async () => {
  for (const argv of [['replay'], ['replay', '-']]) {
    const { code, stdout } = await runProcess([...argv, '--format', 'json'], LOAD + PUT);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout).inputs, [{ name: '-', lines: 2, events: 2 }]);
  }
});

test('ndjson ends in the report that json prints', async () => {
  const json = await run(['replay', BAD, '--format', 'json']);
  const ndjson = await run(['replay', BAD, '--format', 'ndjson']);
  const lines = ndjson.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(lines.at(-1), { type: 'report', ...JSON.parse(json.stdout) });
  assert.equal(lines.filter(({ type }) => type === 'transition').length, lines.at(-1).transitions.total);
  assert.deepEqual([json.code, ndjson.code], [1, 1]);
});

test('--out writes other formats beside stdout, and leaves no temporary file', async () => {
  const [json, text] = [join(folder, 'out.json'), join(folder, 'out.txt')];
  const { code, stdout } = await run([
    'replay',
    BAD,
    '--out',
    `json:${json}`,
    '--out',
    `text:${text}`,
    '--format',
    'ndjson',
  ]);
  assert.equal(code, 1);
  const { type, ...last } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  assert.deepEqual([type, last], ['report', JSON.parse(readFileSync(json, 'utf8'))]);
  assert.match(readFileSync(text, 'utf8'), /^FAIL {2}/);
  assert.deepEqual(temporaryFiles(), []);
});

test('--out follows a link and replaces what it points at', async () => {
  const target = file('old', 'target.json');
  symlinkSync('target.json', join(folder, 'link.json'));
  await run(['replay', GOOD, '--out', `json:${join(folder, 'link.json')}`]);
  assert.equal(JSON.parse(readFileSync(target, 'utf8')).format, 2);
});

test('--out to a device writes to it', async () => {
  const { code } = await run(['replay', GOOD, '--out', 'json:/dev/null']);
  assert.equal(code, 0);
});

test('--out that cannot be opened ends the run before it begins', async () => {
  const { code, stdout, stderr } = await run(['replay', GOOD, '--out', `json:${folder}/no/such/x.json`]);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
  assert.match(stderr, /^error: cannot write .*x\.json: no such file or directory\n$/);
  const twice = await run(['replay', GOOD, '--out', `json:${folder}/x`, '--out', `text:${folder}/./x`]);
  assert.equal(twice.code, 2);
  assert.match(twice.stderr, /^error: --out names .* twice\n$/);
  const here = await run(['replay', GOOD, '--out', `json:${folder}`]);
  assert.equal(here.code, 2);
});

test('--out never overwrites an input, by whatever name', async () => {
  const content = readFileSync(GOOD, 'utf8');
  symlinkSync('good.ndjson', join(folder, 'alias.ndjson'));
  const golden = file('{}', 'golden-input.json');
  for (const argv of [
    [GOOD, '--out', `json:${GOOD}`],
    [GOOD, '--out', `json:${join(folder, 'alias.ndjson')}`],
    [join(folder, 'alias.ndjson'), '--out', `json:${GOOD}`],
  ]) {
    const { code, stderr } = await run(['replay', ...argv]);
    assert.equal(code, 2);
    assert.match(stderr, /it is an input of this run/);
  }
  assert.equal(readFileSync(GOOD, 'utf8'), content);
  assert.equal((await run(['replay', GOOD, '--golden', golden, '--out', `json:${golden}`])).code, 2);
  assert.equal(readFileSync(golden, 'utf8'), '{}');
});

test('a run that fails leaves an existing output as it was', async () => {
  const output = file('before', 'kept.json');
  const { code } = await run(['replay', file('not json\n'), '--out', `json:${output}`]);
  assert.equal(code, 2);
  assert.equal(readFileSync(output, 'utf8'), 'before');
  assert.deepEqual(temporaryFiles(), []);
});

test('--golden compares in one step: 0 where the report is the same, 1 and the differences where it is not', async () => {
  const golden = join(folder, 'golden.json');
  await run(['replay', BAD, '--out', `json:${golden}`]);
  const same = await run(['replay', BAD, '--golden', golden]);
  assert.equal(same.code, 0);
  assert.match(same.stdout, /^SAME {2}/);
  const other = await run(['replay', BAD, '--model', 'v6.14', '--golden', golden, '--format', 'json']);
  assert.equal(other.code, 1);
  assert.equal(JSON.parse(other.stdout).equal, false);
});

test('diff: 0 where two reports agree, 1 where they differ, 2 where one cannot be read', async () => {
  const [good, bad] = [join(folder, 'good.json'), join(folder, 'bad.json')];
  await run(['replay', GOOD, '--out', `json:${good}`]);
  await run(['replay', BAD, '--out', `json:${bad}`]);
  assert.equal((await run(['diff', good, good])).code, 0);
  const text = await run(['diff', good, bad]);
  assert.equal(text.code, 1);
  assert.match(text.stdout, /^DIFFERENT {2}/);
  const unreadable = await run(['diff', good, GOOD]);
  assert.deepEqual([unreadable.code, unreadable.stdout], [2, '']);
  assert.match(unreadable.stderr, /good\.ndjson is no report: not JSON/);
  assert.equal((await runProcess(['diff', good, '-'], readFileSync(good))).code, 0);
});

test('filters change what is reported and not what is replayed', async () => {
  const all = JSON.parse((await run(['replay', BAD, '--format', 'json'])).stdout);
  const [violation] = all.violations;
  const one = JSON.parse((await run(['replay', BAD, '--format', 'json', '--rule', violation.rule])).stdout);
  assert.deepEqual(
    one.violations,
    all.violations.filter(({ rule }: { rule: string }) => rule === violation.rule),
  );
  const none = JSON.parse((await run(['replay', BAD, '--format', 'json', '--cpu', '7'])).stdout);
  assert.deepEqual(none.violations, []);
  assert.deepEqual(none.inputs, all.inputs);
});

test('a pipe closed early ends the program quietly', async () => {
  const trace = file((LOAD + TRAP + PUT).repeat(20_000));
  const child = start(['replay', '--format', 'ndjson', trace]);
  let stderr = '';
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  child.stdout?.once('data', () => child.stdout?.destroy());
  const [code] = await once(child, 'close');
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
});

test('a slow reader gets everything', async () => {
  const trace = file((LOAD + TRAP + PUT).repeat(5000));
  const child = start(['replay', '--format', 'ndjson', trace]);
  await once(child.stdout as NodeJS.ReadableStream, 'readable');
  await new Promise((resolve) => setTimeout(resolve, 300));
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  const last = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
  assert.equal(last.inputs[0].events, 15_000);
});

test('a full disk is said', { skip: skipUnless(existsSync('/dev/full'), 'no /dev/full') }, async () => {
  const file = await runProcess(['replay', GOOD, '--out', 'json:/dev/full']);
  assert.equal(file.code, 2);
  assert.match(file.stderr, /^error: cannot write \/dev\/full: no space left on device\n$/);
  const stdout = await runProcess(['replay', GOOD], '', { stdio: ['pipe', openSync('/dev/full', 'w'), 'pipe'] });
  assert.equal(stdout.code, 2);
  assert.match(stdout.stderr, /^error: cannot write to standard output: no space left on device\n$/);
});

function temporaryFiles(): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.tmp'));
}
