/** Violations, divergences and losses on the picture, and arrows from what led to them. */

import type { Mark } from '../../../timeline/timeline.ts';
import type { Palette } from './palette.ts';
import { AXIS, GUTTER, HEADING, type HeadingRow, type Rows } from './rows.ts';
import { type Axis, lastAtMost } from './scale.ts';
import type { Data } from './unpack.ts';
import type { View } from './view.ts';

/** CSS pixels: of the rows above what is seen, and of what is seen. */
export interface Place {
  readonly scroll: number;
  readonly width: number;
  readonly height: number;
}

/** Marks of a row that are closer than so many CSS pixels are drawn as one. */
const CLOSE = 8;
/** Arrows that are drawn at once, beside those of what is selected. */
const MOST_ARROWS = 60;

/** What stands at the mark: a rule, a field, "lost". */
export function nameOf(mark: Mark): string {
  if (mark.kind === 'violation') return mark.violation.rule;
  return mark.kind === 'divergence' ? mark.divergence.field : 'lost';
}

/** undefined: it is about all of them. */
export function cpuOf(mark: Mark, data: Data): number | undefined {
  if (mark.kind === 'violation') return mark.violation.cpu;
  if (mark.kind === 'divergence') return mark.divergence.cpu;
  const cpu = data.cpus[mark.at] as number;
  return cpu === 0 ? undefined : cpu - 1;
}

/** A variable of the style sheet. */
export function colourOf(mark: Mark): string {
  if (mark.kind === 'lost') return 'lost';
  return mark.kind === 'violation' && mark.violation.severity !== 'error' ? 'warning' : 'error';
}

/** Errors first: where marks fall together, the first of them is seen. */
const RANKS: readonly string[] = ['error', 'warning', 'lost'];

const known = new WeakMap<Axis, Float64Array>();

/** Where the marks are on the axis, in their order. */
function positionsOf({ axis, data }: View): Float64Array {
  const made = known.get(axis) ?? Float64Array.from(data.marks, ({ at }) => axis.positions[at] as number);
  known.set(axis, made);
  return made;
}

function xOf(view: View, position: number, width: number): number {
  return GUTTER + ((position - view.from) / (view.to - view.from)) * (width - GUTTER);
}

/** The marks from a little before what is seen to a little behind it. */
function seen(view: View): readonly Mark[] {
  const positions = positionsOf(view);
  const beside = (view.to - view.from) * 0.01;
  const first = lastAtMost(positions, view.from - beside) + 1;
  return view.data.marks.slice(first, lastAtMost(positions, view.to + beside) + 1);
}

/** The headings of the CPUs that it is about, as far as they are seen. */
function headingsOf(mark: Mark, rows: Rows, data: Data, { scroll, height }: Place): readonly HeadingRow[] {
  const cpu = cpuOf(mark, data);
  const own = cpu === undefined ? undefined : rows.headings.get(cpu);
  const all = cpu === undefined ? [...rows.headings.values()] : own === undefined ? [] : [own];
  return all.filter(({ top, bottom }) => bottom >= scroll && top <= scroll + height);
}

export function paintMarks(
  context: CanvasRenderingContext2D,
  view: View,
  rows: Rows,
  palette: Palette,
  place: Place,
): void {
  const { scroll, width } = place;
  context.save();
  context.beginPath();
  context.rect(GUTTER - 6, 0, width, 1e6);
  context.clip();
  context.font = '600 10px ui-sans-serif, system-ui, "DejaVu Sans", sans-serif';
  const all = seen(view);
  const marks = RANKS.flatMap((rank) => all.filter((mark) => colourOf(mark) === rank));
  /** Of each heading, by its place, the cells that are drawn in. */
  const taken = new Map<number, Set<number>>();
  for (const mark of marks) {
    const x = xOf(view, view.axis.positions[mark.at] as number, width);
    const cell = Math.round(x / CLOSE);
    for (const heading of headingsOf(mark, rows, view.data, place)) {
      const cells = taken.get(heading.top) ?? new Set<number>();
      taken.set(heading.top, cells);
      if (cells.has(cell)) continue;
      cells.add(cell);
      const top = heading.top - scroll + AXIS;
      context.fillStyle = palette.css(colourOf(mark));
      context.globalAlpha = 0.55;
      context.fillRect(x - 0.5, top + HEADING - 4, 1, heading.bottom - heading.top - HEADING + 4);
      context.globalAlpha = 1;
      paintShape(context, mark, x, top + HEADING - 11);
      const text = nameOf(mark);
      const room = Math.ceil((context.measureText(text).width + 16) / CLOSE);
      const isFree = Array.from({ length: room }, (_, more) => cell + 1 + more).every((one) => !cells.has(one));
      if (!isFree || hasNeighbour(marks, mark, view, width, room * CLOSE)) continue;
      context.fillText(text, x + 8, top + HEADING / 2 + 2);
    }
  }
  context.restore();
}

