/**
 * The benchmark: the whole command on generated traces and captures, in turn with programs that do less. `npm run bench`
 * measures 10^5 and 10^6 events, `npm run bench -- --full` also 10^7 of each kind of line. Prints Markdown tables of medians,
 * and of ratios of runs made in turn with their spread.
 */

import { spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { leapsIn } from '../support/leaps.ts';
import { generateBug, RULE } from './bug.ts';
import { generateCapture } from './capture.ts';
import { generate, type Shape } from './generate.ts';
import { raceHooks } from './provenance.ts';
import { type Runner, race } from './race.ts';
import { generateReports } from './reports.ts';
import { generateTransitions } from './transitions.ts';
import { makeCaptures, workers } from './workers.ts';

const ROUNDS = 5;
/** As many as divide among two; the time in which a process warms up is small beside that of the larger number. */
const FEW_CAPTURES = 4;
const CAPTURES = 24;
const GOLDENS = 'traces/golden';
/** Bytes of a trace. */
const SMALL = 20_000;
const COMMAND = 'dist/bin/worldswitch.js';
const REPLAY = [process.execPath, COMMAND, 'replay', '--no-progress'];
const IMPORT = [process.execPath, COMMAND, 'import', 'ftrace', '--no-progress'];

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

/** Of the npm package that brings DuckDB, which the benchmark alone needs. */
const DUCKDB = '@duckdb/node-api@1.5.6-r.1';
const COUNT_IN_DUCKDB = `
const { DuckDBInstance } = await import('@duckdb/node-api');
const connection = await (await DuckDBInstance.create(':memory:')).connect();
const from = "read_ndjson('" + process.argv.at(-1) + "', columns = {event: 'VARCHAR'})";
console.log((await connection.runAndReadAll('SELECT event, count(*) FROM ' + from + ' GROUP BY event')).getRows().length);`;

/** Reads a trace and fills an event from every line. */
const ONLY_READ = `
const { createEventRecord, readTrace } = await import('./dist/lib/index.js');
const event = createEventRecord();
for await (const batch of readTrace([process.argv.at(-1)], { threads: 1 }).batches) for (let at = 0; at < batch.length; at++) batch.read(at, event);`;

/** Programs that may not be there. */
interface Others {
  readonly reference: string | undefined;
  readonly duckDb: string | undefined;
}

/** The reference: simdjson merely counting events, where a compiler and the library are present. */
function buildReference(folder: string): string | undefined {
  const program = join(folder, 'reference');
  const source = new URL('reference.cpp', import.meta.url).pathname;
  const built = spawnSync('g++', ['-O3', '-march=native', '-std=c++17', source, '-lsimdjson', '-o', program]);
  return built.status === 0 ? program : undefined;
}

/** Replays of the same trace compressed, by the programs that are there. */
function packed(trace: string): Runner[] {
  return ['gzip', 'zstd'].flatMap((program) => {
    const path = `${trace}.${program}`;
    const file = openSync(path, 'w');
    const made = spawnSync(program, ['-c', trace], { stdio: ['ignore', file, 'ignore'] });
    closeSync(file);
    return made.status === 0 ? [{ name: `worldswitch replay, ${program}`, command: [...REPLAY, path] }] : [];
  });
}

/** What takes no time but that of starting. */
function startUps(trace: string): Runner[] {
  return [
    { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
    { name: 'worldswitch --version', command: [process.execPath, COMMAND, '--version'] },
    { name: 'worldswitch replay', command: [...REPLAY, trace] },
  ];
}

/** The program of its own that DuckDB gets; undefined where the package cannot be had. */
function installDuckDb(folder: string): string | undefined {
  writeFileSync(join(folder, 'package.json'), '{}');
  const argv = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder, DUCKDB];
  if (spawnSync('npm', argv, { stdio: 'ignore' }).status !== 0) return undefined;
  const program = join(folder, 'count.mjs');
  writeFileSync(program, COUNT_IN_DUCKDB);
  return program;
}

/** `everyone`: also those that take long, and traces that take long to make. */
function contestants(trace: string, { reference, duckDb }: Others, everyone: boolean): Runner[] {
  const ours = { name: 'worldswitch replay', command: [...REPLAY, trace] };
  const least = [
    ...(reference === undefined
      ? []
      : [
          { name: 'C++ simdjson, counting only, file in memory', command: [reference, trace] },
          { name: 'C++ simdjson, counting only, in blocks', command: [reference, trace, 'blocks'] },
        ]),
    ...(duckDb === undefined ? [] : [{ name: 'DuckDB, counting only', command: [process.execPath, duckDb, trace] }]),
    { name: 'wc -l', command: ['wc', '-l', trace] },
  ];
  const everyStep = { name: 'worldswitch replay --no-cache', command: [...REPLAY, trace, '--no-cache'] };
  if (!everyone) return [ours, everyStep, ...least];
  return [
    ours,
    everyStep,
    { name: 'worldswitch replay --reader ndjson', command: [...REPLAY, trace, '--reader', 'ndjson'] },
    { name: 'worldswitch replay --format ndjson', command: [...REPLAY, trace, '--format', 'ndjson'] },
    ...packed(trace),
    { name: 'Python json, counting only', command: ['python3', '-c', COUNT_IN_PYTHON, trace] },
    { name: 'jq, naming only', command: ['jq', '-c', '.event', trace] },
    ...least,
  ];
}

/** What a line for each transition costs, beside what reading the trace does. */
function outputs(trace: string): Runner[] {
  const [node, ...argv] = REPLAY as [string, ...string[]];
  const makes = `${trace}.out`;
  return [
    { name: 'worldswitch replay', command: [node, ...argv, trace] },
    {
      name: 'worldswitch replay --format ndjson, to a file',
      command: ['sh', '-c', `"$@" > ${makes}`, '-', ...REPLAY, trace, '--format', 'ndjson'],
      makes,
    },
    { name: 'reading only', command: [node, '--input-type=module', '-e', ONLY_READ, trace] },
    { name: 'node -e 0', command: [node, '-e', '0'] },
  ];
}

/** A capture is read line by line, and written as a trace. */
function imports(capture: string): Runner[] {
  return [
    { name: 'worldswitch import ftrace', command: [...IMPORT, capture] },
    { name: 'Python re, matching only', command: ['python3', '-c', MATCH_IN_PYTHON, capture] },
    { name: 'wc -l', command: ['wc', '-l', capture] },
  ];
}

/** Reports that are added up, beside merely reading them. */
function merges(reports: string): Runner[] {
  return [
    { name: 'worldswitch merge', command: [process.execPath, COMMAND, 'merge', '--format', 'json', reports] },
    { name: 'cat', command: ['sh', '-c', 'find "$0" -name "*.json" -exec cat {} + | wc -c', reports] },
  ];
}

/** The shortest trace that shows a bug at the end of a long one, beside merely replaying that. */
function minimizers(trace: string): Runner[] {
  return [
    {
      name: 'worldswitch minimize',
      command: [process.execPath, COMMAND, 'minimize', '--no-progress', trace, '--rule', RULE],
    },
    { name: 'worldswitch replay', command: [...REPLAY, trace] },
  ];
}

/** As many traces, and a report that is expected of each: those of traces/golden that are small, in turn. Returns their bytes. */
function copyGoldens(folder: string, count: number): number {
  const goldens = readdirSync(GOLDENS).flatMap((name) => {
    const expected = readdirSync(GOLDENS).find(
      (other) => other.startsWith(name.replace(/ndjson$/, '')) && other.endsWith('.json'),
    );
    const isSmall = name.endsWith('.ndjson') && statSync(join(GOLDENS, name)).size < SMALL;
    return isSmall && expected !== undefined ? [[name, expected] as const] : [];
  });
  mkdirSync(folder);
  let bytes = 0;
  for (let at = 0; at < count; at++) {
    const [trace, expected] = goldens[at % goldens.length] as readonly [string, string];
    for (const name of [trace, expected]) copyFileSync(join(GOLDENS, name), join(folder, `${at}-${name}`));
    bytes += statSync(join(GOLDENS, trace)).size;
  }
  return bytes;
}

function checks(folder: string): Runner[] {
  return ['2', '1'].map((jobs) => ({
    name: `worldswitch check --jobs ${jobs}`,
    command: [process.execPath, COMMAND, 'check', '--quiet', '--jobs', jobs, folder],
  }));
}

async function main(full: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'worldswitch-bench-'));
  const file = (name: string): string => join(folder, name);
  const table = (what: string, all: readonly Runner[], rounds = ROUNDS): void =>
    console.log(`\n${race(all, rounds, what)}`);
  try {
    const others = { reference: buildReference(folder), duckDb: installDuckDb(folder) };
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    const day = new Date().toISOString().slice(0, 10);
    console.log(
      `worldswitch ${version}, ${day}, ${cpus().length} cores, Node ${process.versions.node}; medians of ${ROUNDS}`,
    );
    generate(file('ten.ndjson'), 10);
    table('10 events', startUps(file('ten.ndjson')), 3 * ROUNDS);
    const traces: readonly (readonly [events: number, shape: Shape])[] = [
      [100_000, 'short'],
      [1_000_000, 'short'],
      [1_000_000, 'long'],
      ...(full
        ? ([
            [10_000_000, 'short'],
            [10_000_000, 'long'],
          ] as const)
        : []),
    ];
    for (const [events, shape] of traces) {
      const trace = file(`${events}.ndjson`);
      generate(trace, events, shape);
      const what = `${events.toLocaleString('en')} events, ${Math.round(statSync(trace).size / events)} bytes each`;
      table(what, contestants(trace, others, events === 1_000_000));
      const { leapt } = await leapsIn(trace);
      console.log(`\nSteps from the table, if it learns from the first on: ${((100 * leapt) / events).toFixed(1)} %`);
      rmSync(trace);
    }
    generateTransitions(file('transitions.ndjson'), 1_000_000);
    table('1,000,000 transitions', outputs(file('transitions.ndjson')));
    generateCapture(file('capture.ftrace'), 1_000_000);
    table('capture of 1,000,000 lines', imports(file('capture.ftrace')));
    const captures = makeCaptures(folder, full ? CAPTURES : FEW_CAPTURES);
    table(`${captures.length} captures of 20 MB`, workers(REPLAY, captures, file('reports')), full ? 3 : ROUNDS);
    const made = JSON.parse(readFileSync(`${join(file('reports'), captures[0] as string)}.json`, 'utf8'));
    const count = full ? 100_000 : 10_000;
    mkdirSync(file('fleet'));
    generateReports(file('fleet'), count, [made]);
    table(`${count.toLocaleString('en')} reports`, merges(file('fleet')), full ? 1 : ROUNDS);
    for (const lines of [10_000, 1_000_000]) {
      generateBug(file('bug.ndjson'), lines);
      table(`${lines.toLocaleString('en')} lines, a bug in the last`, minimizers(file('bug.ndjson')));
    }
    generateBug(file('bug.ndjson'), 100_000, ['neon_begin', 'return_to_user']);
    table('100,000 lines that hide two kinds of event, a bug in the last', minimizers(file('bug.ndjson')));
    const bytes = copyGoldens(file('goldens'), 1000);
    table(`1,000 traces of ${Math.round(bytes / 1000)} bytes, with their reports`, checks(file('goldens')));
    console.log(`\n${raceHooks(3 * ROUNDS)}`);
    // What a capture hides is worked out: that takes many times as long as to read it.
    generateCapture(file('short.ftrace'), 10_000);
    table('capture of 10,000 lines', [
      { name: 'worldswitch replay', command: [...REPLAY, file('short.ftrace')] },
      { name: 'worldswitch import ftrace', command: [...IMPORT, file('short.ftrace')] },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await main(process.argv.includes('--full'));
