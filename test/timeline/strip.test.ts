/** A timeline for a terminal says, in as many columns as there are, what the full one says. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createReplay } from '../../lib/replay/replay.ts';
import { formatTimeline } from '../../lib/show/text/timeline.ts';
import { PLAIN } from '../../lib/text/paint.ts';
import { createStrip, type Strip } from '../../lib/timeline/strip.ts';
import { run } from '../support/cli.ts';
import { type Trace, traceFrom } from '../support/replay.ts';

function stripOf(trace: Trace): Strip {
  const strip = createStrip();
  const replay = createReplay({ onStep: strip.step, onViolation: ({ cpu }) => strip.mark(cpu ?? 0) });
  for (const event of trace.events) replay.step(event);
  replay.finish(trace.inputs);
  return strip;
}

/** The host for `host` ns, then a guest that uses FP for `guest` ns, again and again. */
function alternating(rounds: readonly (readonly [host: number, guest: number])[], start: number): Trace {
  let ts = start;
  const lines = rounds.flatMap(([host, guest]) => {
    const loaded = ts + host;
    ts = loaded + guest;
    return [
      { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41, ts: loaded },
      { event: 'guest_fp_trap', cpu: 0, ts: loaded },
      { event: 'vcpu_put', cpu: 0, ts },
      { event: 'return_to_user', cpu: 0, task: 41, ts },
    ];
  });
  return traceFrom([
    { event: 'hyp_init', cpu: 0, ts: start },
    { event: 'return_to_user', cpu: 0, task: 41, ts: start },
    ...lines,
  ]);
}

test('each column shows what lasts longest in it, however long the trace', () => {
  const lengths = fc.array(fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 })), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(
      lengths,
      fc.integer({ min: 0, max: 1e15 }),
      fc.integer({ min: 1, max: 100 }),
      (rounds, start, columns) => {
        const { rows, length, unit } = stripOf(alternating(rounds, start)).finish(columns);
        assert.equal(unit, 'ns');
        const total = rounds.reduce((sum, [host, guest]) => sum + host + guest, 0);
        assert.ok(length >= total && length <= total * 1.51 + 1);
        const registers = rows[0]?.lanes.find(({ name }) => name === 'FP registers')?.columns ?? [];
        assert.equal(registers.length, columns);
        for (const [column, state] of registers.entries()) {
          const [left, right] = [(column * length) / columns, ((column + 1) * length) / columns];
          let [at, host, guest] = [0, 0, 0];
          const overlap = (from: number, to: number): number => Math.max(0, Math.min(right, to) - Math.max(left, from));
          for (const [first, second] of rounds) {
            host += overlap(at, at + first);
            guest += overlap(at + first, at + first + second);
            at += first + second;
          }
          host += overlap(at, length);
          // A column is made of bins that do not end where it does, and that last a nanosecond at least.
          const doubt = Math.max((right - left) * 0.25 + length / 500, Math.min(right - left, 1));
          if (Math.abs(host - guest) > doubt) assert.equal(state, host > guest ? 'host' : 'guest', `column ${column}`);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('without times, events are counted', () => {
  const strip = stripOf(
    traceFrom([
      { event: 'hyp_init', cpu: 0 },
      { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 },
      { event: 'guest_fp_trap', cpu: 0 },
      { event: 'vcpu_put', cpu: 0 },
      { event: 'return_to_user', cpu: 0, task: 41 },
      { event: 'cpu_on', cpu: 300 },
    ]),
  );
  assert.equal(
    formatTimeline(strip, 46, PLAIN),
    `Timeline  6 events: a column is 0.3 events
  cpu 0    fp_owner  ░░░░▒▒▒▒████████████████
           registers ····▒▒▒▒████░░░░▒▒▒▒▒▒▒▒
  cpu 300  fp_owner                      ····
           registers
  █ guest   ▒ host   ░ free, or saved   · unknown
`,
  );
});

test('a trace whose first time comes late, or that has none, or no CPU', () => {
  const late = stripOf(
    traceFrom([
      { event: 'cpu_on', cpu: 0 },
      { event: 'cpu_on', cpu: 0, ts: 5 },
      { event: 'lost', count: 1, ts: 9 },
    ]),
  );
  assert.match(formatTimeline(late, 80, PLAIN), /^Timeline {2}5 ns: /);
  assert.equal(formatTimeline(stripOf(traceFrom([{ event: 'lost', count: 1 }])), 80, PLAIN), '');
});

test('no line is wider than the terminal, from 40 to 200 columns', () => {
  const many = traceFrom(
    Array.from({ length: 40 }, (_, cpu) => ({ event: 'vcpu_load', cpu: cpu * 100, vcpu: cpu, task: cpu + 1 })),
  );
  for (const [width, widest] of [
    [10, 40],
    [40, 40],
    [133, 133],
    [500, 200],
  ] as const) {
    const lines = formatTimeline(stripOf(many), width, PLAIN).split('\n');
    assert.ok(
      lines.every((line) => line.length <= Math.max(widest, 68)),
      `${width}`,
    );
    assert.ok(lines.slice(1, 3).every((line) => line.length <= widest));
    assert.ok(lines.includes('  and 24 more CPUs'));
  }
});

test('replay shows it below the text, with marks of violations, and refuses it elsewhere', async () => {
  const argv = ['replay', 'traces/real/6.12-seed-v1-nvhe.ndjson', '--timeline'];
  const { stdout } = await run(argv);
  const without = await run(argv.slice(0, 2));
  assert.ok(stdout.startsWith(without.stdout));
  const added = stdout.slice(without.stdout.length).split('\n');
  assert.deepEqual(added.slice(0, 2), ['', 'Timeline  48.2 ms: a column is 831 us']);
  assert.equal(added.filter((line) => /^ +\^[ ^]*$/.test(line)).length, 2);
  assert.ok((await run([...argv, '--color', 'always'])).stdout.includes('\u001b[36m▒'));
  const refused = await run([...argv, '--format', 'json']);
  assert.deepEqual([refused.code, refused.stderr], [2, 'error: --timeline goes below the text of a report\n']);
});
