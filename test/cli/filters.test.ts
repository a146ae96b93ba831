import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNames, eventFilter, type FilterOptions, ruleFilter } from '../../lib/cli/options/filters.ts';
import { didYouMean } from '../../lib/text/suggest.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';

/** Which of the lines, from 1, the filter lets through. */
function reported(options: FilterOptions, lines: readonly object[]): readonly number[] {
  const filter = eventFilter(options);
  assert.ok(filter);
  return lines.flatMap((line, index) => {
    const event = createEventRecord();
    assert.equal(decode(line, event), undefined);
    return filter(event) ? [index + 1] : [];
  });
}

const LINES = [
  { event: 'vcpu_load', cpu: 0, vm: 1, vcpu: 2, ts: 10 },
  { event: 'vcpu_load', cpu: 1, vcpu: 5, ts: 20 },
  { event: 'guest_fp_trap', cpu: 0, ts: 30 },
  { event: 'guest_fp_trap', cpu: 1, ts: 40 },
  { event: 'reg_get', vm: 1, vcpu: 2, reg: 'v0' },
  { event: 'vcpu_put', cpu: 0, ts: '9007199254740993' },
  { event: 'task_switch', cpu: 0, next: 1, ts: '18446744073709551615' },
];

test('without a filter there is none', () => {
  assert.equal(eventFilter({}), undefined);
  assert.equal(ruleFilter(undefined, []), undefined);
});

test('by CPU; an event without one is on none', () => {
  assert.deepEqual(reported({ cpu: [{ from: 0, to: 0 }] }, LINES), [1, 3, 6, 7]);
});

test('by vCPU: the one that an event names, else the one that is loaded on its CPU, up to its put', () => {
  assert.deepEqual(reported({ vcpu: [{ vm: undefined, vcpu: { from: 2, to: 3 } }] }, LINES), [1, 3, 5, 6]);
  assert.deepEqual(reported({ vm: [{ from: 0, to: 0 }] }, LINES), [2, 4]);
  assert.deepEqual(
    reported({ vm: [{ from: 0, to: 0 }], vcpu: [{ vm: undefined, vcpu: { from: 2, to: 2 } }] }, LINES),
    [],
  );
});

test('what another filter hides is still seen by that of the vCPU', () => {
  assert.deepEqual(
    reported({ vcpu: [{ vm: undefined, vcpu: { from: 2, to: 2 } }], event: ['guest_fp_trap'] }, LINES),
    [3],
  );
});

test('by time, both ends included, up to 64 bits', () => {
  assert.deepEqual(reported({ from: 20n, to: 30n }, LINES), [2, 3]);
  assert.deepEqual(reported({ from: 9007199254740993n }, LINES), [6, 7]);
  assert.deepEqual(reported({ from: 9007199254740994n }, LINES), [7]);
  assert.deepEqual(reported({ to: 9007199254740992n }, LINES), [1, 2, 3, 4]);
});

test('an unknown name is an error that says which one was meant', () => {
  assert.throws(() => eventFilter({ event: ['vcpu_laod'] }), {
    message: "unknown event 'vcpu_laod' (Did you mean vcpu_load?)",
  });
  assert.throws(() => ruleFilter(['FP-7'], ['FP-06', 'FP-07']), {
    message: "unknown rule 'FP-7' (Did you mean FP-07?)",
  });
  assert.throws(() => checkNames('rule', ['\u001b[2J'], []), { message: "unknown rule '\\u{1b}[2J'" });
  assert.throws(() => eventFilter({ event: [''] }), { message: "unknown event ''" });
});

test('rules are those that are named', () => {
  const filter = ruleFilter(['FP-07'], ['FP-06', 'FP-07']);
  assert.deepEqual([filter?.('FP-07'), filter?.('FP-06')], [true, false]);
});

test('did you mean: one edit in short names, more in long ones, beginnings first, no guess where nothing is near', () => {
  assert.equal(didYouMean('jsno', ['text', 'json', 'ndjson']), ' (Did you mean json?)');
  assert.equal(didYouMean('fp-07', ['FP-07']), ' (Did you mean FP-07?)');
  assert.equal(didYouMean('v6.1', ['v6.2', 'v6.10', 'v6.12-stable']), ' (Did you mean v6.10?)');
  assert.equal(didYouMean('xyzzy', ['text', 'json']), '');
  assert.equal(didYouMean('x'.repeat(1e6), ['text']), '');
});
