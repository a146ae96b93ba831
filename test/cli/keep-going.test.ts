/** `replay --keep-going`: every bad line is said and left out, and nothing passes. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Outcome, run, runProcess } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

const GOOD = [
  '{"event":"vcpu_load","cpu":0,"vcpu":0,"task":41}',
  '{"event":"guest_fp","cpu":0}',
  '{"event":"vcpu_put","cpu":0}',
];
const BAD = [
  'x',
  '{}',
  '{"event":"vcpu_put"}',
  '{"event":"meta","format":1}',
  'null',
  '[]',
  '{"event":"cpu_on","cpu":4096}',
  '\u00ff',
];

let files = 0;
function file(content: string | Uint8Array): string {
  const path = join(folder, `${++files}.ndjson`);
  writeFileSync(path, content);
  return path;
}

/** Lines that stderr names as bad ones. */
function named({ stderr }: Outcome): number[] {
  return [...stderr.matchAll(/^\S*:(\d+): error: /gm)].map(([, line]) => Number(line));
}

const keepGoing = (path: string, ...options: string[]): Promise<Outcome> =>
  run(['replay', path, '--keep-going', '--format', 'json', ...options]);

test('every bad line is named, wherever it stands, and left out', async () => {
  const whole = JSON.parse((await run(['replay', file(GOOD.join('\n')), '--format', 'json'])).stdout);
  for (let position = 0; position <= GOOD.length; position++) {
    // A meta line is bad where it is not the first.
    const bad = position === 0 ? BAD.filter((line) => !line.includes('meta')) : BAD;
    const text = [...GOOD.slice(0, position), ...bad, ...GOOD.slice(position)].join('\n');
    const expected = bad.map((_, index) => position + index + 1);
    for (const path of [file(text), file(text.replaceAll('\n', '\r\n')), file(gzipSync(text))]) {
      const outcome = await keepGoing(path);
      const report = JSON.parse(outcome.stdout);
      assert.deepEqual(named(outcome), expected);
      assert.deepEqual([outcome.code, report.verdict, report.ledger.skipped_lines], [0, 'inconclusive', bad.length]);
      assert.deepEqual([report.events, report.transitions, report.cost], [whole.events, whole.transitions, whole.cost]);
      assert.match(report.reasons.join(), /8 lines that are no events were left out|7 lines that are no events/);
      assert.equal(report.partial, undefined);
    }
    assert.deepEqual(named(await runProcess(['replay', '-', '--keep-going'], text)), expected);
  }
});

test('without it the first bad line ends the run', async () => {
  const outcome = await run(['replay', file([...GOOD, ...BAD].join('\n'))]);
  assert.deepEqual([outcome.code, outcome.stdout, named(outcome)], [2, '', [4]]);
});

test('a violation still fails the run, and --strict tells an inconclusive one', async () => {
  const fails = await keepGoing(file(`x\n{"event":"vcpu_put","cpu":0,"vcpu":1}\n${GOOD[0]}\n${GOOD[0]}`));
  assert.deepEqual([fails.code, JSON.parse(fails.stdout).verdict], [1, 'fail']);
  assert.equal((await keepGoing(file('x'), '--strict')).code, 4);
});

test('an unknown event is a bad line with --strict', async () => {
  const outcome = await keepGoing(file('{"event":"new"}\n{"event":"cpu_on","cpu":0}'), '--strict');
  assert.deepEqual([outcome.code, named(outcome)], [4, [1]]);
  assert.deepEqual(JSON.parse(outcome.stdout).ledger.unknown_events, {});
});

test('a hundred bad lines are said, of more only the number', async () => {
  const outcome = await keepGoing(file(`${'x\n'.repeat(100)}\n${'y\n'.repeat(31)}`));
  assert.equal(named(outcome).length, 100);
  assert.match(outcome.stderr, /^error: 31 more lines that cannot be read as events$/m);
  assert.equal(JSON.parse(outcome.stdout).ledger.skipped_lines, 131);
});

test('an input that breaks off is replayed up to there, and marked as a part', async () => {
  const packed = gzipSync(`${GOOD.join('\n')}\n`.repeat(2000));
  const outcome = await keepGoing(file(packed.subarray(0, packed.length - 9)));
  const report = JSON.parse(outcome.stdout);
  assert.deepEqual([outcome.code, report.verdict, report.partial], [0, 'inconclusive', true]);
  assert.match(report.reasons[0], /^only a part was replayed: \d+\.ndjson: expected a complete gzip file/);
  assert.match(outcome.stderr, /^error: .*: expected a complete gzip file, found one that is cut short$/m);
  assert.ok(report.inputs[0].events > 0);
});

test('what cannot be read at all, and a kernel that there is not, end the run in any case', async () => {
  for (const [path, expected] of [
    [join(folder, 'missing'), /found no such file$/m],
    [folder, /found a directory$/m],
    [file(gzipSync('x').subarray(0, 4)), /cut short$/m],
    [file('{"event":"meta","format":1,"model":"v0.1"}\n'), /:1: error: field "model": expected one of/],
  ] as const) {
    const outcome = await keepGoing(path);
    assert.deepEqual([outcome.code, outcome.stdout], [2, '']);
    assert.match(outcome.stderr, expected);
  }
});

test('a divergence is explained although there are bad lines', async () => {
  const observed = '{"event":"observe","cpu":0,"fp_owner":"guest"}';
  const outcome = await keepGoing(file([GOOD[0], 'x', observed].join('\n')), '--explain');
  assert.equal(outcome.code, 1);
  assert.equal(JSON.parse(outcome.stdout).explanations.length, 1);
});
