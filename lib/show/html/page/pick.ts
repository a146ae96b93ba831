/** Which event is meant: by a place in the picture, and by the one beside it. */

import { GUTTER, type Rows } from './rows.ts';
import { eventAt, type View } from './view.ts';

/** The event at that place: of the CPU of the lane, where it is a lane of a CPU. */
export function pick(
  view: View,
  rows: Rows,
  at: { readonly x: number; readonly y: number },
  width: number,
): number | undefined {
  const { data, axis } = view;
  if (at.x < GUTTER) return undefined;
  const position = view.from + ((at.x - GUTTER) / (width - GUTTER)) * (view.to - view.from);
  const subject = rows.list.findLast(({ top }) => top <= at.y)?.subject;
  const near = data.marks.find((mark) => {
    const x = GUTTER + (((axis.positions[mark.at] as number) - view.from) / (view.to - view.from)) * (width - GUTTER);
    return Math.abs(x - at.x) < 6 && (subject?.kind !== 'cpu' || (data.cpus[mark.at] as number) === subject.cpu + 1);
  });
  if (near !== undefined) return near.at;
  let event = eventAt(axis, position);
  if (subject?.kind !== 'cpu') return event;
  const last = event;
  while (event >= 0 && data.cpus[event] !== subject.cpu + 1) event -= 1;
  return event >= 0 ? event : last;
}

/** The next event of the same CPU; the first that is seen where none is selected. */
export function neighbour({ data, axis, from, selected }: View, by: 1 | -1): number | undefined {
  if (selected === undefined) return eventAt(axis, from);
  const cpu = data.cpus[selected];
  for (let event = selected + by; event >= 0 && event < data.count; event += by) {
    if (cpu === 0 || data.cpus[event] === cpu) return event;
  }
  return undefined;
}
