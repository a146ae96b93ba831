/** One trace under several kernels. UPDATE_GOLDEN=1 rewrites the texts. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { MODELS } from '../../lib/models/models.ts';
import type { Report } from '../../lib/report/report.ts';
import { PLAIN } from '../../lib/text/paint.ts';
import { type Comparison, createComparison, type Kernel } from '../../lib/tools/compare/compare.ts';
import { change, differencesOf } from '../../lib/tools/compare/differences.ts';
import { formatComparison } from '../../lib/tools/compare/text.ts';
import { FAIL, hostile, MANY, PASS } from '../show/reports.ts';
import { replay, traceFrom } from '../support/replay.ts';

const kernels = (...names: string[]): Kernel[] =>
  names.map((name) => {
    const [model = '', mode = 'vhe'] = name.split(' ');
    return { model, mode };
  });

function compare(lines: readonly object[], under: readonly Kernel[]): Comparison {
  const comparing = createComparison(under);
  for (const event of traceFrom(lines).events) assert.equal(comparing.step(event), undefined);
  return comparing.finish([{ name: 'trace', lines: lines.length, events: lines.length }]);
}

const START = [
  { event: 'meta', format: 1, cpus: 1 },
  { event: 'hyp_init', cpu: 0 },
  { event: 'vcpu_create', vm: 0, vcpu: 0 },
  { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 },
  { event: 'guest_enter', cpu: 0 },
];
const END = [
  { event: 'guest_exit', cpu: 0 },
  { event: 'vcpu_put', cpu: 0 },
  { event: 'return_to_user', cpu: 0, task: 41 },
];
const WITHOUT_FP = [...START, ...END];
const WITH_FP = [...START, { event: 'guest_fp', cpu: 0 }, ...END];

test('the eager rework costs two FPSIMD payloads where the guest uses no FP, and nothing where it does', () => {
  const without = compare(WITHOUT_FP, kernels('v6.12', 'v6.14')).differences.runs[1];
  assert.deepEqual(without?.bytes, { value: 1040, difference: 1040, percent: null });
  assert.deepEqual(without?.costs.fpsimd_save?.bytes, { value: 520, difference: 520, percent: null });
  const used = compare(WITH_FP, kernels('v6.12', 'v6.14')).differences.runs[1];
  assert.deepEqual(used?.bytes, { value: 2080, difference: 0, percent: 0 });
  assert.equal(used?.costs.fpsimd_save, undefined);
});

test('the runs are those of replay, in the order asked for', () => {
  const under = kernels('v7.1 nvhe', 'v6.2 vhe', 'v7.1 vhe');
  const { runs } = compare(WITH_FP, under);
  assert.deepEqual(
    runs.map(({ model }) => ({ model: model.name, mode: model.mode })),
    under,
  );
  for (const [index, { model, mode }] of under.entries()) {
    const found = MODELS.find(({ name }) => name === model);
    assert.ok(found);
    assert.deepEqual(runs[index], replay(traceFrom(WITH_FP), { model: found, mode: mode as 'vhe' }));
  }
});

test('a trap of the traced kernel is use of FP, of which each kernel decides', () => {
  // The eager kernel lost the registers to kernel-mode NEON, and its guest trapped twice.
  const traps = (ec: string) => [
    ...START,
    { event: 'guest_fp_trap', cpu: 0, ec },
    { event: 'guest_exit', cpu: 0 },
    { event: 'guest_enter', cpu: 0 },
    { event: 'guest_fp_trap', cpu: 0, ec },
    ...END,
  ];
  const { runs, differences } = compare(traps('0x07'), kernels('v6.12', 'v6.14', 'v6.14 pkvm'));
  assert.equal(differences.guest_fp_trap_read_as_use, 2);
  assert.deepEqual(
    runs.map(({ transitions }) => transitions.by_cause.fp_trap),
    [1, 1, 2],
  );
  for (const run of runs) assert.equal(run.events.guest_fp, 2);
  for (const ec of ['0x19', '0x1d']) {
    assert.equal(compare(traps(ec), kernels('v6.12')).differences.guest_fp_trap_read_as_use, 2);
  }
  assert.equal(compare(traps('0x24'), kernels('v6.12')).differences.guest_fp_trap_read_as_use, 0);
});

test('what was read inside the traced kernel is left out', () => {
  const observed = { event: 'observe', cpu: 0, fp_owner: 'guest', tif_foreign: true };
  const with_ = compare([...WITH_FP, observed, observed], kernels('v6.10', 'v7.1'));
  assert.equal(with_.differences.observe_left_out, 2);
  for (const run of with_.runs) assert.equal(run.observations.checked + run.observations.learned, 0);
});

test('a violation that not all kernels have is told with the kernels that have it', () => {
  const { differences, runs } = compare(WITH_FP, kernels('v6.10 nvhe', 'seed-v1 nvhe', 'seed-v1 vhe'));
  const lost = differences.violations.find(({ rule }) => rule === 'FP-07');
  assert.deepEqual(lost?.runs, [1]);
  assert.deepEqual([lost.line, lost.event, lost.vcpu], [6, 'guest_fp', 0]);
  assert.deepEqual(
    runs.map(({ verdict }) => verdict),
    ['pass', 'fail', 'pass'],
  );
  const text = formatComparison({ runs, differences }, PLAIN);
  assert.match(text, /only seed-v1 nvhe\n(?: {4}.*\n)* {4}FP-07 line 6, guest_fp: host FP registers of task 41/);
  // One that all have is no difference.
  assert.deepEqual(compare(WITH_FP, kernels('seed-v1 nvhe', 'seed-v1 hvhe')).differences.violations, []);
});

test('a kernel beside itself is no difference, and one alone has none', () => {
  const { differences } = compare(WITH_FP, kernels('v6.10', 'v6.10'));
  for (const run of differences.runs) {
    assert.deepEqual([run.by_edge, run.by_cause, run.costs, run.sysregs], [{}, {}, {}, {}]);
    assert.equal(run.bytes.difference, 0);
  }
  assert.equal(differences.violations.length, 0);
  const alone = compare(WITH_FP, kernels('v6.10'));
  assert.doesNotMatch(formatComparison(alone, PLAIN), /what differs|are the same/);
});

test('percentages are to a tenth, and none is made of nothing', () => {
  assert.deepEqual(change(3, 4), { value: 4, difference: 1, percent: 33.3 });
  assert.deepEqual(change(200, 0), { value: 0, difference: -200, percent: -100 });
  assert.deepEqual(change(0, 0), { value: 0, difference: 0, percent: 0 });
  assert.deepEqual(change(0, 7), { value: 7, difference: 7, percent: null });
});

const comparisonOf = (runs: readonly Report[], readAsUse = 0, leftOut = 0): Comparison => ({
  runs,
  differences: differencesOf(runs, { readAsUse, leftOut }),
});
const EAGER: Report = {
  ...PASS,
  model: { name: 'v6.14', mode: 'nvhe' },
  transitions: { ...PASS.transitions, total: 206, by_edge: { 'free>guest': 103, 'guest>free': 103 } },
  cost: {
    ...PASS.cost,
    total: {
      ...PASS.cost.total,
      fpsimd_load: { count: 275, bytes: 143000 },
      fpsimd_save: { count: 275, bytes: 143000 },
      sysreg_read: { count: 30000 },
    },
  },
};
const TEXTS: Readonly<Record<string, Comparison>> = {
  'compare-two': comparisonOf([PASS, EAGER], 103, 2641),
  'compare-violations': comparisonOf([PASS, FAIL, MANY]),
  'compare-many': comparisonOf([PASS, EAGER, FAIL, { ...EAGER, model: { name: 'v6.12-stable', mode: 'pkvm' } }, EAGER]),
};
for (const [name, comparison] of Object.entries(TEXTS)) {
  test(`text of ${name} is that of its file, in at most 80 columns`, () => {
    const file = new URL(`${name}.txt`, import.meta.url);
    const text = formatComparison(comparison, PLAIN);
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'));
    for (const line of text.split('\n')) assert.ok(line.length <= 80 && !line.endsWith(' '), line);
  });
}

test('two kernels fit on one screen', () => {
  assert.ok(formatComparison(TEXTS['compare-two'] as Comparison, PLAIN).split('\n').length <= 40);
});

test('nothing from a trace reaches the terminal as it is', () => {
  assert.match(formatComparison(comparisonOf([PASS, hostile()]), PLAIN), /^[\n -~]*$/);
});
