/** What is looked at: the part of the axis, the event and the mark that are selected. Whoever draws is told of changes. */

import type { Mark } from '../../../timeline/timeline.ts';
import { type Axis, type AxisName, createAxis } from './scale.ts';
import type { Data } from './unpack.ts';

export interface View {
  readonly data: Data;
  readonly axis: Axis;
  /** The part of the axis that is seen. */
  readonly from: number;
  readonly to: number;
  /** Number of the event; undefined where none is. */
  readonly selected: number | undefined;
  readonly mark: Mark | undefined;
  show(from: number, to: number): void;
  /** Moves by a part of what is seen. */
  pan(part: number): void;
  /** `at`: which part of what is seen stays where it is. */
  zoom(factor: number, at: number): void;
  fit(): void;
  setAxis(name: AxisName): void;
  select(event: number | undefined, mark?: Mark): void;
  /** Brings the event into sight, with about as much around it as is seen now. */
  reveal(event: number): void;
  onChange(take: (what: 'range' | 'axis' | 'selection') => void): void;
}

export function createView(data: Data): View {
  const listeners: ((what: 'range' | 'axis' | 'selection') => void)[] = [];
  const tell = (what: 'range' | 'axis' | 'selection'): void => {
    for (const listener of listeners) listener(what);
  };
  let axis = createAxis(data, 'time');
  let [from, to] = [0, axis.end];
  let selected: number | undefined;
  let mark: Mark | undefined;

  const view: View = {
    data,
    get axis() {
      return axis;
    },
    get from() {
      return from;
    },
    get to() {
      return to;
    },
    get selected() {
      return selected;
    },
    get mark() {
      return mark;
    },
    show(begin, end) {
      const span = Math.min(axis.end, Math.max(Math.min(axis.closest, axis.end), end - begin));
      const middle = (begin + end) / 2;
      from = Math.max(0, Math.min(axis.end - span, middle - span / 2));
      to = from + span;
      tell('range');
    },
    pan(part) {
      const by = (to - from) * part;
      const moved = Math.max(0, Math.min(axis.end - (to - from), from + by));
      view.show(moved, moved + to - from);
    },
    zoom(factor, at) {
      const anchor = from + (to - from) * at;
      const span = Math.min(axis.end, Math.max(Math.min(axis.closest, axis.end), (to - from) * factor));
      const begin = Math.max(0, Math.min(axis.end - span, anchor - span * at));
      view.show(begin, begin + span);
    },
    fit: () => view.show(0, axis.end),
    setAxis(name) {
      const old = axis;
      axis = createAxis(data, name);
      if (axis.name === old.name) return;
      const [first, last] = [eventAt(old, from), eventAt(old, to)];
      tell('axis');
      view.show(axis.positions[first] as number, axis.positions[Math.min(last + 1, data.count)] as number);
    },
    select(event, at) {
      selected = event;
      mark = at;
      tell('selection');
    },
    reveal(event) {
      const [begin, end] = [axis.positions[event] as number, axis.positions[event + 1] as number];
      const span = to - from;
      if (begin >= from + span * 0.05 && begin <= to - span * 0.05) return;
      const middle = (begin + Math.min(end, begin + span)) / 2;
      const left = Math.max(0, Math.min(axis.end - span, middle - span / 2));
      view.show(left, left + span);
    },
    onChange: (take) => listeners.push(take),
  };
  return view;
}

/** The last event at or before the position. */
export function eventAt({ positions }: Axis, position: number): number {
  let [low, high] = [0, positions.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((positions[middle] as number) <= position) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}
