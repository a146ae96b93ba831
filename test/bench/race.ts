/** Programs that do the same, run in turn: how long each takes beside the first. */

import { spawnSync } from 'node:child_process';

export interface Runner {
  readonly name: string;
  readonly command: readonly [program: string, ...argv: string[]];
}

/** Seconds by the clock, and of all cores together. */
type Times = readonly [wall: number, processor: number];

function run({ name, command }: Runner): Times {
  const begin = process.hrtime.bigint();
  const timed = ['-f', '%U %S', ...command];
  const { status, stderr } = spawnSync('/usr/bin/time', timed, { stdio: ['ignore', 'ignore', 'pipe'] });
  const wall = Number(process.hrtime.bigint() - begin) / 1e9;
  if (status !== 0 && status !== 1) throw new Error(`${name}: exit code ${status}: ${stderr}`);
  const [user, system] = (stderr.toString().trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return [wall, (user ?? 0) + (system ?? 0)];
}

/** The value below which that share of the values lies. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

/**
 * A Markdown table: the median of the ratios within a round, and the range that half of the rounds lie in, by the clock and
 * in time of the processor, which others on the machine disturb less.
 */
export function race(runners: readonly Runner[], rounds: number): string {
  const times = runners.map(() => [] as Times[]);
  for (let round = 0; round < rounds; round++) {
    // Each goes first as often as the others: what a run leaves behind falls to all alike.
    for (let turn = 0; turn < runners.length; turn++) {
      const index = (turn + round) % runners.length;
      (times[index] as Times[]).push(run(runners[index] as Runner));
    }
  }
  const columns = (own: readonly Times[], which: 0 | 1): string => {
    const seconds = own.map((times) => times[which]);
    const ratios = seconds.map((time, round) => time / (times[0]?.[round]?.[which] as number));
    const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(ratios, share).toFixed(3));
    return `${quantile(seconds, 0.5).toFixed(3)} | ${middle} (${low} .. ${high})`;
  };
  const rows = runners.map(({ name }, index) => {
    const own = times[index] as Times[];
    return `| ${name} | ${columns(own, 0)} | ${columns(own, 1)} |`;
  });
  return ['| | wall s | / first | processor s | / first |', '|---|---|---|---|---|', ...rows].join('\n');
}
