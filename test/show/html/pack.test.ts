/** The page unpacks what was packed, and nothing of a trace is in the page but as data. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPage } from '../../../lib/show/html/document.ts';
import { pack } from '../../../lib/show/html/pack.ts';
import { unpack } from '../../../lib/show/html/page/unpack.ts';
import { runsOf, traceOf } from '../../support/corpus.ts';
import { traceFrom } from '../../support/replay.ts';
import { record } from '../../support/timeline.ts';

test('all columns come back as they were', async () => {
  for (const run of [...runsOf('bugs'), ...runsOf('real').slice(0, 4)]) {
    const { timeline } = record(traceOf(run.folder, run.trace), { model: run.model.name, mode: run.mode });
    const data = await unpack(pack(timeline));
    const { events } = timeline;
    assert.equal(data.count, events.lines.length);
    assert.deepEqual(data.times, events.times.length === 0 ? undefined : events.times);
    assert.deepEqual(data.lines, events.lines);
    assert.deepEqual(data.inputs, events.inputs);
    assert.deepEqual(data.eventKinds, events.kinds);
    assert.deepEqual(data.cpus, events.cpus);
    assert.deepEqual(data.inferred, events.inferred);
    assert.deepEqual(data.tracks, timeline.tracks);
    assert.deepEqual(data.transitions, timeline.transitions);
    assert.deepEqual(data.values, timeline.values);
    assert.equal(data.marks.length, timeline.marks.length);
  }
});

test('numbers of any size come back', async () => {
  const times = [0n, 1n, 127n, 128n, 2n ** 32n, 2n ** 52n];
  const { timeline } = record(
    traceFrom(times.map((ts) => ({ event: 'cpu_on', cpu: 4095, ts: ts < 2n ** 53n ? Number(ts) : String(ts) }))),
  );
  const data = await unpack(pack(timeline));
  assert.deepEqual([...(data.times ?? [])], times.map(Number));
  assert.deepEqual(
    [...data.cpus],
    times.map(() => 4096),
  );
});

test('what a trace says cannot end the script, nor hide what is read', async () => {
  const evil = '</script><script>alert(1)</script>\u202e\u001b[31m';
  const trace = traceFrom([{ event: 'cpu_on', cpu: 0 }, { event: evil }]);
  const { timeline } = record({ ...trace, inputs: [{ name: evil, lines: 2, events: 2 }] });
  const page = createPage(timeline);
  assert.ok(!page.includes('alert'));
  const data = await unpack(/id="data">([^<]*)</.exec(page)?.[1] ?? '');
  assert.equal(data.report.inputs[0]?.name, '</script><script>alert(1)</script>\\u{202e}\\u{1b}[31m');
});

test('the page may run its own script and nothing else, and fetch nothing', () => {
  const page = createPage(record(traceFrom([{ event: 'cpu_on', cpu: 0 }])).timeline);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
  assert.match(policy, /^default-src 'none'; script-src 'sha256-[^ ]+'; style-src 'sha256-[^ ]+';/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  assert.doesNotMatch(page, /https?:|src=|@import|url\(|style="| on\w+="/);
});
