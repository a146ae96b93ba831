/** A real terminal, which `script` makes: the width of the text is its width, and what is longer has the verdict at both ends. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { builtProgram } from '../support/built.ts';
import { skipUnless } from '../support/skip.ts';

const COMMAND = '"$NODE" "$PROGRAM" replay traces/bugs/seed-v1-chain.ndjson --color never --no-progress';

/** What a terminal of that size shows; the exit code is that of the command. */
function shownOn(columns: number, rows: number) {
  const typed = `stty cols ${columns} rows ${rows} && exec ${COMMAND}`;
  const { status, stdout } = spawnSync('script', ['-qec', typed, '/dev/null'], {
    cwd: new URL('../..', import.meta.url),
    env: { ...process.env, NODE: process.execPath, PROGRAM: builtProgram(), SHELL: '/bin/sh' },
    input: '',
    encoding: 'utf8',
  });
  return { status, lines: stdout.replaceAll('\r', '').trimEnd().split('\n') };
}

const skip = skipUnless(spawnSync('script', ['-qec', 'stty size', '/dev/null']).status === 0, 'no terminal to play');

for (const [columns, rows] of [
  [40, 200],
  [66, 24],
  [200, 10],
] as const) {
  test(`a terminal of ${columns} columns and ${rows} rows`, { skip }, () => {
    const { status, lines } = shownOn(columns, rows);
    assert.equal(status, 1);
    const verdicts = lines.filter((line) => line.startsWith('FAIL  '));
    assert.equal(verdicts.length, lines.length > rows ? 2 : 1);
    // A place is one word, so that it can be clicked; what a compiler says of it stands on its line.
    const wide = lines.filter((line) => line.length > columns && !line.includes('seed-v1-chain.ndjson'));
    assert.deepEqual(wide, []);
    assert.ok(Math.max(...lines.map((line) => line.length)) > columns / 2);
  });
}
