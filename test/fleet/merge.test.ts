/** Reports add up: in any order and any groups, through JSON or not, to the same bytes; and to the right sums. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { named, OTHERS, total } from '../../lib/fleet/additive.ts';
import { MERGED, type Merged } from '../../lib/fleet/merged.ts';
import { quantilesOf, sketch, sketchOf } from '../../lib/fleet/sketch.ts';
import { isMergeable, kindOf, type MergeableReport, tallyOf } from '../../lib/fleet/tally.ts';
import { expectedText, FOLDERS, runsOf } from '../support/corpus.ts';

const REPORTS: readonly MergeableReport[] = FOLDERS.flatMap(runsOf).map((run) => JSON.parse(expectedText(run)));

/** As one process would write it and another read it. */
function throughJson(merged: Merged): Merged {
  const again = JSON.parse(JSON.stringify(merged));
  assert.equal(MERGED.check(again, ''), undefined);
  return again;
}

const ofOne = (report: MergeableReport): Merged => MERGED.write(tallyOf(report));
const merge = (parts: readonly Merged[]): Merged =>
  MERGED.write(parts.map((part) => MERGED.read(throughJson(part))).reduce(MERGED.add, MERGED.zero()));

/** All at once, one after the other, as one process does. */
const atOnce = (reports: readonly MergeableReport[]): Merged =>
  MERGED.write(reports.map(tallyOf).reduce(MERGED.add, MERGED.zero()));

/** Merges neighbours, at places that the seeds choose, until there is one. */
function inGroups(reports: readonly MergeableReport[], seeds: readonly number[]): Merged {
  const parts = reports.map(ofOne);
  for (let at = 0; parts.length > 1; at++) {
    const from = (seeds[at % seeds.length] ?? 0) % (parts.length - 1);
    parts.splice(from, 2, merge(parts.slice(from, from + 2)));
  }
  return merge(parts);
}

/** More names than are kept, of everything that is named by a trace; counts up to those that cannot be added exactly. */
const INVENTED: fc.Arbitrary<MergeableReport> = fc
  .record({
    from: fc.constantFrom(...REPORTS),
    names: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 400, minLength: 300 }),
    count: fc.constantFrom(0, 1, 7, 2 ** 40, Number.MAX_SAFE_INTEGER),
    model: fc.constantFrom('v6.10', '__proto__', '(others)'),
  })
  .map(({ from, names, count, model }) => {
    const counts = Object.fromEntries(names.map((name, at) => [name, at % 3 === 0 ? count : at]));
    const intervals = names.map((name, at) => {
      const ends = [{}, { least: 0 }, { least: 0, most: count }][at % 3];
      return [name, { count: Math.min(count, at), ...ends }] as const;
    });
    return {
      ...from,
      model: { ...from.model, name: model },
      cost: {
        ...from.cost,
        total: Object.fromEntries(intervals),
        doubts: names.map((why, at) => ({ why, shown_by: `probe ${at % 5}`, primitives: names.slice(at, at + 2) })),
      },
      events: counts,
      ledger: { ...from.ledger, unknown_events: counts, lost: count },
      coverage: { ...from.coverage, steps_hit: names },
    };
  });

const GROUPED = fc.record({
  reports: fc.array(fc.oneof({ arbitrary: fc.constantFrom(...REPORTS), weight: 8 }, INVENTED), {
    minLength: 1,
    maxLength: 10,
  }),
  seeds: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
});

test('every report of the corpus can be merged', () => {
  assert.ok(REPORTS.length > 100);
  for (const report of REPORTS) assert.equal(isMergeable(report, ''), undefined);
});

test('any order and any grouping gives the same bytes', () => {
  fc.assert(
    fc.property(GROUPED, fc.infiniteStream(fc.nat()), ({ reports, seeds }, order) => {
      const expected = JSON.stringify(atOnce(reports));
      const keys = reports.map(() => order.next().value as number);
      const shuffled = reports
        .map((report, at) => ({ report, key: keys[at] ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ report }) => report);
      assert.equal(JSON.stringify(atOnce(shuffled)), expected);
      assert.equal(JSON.stringify(inGroups(reports, seeds)), expected);
      assert.equal(JSON.stringify(inGroups(shuffled, seeds)), expected);
    }),
    { numRuns: 60 },
  );
});

