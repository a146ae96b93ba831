/** Completion and the manual page have every command and option; the shells and man that are there can read them. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { COMMANDS } from '../../lib/cli/commands/registry.ts';
import { run } from '../support/cli.ts';

const NAMES = Object.keys(COMMANDS);
/** The long options of a command, as its help lists them. */
const optionsOf = async (command: string): Promise<readonly string[]> =>
  [...(await run([command, '--help'])).stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, name = '']) => name);
const texts = new Map<string, string>();
for (const shell of ['bash', 'zsh', 'fish']) texts.set(shell, (await run(['completion', shell])).stdout);
texts.set('man', (await run(['man'])).stdout.replaceAll('\\-', '-'));

for (const [name, text] of texts) {
  test(`${name} has every command and each of its options`, async () => {
    for (const command of NAMES) {
      assert.ok(text.includes(command), command);
      for (const option of await optionsOf(command)) {
        if (option === '--help') continue;
        assert.ok(text.includes(name === 'fish' ? `-l ${option.slice(2)}` : option), `${command} ${option}`);
      }
    }
  });
}

/** What bash completes the words to, the last of which is begun. */
function completed(...words: readonly string[]): readonly string[] {
  const script = `${texts.get('bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _worldswitch; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  assert.equal(stderr, '');
  return stdout.trim().split('\n');
}

test('bash completes commands, options and their values', () => {
  assert.deepEqual(completed('worldswitch', 'che'), ['check']);
  assert.deepEqual(completed('worldswitch', 'check', '--upd'), ['--update']);
  assert.deepEqual(completed('worldswitch', 'check', '--format', 'ju'), ['junit']);
  assert.deepEqual(completed('worldswitch', 'replay', '--format', 'mark'), ['markdown']);
});

test('bash completes names of kernels, modes, rules, events and topics, and what follows a command', () => {
  assert.deepEqual(completed('worldswitch', 'replay', '--model', 'v6.19'), ['v6.19']);
  assert.deepEqual(completed('worldswitch', 'costs', '--mode', ''), ['vhe', 'nvhe', 'hvhe', 'pkvm']);
  assert.deepEqual(completed('worldswitch', 'minimize', '--rule', 'LC-01'), ['LC-01']);
  assert.deepEqual(completed('worldswitch', 'events', '--event', 'neon_b'), ['neon_begin']);
  assert.deepEqual(completed('worldswitch', 'export', 'per'), ['perfetto']);
  assert.deepEqual(completed('worldswitch', 'import', 'f'), ['ftrace']);
  assert.deepEqual(completed('worldswitch', 'import', 'ftrace', '--sve'), ['--sve-vl']);
  assert.deepEqual(completed('worldswitch', 'help', 'exi'), ['exit-codes']);
  assert.deepEqual(completed('worldswitch', 'rules', 'FP-03'), ['FP-03']);
  // Files, by the shell itself.
  assert.deepEqual(completed('worldswitch', 'replay', 'tra'), ['']);
});

test('the manual page has no line that roff would take for a request of its own', async () => {
  const { stdout } = await run(['man']);
  const requests = new Set(stdout.split('\n').flatMap((line) => /^[.']\S*/.exec(line) ?? []));
  assert.deepEqual([...requests].sort(), ['.B', '.SH', '.SS', '.TH', '.TP', '.fi', '.nf']);
  assert.match(stdout, /^[\n -~]*$/);
});

test('help has topics beside commands', async () => {
  for (const [topic, expected] of [
    ['formats', /junit[\s\S]*ftrace|ftrace[\s\S]*junit/],
    ['exit-codes', /^Exit codes:\n {2}0 /],
    ['models', /v6\.12-stable/],
    ['environment', /NO_COLOR/],
  ] as const) {
    const { code, stdout } = await run(['help', topic]);
    assert.equal(code, 0);
    assert.match(stdout, expected);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  }
  const { code, stdout, stderr } = await run(['help', 'format']);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
  assert.match(stderr, /^error: there is no command and no topic 'format' \(Did you mean formats\?\)$/m);
});
