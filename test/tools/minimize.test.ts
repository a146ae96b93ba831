/** Minimised traces: they show the same rule by the same cause, lose it without any of their lines, and stay as they are. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createFinder, type Found, KEPT, type Wanted } from '../../lib/tools/minimize/find.ts';
import { minimize } from '../../lib/tools/minimize/minimize.ts';
import { createShows } from '../../lib/tools/minimize/target.ts';
import { encode, encodeLine } from '../../lib/trace/encode.ts';
import type { EventRecord } from '../../lib/trace/event.ts';
import { HIDEABLE } from '../../lib/trace/hidden.ts';
import { CAPTURES } from '../support/captures.ts';
import { run, runProcess } from '../support/cli.ts';
import { traceOf, tracesOf } from '../support/corpus.ts';
import { createRandom, type Random } from '../support/mutate-lines.ts';
import { readTraceFile, replay, type Trace, traceFrom } from '../support/replay.ts';
import { skipUnless } from '../support/skip.ts';

const folder = mkdtempSync(join(tmpdir(), 'minimize-'));
after(() => rmSync(folder, { recursive: true, force: true }));

type Events = readonly EventRecord[];

function find({ events }: Pick<Trace, 'events'>, wanted: Wanted): Found | undefined {
  const finder = createFinder(wanted, { strict: false });
  for (const event of events) if (!finder.isOver) finder.step(event);
  return finder.result();
}

function minimised(
  trace: Pick<Trace, 'events'>,
  wanted: Wanted,
): { readonly found: Found; readonly events: Events } | undefined {
  const found = find(trace, wanted);
  if (found === undefined) return undefined;
  const shortest = minimize(found.meta, found.events, createShows(found.target, found.settings, false));
  return shortest && { found, events: [found.meta, ...shortest] };
}

/** What a report says of the events, written and read again. */
const causesOf = (events: Events) => replay(traceFrom(events.map((event) => JSON.parse(encodeLine(event))))).causes;

/** Kinds of cause -> rules. */
const shown = (events: Events): ReadonlyMap<string, readonly string[]> =>
  new Map(causesOf(events).map(({ kind, consequences }) => [kind, Object.keys(consequences)]));

function assertMinimal({ found: { target }, events }: { found: Found; events: Events }, wanted: Wanted): void {
  const shows = (some: Events): boolean => shown(some).get(target.kind)?.includes(target.rule) === true;
  assert.ok(shows(events), 'it shows it');
  // Without `meta` it is a trace of another kernel.
  for (let index = 1; index < events.length; index++) {
    assert.ok(
      !shows(events.toSpliced(index, 1)),
      `it shows it without line ${index + 1}: ${events.map(encodeLine).join('\n')}`,
    );
  }
  // The same cause may be another by number, where one that came after it comes before it now.
  const cause = causesOf(events).find(({ kind }) => kind === target.kind)?.cause;
  const again = minimised({ events }, 'cause' in wanted && cause !== undefined ? { cause } : wanted);
  assert.deepEqual(again?.events.map(encode), events.map(encode));
}

/** Something that a careless tracer, or a broken kernel, does to a trace. */
function mutate(events: Events, random: Random): Events {
  const at = 1 + random.below(events.length - 1);
  const other = 1 + random.below(events.length - 1);
  const [event, second] = [events[at] as EventRecord, events[other] as EventRecord];
  switch (random.below(6)) {
    case 0:
      return events.toSpliced(at, 1);
    case 1:
      return events.toSpliced(at, 0, { ...second });
    case 2:
      return events.with(at, second).with(other, event);
    case 3:
      return events.with(at, { ...event, cpu: event.cpu < 0 ? event.cpu : (event.cpu + 1) % 3 });
    case 4:
      return events.with(at, { ...event, task: event.task < 0 ? event.task : event.task + 1 });
    default:
      return events.toSpliced(at, 1 + random.below(4));
  }
}

const TRACES = 300;
const PARTS = 6;

for (let part = 0; part < PARTS; part++) {
  test(`of mutated goldens, part ${part + 1}`, () => {
    const random = createRandom(0x5eed + part);
    const names = tracesOf('golden');
    for (let done = 0; done < TRACES / PARTS; ) {
      let { events }: { events: Events } = traceOf('golden', names[random.below(names.length)] as string);
      if (events.length > 60) continue;
      for (let times = 1 + random.below(3); times > 0 && events.length > 2; times--) events = mutate(events, random);
      const copies = events.map((event, index) => ({ ...event, input: 0, line: index + 1 }));
      const { violation_counts } = replay({ inputs: [], events: copies });
      const rules = Object.keys(violation_counts);
      if (rules.length === 0) continue;
      const wanted: Wanted =
        random.below(2) === 0 ? { cause: 1 } : { rule: rules[random.below(rules.length)] as string };
      const result = minimised({ events: copies }, wanted);
      assert.ok(result !== undefined);
      assertMinimal(result, wanted);
      done += 1;
    }
  });
}

test('each trace of a known bug shows it in fewer lines, by the same cause', () => {
  for (const name of tracesOf('bugs')) {
    const trace = traceOf('bugs', name);
    const [rule] = Object.keys(replay(trace).violation_counts);
    if (rule === undefined) continue; // With --strict only, or none of them.
    const result = minimised(trace, { rule });
    assert.ok(result !== undefined && result.events.length <= trace.events.length);
    assertMinimal(result, { rule });
  }
});

