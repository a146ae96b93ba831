/**
 * The binary trace format of Perfetto (https://perfetto.dev/docs/reference/synthetic-track-event): TrackDescriptors for CPUs,
 * vCPUs and their lanes, TrackEvents with interned names, and flows from causes to what they led to. Field numbers are
 * those of protos/perfetto/trace.
 */

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { escapeText } from '../text/escape.ts';
import {
  type Change,
  changesInOrder,
  clockOf,
  type Moment,
  momentsInOrder,
  titleOf,
  tracksWorthDrawing,
} from '../timeline/slices.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { ABSENT } from '../trace/event.ts';
import type { Sink } from './reporter.ts';

const TRACE = { packet: 1 };
const PACKET = {
  timestamp: 8,
  trusted_packet_sequence_id: 10,
  track_event: 11,
  interned_data: 12,
  sequence_flags: 13,
  track_descriptor: 60,
};
const DESCRIPTOR = { uuid: 1, name: 2, process: 3, parent_uuid: 5 };
const PROCESS = { pid: 1, process_name: 6 };
const EVENT = {
  category_iids: 3,
  debug_annotations: 4,
  type: 9,
  name_iid: 10,
  track_uuid: 11,
  flow_ids: 47,
  terminating_flow_ids: 48,
};
const ANNOTATION = { name_iid: 1, int_value: 4, string_value: 6 };
const INTERNED = { event_categories: 1, event_names: 2, debug_annotation_names: 3 };
const INTERNED_STRING = { iid: 1, name: 2 };
const TYPE = { SLICE_BEGIN: 1, SLICE_END: 2, INSTANT: 3 };
const SEQUENCE = { INCREMENTAL_STATE_CLEARED: 1, NEEDS_INCREMENTAL_STATE: 2 };

/** One writer writes all packets. */
const SEQUENCE_ID = 1;
/** Packets that are written at once. */
const BATCH = 4096;
/** Groups of tracks and tracks are numbered apart; 0 is a track that nobody names. */
const FIRST_TRACK = 1_000_000;

/** Numbers of strings, from 1: each is sent with the first packet that has it. */
function createNames(): { readonly numberOf: (name: string) => number; readonly news: () => [number, string][] } {
  const numbers = new Map<string, number>();
  let news: [number, string][] = [];
  return {
    numberOf(name) {
      const known = numbers.get(name);
      if (known !== undefined) return known;
      const made = numbers.size + 1;
      numbers.set(name, made);
      news.push([made, escapeText(name, 2000)]);
      return made;
    },
    news() {
      const taken = news;
      news = [];
      return taken;
    },
  };
}

