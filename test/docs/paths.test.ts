/** What the documents name is there: files of this repository, and what they link to. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const DOCUMENTS = [
  ...[
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'lib/README.md',
    'lib/models/README.md',
    'lib/kernel/SEMANTICS.md',
  ],
  ...[
    'traces/README.md',
    'traces/FORMAT.md',
    'traces/bugs/README.md',
    'test/bench/README.md',
    'test/scale/README.md',
    'test/lab/README.md',
  ],
];

/** A file or folder in words of code, from the top; not `traces/golden/NAME.json`, which stands for many. */
const PATH = /^(?:lib|test|traces|bin)\/[a-z0-9./-]*$/;

for (const document of DOCUMENTS) {
  test(`what ${document} names and links to exists`, () => {
    const text = readFileSync(document, 'utf8');
    const named = [...text.matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word).filter((word) => PATH.test(word));
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^(?:https?:|#)/.test(target))
      .map((target) => join(dirname(document), target));
    assert.deepEqual(
      [...named, ...links].filter((path) => !existsSync(path)),
      [],
    );
  });
}
