/**
 * The text format, held against files that are meant to be read: `UPDATE_GOLDEN=1` rewrites them, and the difference
 * is to be looked at before it is committed.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { Report } from '../../lib/report/report.ts';
import { formatText } from '../../lib/show/text.ts';
import { onPage } from '../../lib/text/page.ts';
import { createPaint, PLAIN } from '../../lib/text/paint.ts';
import { FOLDERS, reportOf, runsOf } from '../support/corpus.ts';
import { FAIL, hostile, INCONCLUSIVE, MANY, PASS, WIDE } from './reports.ts';

/** A place and what is wrong there, on one line for programs that look for that. */
const COMPILERS = /^[^ ].*:\d+: (?:error|warning|suspicious): /;

const REPORTS: Readonly<Record<string, Report>> = {
  pass: PASS,
  fail: FAIL,
  inconclusive: INCONCLUSIVE,
  'many-violations': MANY,
  'many-cpus': WIDE,
};

for (const [name, report] of Object.entries(REPORTS)) {
  test(`text of ${name} is that of its file, in at most 80 columns`, () => {
    const file = new URL(`${name}.txt`, import.meta.url);
    const text = formatText(report, PLAIN);
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'));
    for (const line of text.split('\n'))
      assert.ok((line.length <= 80 || COMPILERS.test(line)) && !line.endsWith(' '), line);
  });
}

/** The name of a file, and a word that is wider than what a label leaves of the line. */
const UNBROKEN = /\.ndjson|^ +(?:\S+ +|\d+ line \d+ +)?\S+$/;

for (const columns of [40, 66, 120, 200]) {
  test(`the report of every trace fits into ${columns} columns`, () => {
    for (const run of FOLDERS.flatMap(runsOf)) {
      const text = onPage({ columns }, () => formatText(reportOf(run), PLAIN));
      const wide = text.split('\n').filter((line) => line.length > columns && !UNBROKEN.test(line));
      assert.deepEqual(wide, [], `${run.trace} on ${run.model.name}`);
    }
  });
}

test('colour adds sequences and changes nothing else', async () => {
  for (const report of Object.values(REPORTS)) {
    const coloured = formatText(report, await createPaint(true));
    assert.ok(coloured.includes('\u001b['));
    assert.equal(stripVTControlCharacters(coloured), formatText(report, PLAIN));
  }
});

test('nothing from a trace reaches the terminal as it is', () => {
  const text = formatText(hostile(), PLAIN);
  assert.match(text, /^[\n -~]*$/);
  // What was absurdly long was cut.
  assert.ok(text.length < 20_000, `${text.length} characters`);
});

test('a report of nothing is a verdict, and no empty tables', () => {
  const nothing: Report = {
    ...PASS,
    inputs: [{ name: '-', lines: 0, events: 0 }],
    transitions: { total: 0, by_edge: {}, by_cause: {}, by_cpu: {} },
    debug: { switches: 0, by_edge: {} },
    cost: { total: {}, by_event: {}, by_cpu: {}, by_vcpu: {}, sysregs: {} },
    observations: { checked: 0, diverged: 0, learned: 0, by_field: {}, diverging: [] },
    ledger: { ...PASS.ledger, inferred: 0 },
  };
  assert.deepEqual(formatText(nothing, PLAIN).trimEnd().split('\n'), [
    'PASS  no violation',
    '',
    '  model     v6.10, nvhe',
    '  trace     -  no line  no event',
  ]);
});
