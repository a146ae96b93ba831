/** Writes down what a replay does, for pictures. It listens to the replay and changes nothing. */

import type { Machine } from '../kernel/state/machine.ts';
import type { RunOptions } from '../replay/wiring.ts';
import type { Report, Transition } from '../report/report.ts';
import { ABSENT } from '../trace/event.ts';
import { KIND } from '../trace/vocabulary.ts';
import { eventsOfCauses, withCauses } from './causes.ts';
import { Column } from './column.ts';
import { createEventLog } from './event-log.ts';
import { createSampler } from './sampler.ts';
import type { Edge, Mark, Timeline, TransitionColumns } from './timeline.ts';
import { createValues } from './values.ts';

/** Violations, divergences and losses that are kept. */
const MOST_MARKS = 20_000;

type Listeners = Required<Pick<RunOptions, 'onStep' | 'onTransition' | 'onViolation' | 'onDivergence'>>;

export interface Recorder {
  readonly listeners: Listeners;
  /** Events so far. */
  readonly length: number;
  finish(report: Report): Timeline;
}

export function createRecorder(): Recorder {
  const values = createValues();
  const sampler = createSampler(values);
  const events = createEventLog();
  const transitions = { at: new Column(), cpus: new Column(), edges: new Column() };
  const edges: Edge[] = [];
  const edgeNumbers = new Map<string, number>();
  const marks: Mark[] = [];
  /** By CPU: its last event that is more than an observation. */
  const lastStep: number[] = [];
  let left = 0;

  const mark = (made: Mark): void => {
    if (marks.length < MOST_MARKS) marks.push(made);
    else left += 1;
  };
  const edgeOf = ({ instance, from, to, cause }: Transition): number => {
    const key = `${instance} ${from} ${to} ${cause}`;
    const known = edgeNumbers.get(key);
    if (known !== undefined) return known;
    edgeNumbers.set(key, edges.length);
    return edges.push({ instance, from, to, cause }) - 1;
  };
  /** What a load did is told at the next step of its CPU only. */
  const eventOf = ({ cpu, line, input, cause }: Transition): number => {
    const step = cause === 'load' ? lastStep[cpu as number] : undefined;
    return step !== undefined && events.isAt(step, input, line) ? step : events.length;
  };
  return {
    get length() {
      return events.length;
    },
    listeners: {
      onStep(machine, reported) {
        if (!reported) return;
        const { event } = machine;
        const at = events.length;
        events.push(event);
        if (event.kind === KIND.lost) mark({ kind: 'lost', at, from: [] });
        // What was before the first event that is looked at is part of the picture.
        if (at === 0 || event.cpu === ABSENT) sampleAll(machine, at);
        else sampleOne(machine, event.cpu, at);
        if (event.cpu !== ABSENT && event.kind !== KIND.observe) lastStep[event.cpu] = at;
      },
      onTransition(transition) {
        const at = eventOf(transition);
        transitions.at.push(at);
        transitions.cpus.push(transition.cpu as number);
        transitions.edges.push(edgeOf(transition));
      },
      onViolation(violation) {
        mark({ kind: 'violation', violation, at: events.length, from: [] });
      },
      onDivergence(divergence) {
        mark({ kind: 'divergence', divergence, at: events.length, from: [] });
      },
    },
    finish(report) {
      const columns = events.finish();
      const causes = eventsOfCauses(report.causes, columns);
      return {
        report,
        base: events.base(),
        events: columns,
        values: values.list,
        tracks: sampler.tracks(),
        edges,
        transitions: inOrder(transitions),
        marks: withCauses(marks, report.causes, causes),
        causes,
        left: { vcpus: sampler.leftOut, marks: left },
      };
    },
  };

  function sampleOne(machine: Machine, id: number, at: number): void {
    const cpu = machine.cpus[id];
    if (cpu !== undefined) sampler.sample(machine, cpu, at);
  }

  function sampleAll(machine: Machine, at: number): void {
    for (const cpu of machine.cpus) if (cpu !== undefined) sampler.sample(machine, cpu, at);
  }
}

/** Room for the place of a transition among all of them: 2^26, and 2^26 events before them, are exact in a double. */
const PLACES = 2 ** 26;

/** What was held back for a later step of its CPU goes to its place. */
function inOrder({ at, cpus, edges }: Record<keyof TransitionColumns, Column>): TransitionColumns {
  const keys = Float64Array.from({ length: at.length }, (_, index) => at.at(index) * PLACES + index).sort();
  const pick = (column: Column): Uint32Array => Uint32Array.from(keys, (key) => column.at(key % PLACES));
  return { at: pick(at), cpus: pick(cpus), edges: pick(edges) };
}
