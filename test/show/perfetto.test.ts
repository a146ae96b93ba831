/**
 * What is written for Perfetto is read with another library, by a schema that has the names and numbers of Perfetto's own
 * (protos/perfetto/trace), and every transition and every state comes back.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writePerfetto } from '../../lib/show/perfetto/perfetto.ts';
import type { Timeline } from '../../lib/timeline/timeline.ts';
import { runsOf, traceOf } from '../support/corpus.ts';
import { PERFETTO_TRACE as SCHEMA } from '../support/perfetto-schema.ts';
import { traceFrom } from '../support/replay.ts';
import { record } from '../support/timeline.ts';

interface Interned {
  readonly iid: string;
  readonly name: string;
}

interface Packet {
  readonly timestamp?: string;
  readonly sequence_flags: number;
  readonly track_descriptor?: {
    readonly uuid: string;
    readonly name: string;
    readonly parent_uuid?: string;
    readonly process?: { readonly process_name: string };
  };
  readonly track_event?: {
    readonly type: string;
    readonly track_uuid: string;
    readonly name_iid?: string;
    readonly category_iids?: readonly string[];
    readonly flow_ids?: readonly string[];
    readonly terminating_flow_ids?: readonly string[];
    readonly debug_annotations?: readonly {
      readonly name_iid: string;
      readonly int_value?: string;
      readonly string_value?: string;
    }[];
  };
  readonly interned_data?: Readonly<
    Record<'event_categories' | 'event_names' | 'debug_annotation_names', readonly Interned[] | undefined>
  >;
}

interface Decoded {
  readonly track: string;
  readonly type: string;
  readonly ts: string;
  readonly name: string;
  readonly category: string;
  readonly args: Readonly<Record<string, string>>;
  readonly flows: readonly string[];
  readonly ended: readonly string[];
}

/** All events, their numbers replaced by what was sent before them for these. */
function decode(timeline: Timeline): readonly Decoded[] {
  const pieces: Uint8Array[] = [];
  writePerfetto(timeline, { write: (piece) => pieces.push(Buffer.from(piece as Uint8Array)) });
  const message = SCHEMA.decode(Buffer.concat(pieces));
  const { packet } = SCHEMA.toObject(message, { longs: String, enums: String }) as { packet: readonly Packet[] };
  assert.equal(packet[0]?.sequence_flags, 1);
  const tracks = new Map<string, string>();
  const sent = { event_categories: new Map(), event_names: new Map(), debug_annotation_names: new Map() };
  const nameOf = (kind: keyof typeof sent, iid: string | undefined): string => {
    const name = sent[kind].get(iid);
    assert.equal(typeof name, 'string', `${kind} ${iid}`);
    return name as string;
  };
  return packet.flatMap((one): Decoded[] => {
    for (const kind of Object.keys(sent) as (keyof typeof sent)[]) {
      for (const { iid, name } of one.interned_data?.[kind] ?? []) sent[kind].set(iid, name);
    }
    const { track_descriptor: track, track_event: event } = one;
    if (track !== undefined) {
      const parent = track.parent_uuid === undefined ? '' : `${tracks.get(track.parent_uuid)}/`;
      assert.notEqual(parent, 'undefined/');
      assert.ok(!tracks.has(track.uuid));
      tracks.set(track.uuid, `${parent}${track.name}`);
    }
    if (event === undefined) return [];
    const name = event.name_iid === undefined ? '' : nameOf('event_names', event.name_iid);
    const annotations = event.debug_annotations ?? [];
    return [
      {
        track: tracks.get(event.track_uuid) ?? assert.fail('an event of a track that was not described'),
        type: event.type.replace('TYPE_', ''),
        ts: one.timestamp ?? '',
        name,
        category: (event.category_iids ?? []).map((iid) => nameOf('event_categories', iid)).join(),
        args: Object.fromEntries(
          annotations.map((a) => [nameOf('debug_annotation_names', a.name_iid), a.int_value ?? a.string_value ?? '']),
        ),
        flows: event.flow_ids ?? [],
        ended: event.terminating_flow_ids ?? [],
      },
    ];
  });
}

const RUNS = [...runsOf('bugs'), ...runsOf('real')];

test('every transition comes back, with its time, CPU, instance and step', () => {
  let compared = 0;
  for (const run of RUNS) {
    const { timeline, transitions } = record(traceOf(run.folder, run.trace), { model: run.model.name, mode: run.mode });
    const found = decode(timeline)
      .filter(({ category }) => category === 'transition')
      .map(({ track, ts, name, args }) => `${args.line} ${track} ${ts} ${name} ${args.instance} ${args.cause}`);
    const told = transitions.map(({ cpu, line, ts, from, to, instance, cause }) => {
      const time = ts ?? timeline.events.times[timeline.events.lines.indexOf(line)] ?? line;
      return `${line} CPU ${cpu}/transitions ${time} ${from} > ${to} ${instance} ${cause}`;
    });
    if (timeline.base === '' || transitions.every(({ ts }) => ts !== undefined)) {
      assert.deepEqual(found.toSorted(), told.toSorted(), run.trace);
      compared += found.length;
    }
  }
  assert.ok(compared > 500);
});

