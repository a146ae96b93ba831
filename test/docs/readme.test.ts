/** The README says what is so: its tables are those of the code. UPDATE_GOLDEN=1 rewrites them. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { section, withSection } from './section.ts';
import { eventsTable, modelsTable } from './tables.ts';

const README = new URL('../../README.md', import.meta.url);

const TABLES: Record<string, () => string> = { events: eventsTable, models: modelsTable };

for (const [name, table] of Object.entries(TABLES)) {
  test(`the ${name} of the README are those of the code`, () => {
    const readme = readFileSync(README, 'utf8');
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(README, withSection(readme, name, table()));
    assert.equal(section(readFileSync(README, 'utf8'), name), table());
  });
}
