/** The picture: axis, lanes, headings, marks and the arrows to what caused them. */

import { type Place, paintArrows, paintMarks, paintSelection } from './marks.ts';
import type { Palette } from './palette.ts';
import { createPixels, type Labelled, type Pixels, paintLane } from './pixels.ts';
import { AXIS, GUTTER, HEADING, LANE, type Rows } from './rows.ts';
import { ticksOf } from './scale.ts';
import type { View } from './view.ts';

const FONT = '11px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
const BOLD = `600 ${FONT}`;
/** Labels of one picture; to draw text takes longer than all else. */
const MOST_LABELS = 500;

export interface Painter {
  /** `scroll`: CSS pixels of the rows above what is seen. */
  paint(view: View, rows: Rows, palette: Palette, scroll: number): void;
}

export function createPainter(canvas: HTMLCanvasElement): Painter {
  const context = canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D;
  let pixels: Pixels | undefined;
  return {
    paint(view, rows, palette, scroll) {
      const ratio = window.devicePixelRatio || 1;
      const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
      if (pixels?.width !== width || pixels.height !== height) pixels = createPixels(width, height);
      const labels = paintLanes(pixels, view, rows, palette, scroll, ratio);
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.putImageData(pixels.image, 0, 0);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.textBaseline = 'middle';
      paintGrid(context, view, palette, canvas.clientWidth, canvas.clientHeight);
      paintLabels(context, view, palette, labels, ratio);
      const place = { scroll, width: canvas.clientWidth, height: canvas.clientHeight };
      paintNames(context, rows, palette, place);
      paintSelection(context, view, palette, place);
      paintMarks(context, view, rows, palette, place);
      paintArrows(context, view, rows, palette, place);
      paintAxis(context, view, palette, canvas.clientWidth);
    },
  };
}

function paintLanes(
  pixels: Pixels,
  view: View,
  rows: Rows,
  palette: Palette,
  scroll: number,
  ratio: number,
): readonly Labelled[] {
  const left = Math.round(GUTTER * ratio);
  const labels: Labelled[] = [];
  const scale = (view.to - view.from) / Math.max(1, pixels.width - left);
  pixels.words.fill(palette.paper);
  for (const row of rows.list) {
    if (row.kind !== 'lane') continue;
    const top = Math.round((row.top - scroll + AXIS) * ratio);
    if (top > pixels.height || top + LANE * ratio < 0) continue;
    paintLane(pixels, palette, row, { top, left, from: view.from, scale, ratio }, labels);
  }
  return labels;
}

/** The widest first, where there are more than can be read. */
function paintLabels(
  context: CanvasRenderingContext2D,
  { data }: View,
  palette: Palette,
  labels: readonly Labelled[],
  ratio: number,
): void {
  context.font = FONT;
  context.textAlign = 'left';
  const wide = labels.length <= MOST_LABELS ? labels : [...labels].sort((a, b) => b.end - b.begin - (a.end - a.begin));
  for (const { begin, end, top, change, row } of wide.slice(0, MOST_LABELS)) {
    const { track, shades } = row.lane;
    const value = data.values[track.states[change] as number];
    const shade = palette.shades[shades[change] as number];
    if (value === undefined || shade === undefined || value.kind === 'none') continue;
    const room = (end - begin) / ratio - 8;
    const text = fitting(context, value.text, room);
    if (text === '') continue;
    context.fillStyle = shade.hatched ? palette.css('quiet') : shade.text;
    const x = GUTTER + begin / ratio + 4;
    const y = top / ratio + LANE / 2 + 0.5;
    if (shade.hatched) {
      context.fillStyle = palette.css('lane');
      context.fillRect(x - 2, top / ratio + 2, measure(context, text) + 4, LANE - 4);
      context.fillStyle = palette.css('quiet');
    }
    context.fillText(text, x, y);
  }
}

const widths = new Map<string, number>();

function measure(context: CanvasRenderingContext2D, text: string): number {
  const known = widths.get(text);
  if (known !== undefined) return known;
  const { width } = context.measureText(text);
  if (widths.size > 5000) widths.clear();
  widths.set(text, width);
  return width;
}

/** The text, or only what comes after "task:" and "vcpu:", or nothing, as there is room. */
function fitting(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (measure(context, text) <= room) return text;
  const short = text.replace(/^(?:task|vcpu):|^CPU /, '');
  return short !== text && measure(context, short) <= room ? short : '';
}

function paintNames(
  context: CanvasRenderingContext2D,
  rows: Rows,
  palette: Palette,
  { scroll, width, height }: Place,
): void {
  context.textAlign = 'left';
  for (const row of rows.list) {
    const top = row.top - scroll + AXIS;
    if (top > height || top + HEADING < 0) continue;
    if (row.kind === 'heading') {
      context.fillStyle = palette.css('rule');
      context.fillRect(0, top, width, 1);
      context.font = BOLD;
      context.fillStyle = palette.css('ink');
      context.fillText(row.title, 12, top + HEADING / 2 + 2);
    } else {
      context.font = FONT;
      context.fillStyle = palette.css('quiet');
      context.fillText(row.label, 20, top + LANE / 2 + 0.5);
    }
  }
}

/** Of each tick of the axis, where it is and what it says. */
function ticksAt(view: View, width: number): readonly { readonly x: number; readonly text: string }[] {
  const room = width - GUTTER;
  const { step, ticks } = ticksOf(view.from, view.to, room / 110);
  return ticks.map((tick) => ({
    x: Math.round(GUTTER + ((tick - view.from) / (view.to - view.from)) * room),
    text: view.axis.format(tick, step),
  }));
}

function paintGrid(
  context: CanvasRenderingContext2D,
  view: View,
  palette: Palette,
  width: number,
  height: number,
): void {
  context.globalAlpha = 0.5;
  context.fillStyle = palette.css('rule');
  for (const { x } of ticksAt(view, width)) context.fillRect(x, AXIS - 6, 1, height);
  context.globalAlpha = 1;
}

function paintAxis(context: CanvasRenderingContext2D, view: View, palette: Palette, width: number): void {
  context.fillStyle = palette.css('lane');
  context.fillRect(0, 0, width, AXIS);
  context.fillStyle = palette.css('rule');
  context.fillRect(0, AXIS - 1, width, 1);
  context.font = FONT;
  context.textAlign = 'left';
  for (const { x, text } of ticksAt(view, width)) {
    context.fillStyle = palette.css('rule');
    context.fillRect(x, AXIS - 6, 1, 6);
    context.fillStyle = palette.css('quiet');
    context.fillText(text, x + 4, AXIS / 2);
  }
  context.fillStyle = palette.css('quiet');
  context.fillText(view.axis.name === 'time' ? 'time' : 'event', 12, AXIS / 2);
}
