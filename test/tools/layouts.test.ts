/** Three storage layouts over one trace: the formulas of semantics 6.1 and 9.2. UPDATE_GOLDEN=1 rewrites the text. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { PLAIN } from '../../lib/text/paint.ts';
import { createLayouts } from '../../lib/tools/layouts/layouts.ts';
import type { LayoutResult, LayoutsResult } from '../../lib/tools/layouts/result.ts';
import { formatLayouts } from '../../lib/tools/layouts/text.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { REGISTERS } from '../../lib/trace/vocabulary.ts';

function layouts(...lines: readonly object[]): LayoutsResult {
  const replay = createLayouts();
  for (const [index, line] of lines.entries()) {
    const event = createEventRecord();
    assert.equal(decode(line, event), undefined, JSON.stringify(line));
    event.line = index + 1;
    replay.step(event);
  }
  return replay.finish([{ name: 'trace', lines: lines.length, events: lines.length }]);
}

const user = ({ layouts: [first] }: LayoutsResult): LayoutResult => first as LayoutResult;
const native = ({ layouts: [, second] }: LayoutsResult): LayoutResult => second as LayoutResult;

/** SVE vectors of 64 bytes, streaming vectors of 128: vq 4, svq 8. */
const CREATE = { event: 'vcpu_create', vm: 0, vcpu: 0, sve: true, sme: true, sme2: true, sve_vl: 64, sme_vl: 128 };
const RUN = [
  { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 },
  { event: 'guest_enter', cpu: 0 },
  { event: 'guest_fp', cpu: 0, isa: 'sve' },
  { event: 'guest_exit', cpu: 0 },
  { event: 'vcpu_put', cpu: 0 },
];
const get = (reg: string) => ({ event: 'reg_get', vcpu: 0, reg });
const set = (reg: string, value?: string) => ({
  event: 'reg_set',
  vcpu: 0,
  reg,
  ...(value !== undefined && { value }),
});

test('a look after a run converts once, zeroes the holes, and the next run converts back', () => {
  const looked = layouts(CREATE, ...RUN, get('z0'), get('z1'), get('p0'));
  const { conversions, bytes_read, bytes_rewritten, bytes_zeroed } = user(looked);
  assert.deepEqual([conversions, bytes_read, bytes_rewritten, bytes_zeroed], [1, 546 * 4, 546 * 4, 546 * 4]);
  const again = user(layouts(CREATE, ...RUN, get('z0'), ...RUN, ...RUN));
  assert.equal(again.conversions, 2);
  assert.equal(again.bytes_read, 546 * 4 + 546 * 8);
  assert.equal(again.bytes_rewritten, 546 * 4 + 546 * 4);
  assert.equal(native(looked).conversions, 0);
  // Copied at the vector length of the interface, and for L1 with what the conversion moved.
  assert.equal(native(looked).userspace_accesses.bytes, 64 + 64 + 8);
  assert.equal(user(looked).userspace_accesses.bytes, 128 + 128 + 16 + 546 * 4 + 546 * 8);
});

test('nothing is converted where one vector length is all there is, or nothing ran', () => {
  const streaming = [
    { event: 'vcpu_load', cpu: 0, vcpu: 0 },
    { event: 'guest_svcr', cpu: 0, sm: 1 },
    RUN[4],
  ] as object[];
  assert.equal(user(layouts(CREATE, ...streaming, get('z0'))).conversions, 0);
  assert.equal(user(layouts({ ...CREATE, sme_vl: 64 }, ...RUN, get('z0'))).conversions, 0);
  assert.equal(user(layouts({ ...CREATE, sme: false }, ...RUN, get('z0'))).conversions, 0);
  assert.equal(user(layouts(CREATE, get('z0'), ...RUN)).conversions, 0);
  assert.equal(user(layouts(CREATE, set('z0'), ...RUN)).conversions, 1);
  assert.equal(user(layouts(CREATE, set('z0'), { event: 'vcpu_reset', vcpu: 0 }, ...RUN)).conversions, 0);
});

test('a guest with SME only keeps V alone outside of streaming mode', () => {
  const only = { ...CREATE, sve: false };
  const { bytes_read, bytes_zeroed } = user(layouts(only, ...RUN, get('z0')));
  assert.deepEqual([bytes_read, bytes_zeroed], [512, 546 * 8 - 512]);
  assert.equal(native(layouts(only, ...RUN)).context_switches.bytes, 520 + 520);
  // Z is not there for the native interface, V not for that of the userspace format.
  assert.deepEqual(
    layouts(only, get('z0'), get('v0')).layouts.map((layout) => layout.userspace_accesses.refused),
    [1, 1, 1],
  );
});

test('a context switch moves the same in all: 6344 bytes in and 6352 out with SM and ZA set', () => {
  const create = { ...CREATE, sme_vl: 64 };
  const result = layouts(create, set('svcr', '0x3'), ...RUN);
  for (const layout of result.layouts) {
    assert.deepEqual(layout.context_switches, { count: 1, bytes: 6344 + 6352, bytes_each: 12_696 });
  }
  const full = layouts({ ...create, fa64: true }, set('svcr', '0x3'), ...RUN);
  assert.equal(user(full).context_switches.bytes, 2 * 6352);
});

