/** `replay --model auto`: identified first, and replayed under what was found. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../support/cli.ts';

const CAPTURE = 'test/import/data/lazy-vhe.ftrace';

test('a capture is replayed under the kernel that its values tell of, and that is said', async () => {
  const { code, stdout, stderr } = await run(`replay --model auto --format json ${CAPTURE}`.split(' '));
  const { model, observations } = JSON.parse(stdout);
  assert.deepEqual(model, { name: 'v6.10', mode: 'vhe' });
  assert.equal(observations.diverged, 0);
  assert.match(stderr, /^note: identified as v6\.10, vhe.*; replayed as v6\.10, vhe$/m);
  const named = await run(`replay --model v6.10 --mode vhe --format json ${CAPTURE}`.split(' '));
  assert.deepEqual([stdout, code], [named.stdout, named.code]);
});

test('a mode that is asked for stays', async () => {
  const { stdout, stderr } = await run(`replay --model auto --mode nvhe --format json ${CAPTURE}`.split(' '));
  assert.equal(JSON.parse(stdout).model.mode, 'nvhe');
  assert.match(stderr, /replayed as v[\w.-]+, nvhe$/m);
});

test('where nothing tells, the trace itself does', async () => {
  const { stdout, stderr } = await run(
    'replay --model auto --format json traces/bugs/protected-kvm-keeps-two-owners.ndjson'.split(' '),
  );
  assert.deepEqual(JSON.parse(stdout).model, { name: 'v6.10-rc1', mode: 'pkvm' });
  assert.match(stderr, /no value was read inside the kernel/);
});

test('what is read twice must be a file', async () => {
  const { code, stderr } = await run(['replay', '--model', 'auto', '-']);
  assert.equal(code, 2);
  assert.match(stderr, /reads it twice: it must be a file, no pipe/);
});

test('where a broken kernel behaves like another, the release that its capture names is told', async () => {
  const capture = 'traces/broken/6.12-vhe-load-without-save.ftrace.gz';
  const note =
    /The capture names another release: of that, v6\.12-stable, vhe is the likeliest, and 9 of 238 values\s+diverge/;
  const replayed = await run(['replay', '--model', 'auto', capture]);
  assert.match(replayed.stderr, note);
  const { stdout } = await run(['identify', capture]);
  assert.match(stdout.replace(/\s+/g, ' '), note);
  const { named, ranking } = JSON.parse((await run(['identify', '--format', 'json', capture])).stdout);
  assert.equal(named.model, 'v6.12-stable');
  assert.notEqual(ranking[0].model, named.model);
});

test('of a capture that names the release it is like, nothing more is said', async () => {
  const capture = 'traces/broken/6.12-vhe-put-without-save.ftrace.gz';
  assert.doesNotMatch((await run(['identify', capture])).stdout, /names another release/);
});
