/**
 * Every bug of the catalogue that a trace can show breaks its rules on the kernels that had it, and none on those that had
 * not. UPDATE_GOLDEN=1 writes the tables anew.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { section, withSection } from '../docs/section.ts';
import { reportOf, tracesOf, UPDATING } from '../support/corpus.ts';
import { bugRun, nameOf, rightTraceOf, rulesFired } from './bugs.ts';
import { bugNotes, bugsTable } from './bugs-table.ts';
import { CATALOGUE } from './catalogue.ts';

/** How many entries the catalogue has (semantics 8). */
const ENTRIES = 31;

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

const README = new URL('../../traces/bugs/README.md', import.meta.url);

test('the table beside the traces is what they give', () => {
  const expected = `${bugsTable('')}\n\n${bugNotes()}`;
  if (UPDATING) writeFileSync(README, withSection(readFileSync(README, 'utf8'), 'bugs', expected));
  assert.equal(section(readFileSync(README, 'utf8'), 'bugs'), expected);
});
