/** Divergences explained by a switch: traces of one kernel, replayed on another that differs in that switch. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { MODELS } from '../../lib/models/models.ts';
import { changesOf } from '../../lib/models/switches.ts';
import { createReplay } from '../../lib/replay/replay.ts';
import type { Report } from '../../lib/report/report.ts';
import { createExplainer } from '../../lib/tools/explain/divergence.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord, type EventRecord } from '../../lib/trace/event.ts';

const WISHES = { model: 'v6.10', mode: 'nvhe' };

function eventsOf(name: string): object[] {
  const text = readFileSync(new URL(`../import/data/${name}.ndjson`, import.meta.url), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function each(events: readonly object[], take: (event: EventRecord) => unknown): void {
  const record = createEventRecord();
  for (const [index, event] of events.entries()) {
    assert.equal(decode(event, record), undefined);
    record.line = index + 1;
    take(record);
  }
}

function explain(events: readonly object[], wishes: { model: string; mode: string }) {
  const replay = createReplay(wishes);
  each(events, replay.step);
  const report: Report = replay.finish([]);
  const explainer = createExplainer(report, wishes);
  each(events, explainer.step);
  return { report, explanations: explainer.explanations() };
}

describe('explanations of divergences', () => {
  it("of the first posting's instances: the accessor", () => {
    const { report, explanations } = explain(eventsOf('split-instances'), WISHES);
    assert.ok(report.observations.diverged > 0);
    assert.equal(explanations.length, report.observations.diverging.length);
    for (const [index, { line, field, switches }] of explanations.entries()) {
      const divergence = report.observations.diverging[index];
      assert.deepEqual([line, field], [divergence?.line, divergence?.field]);
      assert.deepEqual(switches[0], { switch: 'accessor', value: 'v1bug', models: ['seed-v1'], diverged: 0 });
    }
  });

  it('of a lazy kernel that is taken for an eager one: the host save', () => {
    const { explanations } = explain(eventsOf('neon-in-softirq'), { model: 'v6.14', mode: 'vhe' });
    const [first] = explanations;
    assert.ok(first?.switches.some((found) => found.switch === 'hostSave' && found.value === 'lazy'));
  });

  it('none where no switch is to blame', () => {
    const events = [
      { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 1 },
      { event: 'observe', cpu: 0, fp_owner: 'guest' },
    ];
    const { report, explanations } = explain(events, WISHES);
    assert.equal(report.observations.diverged, 1);
    assert.deepEqual(
      explanations.map(({ switches }) => switches),
      [[]],
    );
  });

  it('every changed kernel can replay what every other one can', () => {
    for (const { name, modes, profile } of MODELS) {
      assert.ok(changesOf(profile).length > 20);
      // All modes of one model are enough: a mode has no switches of its own.
      for (const mode of name === 'v6.14' ? modes : modes.slice(0, 1)) {
        const wishes = { model: name, mode };
        const events = [...eventsOf('lazy-vhe').slice(1), { event: 'observe', cpu: 0, fp_owner: 'guest' }];
        const replay = createReplay(wishes);
        each(events.slice(-1), replay.step);
        const explainer = createExplainer(replay.finish([]), wishes);
        assert.doesNotThrow(() => each(events.slice(-60), explainer.step), `${name} ${mode}`);
      }
    }
  });
});
