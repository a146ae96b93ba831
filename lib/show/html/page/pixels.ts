/** Lanes as pixels: written into memory and put on the canvas at once, for a thousand columns are many rectangles. */

import { eachColumn } from './lane.ts';
import type { Palette, Shade } from './palette.ts';
import { LANE, type LaneRow } from './rows.ts';

export interface Pixels {
  readonly image: ImageData;
  readonly words: Uint32Array;
  readonly width: number;
  readonly height: number;
}

/** Both in device pixels. */
export function createPixels(width: number, height: number): Pixels {
  const image = new ImageData(Math.max(1, width), Math.max(1, height));
  return { image, words: new Uint32Array(image.data.buffer), width: image.width, height: image.height };
}

/** A stretch that is wide enough for a word. */
export interface Labelled {
  readonly begin: number;
  readonly end: number;
  readonly top: number;
  readonly change: number;
  readonly row: LaneRow;
}

/** Narrowest stretch, in CSS pixels, that begins with a line of its own, and that has a label. */
const PARTED = 5;
const LABELLED = 24;

/**
 * Draws a lane whose upper edge is at `top`; `left` is where the axis begins, both in device pixels; `scale`: of the axis
 * for a device pixel. Stretches that have room for a label go to `labels`.
 */
export function paintLane(
  pixels: Pixels,
  palette: Palette,
  row: LaneRow,
  place: {
    readonly top: number;
    readonly left: number;
    readonly from: number;
    readonly scale: number;
    readonly ratio: number;
  },
  labels: Labelled[],
): void {
  const { words, width, height } = pixels;
  const { top, left, from, scale, ratio } = place;
  const [first, last] = [Math.max(0, top), Math.min(height, top + Math.round(LANE * ratio))];
  if (last <= first) return;
  const { used } = row.lane;
  const shades = used.map((shade) => palette.shades[shade] as Shade);
  const rows = Math.round(LANE * ratio);
  eachColumn(
    row.lane,
    from,
    scale,
    width - left,
    (shade, begin, end, change) => {
      const drawn = palette.shades[shade] as Shade;
      const wide = end - begin >= PARTED * ratio;
      for (let y = first; y < last; y++) {
        const at = y * width + left;
        if (drawn.hatched) hatch(words, at, begin, end, y, drawn.fill, palette.paper);
        else words.fill(drawn.fill, at + begin, at + end);
        // What follows is another value, of the same colour perhaps.
        if (wide && begin > 0) words[at + begin] = palette.paper;
      }
      if (end - begin >= LABELLED * ratio) labels.push({ begin, end, top, change, row });
    },
    (shares, column) => {
      let total = 0;
      for (let index = 0; index < shares.length; index++) total += shares[index] as number;
      let bottom = rows;
      let rest = total;
      for (let index = 0; index < shares.length; index++) {
        const share = shares[index] as number;
        if (share === 0 && total > 0) continue;
        // What is there is seen, if only as a line.
        const high = rest <= share ? bottom : Math.min(bottom, Math.max(1, Math.round((bottom * share) / rest)));
        rest -= share;
        const { fill, hatched } = shades[index] as Shade;
        for (let y = Math.max(first, top + bottom - high); y < Math.min(last, top + bottom); y++) {
          words[y * width + left + column] = hatched && (y + column) % 6 > 1 ? palette.paper : fill;
        }
        bottom -= high;
        if (bottom <= 0) break;
      }
    },
  );
}

function hatch(
  words: Uint32Array,
  at: number,
  begin: number,
  end: number,
  y: number,
  fill: number,
  paper: number,
): void {
  for (let x = begin; x < end; x++) words[at + x] = (x + y) % 6 < 2 ? fill : paper;
}
