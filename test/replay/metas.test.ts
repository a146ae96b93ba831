/** Meta lines of several inputs of one machine. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTHING_HIDDEN } from '../../lib/kernel/state/watcher.ts';
import { createMetas } from '../../lib/replay/metas.ts';
import { createEventRecord, type Meta } from '../../lib/trace/event.ts';
import { KIND } from '../../lib/trace/vocabulary.ts';

function together(...metas: readonly Meta[]): Meta | undefined {
  const all = createMetas({});
  for (const [input, meta] of metas.entries()) {
    assert.equal(all.add({ ...createEventRecord(), kind: KIND.meta, input, meta }), undefined);
  }
  return all.meta;
}

test('of the kinds of event that inputs show, those that all show are shown; who does not say shows all', () => {
  const [one, other] = [{ records: ['vcpu_load', 'vcpu_put'] }, { records: ['vcpu_put', 'sched_in'] }];
  assert.deepEqual(together(one, other)?.records, ['vcpu_put']);
  assert.deepEqual(together({ model: 'v6.10' }, other)?.records, other.records);
  assert.deepEqual(together(one, { model: 'v6.10' })?.records, one.records);
  assert.equal(together({ model: 'v6.10' }, { mode: 'vhe' })?.records, undefined);
});

test('a step that is hidden where nothing is hidden is a bug, and says so', () => {
  assert.throws(() => NOTHING_HIDDEN.fork(), /a step is hidden where nobody expects it/);
});
