/** Captures of kernels that were broken on purpose: one cause each, and the step that it says is the one that was broken. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../support/cli.ts';

const FOLDER = 'traces/broken';
const ROW = /^\| (\S+) \| .* \| (\w+ should have written \w+ = \w+) \|$/gm;
const rows = [...readFileSync(join(FOLDER, 'README.md'), 'utf8').matchAll(ROW)];

test('README has every capture', () => {
  const captures = readdirSync(FOLDER).filter((file) => file.endsWith('.ftrace.gz'));
  assert.deepEqual(
    rows.map(([, name]) => `${name}.ftrace.gz`),
    captures.sort(),
  );
});

for (const [, name, said] of rows) {
  test(`${name}: ${said}`, async () => {
    const { stdout } = await run(['explain', '--format', 'json', join(FOLDER, `${name}.ftrace.gz`)]);
    const { causes } = JSON.parse(stdout);
    assert.equal(causes.length, 1);
    const [{ source, verb, text }] = causes[0].steps;
    assert.equal([source, verb, text].join(' '), said);
  });
}
