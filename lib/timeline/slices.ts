/**
 * A timeline as other viewers take it: stretches of a state, and single moments, in the order of the events, each with its
 * time. Where the trace tells no times, the lines stand for them.
 */

import { ABSENT } from '../trace/event.ts';
import { causeOf } from './causes.ts';
import type { Edge, Mark, Subject, Timeline, Track } from './timeline.ts';

/** A track is drawn where it says anything. */
export function tracksWorthDrawing({ tracks, values }: Timeline): readonly Track[] {
  return tracks.filter(({ drawn, states }) => drawn && states.some((state) => values[state]?.kind !== 'none'));
}

export const titleOf = (subject: Subject): string =>
  subject.kind === 'cpu' ? `CPU ${subject.cpu}` : `vCPU ${subject.vm}/${subject.vcpu}`;

/** Times are of 64 bits; behind the last there is none. */
const LATEST = 2n ** 64n - 1n;

/** ns of each event, and of the end behind the last: those of the trace, or lines, or numbers where several files are merged. */
export function clockOf({ base, events, report }: Timeline): (event: number) => bigint {
  const { times, lines } = events;
  const count = lines.length;
  if (times.length > 0) {
    const start = BigInt(base);
    return (event) => {
      const time = start + BigInt(event < count ? (times[event] as number) : (times[count - 1] as number) + 1);
      return time < LATEST ? time : LATEST;
    };
  }
  if (report.inputs.length > 1) return (event) => BigInt(event + 1);
  // In a capture a later event may be of an earlier line; time does not go back.
  const highest = Float64Array.from(lines);
  for (let event = 1; event < count; event++) {
    highest[event] = Math.max(highest[event] as number, highest[event - 1] as number);
  }
  return (event) => BigInt(event < count ? (highest[event] as number) : (highest[count - 1] ?? 0) + 1);
}

/** A state that begins, at its event. */
export interface Change {
  readonly at: number;
  /** Index in `tracksWorthDrawing`. */
  readonly track: number;
  /** Index in `values`. */
  readonly value: number;
  /** Where it ends: an event, or the number of events where nothing follows. */
  readonly end: number;
}

/** More than CPUs and vCPUs can have; with it, 2^36 events are told apart. */
const TRACKS = 2 ** 17;

/** All changes of the tracks, by their events. */
export function* changesInOrder(tracks: readonly Track[], events: number): Iterable<Change> {
  let total = 0;
  for (const { starts } of tracks) total += starts.length;
  if (tracks.length > TRACKS) throw new RangeError(`${tracks.length} tracks`);
  const keys = new Float64Array(total);
  let index = 0;
  for (const [track, { starts }] of tracks.entries()) for (const at of starts) keys[index++] = at * TRACKS + track;
  keys.sort();
  const next = new Uint32Array(tracks.length);
  for (const key of keys) {
    const track = key % TRACKS;
    const { starts, states } = tracks[track] as Track;
    const change = next[track] as number;
    next[track] = change + 1;
    yield { at: starts[change] as number, track, value: states[change] as number, end: starts[change + 1] ?? events };
  }
}

/** Something that happens at an event, on a CPU or, ABSENT, on none. */
export interface Moment {
  readonly at: number;
  readonly cpu: number;
  readonly category: 'transition' | 'violation' | 'divergence' | 'lost' | 'cause';
  readonly name: string;
  readonly details: Readonly<Record<string, string | number>>;
  /** Arrows that begin and that end here, each a number of its own. */
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

/** Transitions, marks, and causes with arrows to what they led to; by event, transitions first. */
export function* momentsInOrder(timeline: Timeline): Iterable<Moment> {
  const { transitions } = timeline;
  const found = findingsOf(timeline);
  let next = 0;
  for (let index = 0; index < transitions.at.length; index++) {
    // One at a time: there may be millions.
    while (next < found.length && (found[next] as Moment).at < (transitions.at[index] as number)) {
      yield found[next++] as Moment;
    }
    yield transitionAt(timeline, index);
  }
  while (next < found.length) yield found[next++] as Moment;
}

const lineOf = ({ events }: Timeline, event: number): number => events.lines[event] as number;
const cpuOf = ({ events }: Timeline, event: number): number => (events.cpus[event] as number) - 1;

function transitionAt(timeline: Timeline, index: number): Moment {
  const { transitions, edges } = timeline;
  const at = transitions.at[index] as number;
  const { instance, from, to, cause } = edges[transitions.edges[index] as number] as Edge;
  const details = { line: lineOf(timeline, at), instance, cause };
  const cpu = transitions.cpus[index] as number;
  return { at, cpu, category: 'transition', name: `${from} > ${to}`, details, begins: [], ends: [] };
}

/** Marks and causes, by event, a cause before what it leads to. */
function findingsOf(timeline: Timeline): readonly Moment[] {
  const { marks, causes, report } = timeline;
  const origins = causes.map((steps) => steps.find((event) => event !== ABSENT) ?? ABSENT);
  const originOf = new Map(report.causes.map(({ cause }, index) => [cause, origins[index] ?? ABSENT]));
  const arrows = new Map<number, number[]>(report.causes.map(({ cause }) => [cause, []]));
  const found = marks.map((mark, index): Moment => {
    const { at } = mark;
    const origin = originOf.get(causeOf(mark)) ?? ABSENT;
    const ends = origin !== ABSENT && origin <= at ? [index + 1] : [];
    arrows.get(causeOf(mark))?.push(...ends);
    return { at, begins: [], ends, ...describe(timeline, mark) };
  });
  const begun = report.causes.flatMap(({ cause, title, entity }, index): Moment[] => {
    const at = origins[index] ?? ABSENT;
    if (at === ABSENT) return [];
    const details = { line: lineOf(timeline, at), title, entity };
    const begins = arrows.get(cause) ?? [];
    return [{ at, cpu: cpuOf(timeline, at), category: 'cause', name: `cause ${cause}`, details, begins, ends: [] }];
  });
  return [...begun, ...found].sort((a, b) => a.at - b.at);
}

function describe(timeline: Timeline, mark: Mark): Pick<Moment, 'cpu' | 'category' | 'name' | 'details'> {
  const line = lineOf(timeline, mark.at);
  if (mark.kind === 'lost') return { cpu: cpuOf(timeline, mark.at), category: 'lost', name: 'lost', details: { line } };
  if (mark.kind === 'divergence') {
    const { cpu = ABSENT, field, observed, predicted, cause } = mark.divergence;
    return { cpu, category: 'divergence', name: field, details: { line, observed, predicted, cause } };
  }
  const { cpu = ABSENT, rule, severity, message, source, cause } = mark.violation;
  return { cpu, category: 'violation', name: rule, details: { line, severity, message, source, cause } };
}
