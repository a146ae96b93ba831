/**
 * Captures of 20 MB by one process and by two, in turn: `node --import tsx test/scale/throughput.ts [ROUNDS]`. Prints the time of
 * each round, the ratio of the medians, and what a process reads in a second of its core.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateCapture } from '../bench/capture.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const CAPTURES = 4;
const LINES = 180_000;

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-throughput-'));
const capture = (at: number): string => join(folder, `host${at}.ftrace`);

/** Seconds on the clock. Reports go to a new folder, so that none is there. */
async function replay(jobs: number, round: number): Promise<number> {
  const argv = ['replay', '--each', '--inputs', join(folder, 'list'), '--jobs', String(jobs)];
  const reports = join(folder, `reports-${jobs}-${round}`);
  const start = performance.now();
  const child = spawn(process.execPath, ['dist/bin/worldswitch.js', ...argv, '--reports', reports], {
    stdio: 'ignore',
  });
  const [code] = await once(child, 'close');
  if (code > 1 && code !== 4) throw new Error(`exit code ${code}`);
  return (performance.now() - start) / 1000;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

try {
  generateCapture(capture(0), LINES);
  for (let at = 1; at < CAPTURES; at++) copyFileSync(capture(0), capture(at));
  writeFileSync(join(folder, 'list'), Array.from({ length: CAPTURES }, (_, at) => `${capture(at)}\n`).join(''));
  const megabytes = (CAPTURES * statSync(capture(0)).size) / 1e6;
  const times: Record<1 | 2, number[]> = { 1: [], 2: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const jobs of [1, 2] as const) times[jobs].push(await replay(jobs, round));
    console.log(
      `round ${round}: one ${times[1].at(-1)?.toFixed(2)} s, two ${times[2].at(-1)?.toFixed(2)} s, load ${loadavg()[0]?.toFixed(1)}`,
    );
  }
  const ratios = times[1].map((one, round) => one / (times[2][round] as number));
  const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  console.log(
    `${CAPTURES} captures, ${megabytes.toFixed(0)} MB: one process ${(megabytes / median(times[1])).toFixed(1)} MB/s`,
  );
  console.log(`two processes: ${(median(times[1]) / median(times[2])).toFixed(2)} times as fast (${spread})`);
} finally {
  rmSync(folder, { recursive: true });
}
