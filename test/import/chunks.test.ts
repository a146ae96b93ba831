import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createTextImport } from '../../lib/import/text.ts';
import { DEFAULT_MAX_LINE_BYTES } from '../../lib/ingest/lines.ts';
import { DATA, importText } from '../support/captures.ts';

const bytes = readFileSync(new URL('owner-in-vcpu.ftrace', DATA));
const expected = importText(bytes);

describe('chunks', () => {
  it('any chunking gives the same events, lines and account', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 30 }), (cuts) => {
        const events: unknown[] = [];
        const lines: number[] = [];
        const importer = createTextImport({}, (event, line) => {
          events.push(event);
          lines.push(line);
        });
        let start = 0;
        for (const end of [...cuts.sort((a, b) => a - b), bytes.length]) {
          importer.push(bytes.subarray(start, end));
          start = end;
        }
        assert.deepEqual({ events, lines, account: importer.finish() }, expected);
      }),
      { numRuns: 30 },
    );
  });

  it('chunks of one byte, and a missing last line end', () => {
    assert.deepEqual(importText(bytes, {}, 1), expected);
    assert.deepEqual(importText(bytes.subarray(0, -1), {}, 7).events, expected.events);
  });

  it('a byte order mark before the first line', () => {
    assert.deepEqual(importText(Buffer.concat([Buffer.from('\ufeff'), bytes])).events, expected.events);
  });

  it('a line that is too long is counted as one line, whatever the chunks', () => {
    const long = Buffer.concat([Buffer.alloc(DEFAULT_MAX_LINE_BYTES + 1, 'x'), Buffer.from('\n'), bytes]);
    for (const chunk of [long.length, 65_536]) {
      const { events, lines, account } = importText(long, {}, chunk);
      assert.deepEqual(events, expected.events);
      assert.equal(lines[1], (expected.lines[1] ?? 0) + 1);
      assert.match(account.unused[0]?.sample ?? '', /^a line of more than 1048576 bytes \(--max-line-bytes\)$/);
    }
  });

  it('samples of what was not understood are UTF-8', () => {
    assert.equal(importText('größe → ?\n').account.unused[0]?.sample, 'größe → ?');
  });
});
