import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createEventLine } from '../../lib/import/event-line.ts';
import type { TraceEvent } from '../../lib/import/state/queue.ts';
import { createByteLines } from '../../lib/text/byte-lines.ts';
import { toJson } from '../../lib/text/json.ts';

test('an event is written as JSON.stringify would', () => {
  const event = fc.record(
    {
      event: fc.constantFrom('vcpu_load', 'lost', 'meta'),
      ts: fc.oneof(fc.maxSafeNat(), fc.constant('18446744073709551615')),
      cpu: fc.nat(4095),
      inferred: fc.boolean(),
      last: fc.constantFrom('none', 'vcpu:0/1'),
      note: fc.string({ unit: 'binary' }),
    },
    { requiredKeys: ['event'] },
  ) as fc.Arbitrary<TraceEvent>;
  fc.assert(
    fc.property(fc.array(event), (events) => {
      let text = '';
      const lines = createByteLines((piece) => {
        text += Buffer.from(piece).toString();
      });
      const write = createEventLine(lines);
      for (const one of events) write(one);
      lines.flush();
      assert.equal(text, events.map((one) => `${toJson(one)}\n`).join(''));
    }),
  );
});