export function writePerfetto(timeline: Timeline, sink: Sink): void {
  const { values, events } = timeline;
  const tracks = tracksWorthDrawing(timeline);
  const clock = clockOf(timeline);
  const categories = createNames();
  const names = createNames();
  const annotations = createNames();
  let writer = new BinaryWriter();
  let packets = 0;
  let isFirst = true;

  const field = (number: number, value: number | bigint): void => {
    writer.tag(number, WireType.Varint).uint64(value);
  };
  const text = (number: number, value: string): void => {
    writer.tag(number, WireType.LengthDelimited).string(value);
  };
  const message = (number: number, body: () => void): void => {
    writer.tag(number, WireType.LengthDelimited).fork();
    body();
    writer.join();
  };
  const interned = (number: number, news: readonly [number, string][]): void => {
    for (const [iid, name] of news) {
      message(number, () => {
        field(INTERNED_STRING.iid, iid);
        text(INTERNED_STRING.name, name);
      });
    }
  };
  const packet = (body: () => void): void => {
    message(TRACE.packet, () => {
      body();
      field(PACKET.trusted_packet_sequence_id, SEQUENCE_ID);
      field(PACKET.sequence_flags, isFirst ? SEQUENCE.INCREMENTAL_STATE_CLEARED : SEQUENCE.NEEDS_INCREMENTAL_STATE);
      isFirst = false;
      const news = [categories.news(), names.news(), annotations.news()] as const;
      if (news.every((one) => one.length === 0)) return;
      message(PACKET.interned_data, () => {
        interned(INTERNED.event_categories, news[0]);
        interned(INTERNED.event_names, news[1]);
        interned(INTERNED.debug_annotation_names, news[2]);
      });
    });
    packets += 1;
    if (packets % BATCH === 0) flush();
  };
  const flush = (): void => {
    sink.write(writer.finish());
    writer = new BinaryWriter();
  };
  const annotate = (name: string, value: string | number): void =>
    message(EVENT.debug_annotations, () => {
      field(ANNOTATION.name_iid, annotations.numberOf(name));
      if (typeof value === 'number') writer.tag(ANNOTATION.int_value, WireType.Varint).int64(value);
      else text(ANNOTATION.string_value, escapeText(value, 2000));
    });
  const event = (at: number, track: number, type: number, body: () => void = () => {}): void =>
    packet(() => {
      field(PACKET.timestamp, clock(at));
      message(PACKET.track_event, () => {
        field(EVENT.type, type);
        field(EVENT.track_uuid, track);
        body();
      });
    });

  const describe = (uuid: number, name: string, parent: number | undefined): void =>
    packet(() =>
      message(PACKET.track_descriptor, () => {
        field(DESCRIPTOR.uuid, uuid);
        text(DESCRIPTOR.name, name);
        if (parent !== undefined) field(DESCRIPTOR.parent_uuid, parent);
        else {
          message(DESCRIPTOR.process, () => {
            field(PROCESS.pid, uuid);
            text(PROCESS.process_name, name);
          });
        }
      }),
    );

  /** By title, the number of a group; findings of a CPU have a track of their own below it. */
  const groups = new Map<string, number>();
  const groupOf = (title: string): number => {
    const known = groups.get(title);
    if (known !== undefined) return known;
    const made = groups.size + 1;
    groups.set(title, made);
    describe(made, title, undefined);
    return made;
  };
  const lanes = new Map<string, number>();
  const laneOf = (title: string, name: string): number => {
    const key = `${title} ${name}`;
    const known = lanes.get(key);
    if (known !== undefined) return known;
    const made = FIRST_TRACK + lanes.size;
    const group = groupOf(title);
    lanes.set(key, made);
    describe(made, name, group);
    return made;
  };

  const uuids = tracks.map(({ subject, name }) => laneOf(titleOf(subject), name));
  const open = tracks.map(() => false);
  const change = ({ at, track, value }: Change): void => {
    const [uuid, { kind, text: name }] = [uuids[track] as number, values[value] as (typeof values)[number]];
    if (open[track] === true) event(at, uuid, TYPE.SLICE_END);
    open[track] = kind !== 'none';
    if (kind === 'none') return;
    event(at, uuid, TYPE.SLICE_BEGIN, () => {
      field(EVENT.category_iids, categories.numberOf(kind));
      field(EVENT.name_iid, names.numberOf(name));
      annotate('line', events.lines[at] as number);
    });
  };
  const moment = ({ at, cpu, category, name, details, begins, ends }: Moment): void => {
    const title = cpu === ABSENT ? 'All CPUs' : `CPU ${cpu}`;
    const uuid = laneOf(title, category === 'transition' ? 'transitions' : 'findings');
    event(at, uuid, TYPE.INSTANT, () => {
      field(EVENT.category_iids, categories.numberOf(category));
      field(EVENT.name_iid, names.numberOf(name));
      for (const flow of begins) writer.tag(EVENT.flow_ids, WireType.Bit64).fixed64(flow);
      for (const flow of ends) writer.tag(EVENT.terminating_flow_ids, WireType.Bit64).fixed64(flow);
      for (const [key, value] of Object.entries(details)) annotate(key, value);
    });
  };

  const changes = changesInOrder(tracks, events.lines.length)[Symbol.iterator]();
  let next = changes.next();
  for (const one of momentsInOrder(timeline)) {
    // What is so from an event on begins before what happens in it.
    for (; next.done !== true && next.value.at <= one.at; next = changes.next()) change(next.value);
    moment(one);
  }
  for (; next.done !== true; next = changes.next()) change(next.value);
  for (const [track, isOpen] of open.entries()) {
    if (isOpen) event(events.lines.length, uuids[track] as number, TYPE.SLICE_END);
  }
  flush();
}
