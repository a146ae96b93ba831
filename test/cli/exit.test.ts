import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { test } from 'node:test';
import { EXIT, exitCodeOf, exitCodeOfDeath, explain, Failure, reasonOf } from '../../lib/cli/exit.ts';
import { FAIL, INCONCLUSIVE, PASS } from '../show/reports.ts';

const USUAL = { strict: false, failOn: 'error' } as const;
const WARNED = { ...PASS, violation_counts: { 'FP-06': { total: 1, listed: 1, followed: 0 } } };

test('the exit code of a run is that of its verdict', () => {
  assert.equal(exitCodeOf(PASS, USUAL), EXIT.ok);
  assert.equal(exitCodeOf(FAIL, USUAL), EXIT.failed);
  assert.equal(exitCodeOf(INCONCLUSIVE, USUAL), EXIT.ok);
});

test('--strict makes an inconclusive run 4, but a failed one stays 1', () => {
  assert.equal(exitCodeOf(INCONCLUSIVE, { ...USUAL, strict: true }), EXIT.inconclusive);
  assert.equal(exitCodeOf(FAIL, { ...USUAL, strict: true }), EXIT.failed);
});

test('warnings fail a run with --fail-on warning only', () => {
  assert.equal(exitCodeOf(WARNED, USUAL), EXIT.ok);
  assert.equal(exitCodeOf(WARNED, { ...USUAL, failOn: 'warning' }), EXIT.failed);
});

test('--fail-on inconclusive makes it 4, --exit-inconclusive another code, and neither hides a failure', () => {
  assert.equal(exitCodeOf(INCONCLUSIVE, { ...USUAL, failOn: 'inconclusive' }), EXIT.inconclusive);
  assert.equal(exitCodeOf(INCONCLUSIVE, { ...USUAL, exitInconclusive: 125 }), 125);
  assert.equal(exitCodeOf(FAIL, { ...USUAL, failOn: 'inconclusive', exitInconclusive: 125 }), EXIT.failed);
  assert.equal(exitCodeOf(PASS, { ...USUAL, failOn: 'inconclusive', exitInconclusive: 125 }), EXIT.ok);
});

test('a trace without any event is 4, unless it may be empty', () => {
  const empty = { ...INCONCLUSIVE, events: { meta: 1 } };
  assert.equal(exitCodeOf(empty, USUAL), EXIT.inconclusive);
  assert.equal(exitCodeOf(empty, { ...USUAL, allowEmpty: true }), EXIT.ok);
});

test('an unexpected exception is a bug: 3, how to report it, and nothing that moves the cursor', () => {
  const { code, message } = explain(new Error('no \u001b[2J'));
  assert.equal(code, EXIT.internal);
  assert.match(message, /^internal error: Error: no \\u\{1b\}\[2J\n {4}at .*\n[\s\S]*Please report it/);
  const caused = explain(new Error('while replaying line 5', { cause: new RangeError('inner') }));
  assert.match(caused.message, /while replaying line 5[\s\S]*RangeError: inner/);
  assert.equal(explain('a string').code, EXIT.internal);
});

test('what the user can put right is 2, in one line', () => {
  assert.deepEqual(explain(new Failure('no trace')), { code: EXIT.usage, message: 'error: no trace' });
});

test('errors of the file system give their reason without code and path', () => {
  assert.throws(
    () => readFileSync('/no/such, file'),
    (error) => reasonOf(error) === 'no such file or directory',
  );
  assert.throws(
    () => readFileSync('/'),
    (error) => reasonOf(error) === 'illegal operation on a directory',
  );
  assert.equal(reasonOf(new Error('EMPTY: x, y')), 'EMPTY: x, y');
});

test('errors of the system that Node.js does not know have a reason too', () => {
  const reasonFor = (errno: number) =>
    reasonOf(
      Object.assign(new Error(`Unknown system error -${errno}: open 'x'`), {
        code: `Unknown system error -${errno}`,
        errno: -errno,
      }),
    );
  assert.deepEqual([constants.errno.EDQUOT, constants.errno.ESTALE, 117].map(reasonFor), [
    'disk quota exceeded',
    'stale file handle',
    'error 117 of the system',
  ]);
});

test('a process that is ended by a signal ends the run as the signal would; one that dies otherwise is a bug', () => {
  assert.deepEqual(
    ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGSEGV', 'exit code 1'].map(exitCodeOfDeath),
    [130, 143, 129, 3, 3],
  );
});
