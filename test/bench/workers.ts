/**
 * What a second process is worth: captures that are replayed by one and by two, in turn, each time from the beginning.
 * `node --import tsx test/bench/workers.ts [CAPTURES] [ROUNDS]`, by default 24 captures of 20 MB, and 3 rounds. Means something
 * on a machine that has two cores to spare.
 */

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { generateCapture } from './capture.ts';
import { type Runner, race } from './race.ts';

const LINES_OF_20_MB = 120_000;

/** `count` captures of 20 MB in the folder. */
export function makeCaptures(folder: string, count: number): readonly string[] {
  const captures = Array.from({ length: count }, (_, at) => join(folder, `host${at}.ftrace`));
  generateCapture(captures[0] as string, LINES_OF_20_MB);
  for (const capture of captures.slice(1)) copyFileSync(captures[0] as string, capture);
  return captures;
}

/**
 * `replay`: the command; `reports`: the folder for reports. One process also uses some of a second core, where its own compiler
 * runs: what it does with one core alone is a runner of its own.
 */
export function workers(replay: readonly string[], captures: readonly string[], reports: string): Runner[] {
  const anew = ['sh', '-c', 'rm -rf "$0" && exec "$@"', reports];
  const runner = (name: string, jobs: number, on: readonly string[] = []): Runner => ({
    name: `worldswitch replay --each --jobs ${jobs}${name}`,
    command: [...anew, ...on, ...replay, '--each', '--jobs', String(jobs), '--reports', reports, ...captures],
  });
  return [runner('', 2), runner('', 1), runner(', on one core', 1, ['taskset', '-c', '0'])];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [count = 24, rounds = 3] = process.argv.slice(2).map(Number);
  const folder = mkdtempSync(join(tmpdir(), 'worldswitch-bench-'));
  try {
    const replay = [process.execPath, 'dist/bin/worldswitch.js', 'replay', '--no-progress'];
    const runners = workers(replay, makeCaptures(folder, count), join(folder, 'reports'));
    console.log(
      `load before: ${loadavg()
        .map((load) => load.toFixed(1))
        .join(', ')}`,
    );
    console.log(race(runners, rounds, `${count} captures of 20 MB`));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
