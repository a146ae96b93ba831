/** Programs that do the same, run in turn: how long each takes beside the first. */

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

export interface Runner {
  readonly name: string;
  readonly command: readonly string[];
  /** A file that it makes: taken away before each run, which would else have to empty it, or share the disk with it. */
  readonly makes?: string;
}

/** Seconds by the clock, and of all cores together; peak resident memory. */
interface Run {
  readonly wall: number;
  readonly processor: number;
  readonly megabytes: number;
}

/** One run. Undefined where the program is not there or fails. */
function run({ command, makes }: Runner): Run | undefined {
  if (makes !== undefined) rmSync(makes, { force: true });
  const begin = process.hrtime.bigint();
  const timed = ['-f', '%U %S %M', ...command];
  const { status, stderr } = spawnSync('/usr/bin/time', timed, { stdio: ['ignore', 'ignore', 'pipe'] });
  const wall = Number(process.hrtime.bigint() - begin) / 1e9;
  if (status !== 0 && status !== 1) return undefined;
  const [user, system, kilobytes] = (stderr.toString().trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { wall, processor: (user ?? 0) + (system ?? 0), megabytes: (kilobytes ?? 0) / 1024 };
}

/** The value below which that share of the values lies. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

/**
 * A Markdown table: the median of the ratios within a round, and the range that half of the rounds lie in, by the clock and
 * in time of the processor, which others on the machine disturb less. Who is not there or fails has no row; throws where
 * that is the first, to whom the others are compared.
 */
export function race(runners: readonly Runner[], rounds: number, what = ''): string {
  const runs = runners.map(() => [] as (Run | undefined)[]);
  for (let round = 0; round < rounds; round++) {
    // Each goes first as often as the others: what a run leaves behind falls to all alike.
    for (let turn = 0; turn < runners.length; turn++) {
      const index = (turn + round) % runners.length;
      runs[index]?.push(run(runners[index] as Runner));
    }
  }
  const [first] = runs as [(Run | undefined)[]];
  const columns = (own: readonly Run[], which: 'wall' | 'processor'): string => {
    const seconds = own.map((one) => one[which]);
    const ratios = seconds.map((time, round) => time / (first[round] as Run)[which]);
    const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(ratios, share).toFixed(2));
    return `${quantile(seconds, 0.5).toFixed(2)} | ${middle} (${low} .. ${high})`;
  };
  if (first.includes(undefined)) throw new Error(`${runners[0]?.name}: fails`);
  const rows = runners.flatMap(({ name }, index) => {
    const own = runs[index] as Run[];
    if (own.includes(undefined as unknown as Run)) return [];
    const megabytes = Math.max(...own.map((one) => one.megabytes)).toFixed(0);
    return `| ${name} | ${columns(own, 'wall')} | ${columns(own, 'processor')} | ${megabytes} |`;
  });
  return [
    `| ${what} | wall s | / first | processor s | / first | peak MB |`,
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
