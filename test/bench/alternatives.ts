/**
 * What cleverness buys. `node --import tsx test/bench/alternatives.ts [ROUNDS]` builds the program once as it is and once
 * with each of the files plain in whose place the build puts what it makes of the same tables, and races replays of a
 * generated trace of two million events, with the table of steps that were seen before and without.
 *
 * With `ROUNDS DIST DIST... -- ARGUMENT...` it races builds that are there (`node bin/build.js DIST`) on a command line:
 * a claim that one way to write something is faster rests on this.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { generate } from './generate.ts';
import { type Runner, race } from './race.ts';

const EVENTS = 2_000_000;
const ROUNDS = 11;

/** Files in whose place the build puts what it makes of tables. */
const WRITTEN = ['check/dispatch.ts', 'fast/fill.ts', 'automaton/access.ts', 'simd/scanner.ts'];

const runnerOf = (name: string, dist: string, argv: readonly string[]): Runner => ({
  name,
  command: [process.execPath, join(dist, 'bin/worldswitch.js'), ...argv],
});

/** Builds the program, with the files of these names as the sources have them; returns the folder of what is built. */
function build(folder: string, plain: readonly string[]): string {
  execFileSync(process.execPath, ['bin/build.js', folder, ...plain], { stdio: 'inherit' });
  return folder;
}

function racePlain(rounds: number): string {
  // Inside of the repository, which .gitignore keeps it out of: a temporary folder may be in memory.
  const folder = mkdtempSync(resolve('.built-'));
  try {
    const trace = join(folder, 'trace.ndjson');
    generate(trace, EVENTS);
    const builds = [[], ...WRITTEN.map((name) => [name])].map((plain, index) => ({
      name: plain[0] === undefined ? 'as it is' : `${plain[0]}, plain`,
      dist: build(join(folder, `${index}`), plain),
    }));
    const tables = [[], ['--no-cache']].map((options) => {
      const argv = ['replay', '--no-progress', ...options, trace];
      const runners = builds.map(({ name, dist }) => runnerOf(name, dist, argv));
      return race(runners, rounds, ['replay', ...options].join(' '));
    });
    return tables.join('\n\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const words = process.argv.slice(2);
const end = words.indexOf('--');
const [rounds = String(ROUNDS), ...builds] = end < 0 ? words : words.slice(0, end);
const runners = builds.map((dist) => runnerOf(dist, dist, words.slice(end + 1)));
console.log(runners.length > 0 ? race(runners, Number(rounds)) : racePlain(Number(rounds)));
