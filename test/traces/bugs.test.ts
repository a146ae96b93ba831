/**
 * Every bug of the catalogue that a trace can show breaks its rules on the kernels that had it, and none on those that had
 * not. UPDATE_GOLDEN=1 writes README's table anew.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { reportOf, tracesOf, UPDATING } from '../support/corpus.ts';
import { bugRun, nameOf, rightTraceOf, rulesFired } from './bugs.ts';
import { CATALOGUE } from './catalogue.ts';
import { BEGIN, END, readmeTable } from './readme-table.ts';

/** How many entries the catalogue has (semantics 8). */
const ENTRIES = 20;

for (const { number, cases } of CATALOGUE) {
  for (const example of cases) {
    const { trace, rules, wrong, right } = example;
    for (const kernel of wrong) {
      test(`bug ${number}: ${trace} violates ${rules.join(', ')} on ${nameOf(kernel)}`, () => {
        assert.deepEqual(rulesFired(trace, kernel), rules);
      });
    }
    for (const kernel of right) {
      test(`bug ${number}: ${rightTraceOf(example)} passes on ${nameOf(kernel)}`, () => {
        const { verdict, reasons, violations } = reportOf(bugRun(rightTraceOf(example), kernel));
        assert.deepEqual({ verdict, reasons, violations }, { verdict: 'pass', reasons: [], violations: [] });
      });
    }
  }
}

test('the catalogue has every entry, and says why where there is no trace', () => {
  assert.deepEqual(
    CATALOGUE.map(({ number }) => number),
    Array.from({ length: ENTRIES }, (_, index) => index + 1),
  );
  assert.deepEqual(
    CATALOGUE.filter(({ cases, why }) => cases.length === 0 && why === undefined),
    [],
  );
});

test('every trace of traces/bugs is of the catalogue, with an expected report of either kind of kernel', () => {
  const cases = CATALOGUE.flatMap(({ cases }) => cases);
  const traces = cases.flatMap((example) => [example.trace, rightTraceOf(example)]);
  assert.deepEqual(tracesOf('bugs'), [...new Set(traces)].sort());
  const reports = cases.flatMap((example) => [
    bugRun(example.trace, example.wrong[0]),
    bugRun(rightTraceOf(example), example.right[0]),
  ]);
  assert.deepEqual(
    reports.map(({ expected }) => expected).filter((expected) => !existsSync(expected)),
    [],
  );
});

const README = new URL('../../README.md', import.meta.url);

test("README's table is what the traces give", (context) => {
  const [before, after] = readFileSync(README, 'utf8').split(BEGIN);
  const [table, rest] = after?.split(END) ?? [];
  if (table === undefined || rest === undefined) return context.skip('README has no table of bugs');
  const expected = `\n${readmeTable()}`;
  if (UPDATING) writeFileSync(README, [before, BEGIN, expected, END, rest].join(''));
  else assert.equal(table, expected);
});
