/**
 * `npm run scale`: captures replayed as a job array on a Slurm cluster of two nodes, of which one is killed in the middle; the
 * merged report must be that of one process, to the byte. Says what it sees. Needs root, and Debian's slurm-wlm and munge.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeCaptures } from './captures.ts';

const CAPTURES = Number(process.argv[2] ?? 500);
const TASKS = 20;
/** Longest time for all tasks, in s. */
const PATIENCE = 1200;

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-slurm-'));
const at = (name: string): string => join(folder, name);
const start = Date.now();
const say = (what: string): void =>
  console.log(`${((Date.now() - start) / 1000).toFixed(0).padStart(5)} s  ${what.trimEnd()}`);
const bin = at('bin');
mkdirSync(bin);
symlinkSync(resolve('dist/bin/worldswitch.js'), join(bin, 'worldswitch'));
process.env.PATH = `${bin}:${process.env.PATH}`;

function run(program: string, ...argv: string[]): string {
  return execFileSync(program, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}
const cluster = (...argv: string[]): string =>
  run('test/scale/slurm-cluster.sh', argv[0] ?? '', at('cluster'), ...argv.slice(1));

/** Exit code 1 says that there are violations. */
function worldswitch(...argv: string[]): string {
  try {
    return run('worldswitch', ...argv);
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    if (status !== 1) throw error;
    return stdout.trim();
  }
}

const reportsIn = (name: string): number =>
  existsSync(at(name))
    ? readdirSync(at(name), { recursive: true, encoding: 'utf8' }).filter(
        (path) => /[^/]\.json$/.test(path) && !/(^|\/)\./.test(path),
      ).length
    : 0;

async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE * 1000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`waited ${PATIENCE} s for ${what}`);
    await setTimeout(300);
  }
}

async function main(): Promise<void> {
  makeCaptures(at('captures'), at('list'), CAPTURES);
  const one = worldswitch('replay', '--each', '--inputs', at('list'), '--reports', at('one'), '--jobs', '1');
  say(`one process: ${one.split('\n').at(-1)}`);
  worldswitch('merge', '--format', 'json', '-o', at('one.json'), at('one'));

  process.env.SLURM_CONF = cluster('start');
  say(`cluster:\n${run('sinfo', '-N')}`);
  const log = ['--output', at('log-%a'), '--export=ALL'];
  const argv = [`--array=1-${TASKS}`, ...log, 'test/scale/replay.sbatch', at('list'), at('many')];
  const job = run('sbatch', '--parsable', ...argv);
  const after = [`--dependency=afterok:${job}`, '--kill-on-invalid-dep=yes', `--output=${at('log-merge')}`];
  const merge = run('sbatch', '--parsable', ...after, 'test/scale/merge.sbatch', at('many'), at('many.json'));
  say(`sbatch: array ${job} of ${TASKS} tasks, then ${merge}`);

  await until('a quarter of the reports', () => reportsIn('many') > CAPTURES / 4);
  await until('a task on n1 that is in the middle', () => {
    const task = run('squeue', '-h', '-t', 'running', '-w', 'n1', '-o', '%K');
    const log = at(`log-${task}`);
    return task !== '' && existsSync(log) && /^(?:pass|fail|inconclusive) /m.test(readFileSync(log, 'utf8'));
  });
  const before = reportsIn('many');
  const lost = cluster('kill', '1');
  say(`killed n1 at ${before} of ${CAPTURES} reports, and with it job ${lost.split('\n').join(', ')}`);
  await until('n1 to be down', () => /down/.test(run('sinfo', '-h', '-n', 'n1', '-o', '%T')));
  say(`slurmctld:\n${run('sinfo', '-N')}`);
  const requeued = (id: string): boolean => / Restarts=[1-9]/.test(run('scontrol', '-o', 'show', 'job', id));
  await until('its task to be requeued', () => requeued(lost.split('\n')[0] ?? ''));
  say(
    `requeued: ${run('scontrol', '-o', 'show', 'job', lost.split('\n')[0] ?? '').replace(/^.*(ArrayTaskId=\d+).*(Restarts=\d+).*$/s, '$1 $2')}`,
  );
  await until('the merged report', () => existsSync(at('many.json')));

  const kept = readdirSync(folder)
    .filter((name) => /^log-\d/.test(name))
    .map((name) => readFileSync(at(name), 'utf8'));
  const sums = kept.flatMap((text) => text.match(/^\d+ traces?: .*$/gm) ?? []);
  say(`tasks:\n${sums.join('\n')}`);
  assert.ok(
    sums.some((line) => /were? there|was there/.test(line)),
    'the task that was killed does not do again what it had done',
  );
  assert.equal(reportsIn('many'), CAPTURES);
  assert.equal(readFileSync(at('many.json'), 'utf8'), readFileSync(at('one.json'), 'utf8'));
  say(`the merged report is that of one process, to the byte: ${readFileSync(at('many.json')).length} bytes`);
}

let failed = true;
try {
  await main();
  failed = false;
} finally {
  if (process.env.SLURM_CONF !== undefined) cluster('stop');
  if (failed) console.log(`what is left of it: ${folder}`);
  else rmSync(folder, { recursive: true });
}
