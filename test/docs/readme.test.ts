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

const README = new URL('../../README.md', import.meta.url);
const readme = (): string => readFileSync(README, 'utf8');

const TABLES: Record<string, () => string> = {
  commands: commandsTable,
  events: eventsTable,
  formats: formatsTable,
  models: modelsTable,
  bugs: () => bugsTable('traces/bugs/', TELLING),
};

for (const [name, table] of Object.entries(TABLES)) {
  test(`the ${name} of the README are those of the code`, () => {
    if (UPDATING) writeFileSync(README, withSection(readme(), name, table()));
    assert.equal(section(readme(), name), table());
  });
}

test('the example of the library prints what the README says', () => {
  const [, example = '', printed = ''] = /^```js\n([\s\S]*?)^```\n\n```\n([\s\S]*?)^```$/m.exec(readme()) ?? [];
  const fromSources = example.replace("'worldswitch'", "'./lib/index.ts'");
  assert.notEqual(fromSources, example);
  const argv = ['--import', 'tsx', '--input-type=module', '-e', fromSources];
  const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  assert.deepEqual({ stdout, stderr }, { stdout: printed, stderr: '' });
});

test('every export of the library is in its table', () => {
  const rows = readme().match(/^\| `.*$/gm) ?? [];
  const named = (name: string): boolean => rows.some((row) => row.split(' | ')[0]?.includes(`\`${name}\``));
  assert.deepEqual(
    Object.keys(api).filter((name) => !named(name)),
    [],
  );
});
