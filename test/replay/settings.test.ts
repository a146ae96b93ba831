/** Which machine is emulated: the caller's wishes, then the trace's own words, then the defaults. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReplay } from '../../lib/replay/replay.ts';
import { type Settings, settle, type Wishes } from '../../lib/replay/settings.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord, type Meta } from '../../lib/trace/event.ts';
import { KIND } from '../../lib/trace/vocabulary.ts';

function settled(wishes: Wishes, meta?: Meta): Settings {
  const settings = settle(wishes, meta);
  assert.ok(!('field' in settings), JSON.stringify(settings));
  return settings;
}

test('without a word: v6.10 on VHE, without SVE and SME, 6 and 4 pairs of debug registers, a PMU', () => {
  const { model, mode, features, contradictions } = settled({});
  assert.deepEqual([model.name, mode, contradictions], ['v6.10', 'vhe', []]);
  assert.deepEqual(features, { sveVl: 0, smeVl: 0, brps: 6, wrps: 4, features: new Set(['pmuv3']) });
});

test('the trace says more, and the caller has the last word', () => {
  const meta = { model: 'v7.1', mode: 'nvhe', sve_vl: 64, sme_vl: 32, brps: 2, wrps: 16 };
  const said = settled({}, meta);
  assert.deepEqual([said.model.name, said.mode, said.contradictions], ['v7.1', 'nvhe', []]);
  assert.deepEqual({ ...said.features, features: 0 }, { sveVl: 64, smeVl: 32, brps: 2, wrps: 16, features: 0 });
  const wished = settled({ model: 'v6.2', mode: 'nvhe', sveVl: 0, smeVl: 128 }, meta);
  assert.deepEqual([wished.model.name, wished.features.sveVl, wished.features.smeVl], ['v6.2', 0, 128]);
  assert.deepEqual(wished.contradictions, [
    'model v6.2 was asked for, the trace says v7.1',
    'sve_vl 0 was asked for, the trace says 64',
    'sme_vl 128 was asked for, the trace says 32',
  ]);
});

test('a feature may be listed, and a default one taken away', () => {
  assert.deepEqual([...settled({}, { features: ['fgt', 'hcx'] }).features.features].sort(), ['fgt', 'hcx', 'pmuv3']);
  assert.deepEqual([...settled({}, { features: ['no_pmuv3', 'ras'] }).features.features], ['ras']);
  assert.deepEqual([...settled({}, { features: ['fgt', 'no_fgt'] }).features.features], ['pmuv3']);
});

test('what the trace says of the machine and does not hold, or nobody knows, is counted', () => {
  const replay = createReplay({});
  const line = (object: object) => {
    const event = createEventRecord();
    assert.equal(decode(object, event), undefined);
    assert.equal(replay.step(event), undefined);
  };
  const features = ['ras', 'warp', 'no_warp', 'warp', 'no_ras', 'x'.repeat(1000), '__proto__'];
  line({ event: 'meta', format: 1, cpus: 2, features });
  for (const cpu of [0, 1, 2, 2, 4095]) line({ event: 'cpu_on', cpu });
  line({ event: 'guest_debug', vcpu: 0 });
  const { assumptions } = replay.finish([]).ledger;
  const beyond = 'a CPU beyond the 2 that the trace says there are';
  const left = (name: string) => `feature ${name} of the machine is not known, and left out`;
  assert.equal(assumptions[beyond], 3);
  for (const name of ['warp', 'no_warp', '__proto__']) assert.equal(assumptions[left(name)], 1, name);
  assert.equal(Object.keys(assumptions).length, 5);
  assert.ok(Object.keys(assumptions).every((name) => name.length <= 250));
});

test('a model or mode that there is not, or not together, is an error that says what there is', () => {
  const faults: [Meta, string, RegExp, string][] = [
    [{ model: 'v6.9' }, 'model', /^one of v5\.18, v5\.19, /, '"v6.9"'],
    [{ mode: 'evil' }, 'mode', /^one of vhe, nvhe, hvhe, pkvm$/, '"evil"'],
    [{ model: 'v5.18', mode: 'hvhe' }, 'mode', /^a mode of model v5\.18: vhe, nvhe, pkvm$/, '"hvhe"'],
  ];
  for (const [meta, field, expected, found] of faults) {
    const error = settle({}, meta);
    assert.ok('field' in error);
    assert.deepEqual([error.field, error.found], [field, found]);
    assert.match(error.expected, expected);
    const event = { ...createEventRecord(), kind: KIND.meta, input: 2, line: 1, meta };
    const { expected: text } = error;
    assert.deepEqual(createReplay({}).step(event), { input: 2, line: 1, field, expected: text, found });
  }
});

test('a trace without events is replayed on the machine that was asked for', () => {
  const report = createReplay({ model: 'v7.1', mode: 'nvhe' }).finish([]);
  assert.deepEqual([report.model, report.verdict, report.events], [{ name: 'v7.1', mode: 'nvhe' }, 'inconclusive', {}]);
  assert.throws(() => createReplay({ model: 'v1.0' }).finish([]), /model "v1\.0"/);
});

test('a model that was asked for and that there is not is an error of the first event', () => {
  const event = { ...createEventRecord(), kind: KIND.cpu_on, input: 1, line: 7, cpu: 0 };
  const error = createReplay({ model: 'v1.0' }).step(event);
  assert.deepEqual([error?.input, error?.line, error?.field, error?.found], [1, 7, 'model', '"v1.0"']);
});

test('a meta line that says nothing is no error, and leaves the defaults', () => {
  const replay = createReplay({});
  assert.equal(replay.step({ ...createEventRecord(), kind: KIND.meta }), undefined);
  assert.deepEqual(replay.finish([]).model, createReplay({}).finish([]).model);
});
