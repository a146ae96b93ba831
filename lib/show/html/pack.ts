/**
 * A timeline as bytes for the page: the length of a JSON header and the header, then every column of numbers as LEB128,
 * one after the other in the order that `Header` tells. What comes from the trace is escaped here, all of it.
 */

import { deflateRawSync } from 'node:zlib';
import { RULES } from '../../check/rules.ts';
import { escapeText } from '../../text/escape.ts';
import type { Timeline, TransitionColumns } from '../../timeline/timeline.ts';
import { EVENTS } from '../../trace/vocabulary.ts';
import type { Header } from './header.ts';

/** Columns in the order in which they are written; deltas where the numbers grow. */
const EVENT_COLUMNS = ['inputs', 'lines', 'kinds', 'cpus', 'inferred'] as const;
const TRANSITION_COLUMNS = ['at', 'cpus', 'edges'] as const satisfies readonly (keyof TransitionColumns)[];

/** The bytes, deflated, in base64. */
export function pack(timeline: Timeline): string {
  const { events, tracks, transitions } = timeline;
  const header = Buffer.from(JSON.stringify(escapeAll(headerOf(timeline))));
  const out = createWriter();
  out.number(header.length);
  out.bytes(header);
  out.deltas(events.times);
  for (const name of EVENT_COLUMNS) (name === 'lines' ? out.deltas : out.numbers)(events[name]);
  for (const { starts, states } of tracks) {
    out.deltas(starts);
    out.numbers(states);
  }
  for (const name of TRANSITION_COLUMNS) (name === 'at' ? out.deltas : out.numbers)(transitions[name]);
  return deflateRawSync(out.finish()).toString('base64');
}

function headerOf(timeline: Timeline): Header {
  const { report, base, events, values, tracks, edges, transitions, marks, causes, left } = timeline;
  const { model, inputs, verdict, reasons, violation_counts, cost, observations } = report;
  const fired = RULES.filter(({ id }) => Object.hasOwn(violation_counts, id));
  return {
    base,
    report: { model, inputs, verdict, reasons, violation_counts, causes: report.causes, cost, observations },
    events: events.lines.length,
    times: events.times.length,
    values,
    tracks: tracks.map(({ name, subject, drawn, starts }) => ({ name, subject, drawn, changes: starts.length })),
    edges,
    transitions: transitions.at.length,
    marks,
    causes,
    left,
    kinds: [...EVENTS.map(({ name, doc }) => ({ name, doc })), { name: 'unknown event', doc: 'not in the vocabulary' }],
    rules: Object.fromEntries(fired.map(({ id, statement }) => [id, statement])),
  };
}

/** The same value with every string in it safe to show. */
function escapeAll(value: unknown): unknown {
  if (typeof value === 'string') return escapeText(value, 2000);
  if (Array.isArray(value)) return value.map(escapeAll);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [escapeText(name, 200), escapeAll(inner)]));
}

interface Writer {
  readonly number: (value: number) => void;
  readonly bytes: (bytes: Uint8Array) => void;
  readonly numbers: (values: ArrayLike<number>) => void;
  /** Differences of neighbours, as zigzag: 0, -1, 1, -2, 2. */
  readonly deltas: (values: ArrayLike<number>) => void;
  readonly finish: () => Uint8Array;
}

/** Numbers are integers from 0 to 2^53 - 1. */
function createWriter(): Writer {
  let buffer = new Uint8Array(1 << 16);
  let length = 0;
  const room = (more: number): void => {
    if (length + more <= buffer.length) return;
    const wider = new Uint8Array(Math.max(2 * buffer.length, length + more));
    wider.set(buffer);
    buffer = wider;
  };
  const number = (value: number): void => {
    room(10);
    let rest = value;
    while (rest >= 128) {
      buffer[length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    buffer[length++] = rest;
  };
  return {
    number,
    bytes(bytes) {
      room(bytes.length);
      buffer.set(bytes, length);
      length += bytes.length;
    },
    numbers(values) {
      for (let index = 0; index < values.length; index++) number(values[index] as number);
    },
    deltas(values) {
      let before = 0;
      for (let index = 0; index < values.length; index++) {
        const delta = (values[index] as number) - before;
        number(delta < 0 ? -2 * delta - 1 : 2 * delta);
        before = values[index] as number;
      }
    },
    finish: () => buffer.subarray(0, length),
  };
}
