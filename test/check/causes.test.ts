/** Violations and what they come of: one bug is one cause, however often and wherever it shows; three bugs are three. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createBlame } from '../../lib/check/causes/blame.ts';
import type { Report } from '../../lib/report/report.ts';
import { formatText } from '../../lib/show/text.ts';
import { PLAIN } from '../../lib/text/paint.ts';
import { CAPTURES } from '../support/captures.ts';
import { FOLDERS, reportOf, runsOf } from '../support/corpus.ts';
import { readTraceFile, replay, traceFrom } from '../support/replay.ts';
import { skipUnless } from '../support/skip.ts';
import { bugRun, nameOf } from '../traces/bugs.ts';
import { CATALOGUE } from '../traces/catalogue.ts';

const META = { event: 'meta', format: 1 };

for (const { trace, wrong } of CATALOGUE.flatMap(({ cases }) => cases)) {
  for (const kernel of wrong) {
    test(`${trace} on ${nameOf(kernel)} has one cause`, () => {
      const { causes, violations } = reportOf(bugRun(trace, kernel));
      assert.deepEqual(
        causes.map(({ cause }) => cause),
        [1],
      );
      assert.ok(violations.every(({ cause }) => cause === 1));
      assert.doesNotMatch(causes[0]?.title ?? '\n', /\n|^$/);
    });
  }
}

/** All that can be said of the causes of any report. */
function assertWhole({ causes, violations, violation_counts, observations }: Report): void {
  assert.deepEqual(
    causes.map(({ cause }) => cause),
    causes.map((_, index) => index + 1),
  );
  for (const { cause } of [...violations, ...observations.diverging]) assert.ok(cause >= 1 && cause <= causes.length);
  const counts: Record<string, number> = {};
  for (const { consequences, steps } of causes) {
    assert.ok(steps.length >= 1 && steps.length <= 8);
    for (const [rule, count] of Object.entries(consequences)) counts[rule] = (counts[rule] ?? 0) + count;
  }
  const { diverged = 0, ...byRule } = counts;
  assert.equal(diverged, observations.diverged);
  assert.deepEqual(
    byRule,
    Object.fromEntries(Object.entries(violation_counts).map(([rule, { total }]) => [rule, total])),
  );
}

test('every violation and divergence of the corpus belongs to one cause, and is counted there', () => {
  for (const run of FOLDERS.flatMap(runsOf)) assertWhole(reportOf(run));
});

/** One vCPU of its own on each CPU: the same story everywhere. */
function onEach(cpus: number, story: (cpu: number) => readonly object[]): readonly object[] {
  return Array.from({ length: cpus }, (_, cpu) => story(cpu)).flat();
}

test('one bug of the accessor on four CPUs is one cause', () => {
  const lines = onEach(4, (cpu) => [
    { event: 'hyp_init', cpu },
    { event: 'vcpu_load', cpu, vm: 0, vcpu: cpu, task: 40 + cpu },
    { event: 'guest_enter', cpu },
    { event: 'guest_fp', cpu },
    { event: 'guest_exit', cpu },
    { event: 'vcpu_put', cpu },
    { event: 'return_to_user', cpu, task: 40 + cpu },
  ]);
  const report = replay(traceFrom([{ ...META, model: 'seed-v1', mode: 'nvhe' }, ...lines]));
  assert.deepEqual(
    report.causes.map(({ title, cpus }) => ({ title, cpus })),
    [{ title: 'kernel code writes kvm_host_data where hyp code reads __kvm_nvhe_kvm_host_data', cpus: [0, 1, 2, 3] }],
  );
  assertWhole(report);
});

const INDEPENDENT: Readonly<Record<string, readonly object[]>> = {
  'FP-09': [
    { event: 'guest_enter', cpu: 0 },
    { event: 'guest_fp', cpu: 0, isa: 'sve' },
    { event: 'guest_zcr', cpu: 0, value: '0x1' },
    { event: 'guest_exit', cpu: 0 },
    { event: 'neon_begin', cpu: 0, softirq: true },
    { event: 'neon_end', cpu: 0, softirq: true },
  ],
  'DB-08': [
    { event: 'host_buffers', cpu: 0, spe: true },
    { event: 'guest_enter', cpu: 0 },
    { event: 'guest_exit', cpu: 0 },
    { event: 'host_buffers', cpu: 0, spe: false },
  ],
  'FP-10': [
    { event: 'neon_begin', cpu: 0, irqs_off: true },
    { event: 'neon_end', cpu: 0 },
  ],
};

/** Orders of the names. */
function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

