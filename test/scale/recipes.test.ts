/** The recipes of this folder do what they say: shards of GNU parallel and of a Kubernetes Job come to what one process does. */

import assert from 'node:assert/strict';
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { Job } from 'kubernetes-models/batch/v1';
import { parse } from 'yaml';
import { builtProgram } from '../support/built.ts';
import { skipUnless } from '../support/skip.ts';

const HERE = resolve(import.meta.dirname);
const ROOT = resolve(HERE, '../..');
const folder = mkdtempSync(join(tmpdir(), 'worldswitch-recipes-'));
after(() => rmSync(folder, { recursive: true }));

const bin = join(folder, 'bin');
mkdirSync(bin);
const argv = [process.execPath, builtProgram()];
writeFileSync(join(bin, 'worldswitch'), `#!/bin/sh\nexec ${argv.map((word) => `'${word}'`).join(' ')} "$@"\n`);
chmodSync(join(bin, 'worldswitch'), 0o755);
const traces = readdirSync(join(ROOT, 'traces/golden')).filter((name) => name.endsWith('.ndjson'));
const LIST = traces.slice(0, 20).map((name) => `${join(ROOT, 'traces/golden', name)}\n`);
writeFileSync(join(folder, 'captures.txt'), LIST.join(''));

const run = (program: string, words: readonly string[], options: SpawnSyncOptions = {}) =>
  spawnSync(program, words, {
    cwd: folder,
    encoding: 'utf8',
    ...options,
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, ...options.env },
  });

function merged(reports: string): string {
  const { status, stdout, stderr } = run('worldswitch', ['merge', '--format', 'json', reports]);
  assert.equal(status, 0, String(stderr));
  return String(stdout);
}

run('worldswitch', ['replay', '--each', '--inputs', 'captures.txt', '--reports', 'one', '--jobs', '1']);
const ONE = merged('one');

const hasParallel = /GNU parallel/.test(String(run('parallel', ['--version']).stdout));

test('GNU parallel: shards come to what one process does', {
  skip: skipUnless(hasParallel, 'GNU parallel is not installed'),
}, () => {
  const env = { SHARDS: '3', HOME: folder };
  const done = run(join(HERE, 'parallel.sh'), ['captures.txt', 'by parallel', '--jobs', '2'], { env });
  assert.equal(done.status, 0, String(done.stderr));
  assert.equal(String(done.stdout).match(/^\d+ traces?: /gm)?.length, 3);
  assert.equal(merged('by parallel'), ONE);
  writeFileSync(join(folder, 'captures.txt'), `${LIST.join('')}no-such-file\n`);
  const again = run(join(HERE, 'parallel.sh'), ['captures.txt', 'by parallel'], { env });
  writeFileSync(join(folder, 'captures.txt'), LIST.join(''));
  assert.equal(again.status, 1, 'one shard has what cannot be read');
  assert.match(String(again.stdout), /reports were there/);
});

interface JobSpec {
  readonly completions: number;
  readonly parallelism: number;
  readonly template: { readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] } };
}

const manifest = parse(readFileSync(join(HERE, 'kubernetes-job.yaml'), 'utf8'));
const spec = manifest.spec as JobSpec;

test('Kubernetes: the manifest is a Job by the schema, and one that is not is refused', () => {
  new Job(manifest).validate();
  for (const broken of [{ completions: '8' }, { completionMode: 7 }, { template: { spec: {} } }]) {
    assert.throws(
      () => new Job({ ...manifest, spec: { ...manifest.spec, ...broken } }).validate(),
      JSON.stringify(broken),
    );
  }
});

test('Kubernetes: the pods of the Job come to what one process does', () => {
  assert.equal(manifest.spec.completionMode, 'Indexed');
  const [script = ''] = spec.template.spec.containers[0]?.args ?? [];
  assert.ok(script.includes(`--shard /${spec.completions}\n`));
  for (let index = 0; index < spec.completions; index++) {
    const pod = run('sh', ['-c', script], { env: { JOB_COMPLETION_INDEX: String(index) } });
    assert.equal(pod.status, 0, String(pod.stderr));
  }
  assert.equal(merged('reports'), ONE);
});

test('the shell of the recipes is right', () => {
  for (const name of readdirSync(HERE).filter((each) => /\.(?:sh|sbatch)$/.test(each))) {
    const { status, stderr } = run('bash', ['-n', join(HERE, name)]);
    assert.equal(status, 0, String(stderr));
  }
});
