/** The comparison with an expected report notices each of its values. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compareWithGolden } from '../../lib/report/golden.ts';
import { FAIL, INCONCLUSIVE, PASS } from '../show/reports.ts';

type Path = readonly string[];

/** The paths of all values that hold no others. */
function leavesOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, [...path, key]));
}

/** A copy in which that value is another. */
function changed(report: object, path: Path): string {
  const copy = JSON.parse(JSON.stringify(report));
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key];
  const key = path.at(-1) as string;
  at[key] = typeof at[key] === 'number' ? at[key] + 1 : `${at[key]}x`;
  return JSON.stringify(copy);
}

/** What makes it no report at all is told as that; names of inputs are nobody's concern. */
const isName = (path: Path): boolean => path[0] === 'inputs' && path.at(-1) === 'name';

for (const [name, report] of Object.entries({ PASS, FAIL, INCONCLUSIVE })) {
  test(`a report that is the expected one is the same, and one that differs in any value of ${name} is not`, () => {
    assert.equal(compareWithGolden(JSON.stringify(report), report), undefined);
    for (const path of leavesOf(report)) {
      const compared = compareWithGolden(changed(report, path), report);
      if (isName(path)) assert.equal(compared, undefined);
      else assert.ok(compared !== undefined, path.join(' '));
    }
  });
}

test('a value that one of the two does not have is absent there', () => {
  const { ledger, ...rest } = PASS;
  const { implied: _, ...less } = ledger;
  const compared = compareWithGolden(JSON.stringify({ ...rest, ledger: less, more: { of: 'it' } }), PASS);
  assert.ok(typeof compared === 'object');
  assert.deepEqual(compared.differences, [
    { path: ['ledger', 'implied'], before: undefined, after: 0 },
    { path: ['more', 'of'], before: 'it', after: undefined },
  ]);
});

test('every report of the corpus is a report', () => {
  const text = readFileSync('traces/golden/ten-runs-with-fp.v6.14.vhe.json', 'utf8');
  assert.equal(typeof compareWithGolden(text, PASS), 'object');
});
