/** What is copied of things that may have happened is all that bin/write-copies.ts says, and comes back. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { namesOf, SAMPLES, textOfCopies } from '../../bin/write-copies.ts';
import { COPIERS, type Copier } from '../../lib/kernel/hidden/copies.ts';
import { copyOf, isSame, putBack } from '../../lib/kernel/hidden/snapshot.ts';

/** The formatter breaks lines, ends lists that it breaks with a comma, and puts a condition that it breaks into brackets. */
const unbroken = (text: string): string => text.replaceAll(/[\s()]/g, '').replaceAll(/,(?=[\]}])/g, '');

test('copies.ts is what bin/write-copies.ts writes', () => {
  const text = readFileSync(new URL('../../lib/kernel/hidden/copies.ts', import.meta.url), 'utf8');
  assert.ok(unbroken(text) === unbroken(textOfCopies()), 'node --import tsx bin/write-copies.ts writes it');
});

for (const [kind, { sample }] of Object.entries(SAMPLES)) {
  test(`every property of ${kind} is read, compared and put back`, () => {
    const of = sample as Record<string, unknown>;
    const copy = copyOf(of);
    const { names, isAs }: Copier = COPIERS[copy.kind] as Copier;
    assert.deepEqual(names, namesOf(of));
    assert.deepEqual(
      copy.values,
      names.map((name) => of[name]),
    );
    for (const name of names) {
      const before = of[name];
      assert.equal(copyOf(of, copy), copy);
      of[name] = { another: name };
      assert.equal(isAs(of, copy.values), false, name);
      const other = copyOf(of, copy);
      assert.notEqual(other, copy);
      // How often it has changed, and where, is no difference; which of them is the newest is.
      const isCount = /^(?:generation|memory|fpmr|fpmrMemory|(?:entry|el2)Generation|.*(?:Line|Event))$/.test(name);
      assert.equal(isSame(copy, other), isCount && copy.newest === other.newest, name);
      putBack(copy);
      assert.equal(of[name], before);
      putBack(other);
      assert.deepEqual(of[name], { another: name });
      putBack(copy);
    }
  });
}
