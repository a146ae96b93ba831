import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Report, Transition } from '../../lib/report/report.ts';
import { createReporter as jsonReporter } from '../../lib/show/json.ts';
import { createReporter as ndjsonReporter } from '../../lib/show/ndjson.ts';
import { toJson } from '../../lib/text/json.ts';
import { FAIL, hostile } from './reports.ts';

function collect(): { readonly writes: string[]; write(text: string | Uint8Array): void } {
  const writes: string[] = [];
  return { writes, write: (text) => writes.push(typeof text === 'string' ? text : Buffer.from(text).toString()) };
}

function json(report: Report): string {
  const sink = collect();
  jsonReporter(sink).report(report);
  return sink.writes.join('');
}

test('json is the report, indented by two, with a line feed at its end', () => {
  assert.equal(json(FAIL), `${JSON.stringify(FAIL, undefined, 2)}\n`);
});

test('json of a hostile report is the same value in printable ASCII', () => {
  const text = json(hostile());
  assert.deepEqual(JSON.parse(text), hostile());
  assert.match(text, /^[\n -~]*$/);
});

test('toJson is JSON of the same value, without controls', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(fc.dictionary(text, fc.oneof(text, fc.array(text))), (value) => {
      const written = toJson(value);
      assert.deepEqual(JSON.parse(written), JSON.parse(JSON.stringify(value)));
      assert.doesNotMatch(written, /[\p{Cc}\u2028\u2029\u202e\u2066]/u);
    }),
  );
});

const TRANSITION: Transition = {
  input: 0,
  line: 3,
  cpu: 0,
  event: 'guest_fp_trap',
  instance: 'kvm_host_data',
  from: 'host',
  to: 'guest',
  cause: 'fp_trap',
};

test('ndjson is a line for each thing that happens, and the report as the last one', () => {
  const sink = collect();
  const reporter = ndjsonReporter(sink);
  const [violation] = FAIL.violations;
  const [divergence] = FAIL.observations.diverging;
  assert.ok(violation && divergence);
  const { followed: _, ...rest } = violation;
  reporter.transition?.(TRANSITION);
  reporter.violation?.(violation);
  reporter.divergence?.(divergence);
  reporter.report(FAIL);
  const text = sink.writes.join('');
  assert.ok(text.endsWith('\n'));
  assert.deepEqual(
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { type: 'transition', ...TRANSITION },
      { type: 'violation', ...rest },
      { type: 'divergence', ...divergence },
      { type: 'report', ...JSON.parse(JSON.stringify(FAIL)) },
    ],
  );
});

test('a transition is written as JSON.stringify would', () => {
  const name = fc.oneof(fc.constantFrom('free', 'host', 'guest'), fc.string());
  const optional = fc.option(fc.nat(), { nil: undefined });
  const transition = fc.record({
    input: fc.nat(),
    line: fc.maxSafeNat(),
    ts: fc.oneof(optional, fc.constant('18446744073709551615')),
    cpu: optional,
    vm: optional,
    vcpu: optional,
    event: name,
    instance: name,
    from: name,
    to: name,
    cause: name,
  }) as fc.Arbitrary<Transition>;
  fc.assert(
    fc.property(fc.array(transition, { maxLength: 100 }), (transitions) => {
      const sink = collect();
      const reporter = ndjsonReporter(sink);
      for (const one of transitions) reporter.transition?.(one);
      reporter.report(FAIL);
      const expected = [...transitions.map((one) => ({ type: 'transition', ...one })), { type: 'report', ...FAIL }];
      assert.equal(sink.writes.join(''), expected.map((value) => `${toJson(value)}\n`).join(''));
    }),
  );
});

test('ndjson writes in pieces of about 64 kB, and keeps no more than one back', () => {
  const sink = collect();
  const reporter = ndjsonReporter(sink);
  for (let line = 1; line <= 5000; line++) reporter.transition?.({ ...TRANSITION, line });
  assert.ok(sink.writes.length > 1, 'written before the end');
  reporter.report(FAIL);
  const sizes = sink.writes.slice(0, -1).map((text) => text.length);
  for (const size of sizes) assert.ok(size >= 64 * 1024 && size < 65 * 1024, `${size}`);
  assert.equal(sink.writes.join('').trimEnd().split('\n').length, 5001);
});