/** A bug in the last of `count` lines that comes of the first, on a CPU and a vCPU of its own. `records`: what the trace shows. */
function withDistantBug(count: number, records?: readonly string[]): readonly object[] {
  const lines: object[] = [
    { event: 'meta', format: 1, model: 'v6.10', mode: 'nvhe', sve_vl: 64, ...(records && { records }) },
    { event: 'vcpu_create', vm: 3, vcpu: 7, sve: true, sve_vl: 64 },
    { event: 'vcpu_load', cpu: 5, vm: 3, vcpu: 7, task: 900, ts: 1 },
    { event: 'guest_enter', cpu: 5 },
    { event: 'guest_zcr', cpu: 5, value: '0x1' },
    { event: 'guest_exit', cpu: 5 },
  ];
  while (lines.length < count) {
    const cpu = lines.length % 4;
    lines.push(
      { event: 'vcpu_load', cpu, vm: 0, vcpu: cpu, task: 100 + cpu },
      { event: 'guest_enter', cpu },
      { event: 'guest_fp', cpu },
      { event: 'guest_exit', cpu },
      { event: 'vcpu_put', cpu },
    );
  }
  return [...lines, { event: 'neon_begin', cpu: 5, softirq: true }];
}

const DISTANT_BUG = [
  '{"event":"vcpu_create","vm":0,"vcpu":0,"sve":true}',
  '{"event":"vcpu_load","cpu":0,"vcpu":0}',
  '{"event":"guest_zcr","cpu":0,"value":"0x1"}',
  '{"event":"neon_begin","cpu":0}',
];

test('a bug at the end of ten thousand lines is found with what it needs from their beginning', () => {
  for (const records of [undefined, HIDEABLE.filter((kind) => kind !== 'neon_begin' && kind !== 'return_to_user')]) {
    const result = minimised(traceFrom(withDistantBug(10_000, records)), { rule: 'FP-09' });
    assert.deepEqual(result?.events.slice(1).map(encodeLine), DISTANT_BUG);
  }
});

test('a bug that comes of more lines than are kept is looked for in the file again, which a pipe is not', async () => {
  const path = join(folder, 'distant.ndjson');
  writeFileSync(
    path,
    withDistantBug(KEPT + 10)
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  );
  const { code, stdout } = await run(['minimize', path, '--rule', 'FP-09']);
  assert.deepEqual([code, stdout.trimEnd().split('\n').slice(1)], [0, DISTANT_BUG]);
  const piped = await runProcess(['minimize', '--rule', 'FP-09', '-'], readFileSync(path));
  assert.match(piped.stderr, /it takes more than the end of the trace, which is read twice then: no pipe/);
  assert.equal(piped.code, 2);
});

test('what is dropped is said, and facts are kept', () => {
  const finder = createFinder({ rule: 'FP-10' }, { strict: false, most: 3, model: 'v6.10', mode: 'nvhe' });
  const { events } = traceFrom([
    { event: 'hyp_init', cpu: 0 },
    ...Array.from({ length: 6 }, (_, index) => ({ event: index % 2 === 0 ? 'neon_begin' : 'neon_end', cpu: 0 })),
    { event: 'neon_begin', cpu: 0, irqs_off: true },
  ]);
  for (const event of events) finder.step(event);
  const found = finder.result();
  assert.deepEqual(
    found?.events.map(({ line }) => line),
    [1, 6, 7, 8],
  );
  assert.deepEqual([found?.count, found?.meta.meta], [8, { model: 'v6.10', mode: 'nvhe' }]);
});

test('a capture of the kernel with the bug of the accessor ends at five events or fewer', {
  skip: skipUnless(CAPTURES !== undefined, 'no captures beside the project'),
}, () => {
  const result = minimised(readTraceFile(new URL('ndjson/6.12-seed-v1-nvhe.ndjson', CAPTURES)), { cause: 1 });
  assert.ok(result !== undefined && result.events.length <= 5);
  assert.deepEqual([...shown(result.events).keys()], ['instances']);
});

test('minimize as a user types it', async () => {
  const path = join(folder, 'fp-27.ndjson');
  const { code, stdout, stderr } = await run(
    `minimize traces/bugs/seed-v1-chain.ndjson --rule FP-27 -o ${path}`.split(' '),
  );
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '5 of 20 events show FP-27\n' });
  assert.equal(readFileSync(path, 'utf8').trimEnd().split('\n').length, 5);
  const replayed = await run(`replay ${path} --format json`.split(' '));
  assert.equal(replayed.code, 1);
  const { causes } = JSON.parse(replayed.stdout);
  assert.deepEqual(
    causes.map(({ kind }: { kind: string }) => kind),
    ['instances'],
  );
});

test('what cannot be minimised is said', async () => {
  const cases: readonly [string, RegExp][] = [
    ['minimize traces/golden/one-run-with-fp.ndjson', /no cause 1: nothing is violated/],
    ['minimize traces/bugs/seed-v1-chain.ndjson --rule FP-09', /no violation of FP-09, but .*HD-01/],
    ['minimize traces/bugs/seed-v1-chain.ndjson --cause 2', /no cause 2, but 1/],
    ['minimize traces/bugs/seed-v1-chain.ndjson --rule FP-0', /unknown rule 'FP-0'/],
    ['minimize traces/bugs/seed-v1-chain.ndjson --rule FP-03 --cause 1', /one of them/],
  ];
  for (const [line, message] of cases) {
    const { code, stderr } = await run(line.split(' '));
    assert.deepEqual([line, code], [line, 2]);
    assert.match(stderr, message);
  }
});
