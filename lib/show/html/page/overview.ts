/** The strip at the top: all of the trace, how many CPUs run a guest, where the marks are, and what part is seen below. */

import { eachColumn } from './lane.ts';
import { colourOf } from './marks.ts';
import type { Palette } from './palette.ts';
import { GUTTER, type LaneRow, type Rows } from './rows.ts';
import type { View } from './view.ts';

export interface Overview {
  paint(view: View, rows: Rows, palette: Palette): void;
}

export function createOverview(canvas: HTMLCanvasElement, view: View): Overview {
  const context = canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D;
  /** All but the part that is seen below: it changes with rows, colours and width only. */
  let still: { readonly rows: Rows; readonly palette: Palette; readonly picture: OffscreenCanvas } | undefined;

  const moveTo = (event: PointerEvent): void => {
    const part = (event.offsetX - GUTTER) / (canvas.clientWidth - GUTTER);
    const span = view.to - view.from;
    const middle = part * view.axis.end;
    const begin = Math.max(0, Math.min(view.axis.end - span, middle - span / 2));
    view.show(begin, begin + span);
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    moveTo(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) moveTo(event);
  });

  return {
    paint(view, rows, palette) {
      const ratio = window.devicePixelRatio || 1;
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      const [real, high] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (canvas.width !== real || canvas.height !== high) [canvas.width, canvas.height] = [real, high];
      const room = Math.max(1, Math.floor(width - GUTTER));
      if (still?.rows !== rows || still.palette !== palette || still.picture.width !== real) {
        const picture = new OffscreenCanvas(real, high);
        const quiet = picture.getContext('2d', { alpha: false }) as OffscreenCanvasRenderingContext2D;
        quiet.setTransform(ratio, 0, 0, ratio, 0, 0);
        paintStill(quiet, view, rows, palette, { width, height, room });
        still = { rows, palette, picture };
      }
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.drawImage(still.picture, 0, 0);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      paintWindow(view, palette, room, height);
    },
  };

  function paintWindow({ from, to, axis }: View, palette: Palette, room: number, height: number): void {
    const [left, right] = [GUTTER + (from / axis.end) * room, GUTTER + (to / axis.end) * room];
    context.fillStyle = palette.css('shadow');
    context.globalAlpha = 0.6;
    context.fillRect(GUTTER, 0, left - GUTTER, height);
    context.fillRect(right, 0, GUTTER + room - right, height);
    context.globalAlpha = 1;
    context.strokeStyle = palette.css('accent');
    context.strokeRect(left + 0.5, 0.5, Math.max(3, right - left - 1), height - 1);
  }
}

function paintStill(
  context: OffscreenCanvasRenderingContext2D,
  view: View,
  rows: Rows,
  palette: Palette,
  { width, height, room }: { readonly width: number; readonly height: number; readonly room: number },
): void {
  context.fillStyle = palette.css('lane');
  context.fillRect(0, 0, width, height);
  context.fillStyle = palette.css('overview');
  for (const [x, share] of guestShares(view, rows, room).entries()) {
    const tall = share * (height - 10);
    context.fillRect(GUTTER + x, height - tall, 1, tall);
  }
  const taken = new Set<number>();
  for (const mark of view.data.marks) {
    const x = GUTTER + Math.round(((view.axis.positions[mark.at] as number) / view.axis.end) * room);
    if (taken.has(x)) continue;
    taken.add(x);
    context.fillStyle = palette.css(colourOf(mark));
    context.fillRect(x - 1, 0, 2, 8);
  }
  context.fillStyle = palette.css('quiet');
  context.font = '11px ui-sans-serif, system-ui, "DejaVu Sans", sans-serif';
  context.textBaseline = 'middle';
  context.fillText('guests running', 12, height / 2);
}

function guestShares(view: View, rows: Rows, width: number): Float64Array {
  const lanes = rows.list.filter((row): row is LaneRow => row.kind === 'lane' && row.label === 'runs');
  const values = new Float64Array(width);
  const isGuest = new Set(view.data.values.flatMap(({ kind }, index) => (kind === 'guest' ? [index] : [])));
  for (const { lane } of lanes) {
    const guestShades = new Set<number>();
    for (const [change, state] of lane.track.states.entries()) {
      if (isGuest.has(state)) guestShades.add(lane.shades[change] as number);
    }
    const add = (column: number, share: number): void => {
      values[column] = (values[column] as number) + share / lanes.length;
    };
    eachColumn(
      lane,
      0,
      view.axis.end / width,
      width,
      (shade, begin, end) => {
        if (guestShades.has(shade)) for (let column = begin; column < end; column++) add(column, 1);
      },
      (shares, column) => {
        const total = shares.reduce((sum, share) => sum + share, 0);
        const guests = shares.reduce(
          (sum, share, index) => sum + (guestShades.has(lane.used[index] as number) ? share : 0),
          0,
        );
        if (total > 0) add(column, guests / total);
      },
    );
  }
  return values;
}
