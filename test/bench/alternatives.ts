/**
 * Races builds against each other: `node --import tsx test/bench/alternatives.ts ROUNDS DIST DIST... -- ARGUMENT...` runs
 * `DIST/bin/worldswitch.js ARGUMENT...` of each in turn, and prints how long each takes beside the first: the median of
 * the ratios within a round, and the range that half of the rounds lie in. A claim that one way to write something is
 * faster rests on this: build both (`node bin/build.js DIST`), and race them.
 */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const [rounds = '', ...rest] = process.argv.slice(2);
const end = rest.indexOf('--');
const builds = rest.slice(0, end);
const argv = rest.slice(end + 1);
if (!(Number(rounds) > 0) || end < 2) throw new Error('usage: alternatives.ts ROUNDS DIST DIST... -- ARGUMENT...');

/** Wall time in seconds of one run. */
function run(build: string): number {
  const begin = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, [join(build, 'bin/worldswitch.js'), ...argv], { stdio: 'ignore' });
  if (status !== 0 && status !== 1) throw new Error(`${build}: exit code ${status}`);
  return Number(process.hrtime.bigint() - begin) / 1e9;
}

/** The value below which that share of the values lies. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

const times = builds.map(() => [] as number[]);
for (let round = 0; round < Number(rounds); round++) {
  // Each goes first as often as the others: what a run leaves behind falls to all alike.
  for (let turn = 0; turn < builds.length; turn++) {
    const index = (turn + round) % builds.length;
    (times[index] as number[]).push(run(builds[index] as string));
  }
}
console.log('| build | seconds | time / first | half of the rounds |\n|---|---|---|---|');
for (const [index, build] of builds.entries()) {
  const own = times[index] as number[];
  const ratios = own.map((seconds, round) => seconds / (times[0]?.[round] as number));
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(ratios, share).toFixed(3));
  console.log(`| ${build} | ${quantile(own, 0.5).toFixed(3)} | ${middle} | ${low} .. ${high} |`);
}
