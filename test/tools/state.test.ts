/** The state at a line is that of a replay that ends there; and what changed a value is told back to the first event. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createReplay } from '../../lib/replay/replay.ts';
import { CPU_FIELDS } from '../../lib/tools/state/fields.ts';
import { createHistory, fieldNamed, type Subject } from '../../lib/tools/state/history.ts';
import { createLook, type LookOptions, type Spot } from '../../lib/tools/state/look.ts';
import { changesBetween, type State, stateOf } from '../../lib/tools/state/state.ts';
import { run } from '../support/cli.ts';
import { type Folder, traceOf, tracesOf } from '../support/corpus.ts';
import type { Trace } from '../support/replay.ts';

const folder = mkdtempSync(join(tmpdir(), 'state-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Looks<T> {
  take(
    machine: () => ReturnType<typeof createReplay>['machine'],
    event: Trace['events'][number],
    step: () => void,
  ): void;
  readonly isOver: boolean;
  end?(machine: ReturnType<typeof createReplay>['machine']): void;
  result(): T;
}

/** As `look` of the command line does it. */
function looked<T>(trace: Trace, looking: Looks<T>): T {
  const replay = createReplay({});
  for (const event of trace.events) {
    if (looking.isOver) break;
    looking.take(
      () => replay.machine,
      event,
      () => replay.step(event),
    );
  }
  if (!looking.isOver) looking.end?.(replay.machine);
  return looking.result();
}

const at = (trace: Trace, spot: Spot, options: LookOptions = {}) => looked(trace, createLook(spot, options));

for (const folder of ['golden', 'bugs', 'bad'] satisfies Folder[]) {
  for (const name of tracesOf(folder)) {
    test(`the state at every line of ${folder}/${name} is that of a replay that ends there`, () => {
      const trace = traceOf(folder, name);
      const replay = createReplay({});
      let before: State = [];
      // One more, for a line behind the last.
      const last = (trace.events.at(-1)?.line ?? 0) + 1;
      for (let line = 1; line <= last; line++) {
        const events = trace.events.filter((event) => event.line === line);
        for (const event of events) replay.step(event);
        const after = stateOf(replay.machine);
        const found = at(trace, { input: 0, line });
        assert.deepEqual(found.before, before);
        assert.deepEqual(found.after, after);
        if (events.length === 1) assert.deepEqual(found.events[0]?.changes, changesBetween(before, after));
        assert.equal(found.events.length, events.length);
        before = after;
      }
    });
  }
}

const CHAIN = traceOf('bugs', 'seed-v1-chain');

test('lines beside it are told, each with what it changed', () => {
  const found = at(CHAIN, { input: 0, line: 9 }, { around: 2, cpu: 0 });
  assert.deepEqual(
    found?.around.map(({ line, event }) => [line, event]),
    [
      [7, 'vcpu_load'],
      [8, 'guest_enter'],
      [9, 'guest_fp'],
      [10, 'guest_exit'],
      [11, 'vcpu_load'],
    ],
  );
  const changed = found?.events[0]?.changes.filter(({ field }) => field === 'registers');
  assert.deepEqual(changed, [{ of: 'cpu 0', field: 'registers', before: 'task:41', after: 'vcpu:0/0' }]);
});

const history = (line: number, field: string, subject?: Subject) =>
  looked(CHAIN, createHistory({ input: 0, line }, field, subject));

test('the history of a value goes back to the first event', () => {
  const found = history(22, 'fp_owner');
  assert.deepEqual(
    found?.writes.map(({ line, event, by, from, to }) => [line, event, by, from, to]),
    [
      [5, 'hyp_init', 'cpu_hyp_init_context', 'unknown', 'free'],
      [9, 'guest_fp', 'kvm_hyp_handle_fpsimd', 'free', 'guest'],
    ],
  );
  assert.equal(found?.value, 'guest');
  assert.deepEqual([found?.of, history(22, 'fp_owner', { cpu: 1 })?.of], ['cpu 0', 'cpu 1']);
});

test('each write of a history is where the state changes, for every field of a CPU', () => {
  for (const { name: field } of CPU_FIELDS) {
    const last = CHAIN.events.at(-1)?.line ?? 0;
    const found = history(last, field);
    for (const [index, write] of (found?.writes ?? []).entries()) {
      const { after } = at(CHAIN, { input: 0, line: write.line });
      const values = after.flatMap((one) => [one.values, ...(one.vcpu === undefined ? [] : [one.vcpu.values])]);
      assert.ok(
        values.some((value) => value[field] === write.to),
        `${field} at ${write.line}`,
      );
      assert.equal(write.from, found?.writes[index - 1]?.to ?? 'unknown');
    }
  }
});

test('a field has the name of the kernel, or that of the trace format, in any case', () => {
  assert.deepEqual(['FP_OWNER', 'last', 'tif_foreign', 'debug_dirty', 'nothing'].map(fieldNamed), [
    'fp_owner',
    'fpsimd_last_state',
    'TIF_FOREIGN_FPSTATE',
    'DEBUG_DIRTY',
    undefined,
  ]);
});

