/** The runner of the tests: what it must not let pass. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-runner-'));
after(() => rmSync(folder, { recursive: true }));

mkdirSync(join(folder, 'test'));
symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
for (const name of ['run.js', 'results.js', 'threads.js']) copyFileSync(`test/${name}`, join(folder, 'test', name));
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
writeFileSync(join(folder, 'test/skips.json'), '{ "no such machine": "there are few of them" }');

/** Runs tests of that text, and says the exit code and what stands in stdout and stderr. */
function runTests(text: string, ...words: string[]): [code: number | null, output: string] {
  writeFileSync(join(folder, 'test/some.test.ts'), `import { test } from 'node:test';\n${text}`);
  const { NODE_TEST_CONTEXT: _ours, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'test/run.js'), ...words], {
    env,
    encoding: 'utf8',
  });
  return [status, stdout + stderr];
}

const PASSING = "test('one', () => {});\n";

for (const [what, text, code, said] of [
  ['tests that pass', PASSING, 0, /^1 passed, 0 failed, 0 skipped, in 1 files$/m],
  [
    'a test that fails',
    `${PASSING}test('two', () => { throw new Error('no'); });`,
    1,
    /^1 passed, 1 failed, 0 skipped, in 1 files$/m,
  ],
  [
    'a skip for a reason of the list',
    `${PASSING}test('two', { skip: 'no such machine' }, () => {});`,
    0,
    /^1 passed, 0 failed, 1 skipped, in 1 files\n {2}1 skipped: no such machine$/m,
  ],
  [
    'a skip for another reason',
    `${PASSING}test('two', { skip: 'not today' }, () => {});`,
    1,
    /^test\/some\.test\.ts: skipped, and test\/skips\.json has no "not today": two$/m,
  ],
  ['a skip for no reason', `${PASSING}test.skip('two', () => {});`, 1, /test\/skips\.json has no "true": two$/m],
  ['what is yet to be done', `${PASSING}test.todo('two');`, 1, /test\/skips\.json has no "true": two$/m],
  [
    'a skip within a test',
    `${PASSING}test('two', (context) => { context.skip('later'); });`,
    1,
    /test\/skips\.json has no "later": two$/m,
  ],
  [
    'a test that is not reached',
    `${PASSING}for (const name of []) {\n  test(name, () => {});\n}`,
    1,
    /^test\/some\.test\.ts: 1 of at least 2 tests ran$/m,
  ],
  [
    'a file that ends before its last test',
    `${PASSING}test('two', () => process.exit(0));\ntest('three', () => {});`,
    1,
    /^test\/some\.test\.ts: [01] of at least 3 tests ran$/m,
  ],
  ['a file without a test', 'test;', 1, /^test\/some\.test\.ts: 0 of at least 1 tests ran$/m],
] as const) {
  test(`${what}: exit code ${code}`, () => {
    const [ended, output] = runTests(text);
    assert.match(output, said);
    assert.equal(ended, code);
  });
}

test('tests of the night run where they are asked for, and not else', () => {
  mkdirSync(join(folder, 'test/nightly'));
  writeFileSync(join(folder, 'test/nightly/long.test.ts'), "throw new Error('too long');");
  const [code, output] = runTests(PASSING);
  assert.equal(code, 0, output);
  assert.equal(runTests(PASSING, 'nightly')[0], 1);
  rmSync(join(folder, 'test/nightly'), { recursive: true });
});

test('every reason of the list is that of a test', () => {
  const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const text = files.map((name) => readFileSync(join('test', name), 'utf8')).join('\n');
  const reasons = Object.keys(JSON.parse(readFileSync('test/skips.json', 'utf8')));
  assert.deepEqual(
    reasons.filter((reason) => !text.includes(`'${reason}'`)),
    [],
  );
});
