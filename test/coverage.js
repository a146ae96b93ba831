/**
 * Every line and branch of what decides about a trace is run by some test: `node test/coverage.js FOLDER`, after the tests
 * have run with NODE_V8_COVERAGE=FOLDER. Says what was not, and exits 1 where there is something.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const FOLDERS = ['trace', 'models', 'ingest', 'costs', 'kernel', 'check', 'automaton', 'account', 'replay'];

/** What tsx adds to a dynamic import, and the end of an `await`, are branches without a word of the source. */
const NOT_OF_THE_SOURCE = /^[\s(){};,.]*$/;

/** A file that has something to run, not only types. */
const HAS_CODE = /^export (?:async )?(?:const|function|class)/m;

const [measured] = process.argv.slice(2);
if (measured === undefined) throw new Error('usage: node test/coverage.js FOLDER');

const coverage = read(resolve(measured));
const files = FOLDERS.flatMap((folder) => filesOf(join(ROOT, 'lib', folder)));
const found = files.flatMap((file) => uncovered(file, coverage[file]));

for (const line of found) console.error(line);
console.log(`${files.length} files, ${found.length} lines and branches that no test runs`);
if (found.length > 0 || files.length === 0) process.exitCode = 1;

/** The coverage of each file by its path, as Istanbul has it. */
function read(folder) {
  const out = mkdtempSync(join(tmpdir(), 'worldswitch-coverage-'));
  try {
    const include = FOLDERS.map((folder) => `--include=lib/${folder}/**`);
    const argv = ['report', `--temp-directory=${folder}`, '--reporter=json', `--reports-dir=${out}`, ...include];
    execFileSync(join(ROOT, 'node_modules/.bin/c8'), [...argv, '--exclude-after-remap'], { cwd: ROOT });
    return JSON.parse(readFileSync(join(out, 'coverage-final.json'), 'utf8'));
  } finally {
    rmSync(out, { recursive: true });
  }
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .filter((file) => HAS_CODE.test(readFileSync(file, 'utf8')))
    .sort();
}

/** Where and what, for each line and branch. */
function uncovered(file, coverage) {
  const name = relative(ROOT, file);
  if (coverage === undefined) return [`${name}: no test loads it`];
  const source = readFileSync(file, 'utf8').split('\n');
  const textOf = ({ start, end }) =>
    source[start.line - 1].slice(start.column, start.line === end.line ? end.column : undefined);
  const lines = Object.entries(coverage.s)
    .filter(([, count]) => count === 0)
    .map(([id]) => coverage.statementMap[id].start.line)
    .map((line) => `${name}:${line}: ${source[line - 1].trim()}`);
  const branches = Object.entries(coverage.branchMap)
    .flatMap(([id, { locations }]) => locations.filter((_, index) => coverage.b[id][index] === 0))
    .filter((location) => !NOT_OF_THE_SOURCE.test(textOf(location)))
    .map(
      (location) => `${name}:${location.start.line}:${location.start.column + 1}: branch ${textOf(location).trim()}`,
    );
  return [...lines, ...branches];
}
