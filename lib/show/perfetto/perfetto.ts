/**
 * The binary trace format of Perfetto (https://perfetto.dev/docs/reference/synthetic-track-event): a TrackDescriptor for each
 * CPU, vCPU and lane, TrackEvents with interned names, and flows from causes to what they led to.
 */

import {
  type Change,
  changesInOrder,
  clockOf,
  type Moment,
  momentsInOrder,
  titleOf,
  tracksWorthDrawing,
} from '../../timeline/slices.ts';
import type { Timeline, Value } from '../../timeline/timeline.ts';
import { ABSENT } from '../../trace/event.ts';
import type { Sink } from '../reporter.ts';
import { DEBUG_ANNOTATION, PACKET, PROCESS_DESCRIPTOR, TRACK_DESCRIPTOR, TRACK_EVENT, TYPE } from './fields.ts';
import { createPackets, type Packets } from './packets.ts';

/** CPUs and vCPUs are numbered from 1, their lanes from here; 0 is a track that nobody describes. */
const FIRST_LANE = 1_000_000;

export function writePerfetto(timeline: Timeline, sink: Sink): void {
  const { values, events } = timeline;
  const packets = createPackets(sink);
  const laneOf = createLanes(packets);
  const event = createEvents(packets, clockOf(timeline));
  const tracks = tracksWorthDrawing(timeline);
  const lanes = tracks.map(({ subject, name }) => laneOf(titleOf(subject), name));
  const open = tracks.map(() => false);

  const change = ({ at, track, value }: Change): void => {
    const lane = lanes[track] as number;
    const { kind, text } = values[value] as Value;
    if (open[track] === true) event(at, lane, TYPE.SLICE_END);
    open[track] = kind !== 'none';
    if (kind !== 'none') event(at, lane, TYPE.SLICE_BEGIN, kind, text, { line: events.lines[at] as number });
  };
  const moment = ({ at, cpu, category, name, details, begins, ends }: Moment): void => {
    const title = cpu === ABSENT ? 'All CPUs' : `CPU ${cpu}`;
    const lane = laneOf(title, category === 'transition' ? 'transitions' : 'findings');
    event(at, lane, TYPE.INSTANT, category, name, details, () => {
      for (const flow of begins) packets.fixed64(TRACK_EVENT.flow_ids, flow);
      for (const flow of ends) packets.fixed64(TRACK_EVENT.terminating_flow_ids, flow);
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
    if (isOpen) event(events.lines.length, lanes[track] as number, TYPE.SLICE_END);
  }
  packets.finish();
}

/** Numbers of lanes by the CPU or vCPU and their name; each is described when it is first asked for. */
function createLanes(packets: Packets): (title: string, name: string) => number {
  const groups = new Map<string, number>();
  const lanes = new Map<string, number>();
  const describe = (uuid: number, name: string, rest: () => void): void =>
    packets.packet(() =>
      packets.message(PACKET.track_descriptor, () => {
        packets.integer(TRACK_DESCRIPTOR.uuid, uuid);
        packets.text(TRACK_DESCRIPTOR.name, name);
        rest();
      }),
    );
  const groupOf = (title: string): number => {
    const known = groups.get(title);
    if (known !== undefined) return known;
    const made = groups.size + 1;
    groups.set(title, made);
    // A process, which every viewer shows as a group.
    describe(made, title, () =>
      packets.message(TRACK_DESCRIPTOR.process, () => {
        packets.integer(PROCESS_DESCRIPTOR.pid, made);
        packets.text(PROCESS_DESCRIPTOR.process_name, title);
      }),
    );
    return made;
  };
  return (title, name) => {
    const key = `${title} ${name}`;
    const known = lanes.get(key);
    if (known !== undefined) return known;
    const group = groupOf(title);
    const made = FIRST_LANE + lanes.size;
    lanes.set(key, made);
    describe(made, name, () => packets.integer(TRACK_DESCRIPTOR.parent_uuid, group));
    return made;
  };
}

type WriteEvent = (
  at: number,
  lane: number,
  type: number,
  category?: string,
  name?: string,
  details?: Readonly<Record<string, string | number>>,
  rest?: () => void,
) => void;

/** The end of a slice has no name. */
function createEvents(packets: Packets, clock: (event: number) => bigint): WriteEvent {
  const { integer, text, message, intern } = packets;
  const annotate = (name: string, value: string | number): void =>
    message(TRACK_EVENT.debug_annotations, () => {
      integer(DEBUG_ANNOTATION.name_iid, intern('debug_annotation_names', name));
      if (typeof value === 'number') integer(DEBUG_ANNOTATION.int_value, value);
      else text(DEBUG_ANNOTATION.string_value, value);
    });
  return (at, lane, type, category, name, details = {}, rest) =>
    packets.packet(() => {
      integer(PACKET.timestamp, clock(at));
      message(PACKET.track_event, () => {
        integer(TRACK_EVENT.type, type);
        integer(TRACK_EVENT.track_uuid, lane);
        if (category !== undefined) integer(TRACK_EVENT.category_iids, intern('event_categories', category));
        if (name !== undefined) integer(TRACK_EVENT.name_iid, intern('event_names', name));
        for (const [key, value] of Object.entries(details)) annotate(key, value);
        rest?.();
      });
    });
}