/** Another mark of the same CPU stands where the name would. */
function hasNeighbour(marks: readonly Mark[], mark: Mark, view: View, width: number, room: number): boolean {
  if (marks.length > 400) return true;
  const x = xOf(view, view.axis.positions[mark.at] as number, width);
  return marks.some((other) => {
    const at = xOf(view, view.axis.positions[other.at] as number, width);
    return at > x + CLOSE / 2 && at < x + room && cpuOf(other, view.data) === cpuOf(mark, view.data);
  });
}

/** Told apart by their shape: an error is a full triangle, a warning an empty one, a divergence a diamond, a loss a bar. */
function paintShape(context: CanvasRenderingContext2D, mark: Mark, x: number, y: number): void {
  context.beginPath();
  if (mark.kind === 'lost') context.rect(x - 2.5, y - 4, 5, 11);
  else if (mark.kind === 'divergence') {
    context.moveTo(x, y - 5);
    context.lineTo(x + 5, y + 1);
    context.lineTo(x, y + 7);
    context.lineTo(x - 5, y + 1);
  } else {
    context.moveTo(x - 5, y - 4);
    context.lineTo(x + 5, y - 4);
    context.lineTo(x, y + 6);
  }
  context.closePath();
  if (colourOf(mark) !== 'warning') context.fill();
  else {
    context.strokeStyle = context.fillStyle;
    context.lineWidth = 1.5;
    context.stroke();
  }
}

/** From each event that led there to the mark, over the rows of their CPUs. */
export function paintArrows(
  context: CanvasRenderingContext2D,
  view: View,
  rows: Rows,
  palette: Palette,
  { scroll, width }: Place,
): void {
  const others = seen(view).filter((mark) => mark.from.length > 0 && mark !== view.mark);
  const wanted = view.mark === undefined ? [] : [view.mark];
  context.save();
  context.beginPath();
  context.rect(GUTTER, AXIS, width, 1e6);
  context.clip();
  context.lineWidth = 1.5;
  for (const mark of [...(others.length > MOST_ARROWS ? [] : others), ...wanted]) {
    context.globalAlpha = mark === view.mark ? 1 : 0.35;
    context.strokeStyle = palette.css(colourOf(mark));
    context.fillStyle = context.strokeStyle;
    // Of what is not selected only the last step, or there would be nothing but arrows.
    const steps = [...(mark === view.mark ? mark.from : mark.from.slice(-1)), mark.at];
    for (const [index, from] of steps.slice(0, -1).entries()) {
      paintArrow(context, pointOf(from, mark), pointOf(steps[index + 1] as number, mark));
    }
  }
  context.restore();

  /** In the heading of the CPU of the event, or of the mark where the event names none. */
  function pointOf(event: number, mark: Mark): { readonly x: number; readonly y: number } {
    const named = view.data.cpus[event] as number;
    const cpu = event === mark.at || named === 0 ? cpuOf(mark, view.data) : named - 1;
    const heading = cpu === undefined ? undefined : rows.headings.get(cpu);
    const y = (heading?.top ?? 0) - scroll + AXIS + HEADING - 10;
    return { x: xOf(view, view.axis.positions[event] as number, width), y };
  }
}

function paintArrow(
  context: CanvasRenderingContext2D,
  from: { readonly x: number; readonly y: number },
  to: { readonly x: number; readonly y: number },
): void {
  const gap = 6;
  const end = to.x - gap;
  context.beginPath();
  context.arc(from.x, from.y, 2.5, 0, 2 * Math.PI);
  context.fill();
  if (end - from.x < 4 && Math.abs(to.y - from.y) < 4) return;
  const rise = Math.min(12, Math.abs(end - from.x) / 6);
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.bezierCurveTo(
    from.x + (end - from.x) * 0.3,
    from.y - rise,
    end - (end - from.x) * 0.3,
    to.y - rise,
    end,
    to.y,
  );
  context.stroke();
  context.beginPath();
  context.moveTo(end + 1, to.y);
  context.lineTo(end - 6, to.y - 3.5);
  context.lineTo(end - 6, to.y + 3.5);
  context.fill();
}

/** A line through everything at the event that is selected. */
export function paintSelection(
  context: CanvasRenderingContext2D,
  view: View,
  palette: Palette,
  { width, height }: Place,
): void {
  if (view.selected === undefined) return;
  const { positions } = view.axis;
  const begin = xOf(view, positions[view.selected] as number, width);
  const end = xOf(view, positions[view.selected + 1] as number, width);
  if (begin > width || end < GUTTER) return;
  const left = Math.max(GUTTER, begin);
  context.fillStyle = palette.css('accent');
  context.globalAlpha = 0.12;
  context.fillRect(left, AXIS, Math.max(0, end - left), height);
  context.globalAlpha = 1;
  if (begin >= GUTTER) context.fillRect(begin - 0.75, AXIS, 1.5, height);
}
