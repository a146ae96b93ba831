/** Standard output that is closed, full, or not needed: nothing that was to be written is lost with exit code 0. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { COMMANDS } from '../../lib/cli/commands/registry.ts';
import { builtProgram } from '../support/built.ts';
import { GENERAL, makeInputs, printing, writing } from '../support/command-lines.ts';
import { skipUnless } from '../support/skip.ts';

const program = builtProgram();
const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));
const inputs = makeInputs(join(folder, 'inputs'), program);

/** Run by a shell that does something to the streams of the command. */
function runWith(streams: string, argv: readonly string[]): { code: number | null; stderr: string } {
  const command = `exec "$0" "$@" ${streams}`;
  const { status, stderr } = spawnSync('/bin/sh', ['-c', command, program, ...argv], { encoding: 'utf8' });
  return { code: status, stderr: stderr.replace(/^note: .*\n( .*\n)*/gm, '') };
}

function fails(streams: string, argv: readonly string[], reason: string): void {
  const { code, stderr } = runWith(streams, argv);
  const message = `error: cannot write to standard output: ${reason}\n`;
  // `minimize` says before what it has found.
  assert.deepEqual([code, stderr.replace(/^\d+ of \d+ events show FP-07\n/, '')], [2, message]);
}

const ALL = printing(inputs);
const LINES = [...Object.entries(ALL).flatMap(([name, lines]) => lines.map((argv) => [name, ...argv])), ...GENERAL];
/** Of each command, and of the program itself. */
const FIRST = [...Object.entries(ALL).map(([name, [argv = []]]) => [name, ...argv]), ['--version']];

test('every command is tried', () => {
  assert.deepEqual(Object.keys(ALL), Object.keys(COMMANDS));
});

describe('standard output is closed', () => {
  for (const argv of LINES) {
    test(argv.join(' ').replaceAll(folder, ''), () => {
      fails('>&-', argv, 'bad file descriptor');
    });
  }
});

describe('standard output is full', {
  skip: skipUnless(existsSync('/dev/full'), 'no /dev/full'),
  concurrency: 2,
}, () => {
  for (const argv of FIRST) {
    test(argv.join(' ').replaceAll(folder, ''), () => {
      fails('> /dev/full', argv, 'no space left on device');
    });
  }
});

test('all streams are closed: there is nobody to tell, but the exit code tells', () => {
  for (const argv of GENERAL) assert.equal(runWith('>&- 2>&- <&-', argv).code, 2);
});

/** What goes to a file needs no standard output; these say on it what they have done. */
const TELLING = new Set(['replay --out', 'coverage --suggest', 'replay --each', 'check --update']);

describe('standard output is closed, and a file is written', () => {
  for (const [name, argv] of Object.entries(writing(inputs, join(folder, 'out')))) {
    test(name, () => {
      const out = join(folder, 'out');
      rmSync(out, { recursive: true, force: true });
      mkdirSync(out);
      copyFileSync(inputs.trace, join(out, 'copy.ndjson'));
      if ([...TELLING].some((what) => name.startsWith(what))) fails('>&-', argv, 'bad file descriptor');
      else assert.deepEqual(runWith('>&-', argv).code, 0);
      assert.ok(readdirSync(out).length > 1, 'nothing was written');
      assert.deepEqual(
        readdirSync(out, { recursive: true }).filter((file) => String(file).endsWith('.tmp')),
        [],
      );
    });
  }
});
