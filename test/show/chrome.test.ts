/** Trace event JSON: what a reader that knows the format makes of it is what the replay told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeChrome } from '../../lib/show/chrome.ts';
import type { Timeline } from '../../lib/timeline/timeline.ts';
import { runsOf, traceOf } from '../support/corpus.ts';
import { traceFrom } from '../support/replay.ts';
import { record } from '../support/timeline.ts';

interface Event {
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly id?: number;
  readonly cat?: string;
  readonly name: string;
  readonly args?: Readonly<Record<string, string | number>>;
}

function textOf(timeline: Timeline): string {
  let text = '';
  writeChrome(timeline, { write: (piece) => (text += piece) });
  return text;
}

const read = (timeline: Timeline): readonly Event[] => JSON.parse(textOf(timeline)).traceEvents;

/** Names of processes and threads by their numbers. */
function lanesOf(events: readonly Event[]): (event: Event) => string {
  const names = new Map(
    events
      .filter(({ ph }) => ph === 'M')
      .map((event) => [
        `${event.name} ${event.pid} ${event.name === 'thread_name' ? event.tid : ''}`,
        event.args?.name,
      ]),
  );
  return ({ pid, tid }) => `${names.get(`process_name ${pid} `)}/${names.get(`thread_name ${pid} ${tid}`)}`;
}

test('every transition comes back', () => {
  let compared = 0;
  for (const run of [...runsOf('bugs'), ...runsOf('real')]) {
    const { timeline, transitions } = record(traceOf(run.folder, run.trace), { model: run.model.name, mode: run.mode });
    const events = read(timeline);
    const laneOf = lanesOf(events);
    const found = events
      .filter(({ cat }) => cat === 'transition')
      .map(
        (event) => `${laneOf(event)} ${event.args?.line} ${event.name} ${event.args?.instance} ${event.args?.cause}`,
      );
    const told = transitions.map(
      ({ cpu, line, from, to, instance, cause }) =>
        `CPU ${cpu}/transitions ${line} ${from} > ${to} ${instance} ${cause}`,
    );
    assert.deepEqual(found.toSorted(), told.toSorted(), run.trace);
    compared += found.length;
  }
  assert.ok(compared > 500);
});

test('stretches of a lane follow each other, and arrows lead from causes to violations', () => {
  const run = runsOf('real').find(({ trace }) => trace === '6.12-seed-v1-nvhe');
  assert.ok(run);
  const { timeline } = record(traceOf(run.folder, run.trace), { model: run.model.name, mode: run.mode });
  const events = read(timeline);
  const laneOf = lanesOf(events);
  const ends = new Map<string, number>();
  for (const event of events.filter(({ ph, dur }) => ph === 'X' && dur !== 0)) {
    const { ts = -1, dur = -1 } = event;
    assert.ok(ts >= (ends.get(laneOf(event)) ?? 0) - 1e-3 && dur > 0);
    ends.set(laneOf(event), ts + dur);
  }
  assert.ok(ends.has('CPU 0/FP registers') && ends.has('vCPU 0/1/on'));
  const ids = (wanted: string) => events.filter(({ ph }) => ph === wanted).map(({ id }) => id);
  assert.deepEqual(ids('s').toSorted(), ids('f').toSorted());
  assert.equal(ids('f').length, timeline.report.violations.length);
  assert.deepEqual(
    events.filter(({ cat }) => cat === 'violation').map(({ name, args }) => [name, args?.line]),
    timeline.report.violations.map(({ rule, line }) => [rule, line]),
  );
});

test('times are microseconds, to the nanosecond; what is lost and what is unknown has its place', () => {
  const { timeline } = record(
    traceFrom([
      { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 1, ts: '18446744073709550000' },
      { event: 'lost', count: 2, ts: '18446744073709550499' },
      { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 1, ts: '18446744073709551615' },
    ]),
  );
  const text = textOf(timeline);
  assert.match(text, /"ts":18446744073709550,"dur":0\.499,/);
  assert.match(text, /"ts":18446744073709551\.615/);
  const events = JSON.parse(text).traceEvents as readonly Event[];
  const lost = events.filter(({ name }) => name === 'lost');
  assert.deepEqual(
    lost.map((event) => [event.ph, lanesOf(events)(event)]),
    [['i', 'All CPUs/findings']],
  );
  assert.ok(textOf(record(traceFrom([{ event: 'meta', format: 1 }])).timeline).includes('"traceEvents":['));
});

test('a name of the trace cannot break out of its string', () => {
  const trace = traceFrom([{ event: 'cpu_on', cpu: 0 }]);
  const { timeline } = record({ ...trace, inputs: [{ name: '"\u202e', lines: 1, events: 1 }] });
  assert.doesNotMatch(textOf(timeline), /\u202e/);
});
