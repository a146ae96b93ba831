/** A timeline says what the replay says, at every event of every trace of the corpus. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Machine } from '../../lib/kernel/state/machine.ts';
import { createReplay } from '../../lib/replay/replay.ts';
import type { Timeline, Track } from '../../lib/timeline/timeline.ts';
import { EVENTS } from '../../lib/trace/vocabulary.ts';
import { runsOf, traceOf } from '../support/corpus.ts';
import { traceFrom } from '../support/replay.ts';
import { record } from '../support/timeline.ts';

const RUNS = [...runsOf('golden'), ...runsOf('bad'), ...runsOf('bugs'), ...runsOf('real')];

/** What the track says after the event; '' before it says anything. */
function valueAt({ values }: Timeline, { starts, states }: Track, event: number): string {
  let at = -1;
  while (at + 1 < starts.length && (starts[at + 1] as number) <= event) at += 1;
  return at < 0 ? '' : (values[states[at] as number]?.text ?? '');
}

function trackOf(timeline: Timeline, name: string, cpu: number): Track {
  const track = timeline.tracks.find(
    ({ subject, ...one }) => one.name === name && subject.kind === 'cpu' && subject.cpu === cpu,
  );
  assert.ok(track, `no track ${name} of CPU ${cpu}`);
  return track;
}

test('every transition is in it, at its event, in the order of the trace', () => {
  let compared = 0;
  for (const run of RUNS) {
    const { timeline, transitions } = record(traceOf(run.folder, run.trace), { model: run.model.name, mode: run.mode });
    const { at, cpus, edges } = timeline.transitions;
    const told = [...at].map((event, index) => {
      const { lines, inputs, kinds } = timeline.events;
      const place = { input: inputs[event], line: lines[event], event: EVENTS[kinds[event] as number]?.name };
      return { ...place, cpu: cpus[index], ...timeline.edges[edges[index] as number] };
    });
    const inOrder = [...transitions]
      .map(({ input, line, event, cpu, instance, from, to, cause }, index) => ({
        index,
        one: { input, line, event, cpu, instance, from, to, cause },
      }))
      .sort((a, b) => a.one.line - b.one.line || a.index - b.index)
      .map(({ one }) => one);
    assert.deepEqual(told, inOrder, `${run.folder}/${run.trace}`);
    compared += told.length;
  }
  assert.ok(compared > 1000);
});

test('tracks that are in one piece tell what the emulator holds after each event', () => {
  for (const run of runsOf('golden')) {
    const trace = traceOf(run.folder, run.trace);
    const options = { model: run.model.name, mode: run.mode };
    const { timeline } = record(trace, options);
    let event = 0;
    const compare = (machine: Machine): void => {
      const id = machine.event.cpu;
      const cpu = machine.cpus[id];
      if (cpu !== undefined && machine.possible[id] === undefined) {
        const said = (name: string): string => valueAt(timeline, trackOf(timeline, name, id), event);
        const { loaded } = cpu;
        const expected =
          loaded !== undefined ? `vcpu:${loaded.vm}/${loaded.id}` : cpu.loadedUnknown ? 'unknown' : 'none';
        assert.equal(said('loaded'), expected, `${run.trace}:${machine.event.line}`);
        assert.equal(said('debug registers'), ['host', 'guest', 'external'][cpu.debugSet]);
        if (machine.profile.ownerLoc === 'hd') {
          assert.equal(said('fp_owner'), ['free', 'host', 'guest', 'unknown', 'user'][cpu.hyp.fp_owner]);
        }
      }
      event += 1;
    };
    const replay = createReplay({ ...options, onStep: compare });
    for (const one of trace.events) replay.step(one);
    assert.equal(event, timeline.events.lines.length);
  }
});

test('the memory and the registers of a vCPU are told apart on its own tracks', () => {
  const { timeline } = record(
    traceFrom([
      { event: 'hyp_init', cpu: 3 },
      { event: 'vcpu_load', cpu: 3, vcpu: 1, task: 41 },
      { event: 'guest_fp_trap', cpu: 3 },
      { event: 'vcpu_put', cpu: 3 },
    ]),
  );
  const ofVcpu = timeline.tracks.filter(({ subject }) => subject.kind === 'vcpu');
  assert.deepEqual(
    ofVcpu.slice(0, 2).map((track) => [track.name, ...[0, 1, 2, 3].map((event) => valueAt(timeline, track, event))]),
    [
      ['on', '', 'CPU 3', 'CPU 3', 'none'],
      ['FP registers in', '', 'memory', 'CPU 3', 'memory'],
    ],
  );
  const [on] = ofVcpu;
  assert.deepEqual(
    [...(on as Track).states].map((state) => timeline.values[state]?.live),
    [false, true, true],
  );
});

