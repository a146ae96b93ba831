/**
 * The benchmark: the whole command on generated traces, in turn with programs that do less. `npm run bench` measures 10^6
 * events, `npm run bench -- --full` also 10^7. Prints a Markdown table of medians, and of ratios of runs made in turn.
 */

import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateCapture } from './capture.ts';
import { generate } from './generate.ts';

const ROUNDS = 5;
const COMMAND = 'dist/bin/worldswitch.js';
const REPLAY = [process.execPath, COMMAND, 'replay', '--no-progress'];

const COUNT_IN_PYTHON = `
import collections, json, sys
counts = collections.Counter()
for line in open(sys.argv[1]):
    counts[json.loads(line)['event']] += 1
print(sum(counts.values()))`;

const MATCH_IN_PYTHON = `
import re, sys
entry = re.compile(r'.{16}-(\\d+) +\\[(\\d+)\\] \\S+ +(\\d+)\\.(\\d{6}): (\\w+): (.*)')
field = re.compile(r'(\\w+)=(\\S+)')
print(sum(len(field.findall(match[6])) for match in map(entry.match, open(sys.argv[1], errors='replace')) if match))`;

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

/** Replays of the same trace compressed, by the programs that are there. */
function packed(trace: string): Contestant[] {
  return ['gzip', 'zstd'].flatMap((program) => {
    const path = `${trace}.${program}`;
    const file = openSync(path, 'w');
    const made = spawnSync(program, ['-c', trace], { stdio: ['ignore', file, 'ignore'] });
    closeSync(file);
    return made.status === 0 ? [{ name: `worldswitch replay, ${program}`, command: [...REPLAY, path] }] : [];
  });
}

/** What takes no time but that of starting. */
function startUps(trace: string): Contestant[] {
  return [
    { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
    { name: 'worldswitch --version', command: [process.execPath, COMMAND, '--version'] },
    { name: 'worldswitch replay', command: [...REPLAY, trace] },
  ];
}

/** `everyone`: also those that take long, and traces that take long to make. */
function contestants(trace: string, reference: string | undefined, everyone: boolean): Contestant[] {
  const ours = { name: 'worldswitch replay', command: [...REPLAY, trace] };
  const least = [
    ...(reference === undefined ? [] : [{ name: 'C++ simdjson, counting only', command: [reference, trace] }]),
    { name: 'wc -l', command: ['wc', '-l', trace] },
  ];
  if (!everyone) return [ours, ...least];
  return [
    ours,
    { name: 'worldswitch replay --reader ndjson', command: [...REPLAY, trace, '--reader', 'ndjson'] },
    { name: 'worldswitch replay --format ndjson', command: [...REPLAY, trace, '--format', 'ndjson'] },
    ...packed(trace),
    { name: 'Python json, counting only', command: ['python3', '-c', COUNT_IN_PYTHON, trace] },
    { name: 'jq, naming only', command: ['jq', '-c', '.event', trace] },
    ...least,
  ];
}

/** A capture is read line by line, and written as a trace. */
function imports(capture: string): Contestant[] {
  return [
    {
      name: 'worldswitch import ftrace',
      command: [process.execPath, COMMAND, 'import', 'ftrace', '--no-progress', capture],
    },
    { name: 'worldswitch replay, of the capture', command: [...REPLAY, capture] },
    { name: 'Python re, matching only', command: ['python3', '-c', MATCH_IN_PYTHON, capture] },
    { name: 'wc -l', command: ['wc', '-l', capture] },
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
    const ten = join(folder, 'ten.ndjson');
    generate(ten, 10);
    console.log('\n| 10 events | seconds | time / bare node | peak MB |\n|---|---|---|---|');
    for (const row of race(startUps(ten), 3 * ROUNDS)) console.log(row);
    for (const events of [100_000, 1_000_000, ...(full ? [10_000_000] : [])]) {
      const trace = join(folder, `${events}.ndjson`);
      generate(trace, events);
      console.log(`\n| ${events.toLocaleString('en')} events | seconds | time / ours | peak MB |\n|---|---|---|---|`);
      for (const row of race(contestants(trace, reference, events <= 1_000_000), ROUNDS)) console.log(row);
      rmSync(trace);
    }
    const capture = join(folder, 'capture.ftrace');
    generateCapture(capture, 1_000_000);
    console.log('\n| capture of 1,000,000 lines | seconds | time / ours | peak MB |\n|---|---|---|---|');
    for (const row of race(imports(capture), ROUNDS)) console.log(row);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main(process.argv.includes('--full'));
