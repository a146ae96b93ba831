/** What is searched for, as it is typed: a line, a rule, a vCPU, a task, an event. */

import { cpuOf, nameOf } from './marks.ts';
import { eventOfLine } from './state.ts';
import type { Data, TrackData } from './unpack.ts';

export interface Found {
  /** What it was taken for. */
  readonly what: string;
  /** Events, in order. */
  readonly events: readonly number[];
}

/** "300", "line 300", "FP-07", "vcpu 0/1", "task 41", "cpu 3", "guest_fp_trap", "lost"; undefined where nothing fits. */
export function search(data: Data, text: string): Found | undefined {
  const query = text.trim().toLowerCase();
  if (query === '') return undefined;
  const line = /^(?:line\s*|:)?(\d+)$/.exec(query)?.[1];
  if (line !== undefined) {
    const event = eventOfLine(data, Number(line), 0);
    return { what: `line ${line}`, events: event === undefined ? [] : [event] };
  }
  const vcpu = /^vcpu[\s:]*(?:(\d+)\/)?(\d+)$/.exec(query);
  if (vcpu !== null) {
    const name = `vcpu:${vcpu[1] ?? 0}/${vcpu[2]}`;
    return { what: `where ${name} is loaded`, events: startsOf(data, 'loaded', name) };
  }
  const task = /^task[\s:]*(\d+)$/.exec(query)?.[1];
  if (task !== undefined)
    return { what: `where task ${task} begins`, events: startsOf(data, 'current', `task:${task}`) };
  const cpu = /^cpu\s*(\d+)$/.exec(query)?.[1];
  if (cpu !== undefined) {
    const events = data.marks.filter((mark) => cpuOf(mark, data) === Number(cpu)).map(({ at }) => at);
    return { what: `marks of CPU ${cpu}`, events: events.length > 0 ? events : firstOfCpu(data, Number(cpu)) };
  }
  const marks = data.marks.filter((mark) => nameOf(mark).toLowerCase().startsWith(query));
  if (marks.length > 0) return { what: nameOf(marks[0] as (typeof marks)[0]), events: marks.map(({ at }) => at) };
  const kind = data.kinds.findIndex(({ name }) => name === query);
  const kinds = kind >= 0 ? kind : data.kinds.findIndex(({ name }) => name.startsWith(query));
  return kinds < 0 ? undefined : { what: data.kinds[kinds]?.name ?? '', events: eventsOf(data, kinds) };
}

/** Where a track of that name comes to that value. */
function startsOf(data: Data, name: string, text: string): number[] {
  const wanted = new Set(data.values.flatMap((value, index) => (value.text === text ? [index] : [])));
  const comes = ({ starts, states }: TrackData): number[] =>
    [...starts].filter((_, index) => wanted.has(states[index] as number));
  return data.tracks
    .filter((track) => track.name === name)
    .flatMap(comes)
    .sort((a, b) => a - b);
}

function eventsOf({ eventKinds }: Data, kind: number): number[] {
  const found: number[] = [];
  for (let event = 0; event < eventKinds.length; event++) if (eventKinds[event] === kind) found.push(event);
  return found;
}

function firstOfCpu({ cpus }: Data, cpu: number): number[] {
  const first = cpus.indexOf(cpu + 1);
  return first < 0 ? [] : [first];
}