const FILE = 'traces/bugs/seed-v1-chain.ndjson';

test('state as a user types it', async () => {
  const { code, stdout } = await run(`state ${FILE} --at 9 --around 1`.split(' '));
  assert.equal(code, 0);
  assert.match(stdout, /^traces\/bugs\/seed-v1-chain\.ndjson:9: guest_fp\n/);
  assert.match(stdout, /^\* {2}registers +task:41 +vcpu:0\/0$/m);
  assert.match(stdout, /^> +9 {2}cpu 0 +guest_fp$/m);
  const json = await run(`state ${FILE} --at seed-v1-chain.ndjson:9 --cpu 1 --format json`.split(' '));
  assert.deepEqual(
    JSON.parse(json.stdout).after.map(({ cpu }: { cpu: number }) => cpu),
    [1],
  );
});

test('events as a user types it', async () => {
  const { code, stdout } = await run(`events ${FILE} --vcpu 0/2 --event guest_fp,guest_enter`.split(' '));
  assert.equal(code, 0);
  assert.match(stdout, /^ +22 {2}cpu 0 +guest_enter\n/);
  const json = await run(`events ${FILE} --vcpu 0/2 --format json`.split(' '));
  const lines = json.stdout.trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).line),
    [4, 21, 22, 23, 24, 25],
  );
});

test('events that violate a rule are as many as the report counts, those that follow from others among them', async () => {
  const report = JSON.parse((await run(`replay ${FILE} --format json`.split(' '))).stdout);
  for (const rule of ['FP-13', 'HD-02']) {
    const { stdout } = await run(`events ${FILE} --rule ${rule} --format json`.split(' '));
    assert.equal(stdout.trimEnd().split('\n').length, report.violation_counts[rule].total);
  }
});

test('a line without an event has the state that those before have left', async () => {
  const path = join(folder, 'holes.ndjson');
  const [first = '', ...others] = readFileSync(FILE, 'utf8').trimEnd().split('\n');
  writeFileSync(path, `${[first, ...others.flatMap((line) => ['', line])].join('\n')}\n\n\n`);
  const states = await Promise.all(
    [17, 18, 50, 51].map(async (line) =>
      JSON.parse((await run(`state ${path} --at ${line} --format json`.split(' '))).stdout),
    ),
  );
  assert.deepEqual(
    states.map(({ events }) => events.map(({ event }: { event: string }) => event)),
    [['guest_fp'], [], [], []],
  );
  assert.deepEqual(
    states[1].after.find(({ cpu }: { cpu: number }) => cpu === 0),
    states[0].after[0],
  );
  assert.deepEqual(states[2].before, states[3].after);
  const { stdout } = await run(`explain ${path} --at 50 --field fp_owner --cpu 0`.split(' '));
  assert.match(stdout, /holes\.ndjson:50: fp_owner of cpu 0 is guest\n/);
});

test('explain as a user types it', async () => {
  const all = await run(['explain', FILE]);
  assert.equal(all.code, 0);
  assert.match(all.stdout, /prevented host_data_ptr \(87f842c6c654\): accessor = ok/);
  assert.match(all.stdout, /\[FP-28\]/);
  const one = await run(`explain ${FILE} --at 22 --field fp_owner`.split(' '));
  assert.match(one.stdout, /^traces\/bugs\/seed-v1-chain\.ndjson:22: fp_owner of cpu 0 is guest\n/);
  const none = await run(['explain', 'traces/golden/one-run-with-fp.ndjson']);
  assert.match(none.stdout, /^Nothing is violated/);
});

test('what cannot be looked at is said', async () => {
  const cases: readonly [string, RegExp][] = [
    [`state ${FILE} --at 99`, /there is no line 99: traces\/bugs\/seed-v1-chain\.ndjson has 25 lines/],
    [`state ${FILE} --at 4.1s`, /no event of the trace is at that time or later/],
    [`state ${FILE} --at x`, /Expected a line/],
    [`state ${FILE} ${FILE} --at 3`, /say FILE:LINE/],
    [`state ${FILE} --at other.ndjson:3`, /none of the traces is other\.ndjson/],
    ['state - --at 4.1s', /must be a file, no pipe/],
    [`explain ${FILE} --at 3`, /--at and --field go together/],
    [`explain ${FILE} --at 3 --field fp_ovner`, /unknown field 'fp_ovner' \(Did you mean fp_owner/],
    [`explain ${FILE} --at 99 --field fp_owner`, /there is no line 99: traces\/bugs/],
    [`explain ${FILE} --cause 7`, /there is no cause 7: the trace has 1/],
    [`explain ${FILE} --at 3 --field fp_owner --vcpu 1`, /Expected VM\/VCPU/],
    [`events ${FILE} --vcpu 1/x`, /Expected numbers and ranges/],
    ['explain -', /must be a file, no pipe/],
  ];
  for (const [line, message] of cases) {
    const { code, stdout, stderr } = await run(line.split(' '));
    assert.deepEqual([line, code, stdout], [line, 2, '']);
    assert.match(stderr, message);
  }
});
