/** `.ci/run`: tests that were not run are no success. The programs that it starts are played by ones that do nothing. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-ci-'));
after(() => rmSync(folder, { recursive: true }));

for (const name of ['.ci', 'bin', 'test/deep', 'test/nightly']) mkdirSync(join(folder, name), { recursive: true });
copyFileSync('.ci/run', join(folder, '.ci/run'));
for (const name of ['node', 'npm', 'npx', 'chromium']) {
  writeFileSync(join(folder, 'bin', name), '#!/bin/sh\n');
  chmodSync(join(folder, 'bin', name), 0o755);
}
writeFileSync(join(folder, 'bin/npm'), '#!/bin/sh\n[ "$3" != "$FAILING" ]\n');
for (const name of ['one.test.ts', 'deep/two.test.ts', 'nightly/three.test.ts', 'four.ts'])
  writeFileSync(join(folder, 'test', name), '');

/** Exit code and output, where the README has the command, and one of the scripts of npm fails. */
function ci(command: string, failing = 'none'): [code: number | null, output: string] {
  writeFileSync(join(folder, 'README.md'), `To run the tests:\n\n\`\`\`sh\n${command}\n\`\`\`\n`);
  const { NODE_V8_COVERAGE: _ours, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync('bash', [join(folder, '.ci/run')], {
    env: { ...env, FAILING: failing, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}` },
    encoding: 'utf8',
  });
  return [status, stdout + stderr];
}

const skip = skipUnless(spawnSync('bash', ['-c', 'true']).status === 0, 'no bash');
const said = (files: number): string => `echo '9 passed, 0 failed, 0 skipped, in ${files} files'`;

for (const [what, command, code, message] of [
  ['all files', `true && ${said(2)}`, 0, /== laboratory/],
  ['one of two files', `true && ${said(1)}`, 1, /^not all of the 2 test files were run$/m],
  ['no file, and not a word', 'true && true', 1, /^not all of the 2 test files were run$/m],
  ['all files, one of which fails', `true && ${said(2)} && false`, 1, /== test: /],
  ['an installation that fails', `false && ${said(2)}`, 1, /== install/],
  ['a README without tests', 'true', 1, /names no command/],
] as const) {
  test(`${what}: exit code ${code}`, { skip }, () => {
    const [ended, output] = ci(command);
    assert.match(output, message);
    assert.equal(ended, code);
  });
}

for (const failing of ['types', 'package']) {
  test(`${failing} that fails: exit code 1`, { skip }, () => {
    const [ended, output] = ci(`true && ${said(2)}`, failing);
    assert.match(output, new RegExp(`== ${failing}`));
    assert.equal(ended, 1);
  });
}
