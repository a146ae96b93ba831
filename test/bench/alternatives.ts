/**
 * Races builds against each other: `node --import tsx test/bench/alternatives.ts ROUNDS DIST DIST... -- ARGUMENT...` runs
 * `DIST/bin/worldswitch.js ARGUMENT...` of each in turn, and prints how long each takes beside the first, by the clock and
 * in time of the processor: the median of the ratios within a round, and the range that half of the rounds lie in. A claim
 * that one way to write something is faster rests on this: build both (`node bin/build.js DIST`), and race them.
 */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Seconds by the clock, and of all cores together. */
type Times = readonly [wall: number, processor: number];

const [rounds = '', ...rest] = process.argv.slice(2);
const end = rest.indexOf('--');
const builds = rest.slice(0, end);
const argv = rest.slice(end + 1);
if (!(Number(rounds) > 0) || end < 2) throw new Error('usage: alternatives.ts ROUNDS DIST DIST... -- ARGUMENT...');

function run(build: string): Times {
  const command = ['-f', '%U %S', process.execPath, join(build, 'bin/worldswitch.js'), ...argv];
  const begin = process.hrtime.bigint();
  const { status, stderr } = spawnSync('/usr/bin/time', command, { stdio: ['ignore', 'ignore', 'pipe'] });
  const wall = Number(process.hrtime.bigint() - begin) / 1e9;
  if (status !== 0 && status !== 1) throw new Error(`${build}: exit code ${status}`);
  const [user, system] = (stderr.toString().trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return [wall, (user ?? 0) + (system ?? 0)];
}

/** The value below which that share of the values lies. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

const times = builds.map(() => [] as Times[]);
for (let round = 0; round < Number(rounds); round++) {
  // Each goes first as often as the others: what a run leaves behind falls to all alike.
  for (let turn = 0; turn < builds.length; turn++) {
    const index = (turn + round) % builds.length;
    (times[index] as Times[]).push(run(builds[index] as string));
  }
}

function columns(own: readonly Times[], which: 0 | 1): string {
  const ratios = own.map((run, round) => run[which] / (times[0]?.[round]?.[which] as number));
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(ratios, share).toFixed(3));
  return `${quantile(
    own.map((run) => run[which]),
    0.5,
  ).toFixed(3)} | ${middle} (${low} .. ${high})`;
}

console.log('| build | wall s | / first | processor s | / first |\n|---|---|---|---|---|');
for (const [index, build] of builds.entries()) {
  const own = times[index] as Times[];
  console.log(`| ${build} | ${columns(own, 0)} | ${columns(own, 1)} |`);
}
