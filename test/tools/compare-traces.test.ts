/** Two traces side by side: where they part, and what each costs for a guest entry. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { figuresOf, partingOf } from '../../lib/tools/compare-traces/compare-traces.ts';
import { createNumberTape, type NumberTape } from '../../lib/tools/compare-traces/tape.ts';
import { run } from '../support/cli.ts';
import { reportOf, runsOf } from '../support/corpus.ts';

const folder = mkdtempSync(join(tmpdir(), 'compare-traces-'));
after(() => rmSync(folder, { recursive: true, force: true }));
function trace(name: string, lines: readonly object[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
}

function tape(numbers: readonly (readonly [event: number, state: number])[]): NumberTape {
  const made = createNumberTape();
  for (const [index, [event, state]] of numbers.entries()) made.push(event, state, 10 * index);
  return made;
}

const MANY = Array.from({ length: 5000 }, (_, index) => [index, 2 * index] as const);

test('they part at the first number that differs, or where one ends', () => {
  assert.equal(partingOf(tape(MANY), tape(MANY)), undefined);
  assert.deepEqual(partingOf(tape(MANY), tape(MANY.with(4000, [7, 8000]))), {
    ...{ what: 'event', common: 4000, a: 40_000, b: 40_000 },
  });
  assert.deepEqual(partingOf(tape(MANY), tape(MANY.with(3, [3, 7]))), { what: 'state', common: 3, a: 30, b: 30 });
  assert.deepEqual(partingOf(tape(MANY), tape(MANY.slice(0, 9))), { what: 'end', common: 9, a: 90 });
  assert.deepEqual(partingOf(tape([]), tape(MANY)), { what: 'end', common: 0, b: 0 });
});

test('figures are those of the reports, for each entry', () => {
  const reports = runsOf('golden').map((one) => reportOf(one));
  for (const [index, a] of reports.entries()) {
    const b = reports[(index + 1) % reports.length] as (typeof reports)[number];
    const { entries, bytes, costs, transitions } = figuresOf(a, b);
    for (const { name, a: left, b: right, aPerEntry, bPerEntry, ratio } of [...bytes, ...costs, ...transitions]) {
      assert.ok(left + right > 0 || name === 'all');
      if (entries.a > 0) assert.equal(Math.round(aPerEntry * entries.a), left);
      if (ratio !== undefined) assert.ok(Math.abs(ratio * aPerEntry - bPerEntry) < 1e-9 * bPerEntry);
    }
    assert.equal(
      transitions.filter(({ name }) => name !== 'debug switches').reduce((sum, { a: count }) => sum + count, 0),
      a.transitions.total,
    );
  }
});

const RUN = [
  { event: 'vcpu_load', cpu: 0, vm: 0, vcpu: 0, task: 41 },
  { event: 'guest_enter', cpu: 0 },
  { event: 'guest_fp', cpu: 0 },
  { event: 'guest_exit', cpu: 0 },
  { event: 'vcpu_put', cpu: 0 },
];
const on = (model: string, lines: readonly object[]) => [{ event: 'meta', format: 1, model, mode: 'nvhe' }, ...lines];

test('the same with other times and other numbers is the same', async () => {
  const a = trace('a.ndjson', on('v6.10', [...RUN, ...RUN]));
  const other = [...RUN, ...RUN].map((line, index) => ({
    ...line,
    cpu: 5,
    ts: 100 * index,
    ...('task' in line && { vm: 3, vcpu: 9, task: 900 }),
  }));
  const b = trace('b.ndjson', on('v6.10', other));
  const { code, stdout } = await run(['compare', a, b]);
  assert.match(stdout, /^They tell the same, event by event\.$/m);
  assert.equal(code, 0);
});

test('the same events under another kernel part where the state does', async () => {
  const a = trace('lazy.ndjson', on('v6.10', RUN));
  const b = trace('eager.ndjson', on('v6.14', RUN));
  const { code, stdout } = await run(['compare', a, b, '--format', 'json']);
  assert.equal(code, 1);
  const { parting, moments, figures } = JSON.parse(stdout);
  assert.deepEqual(parting, { what: 'state', common: 0, a: 2, b: 2 });
  const values = [moments.a, moments.b].map(({ after: [state] }) => state.values.fp_owner);
  assert.deepEqual(values, ['host', 'free']);
  assert.deepEqual(figures.entries, { a: 1, b: 1 });
});

test('other events part where they are, with the state before', async () => {
  const b = trace('without.ndjson', on('v6.10', RUN.toSpliced(2, 1)));
  const { code, stdout } = await run(['compare', trace('with.ndjson', on('v6.10', RUN)), b]);
  assert.equal(code, 1);
  assert.match(stdout, /^They part after 2 events, another event:\n\S+\/with\.ndjson:4,\n?\s?\S+\/without\.ndjson:4$/m);
  assert.match(stdout, /^A {6}4 {2}cpu 0 +guest_fp\n(.*\n)+?B {6}4 {2}cpu 0 +guest_exit$/m);
  assert.match(stdout, /before +loaded=vcpu:0\/0 fp_owner=host registers=task:41/);
  assert.match(stdout, /^all +1560\.00 +0\.00/m);
  for (const line of stdout.split('\n')) assert.ok(line.length <= 100, line);
});

test('an entry of either is a distribution, and their difference has an interval, in every format', async () => {
  const a = 'traces/real/6.12-nvhe.ndjson';
  const b = 'traces/real/6.12-vhe.ndjson';
  const [json, csv, markdown] = await Promise.all(
    ['json', 'csv', 'markdown'].map(async (format) => (await run(['compare', a, b, '--format', format])).stdout),
  );
  const { per_entry: entry } = JSON.parse(json as string);
  for (const [path, which] of [
    [a, 'a'],
    [b, 'b'],
  ] as const) {
    const { distributions } = JSON.parse((await run(['costs', path, '--format', 'json'])).stdout);
    for (const [measure, { mean, ...own }] of Object.entries<Record<string, number>>(
      Object.fromEntries(
        Object.entries<Record<string, Record<string, number>>>(entry).map(([name, of]) => [
          name,
          of[which] as Record<string, number>,
        ]),
      ),
    )) {
      assert.deepEqual(own, distributions[measure] ?? { ...own, total: 0 }, `${path} ${measure}`);
      assert.equal(mean, (own.total as number) / (own.count as number));
    }
  }
  // VHE has no hypervisor calls, and half of the register accesses.
  assert.deepEqual(entry.calls.difference, { mean: -1, low: -1, high: -1 });
  assert.ok(entry.sysregs.difference.low < entry.sysregs.difference.mean && entry.sysregs.difference.high < 0);
  assert.match(csv as string, /^table,row,column,value\nper entry,bytes,mean A,\d/);
  assert.match(csv as string, /^per entry,calls,95 % high,-1\.00$/m);
  assert.match(markdown as string, /^\| calls +\| +1\.00 \| +0\.00 \| +-1\.00 \| +-1\.00 \| +-1\.00 \|$/m);
  for (const line of (markdown as string).split('\n')) assert.ok(line.length <= 72, line);
});

test('what cannot be compared is said', async () => {
  const a = trace('one.ndjson', on('v6.10', RUN));
  const cases: readonly [string, RegExp][] = [
    [`compare ${a}`, /--models names the kernels/],
    [`compare ${a} ${a} ${a}`, /there must be two traces/],
    [`compare ${a} --models v6.10 --format csv`, /--format csv is of two traces/],
    [`compare ${a} -`, /read twice: they must be files/],
    [`compare ${a} ${a} --model nothing`, /unknown model 'nothing'/],
  ];
  for (const [line, message] of cases) {
    const { code, stdout, stderr } = await run(line.split(' '));
    assert.deepEqual([line, code, stdout], [line, 2, '']);
    assert.match(stderr, message);
  }
  assert.ok(readFileSync(a).length > 0);
});
