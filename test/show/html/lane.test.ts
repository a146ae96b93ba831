/** What a column of pixels shows is what of the trace falls on it, however far away it is looked at. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLane, eachColumn } from '../../../lib/show/html/page/lane.ts';

interface Given {
  /** How long each state lasts, and its shade. */
  readonly lengths: readonly number[];
  readonly shades: readonly number[];
  readonly first: number;
}

const given = fc
  .array(fc.tuple(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50 })), fc.integer({ min: 0, max: 4 })), {
    minLength: 1,
    maxLength: 300,
  })
  .chain((states) => fc.tuple(fc.constant(states), fc.integer({ min: 0, max: 40 })))
  .map(
    ([states, first]): Given => ({
      lengths: states.map(([length]) => length),
      shades: states.map(([, s]) => s),
      first,
    }),
  );

function laneOf({ lengths, shades, first }: Given) {
  let position = first;
  const positions = lengths.map((length) => {
    position += length;
    return position - length;
  });
  const track = {
    name: 'runs',
    drawn: true,
    subject: { kind: 'cpu', cpu: 0 } as const,
    starts: Uint32Array.from(positions.keys()),
    states: Uint32Array.from(shades),
  };
  return createLane(track, Float64Array.from([...positions, position]), Uint8Array.from([0, 1, 2, 3, 4]));
}

/** How long each shade lasts between two positions. */
function sharesOf({ lengths, shades, first }: Given, left: number, right: number): Map<number, number> {
  const shares = new Map<number, number>();
  let begin = first;
  for (const [index, length] of lengths.entries()) {
    const share = Math.min(right, begin + length) - Math.max(left, begin);
    const shade = shades[index] as number;
    if (share > 0) shares.set(shade, (shares.get(shade) ?? 0) + share);
    begin += length;
  }
  return shares;
}

test('columns are drawn each once, from left to right, and mixed ones show the shares of their shades', () => {
  fc.assert(
    fc.property(given, fc.double({ min: 0, max: 0.9 }), fc.double({ min: 0.01, max: 1 }), (one, begin, part) => {
      const lane = laneOf(one);
      const end = lane.positions.at(-1) as number;
      const [from, width] = [begin * end, 40];
      const scale = Math.max(1e-6, (Math.min(end - from, part * end) || 1) / width);
      let next = -1;
      const at = (column: number): void => {
        if (next >= 0) assert.equal(column, next);
        next = column;
      };
      eachColumn(
        lane,
        from,
        scale,
        width,
        (shade, first, last) => {
          at(first);
          assert.ok(last > first && last <= width);
          next = last;
          for (let column = first; column < last; column++) {
            const shares = sharesOf(one, from + column * scale, from + (column + 1) * scale);
            const best = Math.max(0, ...shares.values());
            // At most two shades are there, and it is not the lesser; at the very end there may be none.
            if (shares.size > 0) assert.ok((shares.get(shade) ?? 0) >= best / 2 - 1e-6, `column ${column}`);
          }
        },
        (shares, column) => {
          at(column);
          next = column + 1;
          const expected = sharesOf(one, from + column * scale, from + (column + 1) * scale);
          for (const [index, shade] of lane.used.entries()) {
            assert.ok(Math.abs((shares[index] as number) - (expected.get(shade) ?? 0)) < 1e-6, `column ${column}`);
          }
        },
      );
      assert.ok(next === width || next === -1);
    }),
    { numRuns: 500 },
  );
});
