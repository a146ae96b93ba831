/** A table of numbers in three formats: the same numbers, none wider than it may be. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { onPage } from '../../lib/text/page.ts';
import { PLAIN } from '../../lib/text/paint.ts';
import { type Sheet, sheetMarkdown, sheetsCsv, sheetText } from '../../lib/text/sheet.ts';

const cell = fc.oneof(
  fc.integer({ min: -1e9, max: 1e9 }),
  fc.integer({ min: -1e6, max: 1e6 }).map((value) => value / 4),
);
const sheet = fc.integer({ min: 1, max: 12 }).chain((columns) =>
  fc.record({
    title: fc.constant('a title'),
    head: fc.constant(['name', ...Array.from({ length: columns }, (_, at) => `column ${at}`)]),
    rows: fc.array(
      fc.tuple(fc.constantFrom('bytes', 'a, "b"', 'a|b'), fc.array(cell, { minLength: columns, maxLength: columns })),
      { minLength: 1, maxLength: 4 },
    ),
  }),
);
const made = sheet.map(
  ({ title, head, rows }): Sheet => ({ title, head, rows: rows.map(([name, numbers]) => [name, ...numbers]) }),
);

test('every format has every number, and fits', () => {
  fc.assert(
    fc.property(made, fc.integer({ min: 40, max: 200 }), (sheet, columns) => {
      const numbers = sheet.rows.flatMap(([, ...amounts]) => amounts);
      const text = onPage({ columns }, () => sheetText(sheet, PLAIN));
      for (const line of text) assert.ok(line.length <= columns, line);
      const markdown = sheetMarkdown(sheet).join('\n').split('\n');
      for (const line of markdown) assert.ok(line.length <= 72, line);
      const csv = sheetsCsv([sheet]).trimEnd().split('\n').slice(1);
      assert.deepEqual(
        csv.map((line) => Number(line.split(',').at(-1))),
        numbers,
      );
      const cells = markdown
        .filter((line) => !line.includes('-:'))
        .flatMap((line) => line.split(/(?<!\\)\|/).slice(2, -1));
      const found = cells.map((cell) => Number(cell)).filter((value) => !Number.isNaN(value));
      assert.deepEqual(
        found.sort((a, b) => a - b),
        [...numbers].sort((a, b) => a - b),
      );
      const printed = text.join('\n').match(/-?\d[\d,]*(?:\.\d\d)?(?=\s|$)/g) ?? [];
      assert.ok(printed.length >= numbers.length);
    }),
  );
});
