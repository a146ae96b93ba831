/** What the tracks say at an event. */

import type { Value } from '../../../timeline/timeline.ts';
import { isSame, isToldOf, titleOf } from './rows.ts';
import { lastAtMost } from './scale.ts';
import type { Data, TrackData } from './unpack.ts';

export interface StateRow {
  readonly name: string;
  readonly before: Value | undefined;
  readonly after: Value | undefined;
}

/** After the event; undefined before the first that tells. */
export function valueAt({ starts, states }: TrackData, event: number, values: readonly Value[]): Value | undefined {
  const change = lastAtMost(starts, event);
  return change < 0 ? undefined : values[states[change] as number];
}

/** Before and after the event: of its CPU, and of the vCPUs that it has to do with. */
export function statesAt(data: Data, event: number): readonly { readonly title: string; readonly rows: StateRow[] }[] {
  const cpu = (data.cpus[event] as number) - 1;
  const ofCpu = data.tracks.filter(({ subject }) => subject.kind === 'cpu' && subject.cpu === cpu);
  const names = new Set(
    ofCpu
      .filter(({ name }) => name === 'loaded' || name === 'FP registers')
      .flatMap((track) => [event - 1, event].map((at) => valueAt(track, at, data.values)?.text)),
  );
  const ofVcpus = data.tracks.filter(
    ({ subject, starts }) =>
      subject.kind === 'vcpu' &&
      (names.has(`vcpu:${subject.vm}/${subject.vcpu}`) || starts[lastAtMost(starts, event)] === event),
  );
  const tracks = [...ofCpu, ...ofVcpus].filter((track) => isToldOf(track, data));
  const subjects = tracks
    .map(({ subject }) => subject)
    .filter((subject, index, all) => all.findIndex((other) => isSame(subject, other)) === index);
  return subjects.map((subject) => ({
    title: titleOf(subject),
    rows: tracks
      .filter((track) => isSame(track.subject, subject))
      .map((track) => ({
        name: track.name,
        before: valueAt(track, event - 1, data.values),
        after: valueAt(track, event, data.values),
      }))
      .filter(
        ({ name, before, after }) =>
          !name.startsWith('hidden') || after?.kind !== 'none' || before?.kind !== after.kind,
      ),
  }));
}

/** The first event of that line, or of the next line before it that has one. In captures, lines are not in the order of events. */
export function eventOfLine({ lines, inputs, count }: Data, line: number, input: number): number | undefined {
  let best: number | undefined;
  for (let event = 0; event < count; event++) {
    const here = lines[event] as number;
    if (inputs[event] === input && here <= line && (best === undefined || here > (lines[best] as number))) best = event;
  }
  return best;
}
