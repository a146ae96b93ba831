/** Every report is of its schema, and a report with a field more, less or other is not. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { reportSchema } from '../../lib/report/schema.ts';
import { run } from '../support/cli.ts';
import { FOLDERS, runsOf } from '../support/corpus.ts';

const validate = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false }).compile(
  reportSchema(),
);
const check = (report: unknown, name: string): void => {
  if (!validate(report)) assert.fail(`${name}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
};

test('the reports of the corpus are of the schema', () => {
  for (const expected of FOLDERS.flatMap(runsOf))
    check(JSON.parse(readFileSync(expected.expected, 'utf8')), expected.trace);
});

test('so are those of filters, of bad lines, of explanations and of hostile traces', async () => {
  for (const argv of [
    ['traces/real/6.12-lazy-nvhe.ndjson', '--cpu', '1', '--from', '3.9'],
    ['traces/real/6.12-lazy-nvhe.ndjson', '--model', 'v6.14', '--explain'],
    ['traces/hostile/many-bad-lines.ndjson', '--keep-going'],
    ['traces/hostile/many-unknown-names.ndjson'],
    ['traces/hostile/numbers-at-the-limit.ndjson'],
  ]) {
    const { stdout } = await run(['replay', ...argv, '--format', 'json']);
    check(JSON.parse(stdout), argv.join(' '));
  }
});

test('what is missing, added or of another type is noticed', async () => {
  const { stdout } = await run([
    'replay',
    'traces/bugs/seed-v1-chain.ndjson',
    '--model',
    'seed-v1',
    '--mode',
    'nvhe',
    '--format',
    'json',
  ]);
  const report = JSON.parse(stdout);
  check(report, 'seed-v1-chain');
  const objects: Record<string, unknown>[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Array.isArray(value)) objects.push(value as Record<string, unknown>);
    for (const member of Object.values(value)) visit(member);
  };
  visit(report);
  for (const each of objects) {
    each.more = [];
    assert.equal(validate(report), false);
    delete each.more;
  }
  for (const key of Object.keys(report)) {
    const { [key]: value, ...less } = report;
    const optional = ['span', 'filter', 'records', 'partial'].includes(key);
    assert.equal(validate(less), optional, key);
    assert.equal(validate({ ...report, [key]: null }), false, key);
    assert.notEqual(value, undefined);
  }
});

test('schema prints it', async () => {
  const { stdout } = await run(['schema', 'report']);
  assert.deepEqual(JSON.parse(stdout), reportSchema());
  assert.match((await run(['schema', 'reprot'])).stderr, /'reprot' is invalid/);
});