test('nothing merged with a report is the report, and nothing alone is nothing', () => {
  const nothing = MERGED.write(MERGED.zero());
  assert.deepEqual(nothing, { merged: 1, kernels: {}, causes: {} });
  for (const report of REPORTS.slice(0, 20)) assert.deepEqual(merge([ofOne(report), nothing]), ofOne(report));
});

const sum = (values: readonly number[]): number => values.reduce((before, value) => before + value, 0);

test('the sums are those of the reports', () => {
  const merged = atOnce(REPORTS);
  const kernels = Object.entries(merged.kernels);
  for (const [name, kernel] of kernels) {
    const own = REPORTS.filter(({ model }) => `${model.name} ${model.mode}` === name);
    assert.equal(kernel.reports, own.length);
    assert.equal(kernel.verdicts.fail ?? 0, own.filter(({ verdict }) => verdict === 'fail').length);
    assert.equal(kernel.transitions.total, sum(own.map(({ transitions }) => transitions.total)));
    assert.equal(kernel.cost.total.isb?.count ?? 0, sum(own.map(({ cost }) => cost.total.isb?.count ?? 0)));
    assert.equal(
      kernel.cost.total.fpsimd_save?.bytes ?? 0,
      sum(own.map(({ cost }) => cost.total.fpsimd_save?.bytes ?? 0)),
    );
    for (const [name, cost] of Object.entries(kernel.cost.total)) {
      const each = own.flatMap(({ cost }) => cost.total[name] ?? []);
      assert.equal(cost.least, sum(each.map(({ count, least = count }) => least)));
      const most = sum(each.map(({ count, least, most = least === undefined ? count : Infinity }) => most));
      assert.equal(cost.most ?? Infinity, most);
    }
    assert.equal(kernel.entries, sum(own.map(({ events }) => events.guest_enter ?? 0)));
    assert.equal(kernel.ledger.implied, sum(own.map(({ ledger }) => ledger.implied)));
  }
  assert.equal(sum(kernels.map(([, { reports }]) => reports)), REPORTS.length);
  const consequences = REPORTS.flatMap(({ causes }) => causes.flatMap((cause) => Object.values(cause.consequences)));
  assert.equal(sum(Object.values(merged.causes).map(({ count }) => count)), sum(consequences));
});

test('between what costs can be is added up end by end, and why it can, with how many reports say so', () => {
  const [report] = REPORTS as [MergeableReport];
  const withCost = (cost: Pick<MergeableReport['cost'], 'total' | 'doubts'>): MergeableReport => ({
    ...report,
    cost: { ...report.cost, ...cost },
  });
  const why = { why: 'a host task may have SVE', shown_by: 'fp_type', primitives: ['fpsimd_save', 'sve_save'] };
  const parts = [
    withCost({
      total: { fpsimd_save: { count: 5, bytes: 2600, least: 2, most: 9 }, isb: { count: 3 } },
      doubts: [why],
    }),
    withCost({ total: { fpsimd_save: { count: 4, bytes: 2080 } }, doubts: [] }),
    withCost({
      total: { fpsimd_save: { count: 1, bytes: 520, least: 0, most: 1 }, sve_save: { count: 0, least: 0 } },
      doubts: [{ ...why, primitives: ['sve_save'] }],
    }),
  ];
  const [{ cost }] = Object.values(atOnce(parts).kernels) as [Merged['kernels'][string]];
  assert.deepEqual(cost.total, {
    fpsimd_save: { count: 10, bytes: 5200, least: 6, most: 14 },
    isb: { count: 3, bytes: 0, least: 3, most: 3 },
    sve_save: { count: 0, bytes: 0, least: 0, most: null },
  });
  assert.deepEqual(cost.doubts, {
    [why.why]: { reports: 2, shown_by: 'fp_type', primitives: { fpsimd_save: 1, sve_save: 2 } },
  });
});

