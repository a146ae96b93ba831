/** Captures of kernels that were broken on purpose: one cause each, and the step that it says is the one that was broken. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../support/cli.ts';

const FOLDER = 'traces/broken';
const ROW = /^\| ([67]\S+) \| .* \| (.*) \|$/gm;
const rows = [...readFileSync(join(FOLDER, 'README.md'), 'utf8').matchAll(ROW)].map(([, name = '', said = '']) => ({
  name,
  said,
}));

test('README has every capture', () => {
  const captures = readdirSync(FOLDER).filter((file) => file.endsWith('.ftrace.gz'));
  assert.deepEqual(
    rows.map(({ name }) => `${name}.ftrace.gz`),
    captures.sort(),
  );
});

for (const { name, said } of rows) {
  const path = join(FOLDER, `${name}.ftrace.gz`);
  test(`${name}: ${said}`, async () => {
    if (said.includes('should have written')) {
      const { causes } = JSON.parse((await run(['explain', '--format', 'json', path])).stdout);
      assert.equal(causes.length, 1);
      const [{ source, verb, text }] = causes[0].steps;
      assert.equal([source, verb, text].join(' '), said);
    } else {
      const { verdict, reasons } = JSON.parse((await run(['replay', '--format', 'json', path])).stdout);
      assert.equal(verdict, 'inconclusive');
      assert.ok(
        reasons.some((reason: string) => reason.includes(said)),
        reasons.join('; '),
      );
    }
  });
}
