/** Captures of running kernels are identified: each is replayed under every kernel, which takes minutes. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { identifyCapture } from '../support/identify.ts';
import { skipUnless } from '../support/skip.ts';

const SHARED = new URL('../../../shared/captures/', import.meta.url);

/** The newest model that a capture of a kernel cannot be told from. */
const NEWER: Readonly<Record<string, string>> = {
  'v6.1-stable': 'v6.6-stable',
  'v6.12-stable': 'v6.13-stable',
  'v7.1': 'v7.3',
};

describe('the captures of running kernels', () => {
  for (const name of [
    ...['6.1-vhe', '6.1-nvhe', '6.12-vhe', '6.12-nvhe', '6.12-hvhe', '6.12-pkvm', '7.3-vhe', '7.3-nvhe', '7.3-pkvm'],
    ...['6.12-lazy-vhe', '6.12-lazy-nvhe', '6.12-lazy-neon-vhe', '6.12-lazy-neon-nvhe'],
    ...['6.12-seed-v1-vhe', '6.12-seed-v1-nvhe'],
  ]) {
    it(`${name} is identified`, { skip: skipUnless(existsSync(SHARED), 'no captures beside the project') }, () => {
      const converted = readFileSync(new URL(`ndjson/${name}.ndjson`, SHARED), 'utf8');
      const { model, mode } = JSON.parse(converted.slice(0, converted.indexOf('\n')));
      const found = identifyCapture(gunzipSync(readFileSync(new URL(`raw/${name}.ftrace.gz`, SHARED))));
      assert.equal(found.ranking[0]?.diverged, 0);
      assert.equal(found.ranking[0]?.model, NEWER[model] ?? model);
      // Nothing in a trace tells hVHE from nVHE.
      assert.equal(found.ranking[0]?.mode, mode === 'hvhe' ? 'nvhe' : mode);
      assert.ok(found.undecided.some((one) => one.model === model && one.mode === mode));
    });
  }
});
