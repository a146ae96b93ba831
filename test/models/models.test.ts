/** The table of models agrees with the one that the literal model was typed in from, where both have the switch. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_MODE, DEFAULT_MODEL, findModel, MODELS } from '../../lib/models/models.ts';
import { isMode, MODES } from '../../lib/models/profile.ts';
import { PROFILES } from '../literal/profiles.ts';

for (const [name, literal] of Object.entries(PROFILES)) {
  test(`${name} in both tables`, () => {
    const model = findModel(name);
    assert.ok(model !== undefined);
    const { profile } = model;
    assert.equal(model.id, literal.id);
    assert.equal(profile.ownerLoc, literal.ownerLoc);
    assert.equal(profile.accessor, literal.accessor);
    assert.equal(profile.hostSave, literal.hostSave);
    assert.equal(profile.tifSveAtLoad === 'BUG', literal.tifSveBug);
    assert.equal(profile.cptrCompute === 'scratch', literal.cptrCompute === 'scratch');
    assert.equal(profile.trapReactivate, literal.trapReactivate);
    assert.equal(profile.dbg, literal.dbg);
    assert.equal(profile.neonPreemptible, literal.neonPreemptible);
    assert.equal(profile.saveCurrent, literal.saveCurrent);
    assert.equal(profile.accFlushes, literal.accFlushes);
    assert.equal(model.modes.includes('hvhe'), literal.hvhe);
  });
}

test('names are unique, the defaults exist, and every model has VHE', () => {
  const names = MODELS.map(({ name }) => name);
  assert.deepEqual([...new Set(names)], names);
  assert.ok(findModel(DEFAULT_MODEL)?.modes.includes(DEFAULT_MODE));
  for (const { modes, kernels, summary } of MODELS) {
    assert.ok(modes.includes('vhe') && modes.every(isMode) && kernels !== '' && summary !== '');
  }
  assert.deepEqual([findModel('v6.9'), isMode('VHE'), MODES.length], [undefined, false, 4]);
});
