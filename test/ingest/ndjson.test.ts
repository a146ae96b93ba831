import assert from 'node:assert/strict';
import type { Transform } from 'node:stream';
import { test } from 'node:test';
import { parse } from 'ndjson';
import { createRowParser } from '../../lib/ingest/plain/ndjson.ts';
import { WrittenNumber } from '../../lib/trace/describe.ts';

test('contract: the package has a row mapper, calls it for every line, and delivers at once what it returns', () => {
  const stream = parse({ strict: false }) as Transform & { mapper?: (text: string) => unknown };
  const original = stream.mapper;
  assert.equal(typeof original, 'function');
  const texts: string[] = [];
  stream.mapper = (text) => {
    texts.push(text);
    return { row: original?.call(stream, text) };
  };
  stream.write(Buffer.from('{"a":1}\n\nbad\r\nnull\n'));
  const rows: unknown[] = [];
  for (let row = stream.read(); row !== null; row = stream.read()) rows.push(row.row);
  assert.deepEqual(texts, ['{"a":1}', '', 'bad', 'null']);
  assert.deepEqual(rows, [{ a: 1 }, undefined, undefined, null]);
  stream.destroy();
});

test('no value is lost: null, false, 0, "" and the rows after them', () => {
  const parser = createRowParser(1000);
  const bytes = Buffer.from('null\nfalse\n0\n""\n[]\n\n \t\n{"a":1.0}\n');
  const rows = parser.parse({ bytes, faults: new Map() });
  assert.deepEqual(
    rows.map(({ line, value, fault }) => [line, value, fault]),
    [
      [1, null, undefined],
      [2, false, undefined],
      [3, 0, undefined],
      [4, '', undefined],
      [5, [], undefined],
      [8, { a: new WrittenNumber('1.0') }, undefined],
    ],
  );
  assert.equal(parser.lines, 8);
  assert.deepEqual(
    parser.parse({ bytes: Buffer.from('\nnull\n'), faults: new Map() }).map(({ line }) => line),
    [10],
  );
  parser.close();
});

test('many more lines in a block than any stream buffers', () => {
  const parser = createRowParser(1000);
  const rows = parser.parse({ bytes: Buffer.from('{"a":1}\n'.repeat(100_000)), faults: new Map() });
  assert.equal(rows.length, 100_000);
  assert.equal(rows.at(-1)?.line, 100_000);
  parser.close();
});
