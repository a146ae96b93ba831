/**
 * The benchmark: the whole command on generated traces, in turn with programs that do less. `npm run bench` measures 10^6
 * events, `npm run bench -- --full` also 10^7. Prints a Markdown table of medians, and of ratios of runs made in turn.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from './generate.ts';

const ROUNDS = 5;
const COMMAND = 'dist/bin/worldswitch.js';

const COUNT_IN_PYTHON = `
import collections, json, sys
counts = collections.Counter()
for line in open(sys.argv[1]):
    counts[json.loads(line)['event']] += 1
print(sum(counts.values()))`;

interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
}

interface Measured {
  /** Wall time in seconds. */
  readonly seconds: number;
  /** Peak resident memory in megabytes. */
  readonly megabytes: number;
}

/** The reference: simdjson merely counting events, where a compiler and the library are present. */
function buildReference(folder: string): string | undefined {
  const program = join(folder, 'reference');
  const source = new URL('reference.cpp', import.meta.url).pathname;
  const built = spawnSync('g++', ['-O3', '-march=native', '-std=c++17', source, '-lsimdjson', '-o', program]);
  return built.status === 0 ? program : undefined;
}

function contestants(trace: string, reference: string | undefined): Contestant[] {
  return [
    { name: 'worldswitch replay', command: [process.execPath, COMMAND, 'replay', trace, '--no-progress'] },
    {
      name: 'worldswitch replay --reader ndjson',
      command: [process.execPath, COMMAND, 'replay', trace, '--no-progress', '--reader', 'ndjson'],
    },
    ...(reference === undefined ? [] : [{ name: 'C++ simdjson, counting only', command: [reference, trace] }]),
    { name: 'Python json, counting only', command: ['python3', '-c', COUNT_IN_PYTHON, trace] },
    { name: 'jq, naming only', command: ['jq', '-c', '.event', trace] },
    { name: 'wc -l', command: ['wc', '-l', trace] },
  ];
}

/** One run. Undefined where the program is not there or fails. */
function measure({ command }: Contestant): Measured | undefined {
  const begin = process.hrtime.bigint();
  const run = spawnSync('/usr/bin/time', ['-f', '%M', ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  if (run.status !== 0) return undefined;
  const kilobytes = Number(run.stderr.toString().trim().split('\n').at(-1));
  return { seconds, megabytes: kilobytes / 1024 };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Rounds in which everyone runs once; ratios are of the runs of one round. */
function race(all: readonly Contestant[], rounds: number): string[] {
  const runs = all.map(() => [] as (Measured | undefined)[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contestant] of all.entries()) runs[index]?.push(measure(contestant));
  }
  const ours = runs[0] ?? [];
  return all.flatMap(({ name }, index) => {
    const own = (runs[index] ?? []).filter((run) => run !== undefined);
    if (own.length < rounds) return [];
    const ratio = median(own.map((run, round) => run.seconds / (ours[round]?.seconds ?? 1)));
    const seconds = median(own.map((run) => run.seconds));
    const megabytes = Math.max(...own.map((run) => run.megabytes));
    return [`| ${name} | ${seconds.toFixed(2)} | ${ratio.toFixed(2)} | ${megabytes.toFixed(0)} |`];
  });
}

function main(full: boolean): void {
  const folder = mkdtempSync(join(tmpdir(), 'worldswitch-bench-'));
  try {
    const reference = buildReference(folder);
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    const day = new Date().toISOString().slice(0, 10);
    console.log(
      `worldswitch ${version}, ${day}, ${cpus().length} cores, Node ${process.versions.node}; medians of ${ROUNDS}`,
    );
    for (const events of [100_000, 1_000_000, ...(full ? [10_000_000] : [])]) {
      const trace = join(folder, `${events}.ndjson`);
      generate(trace, events);
      console.log(`\n| ${events.toLocaleString('en')} events | seconds | time / ours | peak MB |\n|---|---|---|---|`);
      const all = contestants(trace, reference);
      // The slow ones need not run on every size.
      const chosen = events === 1_000_000 ? all : all.filter(({ name }) => /^worldswitch replay$|C\+\+|wc/.test(name));
      for (const row of race(chosen, ROUNDS)) console.log(row);
      rmSync(trace);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main(process.argv.includes('--full'));