test('the same cause on another host, CPU and vCPU is one cause, with the first three places', () => {
  const report = REPORTS.find(({ causes }) => causes.some(({ title }) => /task \d+/.test(title))) as MergeableReport;
  const cause = report.causes.find(({ title }) => /task \d+/.test(title)) as MergeableReport['causes'][number];
  const onHost = (host: number): MergeableReport => ({
    ...report,
    inputs: [{ name: `host${host}`, lines: 1, events: 1 }],
    causes: [1, 2].map((cpu) => ({
      ...cause,
      title: cause.title.replace(/\d+/g, String(100 * cpu + host)),
      steps: cause.steps.map((step) => ({ ...step, input: 0, line: host * cpu })),
    })),
  });
  const { causes } = atOnce([5, 1, 4, 2, 3].map(onHost));
  assert.equal(Object.keys(causes).length, 1);
  const [merged] = Object.values(causes);
  assert.equal(merged?.reports, 5);
  assert.equal(merged?.count, 2 * 5 * sum(Object.values(cause.consequences)));
  assert.deepEqual(merged?.examples, [
    { input: 'host1', line: 1 },
    { input: 'host1', line: 2 },
    { input: 'host2', line: 2 },
  ]);
});

test('what tells causes apart is left in them, and what tells hosts apart is not', () => {
  const kind = (title: string) => kindOf({ title });
  assert.equal(kind('registers of task 41 on CPU 3, vCPU 0/1'), kind('registers of task 7 on CPU 12, vCPU 11/0'));
  assert.equal(kind('the host set 0x1 since'), kind('the host set 0xffff since'));
  assert.notEqual(kind('fp_owner = free'), kind('fp_owner = host'));
  assert.equal(kind('ZCR_EL1 of x19 and v6.10, FP-07'), 'ZCR_EL1 of x19 and v6.10, FP-07');
});

test('of more names than are kept the first are exact and the others one entry', () => {
  const names = named(total, 3);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...'abcdefgh', OTHERS), fc.nat(9))), (pairs) => {
      const added = names.write(pairs.map(([name, n]) => new Map([[name, n]])).reduce(names.add, names.zero()));
      const seen = [...new Set(pairs.map(([name]) => name))].filter((name) => name !== OTHERS).sort();
      const of = (name: string) => sum(pairs.filter(([each]) => each === name).map(([, n]) => n));
      for (const name of seen.slice(0, 3)) assert.equal(added[name], of(name));
      assert.equal(added[OTHERS] ?? 0, sum([...seen.slice(3), OTHERS].map(of)));
    }),
  );
});

test('quantiles are within 1 % of those of the values', () => {
  const value = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e12, noNaN: true }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), (values) => {
      const merged = sketch.write(values.map(sketchOf).reduce(sketch.add, sketch.zero()));
      const sorted = [...values].sort((a, b) => a - b);
      for (const quantile of [0, 0.25, 0.5, 0.9, 0.99, 1]) {
        const exact = sorted[Math.floor(quantile * (sorted.length - 1))] as number;
        const [said = Number.NaN] = quantilesOf(merged, [quantile]);
        // A value is known to 1 % of itself.
        assert.ok(Math.abs(said - exact) <= 0.0101 * exact, `${quantile}: ${said}, not ${exact}`);
      }
    }),
  );
});

test('a distribution has one value for each report', () => {
  const { kernels } = atOnce(REPORTS);
  for (const [name, { per_entry }] of Object.entries(kernels)) {
    const own = REPORTS.filter(({ model, events }) => `${model.name} ${model.mode}` === name && events.guest_enter);
    const { zeroes = 0, bins = {} } = per_entry.bytes ?? {};
    assert.equal(zeroes + sum(Object.values(bins)), own.length, name);
  }
});

const BROKEN: readonly (readonly [string, (merged: Merged) => unknown])[] = [
  ['another format', (merged) => ({ ...merged, merged: 2 })],
  ['no causes', ({ causes, ...merged }) => merged],
  ['a bin beyond all', () => ({ ...ofOne(REPORTS[0] as MergeableReport), kernels: hugeBin() })],
  ['a negative count', (merged) => ({ ...merged, causes: { x: { count: -1 } } })],
  ['a name without end', (merged) => ({ ...merged, causes: { ['x'.repeat(5000)]: {} } })],
];

function hugeBin(): object {
  const [entry] = Object.entries(ofOne(REPORTS[0] as MergeableReport).kernels);
  const [name, kernel] = entry as typeof entry & object;
  return { [name]: { ...kernel, per_entry: { x: { zeroes: 0, bins: { '999999999': 1 } } } } };
}

test('what is no merged report is told', () => {
  for (const [what, breakIt] of BROKEN) {
    assert.equal(typeof MERGED.check(breakIt(ofOne(REPORTS[0] as MergeableReport)), ''), 'string', what);
  }
});
