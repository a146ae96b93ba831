/** What would have prevented a cause: of each known bug, the switch that the table of known bugs names. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODELS } from '../../lib/models/models.ts';
import { changed, SWITCHES, soundChangesOf } from '../../lib/models/switches.ts';
import type { Cause } from '../../lib/report/report.ts';
import { createPreventer } from '../../lib/tools/explain/prevention.ts';
import { type Run, reportOf, traceOf } from '../support/corpus.ts';
import { replay, traceFrom } from '../support/replay.ts';
import { bugRun, nameOf } from '../traces/bugs.ts';
import { CATALOGUE } from '../traces/catalogue.ts';

function preventions(run: Run): readonly Cause[] {
  const { model, mode, strict } = run;
  const preventer = createPreventer(reportOf(run), { model: model.name, mode, strict });
  for (const event of traceOf(run.folder, run.trace).events) preventer.step(event);
  return preventer.causes();
}

for (const { trace, wrong, preventedBy } of CATALOGUE.flatMap(({ cases }) => cases)) {
  for (const kernel of wrong) {
    test(`${trace} on ${nameOf(kernel)} is prevented by ${preventedBy ?? 'no switch'}`, () => {
      const causes = preventions(bugRun(trace, kernel));
      const found = causes.map(({ prevented_by }) => prevented_by?.[0]?.switch ?? null);
      assert.deepEqual(found, [preventedBy]);
    });
  }
}

test('the switch that prevents a bug is told with function, commit and the kernels that have it', () => {
  const [cause] = preventions(bugRun('seed-v1-chain', { model: 'seed-v1', mode: 'nvhe' }));
  const [first, ...others] = cause?.prevented_by ?? [];
  assert.deepEqual(others, []);
  assert.deepEqual(first && { ...first, models: first.models.slice(0, 2) }, {
    switch: 'accessor',
    value: 'ok',
    models: ['v6.10-rc1', 'v6.10'],
    source: 'host_data_ptr',
    commit: '87f842c6c654',
  });
});

test('events are left as they are', () => {
  const { events } = traceFrom([
    { event: 'meta', format: 1, model: 'seed-v1', mode: 'nvhe' },
    { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 },
    { event: 'guest_enter', cpu: 0 },
    { event: 'guest_fp_trap', cpu: 0, ec: '0x7' },
    { event: 'observe', cpu: 0, fp_owner_hyp: 'guest' },
    { event: 'guest_exit', cpu: 0 },
  ]);
  const before = structuredClone(events);
  const preventer = createPreventer(replay({ inputs: [], events }), {});
  for (const event of events) preventer.step(event);
  assert.deepEqual(events, before);
  assert.equal(preventer.causes()[0]?.prevented_by?.[0]?.switch, 'accessor');
});

test('every switch has its place in the kernel, and every change of one is of a kernel that could be', () => {
  for (const { profile } of MODELS) {
    for (const change of soundChangesOf(profile)) {
      assert.ok(SWITCHES[change.name].source.length > 0);
      const { accessor, ownerLoc } = changed(profile, change);
      assert.equal(accessor === 'explicit', ownerLoc === 'vcpu');
    }
  }
});
