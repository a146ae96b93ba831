/** The questions of README.md, asked of the rows of the corpus by DuckDB; the answers are worked out here once more. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Report } from '../../lib/report/report.ts';
import { run } from '../support/cli.ts';
import { expectedText, FOLDERS, runsOf } from '../support/corpus.ts';
import { skipUnless } from '../support/skip.ts';
import { ask, questions } from './questions.ts';

const canAsk = await import('@duckdb/node-api').then(
  () => true,
  () => false,
);
const skip = skipUnless(canAsk, 'DuckDB has no build for this machine');

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-questions-'));
after(() => rmSync(folder, { recursive: true }));

/** Each report of the corpus as one of a host; every fifth has nothing to do with the others. */
const REPORTS: readonly { readonly host: string; readonly report: Report }[] = FOLDERS.flatMap(runsOf).map(
  (run, at) => {
    const report: Report = JSON.parse(expectedText(run));
    const host = `host${at % 40}`;
    return {
      host,
      report: { ...report, inputs: report.inputs.map((input) => ({ ...input, name: `${host}/"${at}", x` })) },
    };
  },
);
const stream = join(folder, 'reports.ndjson');
writeFileSync(stream, REPORTS.map(({ report }) => `${JSON.stringify(report)}\n`).join(''));

const sum = (values: readonly number[]): number => values.reduce((before, value) => before + value, 0);
const sorted = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** Groups as rows: the key as JSON, and what its members give. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => object, of: (items: readonly T[]) => object): object[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = JSON.stringify(keyOf(item));
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups].map(([key, members]) => ({ ...JSON.parse(key), ...of(members) }));
}

function kernelsWithFp07(): object[] {
  const seen = REPORTS.filter(({ report }) => report.violation_counts['FP-07'] !== undefined);
  const violations = (each: typeof REPORTS) =>
    sum(each.map(({ report }) => report.violation_counts['FP-07']?.total ?? 0));
  return grouped(
    seen,
    ({ report }) => report.model,
    (each) => ({ hosts: new Set(each.map(({ host }) => host)).size, violations: violations(each) }),
  ).map((row) => {
    const { name, ...rest } = row as { name: string };
    return { model: name, ...rest };
  });
}

function costs(): object[] {
  const entered = REPORTS.filter(({ report }) => (report.events.guest_enter ?? 0) > 0);
  const entriesOf = (model: string) =>
    sum(
      entered.filter(({ report }) => report.model.name === model).map(({ report }) => report.events.guest_enter ?? 0),
    );
  const all = entered.flatMap(({ report }) =>
    Object.entries(report.cost.total).map(([primitive, cost]) => ({ model: report.model.name, primitive, cost })),
  );
  return grouped(
    all,
    ({ model, primitive }) => ({ model, primitive }),
    (each) => {
      const entries = entriesOf((each[0] as (typeof all)[number]).model);
      return {
        per_entry: sum(each.map(({ cost }) => cost.count)) / entries,
        bytes: sum(each.map(({ cost }) => cost.bytes ?? 0)) / entries,
      };
    },
  );
}

function probes(): object[] {
  const doubts = REPORTS.filter(({ report }) => report.verdict === 'inconclusive').flatMap(({ host, report }) =>
    (report.records?.hides ?? [])
      .filter(({ places, checks }) => places + checks > 0)
      .map((hidden) => ({ host, ...hidden })),
  );
  return grouped(
    doubts,
    ({ host, shown_by }) => ({ host, probe: shown_by }),
    (each) => ({
      open: sum(each.map(({ places, checks }) => places + checks)),
      hidden: [...new Set(each.map(({ kind }) => kind))].sort().join(', '),
    }),
  );
}

const ANSWERS: Readonly<Record<string, () => object[]>> = {
  'Which kernels show FP-07': kernelsWithFp07,
  'What a guest entry costs, by release': costs,
  "Which hosts' captures are inconclusive, and which probe would mend it": probes,
};

test('every question of README.md is asked here', () => {
  assert.deepEqual([...questions().keys()], Object.keys(ANSWERS));
});

/** DuckDB gives sums as text, for they may be larger than numbers. */
const asNumbers = (row: Record<string, unknown>): object =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, /^\d+$/.test(String(value)) ? Number(value) : value]),
  );

for (const format of ['csv', 'ndjson']) {
  for (const [heading, sql] of questions()) {
    test(`${heading}, of ${format}`, { skip }, async () => {
      const rows = join(folder, `rows.${format}`);
      const { code, stderr } = await run(['merge', stream, '--format', format, '-o', rows]);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      const expected = ANSWERS[heading]?.() ?? [];
      assert.ok(expected.length > 1);
      assert.deepEqual(sorted((await ask(sql, rows)).map(asNumbers)), sorted(expected));
    });
  }
}