test('kernel-mode NEON saves the guest, and its next use loads it again', () => {
  const neon = [
    { event: 'neon_begin', cpu: 0 },
    { event: 'neon_end', cpu: 0 },
    { event: 'guest_fp', cpu: 0 },
  ];
  const result = layouts(CREATE, ...RUN.slice(0, 4), ...neon, RUN[4] as object);
  assert.equal(native(result).context_switches.bytes, 4 * (546 * 4 + 8));
});

test('SVCR after the vectors, or after ZA, loses them in the native layouts only', () => {
  const lost = (...lines: object[]) => layouts(CREATE, ...lines);
  const late = lost(set('z3'), set('ffr'), set('svcr', '0x1'));
  assert.deepEqual(
    late.layouts.map(({ orderings_that_lose_data }) => orderings_that_lose_data),
    [0, 1, 1],
  );
  assert.deepEqual(late.lost, [{ input: 0, line: 4, vm: 0, vcpu: 0, registers: 'vectors', written: 2 }]);
  assert.equal(native(late).bytes_zeroed, 512 + 546 * 8);
  assert.equal(user(late).bytes_zeroed, 0);
  const matrix = lost(set('za'), set('zt0'), set('svcr', '0x2'));
  assert.deepEqual(
    matrix.lost.map(({ registers, written }) => [registers, written]),
    [['za', 2]],
  );
  assert.equal(native(matrix).bytes_zeroed, 256 * 64 + 64);
  assert.equal(native(lost(set('z0'), set('za'), set('svcr', '0x3'))).orderings_that_lose_data, 2);
});

test('the right order loses nothing, nor does a value that a run has taken, nor one that changes nothing', () => {
  for (const lines of [
    [set('svcr', '0x3'), set('z0'), set('za')],
    [set('z0'), ...RUN, set('svcr', '0x1')],
    [set('z0'), set('svcr', '0x0')],
    [set('z0'), set('fpsr'), set('svcr', '0x1')].slice(1),
  ]) {
    assert.equal(native(layouts(CREATE, ...lines)).orderings_that_lose_data, 0, JSON.stringify(lines));
  }
});

test('a write to SVCR without a value is counted and changes nothing', () => {
  const result = layouts(CREATE, set('z0'), set('svcr'));
  assert.equal(result.svcr_unknown, 1);
  assert.equal(native(result).orderings_that_lose_data, 0);
  assert.match(formatLayouts(result, PLAIN), /1 write to SVCR without a value/);
});

const CPU = fc.nat(1);
const VCPU = fc.nat(1);
const line = fc.oneof(
  fc.record({ event: fc.constant('vcpu_load'), cpu: CPU, vcpu: VCPU }),
  fc.record({ event: fc.constantFrom('vcpu_put', 'guest_enter', 'guest_fp', 'neon_begin', 'sched_out'), cpu: CPU }),
  fc.record({ event: fc.constant('guest_svcr'), cpu: CPU, sm: fc.nat(1), za: fc.nat(1) }),
  fc.record({ event: fc.constant('reg_get'), vcpu: VCPU, reg: fc.constantFrom(...REGISTERS) }),
  fc.record({
    event: fc.constant('reg_set'),
    vcpu: VCPU,
    reg: fc.constantFrom('svcr', ...REGISTERS),
    value: fc.nat(3).map((value) => `0x${value}`),
  }),
  fc.record({ event: fc.constant('lost'), count: fc.constant(1) }),
);

test('of any events: L2 and L3 never convert, L1 never loses, and all move the same at a switch', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), fc.boolean(), (lines, sve) => {
      const result = layouts({ ...CREATE, sve }, { ...CREATE, vcpu: 1, sve: true }, ...lines);
      const [first, second, third] = result.layouts as [LayoutResult, LayoutResult, LayoutResult];
      assert.deepEqual({ ...third, id: '', name: '' }, { ...second, id: '', name: '' });
      assert.equal(second.conversions + second.bytes_read + second.bytes_rewritten, 0);
      assert.equal(first.orderings_that_lose_data, 0);
      assert.deepEqual(first.context_switches, second.context_switches);
      assert.ok(first.bytes_read >= first.bytes_rewritten);
      for (const text of formatLayouts(result, PLAIN).split('\n')) assert.ok(text.length <= 80, text);
    }),
    { numRuns: 300 },
  );
});

test('the text is that of its file', () => {
  const file = new URL('layouts.txt', import.meta.url);
  const restore = [set('z0'), set('p0'), set('za'), set('svcr', '0x3')];
  const flip = { event: 'guest_svcr', cpu: 0, sm: 0 };
  const lines = [...restore, ...RUN.slice(0, 3), flip, ...RUN.slice(3), get('z0'), ...RUN];
  const text = formatLayouts(layouts(CREATE, ...lines), PLAIN);
  if (process.env.UPDATE_GOLDEN) writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'));
});