test('every state comes back as a slice that begins where it begins, and every slice ends', () => {
  for (const run of RUNS.slice(0, 30)) {
    const { timeline } = record(traceOf(run.folder, run.trace), { model: run.model.name, mode: run.mode });
    const events = decode(timeline);
    const told = timeline.tracks
      .filter(({ drawn }) => drawn)
      .flatMap(({ subject, name, starts, states }) => {
        const group = subject.kind === 'cpu' ? `CPU ${subject.cpu}` : `vCPU ${subject.vm}/${subject.vcpu}`;
        return [...starts].flatMap((at, index) => {
          const value = timeline.values[states[index] as number];
          return value?.kind === 'none' ? [] : [`${group}/${name} ${timeline.events.lines[at]} ${value?.text}`];
        });
      });
    const begun = events.filter(({ type }) => type === 'SLICE_BEGIN');
    assert.deepEqual(begun.map(({ track, args, name }) => `${track} ${args.line} ${name}`).toSorted(), told.toSorted());
    const depth = new Map<string, number>();
    for (const { track, type } of events.filter(({ type }) => type !== 'INSTANT')) {
      depth.set(track, (depth.get(track) ?? 0) + (type === 'SLICE_BEGIN' ? 1 : -1));
      assert.ok([0, 1].includes(depth.get(track) ?? 0), 'slices of a lane do not overlap');
    }
    assert.ok([...depth.values()].every((open) => open === 0));
  }
});

test('time goes forward, and is that of the trace; without it, lines stand for it', () => {
  const [run] = runsOf('real');
  assert.ok(run);
  const { timeline } = record(traceOf(run.folder, run.trace), { model: run.model.name, mode: run.mode });
  const times = decode(timeline).map(({ ts }) => BigInt(ts));
  assert.ok(times.every((time, index) => index === 0 || time >= (times[index - 1] as bigint)));
  assert.equal(String(times[0]), timeline.base);
  const big = String(2n ** 64n - 10n);
  const late = decode(record(traceFrom([{ event: 'cpu_on', cpu: 0, ts: big }])).timeline);
  assert.equal(late[0]?.ts, big);
  const last = String(2n ** 64n - 1n);
  const atTheEnd = decode(record(traceFrom([{ event: 'cpu_on', cpu: 0, ts: last }])).timeline);
  assert.deepEqual([...new Set(atTheEnd.map(({ ts }) => ts))], [last]);
  const plain = record(
    traceFrom([
      { event: 'hyp_init', cpu: 0 },
      { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 1 },
    ]),
  );
  const loaded = decode(plain.timeline).filter(({ track }) => track === 'CPU 0/loaded');
  assert.deepEqual(
    loaded.map(({ type, ts, name }) => [type, ts, name]),
    [
      ['SLICE_BEGIN', '2', 'vcpu:0/0'],
      ['SLICE_END', '3', ''],
    ],
  );
});

test('violations are instants, and a flow leads to each from its cause', () => {
  const run = runsOf('real').find(({ trace }) => trace === '6.12-seed-v1-nvhe');
  assert.ok(run);
  const { timeline } = record(traceOf(run.folder, run.trace), { model: run.model.name, mode: run.mode });
  const events = decode(timeline);
  const violations = events.filter(({ category }) => category === 'violation');
  assert.deepEqual(
    violations.map(({ name, type, args, track }) => [name, type, args.line, track]),
    timeline.report.violations.map(({ rule, line, cpu }) => [rule, 'INSTANT', String(line), `CPU ${cpu}/findings`]),
  );
  const causes = events.filter(({ category }) => category === 'cause');
  assert.equal(causes.length, 1);
  assert.deepEqual(causes[0]?.flows.toSorted(), violations.flatMap(({ ended }) => ended).toSorted());
  assert.equal(new Set(causes[0]?.flows).size, violations.length);
});

test('names from a trace are escaped, and many packets go out in pieces', () => {
  const lines = Array.from({ length: 6000 }, (_, index) => ({
    event: 'vcpu_load',
    cpu: index % 2,
    vcpu: index,
    task: 1,
  }));
  let pieces = 0;
  writePerfetto(record(traceFrom(lines)).timeline, { write: () => pieces++ });
  assert.ok(pieces > 1);
});
