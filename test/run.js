/**
 * Runs all tests: every test/**\/*.test.ts, or those whose path contains one of the arguments; those of test/nightly, which
 * take long, only where an argument is of it. Fails where a test fails, where fewer tests ran than the files declare (a runner that finds nothing, a file that ends early and a loop over
 * an empty list would otherwise all look like success), and where one was skipped for a reason that is not in
 * test/skips.json.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** A test that stands at the beginning of a line, where it cannot be part of a string or a comment. */
const DECLARATION = /^[ \t]*(?:await )?(?:test|it)(?:\.(?:only|skip|todo))?\(/gm;

const NIGHTLY = join('test', 'nightly', '');

/** What takes longest goes first, so that nothing of it runs alone at the end. The rest goes by name. */
const LONGEST = [
  ...[
    'evidence/reduced',
    'tools/identify-captures',
    'tools/coverage',
    'evidence/literal',
    'lab/readme',
    'tools/identify',
  ],
  ...['fuzz/around', 'tools/probes', 'cli/import-replay', 'cli/closed-output', 'cli/escapes', 'cli/captures'],
];
const turnOf = (file) => {
  const at = LONGEST.findIndex((part) => file === join('test', `${part}.test.ts`));
  return at < 0 ? LONGEST.length : at;
};

const wanted = process.argv.slice(2);
const files = readdirSync(join(ROOT, 'test'), { recursive: true })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => join('test', file))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .filter((file) => !file.startsWith(NIGHTLY) || wanted.some((part) => part.includes('nightly')))
  .sort()
  .sort((a, b) => turnOf(a) - turnOf(b));
if (files.length === 0) fail(`no test file matches: ${wanted.join(' ')}`);

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-test-'));
const { code, results } = await run(files, join(folder, 'results'));
rmSync(folder, { recursive: true });

const missing = files.flatMap((file) => {
  const declared = readFileSync(join(ROOT, file), 'utf8').match(DECLARATION)?.length ?? 0;
  const ran = results.filter((result) => result.file === join(ROOT, file)).length;
  return ran < Math.max(declared, 1) ? [`${file}: ${ran} of at least ${Math.max(declared, 1)} tests ran`] : [];
});
const ALLOWED = JSON.parse(readFileSync(join(ROOT, 'test/skips.json'), 'utf8'));
const skipped = results.filter(({ outcome }) => outcome === 'skipped');
const unexplained = skipped
  .filter(({ reason }) => !Object.hasOwn(ALLOWED, reason))
  .map(({ file, name, reason }) => `${relative(ROOT, file)}: skipped, and test/skips.json has no "${reason}": ${name}`);
const reasons = [...new Set(skipped.map(({ reason }) => reason))];
const times = (wanted) => skipped.filter(({ reason }) => reason === wanted).length;

const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
const summary = [
  `${count('passed')} passed, ${count('failed')} failed, ${skipped.length} skipped, in ${files.length} files`,
  ...reasons.map((reason) => `  ${times(reason)} skipped: ${reason}`),
].join('\n');

if (missing.length + unexplained.length > 0) fail([...missing, ...unexplained, summary].join('\n'));
console.log(summary);
if (code !== 0 || count('failed') > 0) process.exitCode = code || 1;

/** The exit code of the runner, and what became of each test. */
async function run(files, destination) {
  const reporter = process.stdout.isTTY ? 'spec' : 'dot';
  const child = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', '--import', './test/threads.js', '--test', '--test-concurrency=2'],
      ...[`--test-reporter=${reporter}`, '--test-reporter-destination=stdout'],
      ...['--test-reporter=./test/results.js', `--test-reporter-destination=${destination}`],
      ...files,
    ],
    { cwd: ROOT, stdio: 'inherit' },
  );
  // A signal to the group reaches the runner too; its end is waited for.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  const [code, signal] = await once(child, 'exit');
  const lines = readFileSync(destination, 'utf8').split('\n').filter(Boolean);
  return { code: code ?? (signal === 'SIGINT' ? 130 : 143), results: lines.map((line) => JSON.parse(line)) };
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
