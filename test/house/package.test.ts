/** What is published: all that the help names, so that its examples run where the package is installed, and nothing else. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../lib/cli/commands/registry.ts';
import { run } from '../support/cli.ts';
import { skipUnless } from '../support/skip.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const npm = (...argv: string[]) => spawnSync('npm', argv, { cwd: ROOT, encoding: 'utf8' });
const skip = skipUnless(npm('--version').status === 0, 'no npm');

const packed = (): ReadonlySet<string> => {
  const [{ files }] = JSON.parse(npm('pack', '--dry-run', '--json', '--ignore-scripts').stdout);
  return new Set(files.map(({ path }: { path: string }) => path));
};

/** Files and folders of traces that the help of any command names, without what stands for a path of the user's own. */
async function namedByHelp(): Promise<readonly string[]> {
  const helps = await Promise.all(
    [[], ...Object.keys(COMMANDS).map((name) => [name])].map((argv) => run([...argv, '--help'])),
  );
  return [...new Set(helps.flatMap(({ stdout }) => stdout.match(/\btraces\/[\w./-]*\w/g) ?? []))];
}

/** `file`, and what it imports, and what that imports. `extension`: of the files that imports are of. */
function reached(file: string, extension: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(join(ROOT, file), 'utf8');
  for (const [, path = ''] of text.matchAll(/(?:from ?|import\(|import ?)["'](\.[^"']+)\.[jt]s["']/g)) {
    reached(join(file, '..', `${path}${extension}`), extension, found);
  }
  return found;
}

/** The program, and what it starts or reads beside it. */
const PROGRAM = ['worldswitch', 'program', 'scan-thread', 'each-worker', 'check-worker', 'page'];

test('the package holds what the help names, what its program and its library are made of, and nothing else', {
  skip,
}, async () => {
  const files = packed();
  const named = await namedByHelp();
  assert.ok(named.length > 4, named.join(' '));
  const isOf = (name: string, path: string): boolean => path === name || path.startsWith(`${name}/`);
  assert.deepEqual(
    named.filter((name) => ![...files].some((path) => isOf(name, path))),
    [],
    'named by the help, and not there',
  );
  const expected = new Set([
    ...['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist/worldswitch.1'],
    ...['dist/bin/package.json', 'dist/bin/page-style.css', ...PROGRAM.map((name) => `dist/bin/${name}.js`)],
    ...reached('dist/lib/index.js', '.js'),
    ...reached('dist/lib/scan-thread.js', '.js'),
    ...reached('dist/lib/index.d.ts', '.d.ts'),
  ]);
  assert.deepEqual(
    [...files].filter((path) => !expected.has(path) && !named.some((name) => isOf(name, path))),
    [],
    'there, and of no use',
  );
  assert.deepEqual(
    [...expected].filter((path) => !files.has(path)),
    [],
    'of use, and not there',
  );
});

test('what package.json says of the package is so', { skip }, () => {
  const { bin, man, exports, keywords, scripts, license } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  const files = packed();
  for (const path of [...Object.values(bin), man, ...Object.values(exports['.'])] as string[]) {
    assert.ok(files.has(path.replace(/^\.\//, '')), path);
  }
  assert.ok(keywords.length > 3 && license === 'MIT');
  for (const checked of ['lint', 'types', 'test', 'package'])
    assert.match(scripts.prepublishOnly, new RegExp(`\\b${checked}\\b`));
});
