/**
 * What cleverness buys. `node --import tsx test/bench/alternatives.ts [ROUNDS]` builds the program once as it is and once
 * with each file of `plain/` in the place of the one that does the same by functions made at run time or in WebAssembly, and races replays
 * of a generated trace of two million events.
 *
 * With `ROUNDS DIST DIST... -- ARGUMENT...` it races builds that are there (`node bin/build.js DIST`) on a command line:
 * a claim that one way to write something is faster rests on this.
 */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { generate } from './generate.ts';
import { type Runner, race } from './race.ts';

const EVENTS = 2_000_000;
const ROUNDS = 11;

/** What stands in the place of which file. */
const PLAIN: Readonly<Record<string, string>> = {
  'lib/check/dispatch.ts': 'test/bench/plain/dispatch.ts',
  'lib/ingest/fast/fill.ts': 'test/bench/plain/fill.ts',
  'lib/ingest/fast/simd/scanner.ts': 'test/bench/plain/scanner.ts',
};

const runnerOf = (name: string, dist: string, argv: readonly string[]): Runner => ({
  name,
  command: [process.execPath, join(dist, 'bin/worldswitch.js'), ...argv],
});

/** Builds a copy of the sources, with `replaced` as its plain form; returns the folder of what is built. */
function buildCopy(folder: string, replaced: string | undefined): string {
  mkdirSync(folder);
  for (const name of ['bin', 'lib', 'package.json', 'tsconfig.json'])
    cpSync(name, join(folder, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  if (replaced !== undefined) {
    const toLib = '../'.repeat(dirname(replaced).split('/').length - 1);
    const plain = readFileSync(PLAIN[replaced] as string, 'utf8');
    writeFileSync(join(folder, replaced), plain.replaceAll("'../../../lib/", `'${toLib}`));
  }
  execFileSync(process.execPath, ['bin/build.js'], { cwd: folder, stdio: 'inherit' });
  return join(folder, 'dist');
}

function racePlain(rounds: number): string {
  // Inside of the repository, which .gitignore keeps it out of: a temporary folder may be in memory.
  const folder = mkdtempSync(resolve('.built-'));
  try {
    const trace = join(folder, 'trace.ndjson');
    generate(trace, EVENTS);
    const argv = ['replay', '--no-progress', trace];
    const runners = [undefined, ...Object.keys(PLAIN)].map((replaced, index) =>
      runnerOf(
        replaced === undefined ? 'as it is' : `${replaced}, plain`,
        buildCopy(join(folder, `build-${index}`), replaced),
        argv,
      ),
    );
    return race(runners, rounds);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const words = process.argv.slice(2);
const end = words.indexOf('--');
const [rounds = String(ROUNDS), ...builds] = end < 0 ? words : words.slice(0, end);
const runners = builds.map((dist) => runnerOf(dist, dist, words.slice(end + 1)));
console.log(runners.length > 0 ? race(runners, Number(rounds)) : racePlain(Number(rounds)));
