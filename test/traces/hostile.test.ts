/**
 * Traces that want to do harm. Beside each, `NAME.txt` has the commands that read it, and all that they write: to stderr,
 * to stdout, and the exit code. UPDATE_GOLDEN=1 rewrites what comes after each command.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../support/cli.ts';
import { CORPUS, UPDATING } from '../support/corpus.ts';

const FOLDER = fileURLToPath(new URL('hostile/', CORPUS));
const PROMPT = '$ worldswitch ';
const FILES = readdirSync(FOLDER).filter((name) => !name.startsWith('.'));

/** What one command writes, as it stands in the file. `more`: options that must not make a difference. */
async function transcript(command: string, more: readonly string[] = []): Promise<string> {
  const [name, ...words] = command.slice(PROMPT.length).split(' ');
  const argv = words.map((word) => (FILES.includes(word) ? FOLDER + word : word));
  const { code, stdout, stderr } = await run([name ?? '', ...more, ...argv]);
  return `${command}\n${(stderr + stdout).replaceAll(FOLDER, '')}exit code ${code}\n`;
}

async function transcripts(commands: readonly string[], more?: readonly string[]): Promise<string> {
  const parts: string[] = [];
  for (const command of commands) parts.push(await transcript(command, more));
  return parts.join('\n');
}

for (const file of FILES.filter((name) => name.endsWith('.txt'))) {
  describe(file, () => {
    const expected = readFileSync(FOLDER + file, 'utf8');
    const commands = expected.split('\n').filter((line) => line.startsWith(PROMPT));

    test('what is expected', async () => {
      const actual = await transcripts(commands);
      if (UPDATING) writeFileSync(FOLDER + file, actual);
      else assert.equal(actual, expected);
    });

    test('the same with the other reader', async () => {
      assert.equal(await transcripts(commands, ['--reader', 'ndjson']), readFileSync(FOLDER + file, 'utf8'));
    });

    test('no crash, and nothing that a terminal would obey', () => {
      assert.doesNotMatch(expected, /exit code (?![0124]$)/m);
      assert.doesNotMatch(expected, /[^\P{C}\n]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
    });
  });
}

test('every hostile trace has its file, and every file a command', () => {
  const traces = FILES.filter((name) => !name.endsWith('.txt'));
  const told = FILES.filter((name) => name.endsWith('.txt')).map((name) => readFileSync(FOLDER + name, 'utf8'));
  assert.deepEqual(
    traces.filter((trace) => !told.some((text) => new RegExp(`^\\$ .* ${trace}$`, 'm').test(text))),
    [],
  );
  assert.ok(told.every((text) => text.startsWith(PROMPT)));
});
