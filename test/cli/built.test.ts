import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { generate } from '../bench/generate.ts';
import { buildProgram } from '../support/built.ts';
import { run } from '../support/cli.ts';
import { skipUnless } from '../support/skip.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TRACE = join(ROOT, 'traces/golden/ten-runs-with-fp.ndjson');
const folder = buildProgram();
const bin = join(folder, 'bin');

function built(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(bin, 'worldswitch.js'), ...argv], {
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

const COMMAND_LINES = [
  ['--version'],
  ['--help'],
  ['replay', TRACE],
  ['replay', '--format', 'ndjson', '--color', 'always', TRACE],
  ['replay', '--color', 'always', TRACE],
  ['replay', '--reader', 'ndjson', TRACE],
  ['replay', '--cpu', 'x', TRACE],
  ['compare', '--models', 'v6.12,v6.14', TRACE],
  ['rules', 'FP-07'],
  ['view', TRACE],
  ['export', 'chrome', TRACE],
  ['rpelay', TRACE],
];

/** Only what is built knows of which commit it is. */
const withoutCommit = ({ stdout, ...outcome }: ReturnType<typeof built>) => ({
  ...outcome,
  stdout: stdout.replace(/^commit .*$/m, ''),
});

async function sayTheSame(): Promise<void> {
  for (const argv of COMMAND_LINES) {
    assert.deepEqual(withoutCommit(built(...argv)), withoutCommit(await run(argv)), argv.join(' '));
  }
}

test('what is built says what the sources say', sayTheSame);

test('a trace that is large enough for the scanner in WebAssembly reads as by the reference reader', () => {
  const trace = join(folder, 'large.ndjson');
  generate(trace, 20_000);
  assert.ok(statSync(trace).size > 1024 * 1024);
  const reports = [[], ['--reader', 'ndjson']].map((reader) => built('replay', '--format', 'json', ...reader, trace));
  assert.deepEqual(reports[0], reports[1]);
  assert.equal(JSON.parse(reports[0]?.stdout ?? '').verdict, 'pass');
  // Where there is no WebAssembly, the scanner in TypeScript takes its place.
  const argv = ['--jitless', join(bin, 'worldswitch.js'), 'replay', '--format', 'json', trace];
  assert.equal(spawnSync(process.execPath, argv, { encoding: 'utf8' }).stdout, reports[0]?.stdout);
});

const caches = () => readdirSync(bin).filter((name) => name.endsWith('.cache'));

test('the first replay keeps what V8 compiled, and other commands do not', () => {
  for (const name of caches()) rmSync(join(bin, name));
  for (const argv of [['--version'], ['rules', 'FP-07'], ['replay', '--help'], ['replay', 'no-such-file']])
    built(...argv);
  assert.deepEqual(caches(), []);
  const first = built('replay', TRACE);
  assert.equal(caches().length, 1);
  assert.deepEqual(built('replay', TRACE), first);
  assert.deepEqual(
    readdirSync(bin).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('what was kept and is damaged is made again, and changes nothing', async () => {
  built('replay', TRACE);
  const cache = join(bin, caches()[0] as string);
  const good = readFileSync(cache);
  const flipped = (at: number): Buffer => {
    const bytes = Buffer.from(good);
    bytes[at] = (bytes[at] as number) ^ 0x10;
    return bytes;
  };
  const damaged = [
    ...[0.01, 0.2, 0.4, 0.7, 0.99].map((share) => flipped(Math.floor(share * good.length))),
    ...[0, 1, 7, good.length / 2, good.length - 1].map((length) => good.subarray(0, length)),
    Buffer.concat([good, Buffer.from([0])]),
    Buffer.alloc(good.length, 'x'),
  ];
  const expected = await run(['replay', TRACE]);
  for (const bytes of damaged) {
    writeFileSync(cache, bytes);
    assert.deepEqual(built('replay', TRACE), expected);
  }
  await sayTheSame();
});

test('where nothing can be kept it runs all the same', async () => {
  const cache = join(bin, caches()[0] as string);
  rmSync(cache);
  // Not even root renames a file over a folder.
  mkdirSync(cache);
  await sayTheSame();
  assert.deepEqual(
    readdirSync(bin).filter((name) => name.endsWith('.tmp')),
    [],
  );
  rmdirSync(cache);
});

test('a working directory that is gone', { skip: skipUnless(existsSync('/bin/bash'), 'no bash') }, () => {
  // The sources cannot be run there: what compiles them asks where it is.
  const gone = join(folder, 'gone');
  const missing = /^error: x: expected a file that can be read, found no such file\n$/;
  for (const [argv, stderr] of [
    ['replay - --out json:x', /^error: cannot write x: no such file or directory\n$/],
    ['import ftrace - -o x', /^error: cannot write x: no such file or directory\n$/],
    ['replay x', missing],
    ['diff x y', missing],
    ['probes --btf x', missing],
    ['--version', /^$/],
  ] as const) {
    mkdirSync(gone);
    const program = `'${process.execPath}' '${join(bin, 'worldswitch.js')}'`;
    const command = `cd '${gone}' && rmdir '${gone}' && exec ${program} ${argv}`;
    const outcome = spawnSync('/bin/bash', ['-c', command], { encoding: 'utf8', input: '' });
    assert.deepEqual(
      [outcome.status, stderr.test(outcome.stderr)],
      [argv === '--version' ? 0 : 2, true],
      outcome.stderr,
    );
  }
});

test('the library that is built replays, also with a reading thread', async () => {
  const { createEventRecord, createReplay, readTrace } = (await import(
    pathToFileURL(join(folder, 'lib/index.js')).href
  )) as typeof import('../../lib/index.ts');
  for (const threads of [1, 2] as const) {
    const [event, replay] = [createEventRecord(), createReplay({})];
    const source = readTrace([TRACE], { threads });
    for await (const batch of source.batches) {
      for (let index = 0; index < batch.length; index++) {
        assert.equal(batch.read(index, event) ?? replay.step(event), undefined);
      }
    }
    assert.equal(replay.finish(source.inputs).verdict, 'pass');
  }
  assert.ok(statSync(join(folder, 'lib/index.d.ts')).size > 0);
});

test('what is loaded for one command only is found where it is installed', () => {
  const path = join(folder, 'x.pftrace');
  assert.deepEqual(built('export', 'perfetto', TRACE, '-o', path), { code: 0, stdout: '', stderr: '' });
  assert.ok(statSync(path).size > 1000);
});
