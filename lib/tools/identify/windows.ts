/**
 * Which events of a trace are replayed under every kernel: the first ones, and windows that lie the farther apart the longer the
 * trace is. Kernels differ in what they do at each switch, so what tells them apart comes back; a trace of several gigabytes costs
 * little more than to read it.
 */

/** Events at the beginning, by default: all of an ordinary capture. */
export const FIRST = 1 << 15;
/** A window after them is so much shorter. */
const SHORTER = 16;

export type Place = 'begins' | 'inside' | 'outside';

export interface Windows {
  /** Of the next event. The first window has begun before it. */
  next(): Place;
  seen(): { readonly events: number; readonly of: number };
}

/** `first`: events at the beginning, a power of two; Infinity: all of them. */
export function createWindows(first: number): Windows {
  let of = 0;
  let events = 0;
  let end = first;
  let begin = 2 * first;
  return {
    next() {
      const at = of++;
      const begins = at === begin;
      if (begins) {
        end = at + first / SHORTER;
        begin = after(at);
      }
      if (at >= end) return 'outside';
      events += 1;
      return begins ? 'begins' : 'inside';
    },
    seen: () => ({ events, of }),
  };
}

/** Windows begin at powers of two, and in the middle between two. */
function after(begin: number): number {
  const power = 2 ** Math.floor(Math.log2(begin));
  return begin === power ? power * 1.5 : power * 2;
}
