import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CHANGES, profileOf } from '../../lib/models/changes.ts';
import { findModel, MODELS, NEWEST } from '../../lib/models/models.ts';
import type { Profile } from '../../lib/models/profile.ts';
import { coveringOf } from '../../lib/models/release.ts';
import type { Release } from '../../lib/models/release-number.ts';
import { importText } from '../support/captures.ts';

/** Releases that a model covers. */
const COVERED: Readonly<Record<string, string>> = {
  '5.18.0': 'v5.18',
  '6.0.19': 'v5.19',
  '6.1.99': 'v5.19',
  '6.1.176': 'v6.1-stable',
  '6.3.0': 'v6.3',
  '6.6.30': 'v6.6',
  '6.6.85': 'v6.6-stable',
  '6.6.85-rt': 'v6.6-stable',
  '6.9.12': 'v6.8',
  '6.9.0-rc3': 'v6.8',
  '6.10.0-rc1': 'v6.10-rc1',
  '6.11.4': 'v6.11',
  '6.12.5': 'v6.12',
  '6.12.107+deb13-arm64': 'v6.12-stable',
  '6.13.0': 'v6.13',
  '6.14.0-rc1': 'v6.14-rc1',
  '6.14.2': 'v6.14',
  '6.15.2': 'v6.15',
  '6.15.4': 'v6.15-stable',
  '6.16.12+deb13-cloud-arm64': 'v6.16',
  '6.18.15+deb13-arm64': 'v6.16',
  '6.18.36': 'v6.18-stable',
  '6.19.8': 'v6.19',
  '7.0.1': 'v7.0',
  '7.0.13+deb13-arm64': 'v7.0-stable',
  '7.1.9': 'v7.1',
  '7.2.12+deb14-arm64': 'v7.2',
  '7.3.4': 'v7.3',
  '7.3': 'v7.3',
};

/** Releases that none covers: what they are taken for, and the question. */
const ASKED: readonly (readonly [string, string | undefined, RegExp])[] = [
  ['5.15.180', undefined, /older than v5\.18/],
  ['6.3.8', 'v6.3', /between v6\.3 and v6\.4/],
  // Stable trees took SME out of the build, and fixed CVE-2024-50275.
  ['6.1.130', 'v5.18', /between v5\.19 and v6\.1-stable/],
  ['6.12.25', 'v6.12-stable', /between v6\.12 and v6\.12-stable/],
  ['6.6.70', 'v6.6', /between v6\.6 and v6\.6-stable/],
  ['6.11.9', 'v6.11', /between v6\.11 and v6\.12/],
  ['7.0.12', 'v7.0', /between v7\.0 and v7\.0-stable/],
  ['6.10.0-rc12', 'v6.10', /between v6\.8 and v6\.10/],
  ['6.12-rc3', 'v6.12', /between v6\.11 and v6\.12/],
  ['6.14.0-rc2', 'v6.14', /between v6\.13 and v6\.14/],
  ['6.15.0-rc3', 'v6.15', /between v6\.14 and v6\.15/],
  ['7.4.1', 'v7.3', /later than v7\.3/],
  ['8.0.0', 'v7.3', /later than v7\.3/],
  ['6.6.30-android15-8-g0123456789ab', 'v6.6', /not a vanilla kernel/],
  ['6.12.0-55.el10.aarch64', 'v6.12', /not a vanilla kernel/],
  ['6.8.0-45-generic', 'v6.8', /not a vanilla kernel/],
  ['6.12.7-200.fc41.aarch64', 'v6.12', /not a vanilla kernel/],
  ['6.1.102-111.182.amzn2023.aarch64', 'v5.19', /not a vanilla kernel/],
  ['6.8.0-rc6-00005-g0123456789ab', 'v6.8', /not a vanilla kernel/],
  ['6.12.0+', 'v6.12', /not a vanilla kernel/],
];

