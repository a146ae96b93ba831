import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MODELS } from '../../lib/models/profiles.ts';
import { modelOfRelease, modelsOfRelease } from '../../lib/models/release.ts';
import { importText } from '../support/captures.ts';

const RELEASES: readonly (readonly [string, string | undefined])[] = [
  ['5.15.180', undefined],
  ['5.18.0', 'v5.18'],
  ['6.1.0-9-arm64', 'v5.18'],
  ['6.1.176', 'v6.1-stable'],
  ['6.6.30-generic', 'v6.2'],
  ['6.10.0-rc1', 'v6.10-rc1'],
  ['6.10.0-rc12', 'v6.10'],
  ['6.11.4', 'v6.10'],
  ['6.12.5', 'v6.12'],
  ['6.12.107+deb13-arm64', 'v6.12-stable'],
  ['6.13.0', 'v6.12'],
  ['6.15.0-rc3', 'v6.14'],
  ['6.19.8', 'v6.16'],
  ['7.0.1', 'v6.16'],
  ['7.3.4', 'v7.1'],
  ['7.3', 'v7.1'],
  ['6.12-rc3', 'v6.12'],
  ['8.0.0', 'v7.1'],
  ['12', undefined],
  ['v6.12.1', undefined],
  ['6.12.1.2', undefined],
  ['', undefined],
];

describe('the release of a kernel', () => {
  it('says its model, which exists', () => {
    for (const [release, model] of RELEASES) {
      assert.equal(modelOfRelease(release), model, release);
      if (model !== undefined) assert.ok(MODELS.some(({ name }) => name === model));
    }
  });

  it('of a distribution does not say the stable level: then it can be of two models, unless the version names it', () => {
    const two = ['v5.18', 'v6.1-stable'];
    assert.deepEqual(modelsOfRelease('6.1.0-56-arm64'), two);
    assert.deepEqual(modelsOfRelease('6.1.0-56-arm64', '#1 SMP PREEMPT_DYNAMIC Ubuntu'), two);
    assert.deepEqual(modelsOfRelease('6.1.0-56-arm64', '#1 SMP Debian 6.1.192-1 (2026-11-02)'), ['v6.1-stable']);
    assert.deepEqual(modelsOfRelease('6.1.0-9-arm64', '#1 SMP Debian 6.1.27-1 (2023-05-08)'), ['v5.18']);
    assert.deepEqual(modelsOfRelease('6.12.0-55.el10.aarch64'), ['v6.12', 'v6.12-stable']);
    assert.deepEqual(modelsOfRelease('6.8.0-45-generic'), ['v6.2']);
    assert.deepEqual(modelsOfRelease('6.1.176'), ['v6.1-stable']);
  });

  it('in the header of a capture is the model of the trace, where nothing else names one', () => {
    const header = '# worldswitch-capture: release=6.12.107\n# worldswitch-capture: mode=nvhe\n';
    assert.equal(importText(header).events[0]?.model, 'v6.12-stable');
    assert.equal(importText(header, { model: 'v6.14' }).events[0]?.model, 'v6.14');
    const [meta] = importText(header, { anonymous: true }).events;
    assert.deepEqual([meta?.model, meta?.mode], [undefined, undefined]);
  });
});
