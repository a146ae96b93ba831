/** Deep links: `#line=300`, and with it `input`, `from` and `to` on the axis, `axis`. */

import { eventOfLine } from './state.ts';
import type { View } from './view.ts';

export function readLink(view: View): void {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const number = (name: string): number | undefined => {
    const text = parameters.get(name);
    return text !== null && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
  };
  const axis = parameters.get('axis');
  if (axis === 'events' || axis === 'time') view.setAxis(axis);
  const [from, to] = [number('from'), number('to')];
  if (from !== undefined && to !== undefined && from < to) view.show(from, to);
  const line = number('line');
  if (line === undefined) return;
  const event = eventOfLine(view.data, line, number('input') ?? 0);
  if (event === undefined) return;
  view.select(
    event,
    view.data.marks.find(({ at }) => at === event),
  );
  if (from === undefined) closeUp(view, event);
}

/** About forty events around it. */
export function closeUp(view: View, event: number): void {
  const { positions } = view.axis;
  const [first, last] = [Math.max(0, event - 20), Math.min(view.data.count, event + 20)];
  const span = (positions[last] as number) - (positions[first] as number);
  if (view.to - view.from > span)
    view.show((positions[event] as number) - span / 2, (positions[event] as number) + span / 2);
  view.reveal(event);
}

export function writeLink(view: View): void {
  const { data, selected, axis, from, to } = view;
  const parameters = new URLSearchParams();
  if (selected !== undefined) {
    parameters.set('line', String(data.lines[selected]));
    if (data.report.inputs.length > 1) parameters.set('input', String(data.inputs[selected]));
  }
  if (from > 0 || to < axis.end) {
    parameters.set('from', String(Math.floor(from)));
    parameters.set('to', String(Math.ceil(to)));
  }
  if (axis.name === 'events' && data.times !== undefined) parameters.set('axis', 'events');
  const text = parameters.toString();
  history.replaceState(undefined, '', text === '' ? location.pathname + location.search : `#${text}`);
}
