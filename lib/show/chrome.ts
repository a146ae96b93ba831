/**
 * Trace Event Format, JSON, as Chrome and many other viewers read it. A CPU or vCPU is a process, a lane a thread; `ts` and `dur`
 * are in microseconds. Every event has a category, without which some readers fail. Arrows join stretches only, so that what is a
 * single moment is a stretch without length.
 */

import { toJson } from '../text/json.ts';
import {
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

/** Characters that are written at once. */
const BATCH = 1 << 16;

export function writeChrome(timeline: Timeline, sink: Sink): void {
  const { values, events, report } = timeline;
  const tracks = tracksWorthDrawing(timeline);
  const clock = clockOf(timeline);
  let text = '';
  let separator = '';
  const write = (piece: string): void => {
    text += piece;
    if (text.length < BATCH) return;
    sink.write(text);
    text = '';
  };
  /** `rest`: fields behind the time, which JSON.stringify would round. */
  const emit = (ph: string, place: Lane, at: number | undefined, rest: object): void => {
    const time = at === undefined ? '' : `,"ts":${micros(clock(at))}`;
    write(`${separator}\n{"ph":"${ph}","pid":${place.pid},"tid":${place.tid}${time},${toJson(rest).slice(1)}`);
    separator = ',';
  };

  const lanes = new Map<string, Lane>();
  const processes = new Map<string, number>();
  const laneOf = (title: string, name: string): Lane => {
    const key = `${title} ${name}`;
    const known = lanes.get(key);
    if (known !== undefined) return known;
    const pid = processes.get(title) ?? processes.size + 1;
    const made = { pid, tid: lanes.size + 1 };
    const tell = (about: string, args: object): void =>
      emit('M', made, undefined, { cat: '__metadata', name: about, args });
    if (!processes.has(title)) {
      tell('process_name', { name: title });
      tell('process_sort_index', { sort_index: pid });
    }
    processes.set(title, pid);
    lanes.set(key, made);
    tell('thread_name', { name });
    tell('thread_sort_index', { sort_index: made.tid });
    return made;
  };
  const moment = ({ at, cpu, category, name, details, begins, ends }: Moment): void => {
    const title = cpu === ABSENT ? 'All CPUs' : `CPU ${cpu}`;
    const lane = laneOf(title, category === 'transition' ? 'transitions' : 'findings');
    if (category === 'transition' || category === 'lost')
      emit('i', lane, at, { s: 't', cat: category, name, args: details });
    else emit('X', lane, at, { dur: 0, cat: category, name, args: details });
    for (const id of begins) emit('s', lane, at, { id, cat: 'cause', name: 'led to' });
    for (const id of ends) emit('f', lane, at, { id, bp: 'e', cat: 'cause', name: 'led to' });
  };

  write('{"displayTimeUnit":"ns","traceEvents":[');
  const places = tracks.map(({ subject, name }) => laneOf(titleOf(subject), name));
  for (const { at, track, value, end } of changesInOrder(tracks, events.lines.length)) {
    const { kind, text: name } = values[value] as (typeof values)[number];
    if (kind === 'none') continue;
    const args = { line: events.lines[at] };
    const line = `"dur":${micros(clock(end) - clock(at))},`;
    const body = toJson({ cat: kind, name, args }).slice(1);
    const { pid, tid } = places[track] as Lane;
    write(`${separator}\n{"ph":"X","pid":${pid},"tid":${tid},"ts":${micros(clock(at))},${line}${body}`);
    separator = ',';
  }
  for (const one of momentsInOrder(timeline)) moment(one);
  const about = { model: report.model.name, mode: report.model.mode, verdict: report.verdict };
  write(`\n],"otherData":${toJson(about)}}\n`);
  sink.write(text);
}

interface Lane {
  readonly pid: number;
  readonly tid: number;
}

/** ns as microseconds: "1.5". Digits are kept that a double has no room for. */
function micros(ns: bigint): string {
  const rest = ns % 1000n;
  return rest === 0n ? `${ns / 1000n}` : `${ns / 1000n}.${String(rest).padStart(3, '0').replace(/0+$/, '')}`;
}
