/**
 * A timeline for a terminal, made while the replay goes on and in little memory, however long the trace: for each CPU, how
 * long each state lasted in each of some hundred bins of time. Where time goes on beyond the last bin, two become one.
 */

import type { Cpu } from '../kernel/state/cpu.ts';
import type { Machine } from '../kernel/state/machine.ts';
import { ABSENT, type EventRecord } from '../trace/event.ts';
import { readTracks } from './sampler.ts';
import type { Value } from './timeline.ts';
import { CPU_TRACKS } from './tracks.ts';
import { createValues } from './values.ts';

const BINS = 2048;

/** What a column can show; the host's and the guest's registers that are saved as well count as free. */
export type StripState = 'guest' | 'host' | 'neon' | 'free' | 'unknown' | 'none';
const STATES: readonly StripState[] = ['guest', 'host', 'neon', 'free', 'unknown', 'none'];

const ROWS = CPU_TRACKS.filter(({ name }) => name === 'fp_owner' || name === 'FP registers');

export interface StripRow {
  /** Of fp_owner and of the registers, the state that lasts longest in each column; none where nothing is told. */
  readonly lanes: readonly { readonly name: string; readonly columns: readonly StripState[] }[];
  readonly cpu: number;
  /** Columns in which there are violations. */
  readonly marks: ReadonlySet<number>;
}

export interface Strip {
  /** To be called after each event. */
  step(machine: Machine): void;
  /** A violation of the event under way, on that CPU. */
  mark(cpu: number): void;
  /** In so many columns; `unit`: whether positions are ns or events. */
  finish(columns: number): {
    readonly rows: readonly StripRow[];
    readonly length: number;
    readonly unit: 'ns' | 'events';
  };
}

interface Lane {
  state: number;
  since: number;
  /** For each state, how long it lasts in each bin. */
  readonly bins: Float64Array;
}

interface CpuStrip {
  readonly lanes: readonly Lane[];
  readonly marks: Set<number>;
}

const stateOf = ({ kind, live }: Value): number => {
  const isHeld = kind === 'host' || kind === 'guest' || kind === 'neon';
  if (isHeld) return STATES.indexOf(live ? kind : 'free');
  return STATES.indexOf(kind === 'unknown' ? 'unknown' : kind === 'none' ? 'none' : 'free');
};

export function createStrip(): Strip {
  const values = createValues();
  const cpus: (CpuStrip | undefined)[] = [];
  let marked: number[] = [];
  let base: { readonly high: number; readonly low: number } | undefined;
  let events = 0;
  let now = 0;
  let width = 1;

  const stripOf = (id: number): CpuStrip => {
    const known = cpus[id];
    if (known !== undefined) return known;
    const lanes = ROWS.map(() => ({
      state: STATES.indexOf('none'),
      since: now,
      bins: new Float64Array(BINS * STATES.length),
    }));
    const made = { lanes, marks: new Set<number>() };
    cpus[id] = made;
    return made;
  };

  /** Positions from the first event on: its time, or where the trace tells none its number. */
  const positionOf = ({ tsHigh, tsLow }: EventRecord): number => {
    if (tsHigh === ABSENT) return base === undefined ? events : now;
    if (base === undefined) {
      base = { high: tsHigh, low: tsLow };
      // What came before it is of no time.
      for (const strip of cpus) for (const lane of strip?.lanes ?? []) lane.bins.fill(0);
      for (const strip of cpus) for (const lane of strip?.lanes ?? []) lane.since = 0;
      width = 1;
      now = 0;
    }
    return Math.max(now, (tsHigh - base.high) * 2 ** 32 + (tsLow - base.low));
  };

  const makeRoom = (position: number): void => {
    while (position >= BINS * width) {
      width *= 2;
      for (const strip of cpus) {
        if (strip === undefined) continue;
        for (const { bins } of strip.lanes) halve(bins);
        const marks = [...strip.marks].map((bin) => bin >> 1);
        strip.marks.clear();
        for (const mark of marks) strip.marks.add(mark);
      }
    }
  };

  /** The state has lasted until now. */
  const fill = (lane: Lane): void => {
    const { bins, state, since } = lane;
    for (let from = since; from < now; ) {
      const bin = Math.floor(from / width);
      const to = Math.min(now, (bin + 1) * width);
      bins[state * BINS + bin] = (bins[state * BINS + bin] as number) + to - from;
      from = to;
    }
    lane.since = now;
  };

  const look = (machine: Machine, cpu: Cpu): void => {
    const { lanes } = stripOf(cpu.id);
    for (const [index, value] of readTracks(machine, cpu, ROWS, cpu, values).entries()) {
      const lane = lanes[index] as Lane;
      const state = stateOf(values.list[value] as Value);
      if (state === lane.state) continue;
      fill(lane);
      lane.state = state;
    }
  };

  return {
    step(machine) {
      const { event } = machine;
      now = positionOf(event);
      events += 1;
      makeRoom(now);
      for (const cpu of marked) stripOf(cpu).marks.add(Math.floor(now / width));
      marked = [];
      if (event.cpu === ABSENT) {
        for (const cpu of machine.cpus) if (cpu !== undefined) look(machine, cpu);
      } else {
        const cpu = machine.cpus[event.cpu];
        if (cpu !== undefined) look(machine, cpu);
      }
    },
    mark: (cpu) => {
      marked.push(cpu);
    },
    finish(columns) {
      // The last state lasts for an instant at least.
      now += base === undefined ? 1 : Math.max(1, now / columns / 2);
      makeRoom(now);
      const used = Math.max(1, Math.ceil(now / width));
      const columnOf = (bin: number): number => Math.min(columns - 1, Math.floor((bin * columns) / used));
      const rows = cpus.flatMap((strip, cpu): StripRow[] => {
        if (strip === undefined) return [];
        for (const lane of strip.lanes) fill(lane);
        const lanes = strip.lanes.map(({ bins }, index) => ({
          name: ROWS[index]?.name ?? '',
          columns: longest(bins, used, columns),
        }));
        return [{ cpu, lanes, marks: new Set([...strip.marks].map(columnOf)) }];
      });
      return { rows, length: now, unit: base === undefined ? 'events' : 'ns' };
    },
  };
}

/** Two bins become one. */
function halve(bins: Float64Array): void {
  for (let state = 0; state < STATES.length; state++) {
    const first = state * BINS;
    for (let bin = 0; bin < BINS; bin++) {
      const [a, b] = [bins[first + 2 * bin] as number, bins[first + 2 * bin + 1] as number];
      bins[first + bin] = 2 * bin < BINS ? a + b : 0;
    }
  }
}

/** Of each column, the state that lasts longest in its bins; where there are fewer bins than columns, a bin is several columns. */
function longest(bins: Float64Array, used: number, columns: number): readonly StripState[] {
  return Array.from({ length: columns }, (_, column) => {
    const first = Math.floor((column * used) / columns);
    const last = Math.max(first + 1, Math.floor(((column + 1) * used) / columns));
    let best = STATES.length - 1;
    let most = 0;
    for (let state = 0; state < STATES.length; state++) {
      let sum = 0;
      for (let bin = first; bin < last; bin++) sum += bins[state * BINS + bin] as number;
      if (sum > most) [best, most] = [state, sum];
    }
    return STATES[best] as StripState;
  });
}
