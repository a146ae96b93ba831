/** The table grows up to a limit; a clock tells the first and the last of what is in order; tallies are given away whole. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLedger } from '../../lib/account/ledger.ts';
import { createClock } from '../../lib/automaton/clock.ts';
import { MOST_SYMBOLS } from '../../lib/automaton/symbols.ts';
import { createTable } from '../../lib/automaton/table.ts';
import { createTallies } from '../../lib/automaton/tallies.ts';
import { createVcpu } from '../../lib/kernel/state/vcpu.ts';

test('entries stay where they are while the table grows', () => {
  const table = createTable();
  const places = [
    [0, 0],
    [63, 31],
    [64, 3],
    [5, 40],
    [700, 2],
    [701, MOST_SYMBOLS - 1],
  ] as const;
  for (const [at, [situation, symbol]] of places.entries()) table.set(situation, symbol, at + 1);
  for (const [at, [situation, symbol]] of places.entries()) assert.equal(table.entry(situation, symbol), at + 1);
  assert.equal(table.entry(1, 1), 0);
  assert.equal(table.entry(99_999, 1), 0);
  table.clear();
  assert.equal(table.entry(0, 0), 0);
  assert.equal(table.isFull, false);
});

test('a table that is full keeps what it has', () => {
  const table = createTable();
  table.set(1, 1, 5);
  table.set(1_000_000, 1, 6);
  assert.equal(table.isFull, true);
  assert.equal(table.entry(1, 1), 5);
  assert.equal(table.entry(1_000_000, 1), 0);
  const wide = createTable();
  wide.set(200_000, 1, 6);
  wide.set(1, MOST_SYMBOLS - 1, 7);
  assert.deepEqual([wide.isFull, wide.entry(200_000, 1), wide.entry(1, MOST_SYMBOLS - 1)], [true, 6, 0]);
});

test('a clock tells a ledger as much as every time would', () => {
  const half = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 0xffff_ffff }));
  fc.assert(
    fc.property(fc.array(fc.tuple(half, half, fc.boolean())), (times) => {
      const [each, seldom] = [createLedger(), createLedger()];
      const clock = createClock((high, low) => seldom.time(0, high, low));
      for (const [high, low, tells] of times) {
        each.time(0, high, low);
        clock.note(high | 0, low | 0);
        if (tells) clock.tell();
      }
      clock.tell();
      assert.deepEqual(seldom.span(), each.span());
      assert.equal(seldom.ledger([]).unordered_ts, each.ledger([]).unordered_ts);
    }),
  );
});

test('tallies of more vCPUs than are kept are given away before they go', () => {
  const heard = new Map<string, number>();
  const tallies = createTallies((effect, cpu, vcpu, times) => {
    const key = `${effect} ${cpu} ${vcpu?.id}`;
    heard.set(key, (heard.get(key) ?? 0) + times);
  });
  const vcpus = Array.from({ length: 2_500 }, (_, id) => createVcpu(0, id));
  for (let round = 0; round < 2; round++) {
    for (const vcpu of vcpus) {
      for (const cpu of [0, 1]) {
        const tally = tallies.of(cpu, vcpu);
        tally[3] = (tally[3] as number) + 1;
      }
    }
  }
  tallies.settle();
  assert.equal(heard.size, 5_000);
  assert.deepEqual([...new Set(heard.values())], [2]);
});
