/** What traces reach, and that the traces that are suggested reach what they are suggested for, as nothing shorter does. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { RULES } from '../../lib/check/rules.ts';
import { MODELS } from '../../lib/models/models.ts';
import { type Coverage, createCoverage, suggest } from '../../lib/tools/coverage/coverage.ts';
import { reachable } from '../../lib/tools/coverage/reachable.ts';
import { run } from '../support/cli.ts';
import { FOLDERS, runsOf, traceOf, tracesOf } from '../support/corpus.ts';
import { traceFrom } from '../support/replay.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-coverage-'));
after(() => rmSync(folder, { recursive: true }));

const KERNELS = MODELS.flatMap((model) => model.modes.map((mode) => ({ model, mode })));

function coverageOf(traces: readonly (readonly object[])[], kill = false): Coverage {
  const account = createCoverage();
  for (const [at, lines] of traces.entries()) {
    const trace = account.trace({}, kill);
    for (const event of traceFrom(lines).events) assert.equal(trace.step(event), undefined);
    trace.finish(`trace ${at}`);
  }
  return account.coverage();
}

test('suggested traces reach every situation of every kernel, and can be read again', () => {
  for (const { model, mode } of KERNELS) {
    const begin = { event: 'meta', format: 1, model: model.name, mode };
    const nothing = coverageOf([[begin]]);
    const [before] = Object.values(nothing.kernels);
    assert.equal(before?.reached, 0);
    assert.ok((before?.reachable ?? 0) > 30, model.name);
    const suggested = suggest(nothing).map(({ trace }) => trace);
    assert.ok(suggested.length < (before?.reachable ?? 0), 'one that is part of another is left out');
    const [full] = Object.values(coverageOf(suggested).kernels);
    assert.deepEqual(
      { reached: full?.reached, unreached: full?.unreached },
      { reached: before?.reachable, unreached: {} },
    );
  }
});

test('an event that is left out of a suggested trace leaves its situation unreached', () => {
  const model = MODELS.find(({ name }) => name === 'v6.12');
  assert.ok(model !== undefined);
  for (const { state, event, trace } of reachable(model, 'nvhe').values()) {
    const has = (lines: readonly object[]): boolean =>
      coverageOf([lines]).kernels['v6.12 nvhe']?.situations[state]?.[event] !== undefined;
    assert.ok(has(trace), `${event} in ${state}`);
    assert.ok(!has(trace.slice(0, -1)), `${event} in ${state}: not at its end for the first time`);
  }
});

test('what the corpus reaches is what its traces do', () => {
  const account = createCoverage();
  const names = FOLDERS.filter((each) => each !== 'real').flatMap((each) =>
    tracesOf(each).map((name) => ({ each, name })),
  );
  for (const { each, name } of names) {
    const trace = account.trace({}, false);
    for (const event of traceOf(each, name).events) trace.step(event);
    trace.finish(name);
  }
  const coverage = account.coverage();
  assert.equal(coverage.traces.length, names.length);
  assert.equal(
    Object.values(coverage.kernels).reduce((sum, { traces }) => sum + traces, 0),
    names.length,
  );
  for (const { id } of RULES) {
    const firing = coverage.traces.filter(({ rules }) => rules.includes(id)).length;
    assert.equal(coverage.rules[id], firing);
    assert.equal(coverage.never_fired.includes(id), firing === 0);
  }
  const reports = new Map(
    FOLDERS.flatMap(runsOf).map((each) => [`${each.trace} ${each.model.name} ${each.mode}`, each]),
  );
  for (const { name, kernel, rules } of coverage.traces) {
    const expected = reports.get(`${name} ${kernel}`);
    if (expected === undefined || expected.strict) continue;
    const report = JSON.parse(readFileSync(expected.expected, 'utf8'));
    assert.deepEqual(rules, report.coverage.rules_fired, name);
  }
});

test('a switch is noticed by a trace whose report is another with it', () => {
  const enters = [
    { event: 'meta', format: 1, model: 'v6.10', mode: 'nvhe' },
    { event: 'vcpu_load', cpu: 0, vm: 0, vcpu: 0, task: 41 },
    { event: 'guest_enter', cpu: 0 },
    { event: 'guest_exit', cpu: 0 },
    { event: 'vcpu_put', cpu: 0 },
  ];
  const { switches, traces } = coverageOf([enters, [{ event: 'meta', format: 1, model: 'v6.10', mode: 'nvhe' }]], true);
  assert.ok(Object.keys(switches).length > 20);
  const [first, second] = traces;
  assert.ok((first?.noticed?.length ?? 0) > 0);
  // Nothing happens in it.
  assert.deepEqual(second?.noticed, []);
  for (const [change, times] of Object.entries(switches)) assert.equal(times, first?.noticed?.includes(change) ? 1 : 0);
});

test('worldswitch coverage prints text, JSON and a page, and --suggest fills what is missing', async () => {
  const trace = join(folder, '<b>&.ndjson');
  writeFileSync(trace, readFileSync('traces/golden/one-run-with-fp.ndjson'));
  const added = join(folder, 'added');
  const first = await run(['coverage', trace, '--suggest', added, '--no-progress']);
  assert.equal(first.code, 0);
  assert.match(first.stdout, /^1 trace$/m);
  assert.match(first.stdout, /^v6\.10 vhe: where no trace is$/m);
  assert.match(first.stderr, new RegExp(`^note: ${readdirSync(added).length} traces written to `));
  const second: Coverage = JSON.parse((await run(['coverage', folder, '--format', 'json', '--no-progress'])).stdout);
  for (const { reached, reachable } of Object.values(second.kernels)) assert.equal(reached, reachable);
  const page = await run(['coverage', trace, '--kill', '--format', 'html', '--no-progress']);
  assert.match(page.stdout, /^<!doctype html>/);
  assert.ok(page.stdout.includes('&lt;b&gt;&amp;.ndjson') && !page.stdout.includes('<b>'));
  assert.doesNotMatch(page.stdout, /<script|https?:/);
});

test('what cannot be read ends it', async () => {
  const bad = join(folder, 'bad.txt');
  writeFileSync(bad, '{"event":"meta","format":1,"model":"v0"}\n');
  for (const [argv, expected] of [
    [['no-such-file'], /no-such-file: expected a file that can be read, found no such file/],
    [[bad], /bad\.txt:1: error: field "model": expected one of /],
    [['--model', 'v0', bad], /unknown model 'v0'/],
    [['--suggest', '/dev/null/x', 'traces/golden/one-run-with-fp.ndjson'], /cannot write to/],
  ] as const) {
    const { code, stderr } = await run(['coverage', ...argv]);
    assert.equal(code, 2);
    assert.match(stderr, expected);
  }
});