test('where the kernel and the hypervisor have an owner each, there are two tracks', () => {
  const { timeline } = record(
    traceFrom([
      { event: 'hyp_init', cpu: 0 },
      { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 },
      { event: 'guest_fp_trap', cpu: 0 },
    ]),
    { model: 'seed-v1', mode: 'nvhe' },
  );
  const texts = (name: string): string[] =>
    [0, 1, 2].map((event) => valueAt(timeline, trackOf(timeline, name, 0), event));
  assert.deepEqual(texts('fp_owner (kernel)'), ['free', 'host', 'host']);
  assert.deepEqual(texts('fp_owner'), ['free', 'free', 'guest']);
  const found = timeline.marks.flatMap((mark) => (mark.kind === 'violation' ? [[mark.at, mark.violation.rule]] : []));
  assert.ok(found.some(([at, rule]) => at === 2 && rule === 'FP-07'));
});

test('times are on one axis that never goes back; a trace without any has none', () => {
  const big = 2n ** 63n;
  const times = [undefined, String(big), String(big + 5n), undefined, String(big + 2n), String(big + 9n)];
  const { timeline } = record(
    traceFrom(times.map((ts) => ({ event: 'cpu_on', cpu: 0, ...(ts !== undefined && { ts }) }))),
  );
  assert.equal(timeline.base, String(big));
  assert.deepEqual([...timeline.events.times], [0, 0, 5, 5, 5, 9]);
  const without = record(traceFrom([{ event: 'cpu_on', cpu: 0 }])).timeline;
  assert.deepEqual([without.base, without.events.times.length], ['', 0]);
});

test('what is lost is marked, and what it makes unknown is unknown on all CPUs', () => {
  const { timeline } = record(
    traceFrom([
      { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 },
      { event: 'vcpu_load', cpu: 1, vcpu: 1, task: 42 },
      { event: 'lost', count: 3 },
    ]),
  );
  assert.deepEqual(
    timeline.marks.map(({ at, kind }) => [at, kind]),
    [[2, 'lost']],
  );
  for (const cpu of [0, 1]) assert.equal(valueAt(timeline, trackOf(timeline, 'FP registers', cpu), 2), 'unknown');
});

test('what is not reported is not in it, and what was so before is', () => {
  const trace = traceFrom([
    { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 },
    { event: 'vcpu_load', cpu: 1, vcpu: 1, task: 42 },
    { event: 'guest_fp_trap', cpu: 0 },
  ]);
  const { timeline } = record(trace, { reported: ({ line }) => line === 3 });
  assert.deepEqual([...timeline.events.lines], [3]);
  assert.equal(valueAt(timeline, trackOf(timeline, 'loaded', 1), 0), 'vcpu:0/1');
});

test('where several things may have happened, what they do not share is unknown', () => {
  let open = 0;
  for (const run of runsOf('real')) {
    const trace = traceOf(run.folder, run.trace);
    const records = ['vcpu_load', 'vcpu_put', 'sched_in', 'sched_out', 'guest_enter', 'guest_exit', 'task_switch'];
    const { timeline } = record(trace, {
      model: run.model.name,
      mode: run.mode,
      records: { only: records, without: [] },
    });
    for (const track of timeline.tracks.filter(({ name }) => name === 'hidden')) {
      open += [...track.states].filter((state) => timeline.values[state]?.kind === 'unknown').length;
    }
  }
  assert.ok(open > 10);
});

test('looking at a replay does not change it', () => {
  for (const run of runsOf('bugs')) {
    const trace = traceOf(run.folder, run.trace);
    const options = { model: run.model.name, mode: run.mode };
    const plain = createReplay(options);
    for (const event of trace.events) plain.step(event);
    assert.deepEqual(record(trace, options).timeline.report, plain.finish(trace.inputs));
  }
});

test('vCPUs and marks beyond what a picture can show are counted', () => {
  const many = Array.from({ length: 1030 }, (_, vcpu) => [
    { event: 'vcpu_load', cpu: 0, vcpu, task: vcpu + 1 },
    { event: 'vcpu_put', cpu: 0 },
  ]).flat();
  const losses = Array.from({ length: 20_010 }, () => ({ event: 'lost', cpu: 0, count: 1 }));
  const { timeline } = record(traceFrom([...many, ...losses]));
  assert.deepEqual(timeline.left, { vcpus: 6, marks: 10 });
});
