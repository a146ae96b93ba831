/** The README says what is so: its tables are those of the code, its example runs. UPDATE_GOLDEN=1 rewrites the tables. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import * as api from '../../lib/index.ts';
import { UPDATING } from '../support/corpus.ts';
import { bugsTable, TELLING } from '../traces/bugs-table.ts';
import { section, withSection } from './section.ts';
import { commandsTable, eventsTable, formatsTable, modelsTable } from './tables.ts';

const top = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const README = top('README.md');
const readme = (): string => readFileSync(README, 'utf8');
/** As many lines as are read before anything is tried. */
const MOST_LINES = 250;

const TABLES: Record<string, readonly [document: string, table: () => string]> = {
  commands: ['README.md', commandsTable],
  events: ['traces/FORMAT.md', eventsTable],
  formats: ['README.md', formatsTable],
  models: ['lib/models/README.md', modelsTable],
  bugs: ['README.md', () => bugsTable('traces/bugs/', TELLING)],
};

for (const [name, [document, table]] of Object.entries(TABLES)) {
  test(`the ${name} of ${document} are those of the code`, () => {
    const text = (): string => readFileSync(top(document), 'utf8');
    if (UPDATING) writeFileSync(top(document), withSection(text(), name, table()));
    assert.equal(section(text(), name), table());
  });
}

test('the README is short', () => {
  assert.ok(readme().split('\n').length <= MOST_LINES, 'details belong beside what they describe');
});

test('the example of the library prints what the README says', () => {
  const [, example = '', printed = ''] = /^```js\n([\s\S]*?)^```\n\n```\n([\s\S]*?)^```$/m.exec(readme()) ?? [];
  const fromSources = example.replace("'worldswitch'", "'./lib/index.ts'");
  assert.notEqual(fromSources, example);
  const argv = ['--import', 'tsx', '--input-type=module', '-e', fromSources];
  const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  assert.deepEqual({ stdout, stderr }, { stdout: printed, stderr: '' });
});

test('every export of the library is in its table', () => {
  const rows = readFileSync(top('lib/README.md'), 'utf8').match(/^\| `.*$/gm) ?? [];
  const named = (name: string): boolean => rows.some((row) => row.split(' | ')[0]?.includes(`\`${name}\``));
  assert.deepEqual(
    Object.keys(api).filter((name) => !named(name)),
    [],
  );
});