for (const order of permutations(Object.keys(INDEPENDENT))) {
  test(`three independent bugs are three causes: ${order.join(', ')}`, () => {
    const report = replay(
      traceFrom([
        { ...META, model: 'v6.2', mode: 'nvhe', sve_vl: 64 },
        { event: 'hyp_init', cpu: 0 },
        { event: 'vcpu_create', vm: 0, vcpu: 0, sve: true, sve_vl: 64 },
        { event: 'vcpu_load', cpu: 0, vm: 0, vcpu: 0, task: 41 },
        ...order.flatMap((rule) => INDEPENDENT[rule] ?? []),
        { event: 'vcpu_put', cpu: 0 },
      ]),
    );
    assert.deepEqual(
      report.causes.map(({ consequences }) => Object.keys(consequences)[0]),
      order,
    );
    assertWhole(report);
  });
}

test('a fault that is made good explains nothing later', () => {
  const round = [
    { event: 'vcpu_load', cpu: 0, vm: 0, vcpu: 0, task: 41 },
    { event: 'guest_enter', cpu: 0 },
    { event: 'guest_fp', cpu: 0 },
    { event: 'guest_exit', cpu: 0 },
    { event: 'vcpu_put', cpu: 0 },
  ];
  const report = replay(
    traceFrom([
      { ...META, model: 'v6.10', mode: 'vhe' },
      { event: 'hyp_init', cpu: 0 },
      { event: 'vcpu_load', cpu: 0, vm: 0, vcpu: 1, task: 41 },
      ...[...round, ...round, ...round],
      { event: 'task_switch', cpu: 0, next: 42 },
      { event: 'observe', cpu: 0, tif_foreign: false },
      { event: 'return_to_user', cpu: 0, task: 42 },
    ]),
  );
  assert.deepEqual(
    report.causes.map(({ consequences }) => Object.keys(consequences)),
    [
      ['DB-05', 'LC-01'],
      ['FP-11', 'FP-27', 'diverged'],
    ],
  );
});

test('filters leave out causes of which nothing is reported, and number the others', () => {
  const { model, mode } = bugRun('seed-v1-chain', { model: 'seed-v1', mode: 'nvhe' });
  const trace = traceFrom([
    { ...META, model: 'seed-v1', mode: 'nvhe' },
    { event: 'neon_begin', cpu: 1, irqs_off: true },
    { event: 'neon_end', cpu: 1 },
    { event: 'hyp_init', cpu: 0 },
  ]);
  const all = replay(trace, { model, mode });
  assert.deepEqual(
    all.causes.map(({ cause, consequences }) => [cause, Object.keys(consequences)]),
    [
      [1, ['FP-10']],
      [2, ['HD-01', 'HD-02']],
    ],
  );
  const some = replay(trace, { model, mode, reportedRule: (rule) => rule === 'HD-02' });
  assert.deepEqual(
    some.causes.map(({ cause, consequences }) => [cause, consequences]),
    [[1, { 'HD-02': 1 }]],
  );
  // How it came to it is told in full.
  assert.equal(some.causes[0]?.steps[0]?.source, 'cpu_hyp_init_context');
});

test('a capture of a kernel with the bug of the accessor has that one cause, in fewer than 40 lines', {
  skip: skipUnless(CAPTURES !== undefined, 'no captures beside the project'),
}, () => {
  const report = replay(readTraceFile(new URL('ndjson/6.12-seed-v1-nvhe.ndjson', CAPTURES)));
  assert.equal(report.causes.length, 1);
  const lines = formatText(report, PLAIN).trimEnd().split('\n');
  assert.ok(lines.length < 40, `${lines.length} lines`);
  const begin = lines.slice(0, 10).join('\n');
  for (const word of ['kvm_host_data', '__kvm_nvhe_kvm_host_data', 'kvm_arch_vcpu_load_fp', 'fp_owner']) {
    assert.ok(begin.includes(word), `${word} is not in:\n${begin}`);
  }
});

test('a window of it has that one cause as well', () => {
  const text = readFileSync(new URL('../../traces/real/6.12-seed-v1-nvhe.ndjson', import.meta.url), 'utf8');
  const report = replay(
    traceFrom(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ),
  );
  assert.equal(report.causes.length, 1);
  assert.match(report.causes[0]?.title ?? '', /^kernel code writes kvm_host_data/);
});

test('a thousand causes are told apart; what is new beyond counts as of the last, and what was known stays itself', () => {
  const blame = createBlame();
  const site = { title: '', entity: '', rule: 'FP-01', severity: 'error', moment: 0, cpu: 0 } as const;
  const causeOf = (key: string, event: number): number =>
    blame.of({ ...site, key, reads: [], parts: ['fp'], leaves: [], deeds: [] }, event);
  const causes = Array.from({ length: 1100 }, (_, at) => causeOf(`cause ${at}`, at));
  assert.deepEqual(
    causes,
    causes.map((_, at) => Math.min(at, 999)),
  );
  assert.deepEqual([causeOf('cause 3', 2000), causeOf('cause 1050', 2001)], [3, 999]);
});
