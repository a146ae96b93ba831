/**
 * Traces in the forms that people have posted, and windows of correct kernels: none of them is called broken, none is passed
 * that does not show enough, and what it says is used. A trace that fails here stands for its kind.
 */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../lib/report/report.ts';
import { run } from '../support/cli.ts';

const DATA = new URL('data/', import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(name, DATA));

interface Case {
  readonly kernel?: string;
  /** Events that the trace holds, by name. */
  readonly events?: Readonly<Record<string, number>>;
  /** Kinds that are said to be hidden, and a word of each reason why it is no pass. */
  readonly hides?: readonly string[];
  readonly because?: readonly RegExp[];
  /** What stderr says of lines that were left out. */
  readonly said?: RegExp;
  /** A window that shows all that is needed. */
  readonly passes?: boolean;
}

const CASES: Readonly<Record<string, Case>> = {
  'two-vcpus-one-cpu-tracepoints-only.ftrace': { kernel: 'v7.1 vhe', hides: ['vcpu_load', 'guest_fp_trap'] },
  'load-put-probes-only.ftrace': { kernel: 'v7.1 vhe', hides: ['guest_fp_trap'] },
  'pass-without-sight-of-fp.ftrace': { kernel: 'v7.1 vhe', hides: ['guest_fp_trap'] },
  'idle-power-down.ftrace': {},
  'perf-script-callchain.txt': { kernel: 'v7.1 vhe', events: { guest_enter: 1, guest_exit: 1 } },
  'host-and-guest-report.txt': { kernel: 'v7.1 vhe', events: { task_switch: 2 } },
  'dump-after-trace.ftrace': {
    because: [/events? w(?:as|ere) lost/],
    said: /an entry of a trace in the log of the kernel/,
  },
  'rt-columns.ftrace': { events: { neon_begin: 1, neon_end: 1, observe: 1 } },
  'trace-cmd-report-l.txt': { kernel: 'v7.1 vhe', events: { guest_enter: 1 } },
  'function-args.ftrace': { kernel: 'v7.1 vhe', events: { vcpu_load: 1, vcpu_put: 1 } },
  'raw-window-flush_fp_ret.ftrace': { kernel: 'v6.10 vhe' },
  'raw-window-save_flush.ftrace': { kernel: 'v7.1 vhe' },
  'lost-6.1-owner-per-vcpu.ndjson': { because: [/events? w(?:as|ere) lost/] },
  'fp11-neon-window.ndjson': { because: [/checks? skipped/] },
  'fp04-window-sve-trap.ndjson': { passes: true },
  'task-leaves-for-an-unknown.ftrace': { kernel: 'v6.12-stable vhe' },
  'lost-before-a-put.ftrace': { kernel: 'v6.1-stable vhe' },
  'lost-entry-of-a-return.ftrace': { kernel: 'v6.10 vhe' },
  'lost-in-the-midst-of-a-load.ftrace': { kernel: 'v6.10 vhe' },
  'more-possibilities-than-are-followed.ftrace': { kernel: 'v6.10 vhe', hides: ['guest_exit', 'guest_fp_trap'] },
  'window-of-an-unnamed-task.ndjson': { passes: true },
  'window-inside-of-neon.ndjson': { because: [/1 check skipped, for lack of a known value: FP-15/] },
  'window-with-streaming-unseen.ndjson': { passes: true },
  'window-without-the-vcpu-declared.ndjson': { because: [/guest_fp: whether its vCPU has what it accesses/] },
};

const REFUSED: Readonly<Record<string, RegExp>> = {
  'perf-script-fields.txt':
    /lack the thread or the CPU \(print them with perf script -F comm,pid,tid,cpu,time,event,trace\)/,
  'perf-script-no-cpu.txt': /lack the thread or the CPU/,
};

const kernelOf = ({ kernel }: Case): string[] => {
  const [model, mode] = kernel?.split(' ') ?? [];
  return model === undefined || mode === undefined ? [] : ['--model', model, '--mode', mode];
};

for (const [name, expected] of Object.entries(CASES)) {
  test(`${name}: no error on a correct kernel, and no pass without evidence`, async () => {
    const { stdout, stderr } = await run(['replay', path(name), '--format', 'json', ...kernelOf(expected)]);
    const report: Report = JSON.parse(stdout);
    assert.deepEqual([report.violations, report.observations.diverging], [[], []]);
    assert.equal(report.verdict, expected.passes ? 'pass' : 'inconclusive');
    for (const kind of expected.hides ?? [])
      assert.ok(
        report.records?.hides.some((hidden) => hidden.kind === kind),
        kind,
      );
    for (const reason of expected.because ?? []) assert.match(report.reasons.join('\n'), reason);
    if (expected.said !== undefined) assert.match(stderr, expected.said);
    const { meta: _meta, ...events } = report.events;
    if (expected.events !== undefined) assert.deepEqual(events, expected.events);
  });
}

for (const [name, message] of Object.entries(REFUSED)) {
  test(`${name}: what is missing, and how it is printed`, async () => {
    const { code, stderr } = await run(['replay', path(name)]);
    assert.equal(code, 2);
    assert.match(stderr, message);
  });
}

test('every trace of the folder is tested', () => {
  assert.deepEqual(readdirSync(DATA).sort(), [...Object.keys(CASES), ...Object.keys(REFUSED)].sort());
});

test('the softirq column is that which the header names', async () => {
  const { stdout } = await run(['import', 'ftrace', path('rt-columns.ftrace')]);
  assert.match(stdout, /"neon_begin".*"softirq":true/);
});

test('--file names the file whose lines are read', async () => {
  const { stdout } = await run(['import', 'ftrace', path('host-and-guest-report.txt'), '--file', 'trace-guest.dat']);
  assert.match(stdout, /"event":"task_switch","ts":1000300000,"cpu":1,"next":91/);
});
