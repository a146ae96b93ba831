/** A task's name is anything of up to 15 bytes: it must never pass for columns. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ftraceLine, importText, only } from '../support/captures.ts';

const PARTS = [
  ' ',
  '-',
  '[000]',
  '[1] ',
  '1',
  '-7 ',
  ': ',
  'd....',
  '1.5: x:',
  '(',
  ')',
  '=',
  ' next_pid=7',
  ' ==> ',
  '\x1b[31m',
  '\x07',
  '\t',
  'é',
  'kvm_entry:',
  '#',
  '<idle>',
];
const name = fc
  .array(fc.constantFrom(...PARTS), { maxLength: 6 })
  .map((parts) => Buffer.from(parts.join('')).subarray(0, 15).toString('latin1'))
  .filter((text) => text !== '');

const entry = { cpu: '001', flags: 'd..2.', time: '15.881303' };
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('names of tasks', () => {
  it('in the first column', () => {
    fc.assert(
      fc.property(name, fc.integer({ min: 0, max: 4_194_304 }), (comm, pid) => {
        const text = ftraceLine({ ...entry, comm, pid: String(pid), name: 'kvm_nested_eret', payload: 'x' });
        const { events, account } = importText(latin1(text));
        assert.deepEqual(events.slice(1), [{ event: 'nested_eret', ts: 15_881_303_000, cpu: 1, task: pid }]);
        assert.deepEqual(account.unused, []);
      }),
    );
  });

  it('in the first column of perf script', () => {
    fc.assert(
      fc.property(name, (comm) => {
        const text = `${comm.padStart(16)}     108 [001]    15.881303:       kvm:kvm_nested_eret: x`;
        assert.deepEqual(
          only(importText(latin1(text)).events, 'nested_eret').map((event) => event.task),
          [108],
        );
      }),
    );
  });

  it('in sched_switch, both names and both programs', () => {
    fc.assert(
      fc.property(name, name, (prev, next) => {
        const kernel = `prev_comm=${prev} prev_pid=5 prev_prio=120 prev_state=R+ ==> next_comm=${next} next_pid=42 next_prio=120`;
        const plugin = `${prev}:5 [120] R+ ==> ${next}:42 [120]`;
        for (const payload of [kernel, plugin]) {
          const first = ftraceLine({ ...entry, comm: prev, pid: '5', name: 'sched_switch', payload });
          const second = ftraceLine({ ...entry, comm: next, pid: '42', name: 'kvm_hvc_arm64', payload: 'x' });
          const { events, account } = importText(latin1(`${first}\n${second}\n`));
          assert.deepEqual(events.slice(1), [{ event: 'task_switch', ts: 15_881_303_000, cpu: 1, next: 42 }]);
          assert.deepEqual(account.unused, []);
        }
      }),
    );
  });
});