describe('the release of a kernel', () => {
  it('says its model, which exists', () => {
    for (const [release, model] of Object.entries(COVERED)) {
      assert.deepEqual(coveringOf(release), { models: [model] }, release);
      assert.ok(findModel(model) !== undefined);
    }
  });

  it('that no model covers is asked about, and is taken for the one most like it', () => {
    for (const [release, model, words] of ASKED) {
      const { models, question } = coveringOf(release);
      assert.equal(models[0], model, release);
      assert.match(question ?? '', words, release);
      assert.ok(question?.startsWith(release), release);
    }
  });

  it('of a distribution does not say the stable level: then it can be of several models, unless the version names it', () => {
    const two = ['v5.19', 'v6.1-stable'];
    assert.deepEqual(coveringOf('6.1.0-56-arm64'), { models: two });
    assert.deepEqual(coveringOf('6.1.0-56-arm64', '#1 SMP PREEMPT_DYNAMIC Ubuntu'), { models: two });
    const debian = '#1 SMP Debian 6.1.192-1 (2026-11-02)';
    assert.deepEqual(coveringOf('6.1.0-56-arm64', debian), { models: ['v6.1-stable'] });
    assert.deepEqual(coveringOf('6.1.0-56-rt-arm64', debian), { models: ['v6.1-stable'] });
    assert.deepEqual(coveringOf('6.1.0-9-arm64', '#1 SMP Debian 6.1.27-1 (2023-05-08)'), { models: ['v5.19'] });
    const rhel = coveringOf('6.12.0-55.el10.aarch64');
    assert.deepEqual(rhel.models, ['v6.12', 'v6.12-stable']);
    assert.match(rhel.question ?? '', /not a vanilla kernel/);
  });

  it('that is none says nothing', () => {
    for (const release of ['12', 'v6.12.1', '6.12.1.2', ''])
      assert.deepEqual(coveringOf(release), { models: [] }, release);
  });

  it('of which a model begins is covered by it, and one release before it by another', () => {
    for (const { name, since } of MODELS) {
      if (since === undefined) continue;
      assert.deepEqual(coveringOf(since.join('.')), { models: [name] });
      const before = since[2] === undefined ? undefined : coveringOf(`${since[0]}.${since[1]}.${since[2] - 1}`);
      if (before !== undefined) assert.ok(before.models[0] !== name || before.question !== undefined, name);
    }
  });

  it('has the switches of the model that covers it, all of them', () => {
    const releases = [5, 6, 7].flatMap((major) => Array.from({ length: 20 }, (_, minor): Release => [major, minor]));
    const patches = [0, 1, 5, 20, 60, 84, 85, 119, 120, 134, 135, 200];
    for (const [major, minor] of releases) {
      for (const patch of patches) {
        const { models, question } = coveringOf(`${major}.${minor}.${patch}`);
        const [model] = models;
        if (model === undefined || question !== undefined) continue;
        assert.deepEqual(findModel(model)?.profile, profileOf([major, minor, patch]), `${major}.${minor}.${patch}`);
      }
    }
  });

  it('in the header of a capture is the model of the trace, where nothing else names one', () => {
    const header = '# worldswitch-capture: release=6.12.107\n# worldswitch-capture: mode=nvhe\n';
    assert.equal(importText(header).events[0]?.model, 'v6.12-stable');
    assert.equal(importText(header, { model: 'v6.14' }).events[0]?.model, 'v6.14');
    const [meta] = importText(header, { anonymous: true }).events;
    assert.deepEqual([meta?.model, meta?.mode], [undefined, undefined]);
  });
});

describe('the table of changes', () => {
  it('is in the order of the releases, names commits, and every change does something', () => {
    for (const [index, { since, sets, commits, found }] of CHANGES.entries()) {
      const [major, minor] = since;
      const earlier = CHANGES.slice(0, index);
      for (const { since: one } of earlier) assert.ok(one[0] < major || (one[0] === major && one[1] <= minor));
      assert.ok(
        commits.every((commit) => /^[0-9a-f]{12}$/.test(commit)),
        commits.join(),
      );
      assert.equal(commits.length === 0, found === 'instructions', `v${major}.${minor}`);
      const before: Profile = minor === 0 ? profileOf([major - 1, 99]) : profileOf([major, minor - 1]);
      const has = profileOf(since);
      const moves = (Object.keys(sets) as (keyof Profile)[]).filter((name) => before[name] !== has[name]);
      assert.ok(moves.length > 0, `${commits.join()} changes nothing in v${major}.${minor}`);
    }
  });

  it('has no release that is later than the newest which is known', () => {
    for (const { since } of CHANGES)
      assert.ok(since[0] < NEWEST[0] || (since[0] === NEWEST[0] && since[1] <= NEWEST[1]));
  });
});
