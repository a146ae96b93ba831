/** Events and captures through identification, as the command sends them. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createTextImport } from '../../lib/import/text.ts';
import {
  createIdentifier,
  type Identification,
  type IdentifyOptions,
  type Kernel,
} from '../../lib/tools/identify/identify.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { skipUnless } from './skip.ts';

const SHARED = new URL('../../../shared/captures/', import.meta.url);

export function identifyEvents(events: readonly object[], options: IdentifyOptions = {}): Identification {
  const identifier = createIdentifier(options);
  const record = createEventRecord();
  for (const event of events) {
    assert.equal(decode(event, record), undefined);
    assert.equal(identifier.step(record), undefined);
  }
  return identifier.finish();
}

export function identifyCapture(bytes: Uint8Array): Identification {
  const identifier = createIdentifier({});
  const record = createEventRecord();
  const importer = createTextImport({ anonymous: true }, (event, line) => {
    assert.equal(decode(event, record), undefined);
    record.line = line;
    assert.equal(identifier.step(record), undefined);
  });
  identifier.text(bytes, 0);
  importer.push(bytes);
  importer.finish();
  return identifier.finish();
}

/** The newest model that a capture of a kernel cannot be told from. */
const NEWER: Readonly<Record<string, string>> = {
  'v6.1-stable': 'v6.6-stable',
  'v6.12-stable': 'v6.13-stable',
  'v7.1': 'v7.3',
};

/** Why captures cannot be identified, if they cannot. */
export const skip = skipUnless(existsSync(SHARED), 'no captures beside the project');

/** Captures of running kernels, of each kind that there is. */
export const CAPTURED = [
  ...['6.1-vhe', '6.1-nvhe', '6.12-vhe', '6.12-nvhe', '6.12-hvhe', '6.12-pkvm', '7.3-vhe', '7.3-nvhe', '7.3-pkvm'],
  ...['6.12-lazy-vhe', '6.12-lazy-nvhe', '6.12-lazy-neon-vhe', '6.12-lazy-neon-nvhe'],
  ...['6.12-seed-v1-vhe', '6.12-seed-v1-nvhe'],
];

/** What is found of a capture of a running kernel, or of that many of its first lines, and the kernel that it is of. */
function identified(name: string, lines: number): Identification & { readonly of: Kernel } {
  const converted = readFileSync(new URL(`ndjson/${name}.ndjson`, SHARED), 'utf8');
  const { model, mode } = JSON.parse(converted.slice(0, converted.indexOf('\n')));
  const text = gunzipSync(readFileSync(new URL(`raw/${name}.ftrace.gz`, SHARED))).toString('latin1');
  const found = identifyCapture(Buffer.from(text.split('\n', lines).join('\n'), 'latin1'));
  return { ...found, of: { model, mode } };
}

/** No value diverges, and none tells the kernel that it is of from the first. */
function assertNotExcluded({ ranking, undecided, of }: ReturnType<typeof identified>): void {
  assert.equal(ranking[0]?.diverged, 0);
  assert.ok(undecided.some(({ model, mode }) => model === of.model && mode === of.mode));
}

/** The capture of a running kernel is identified as what it is of. */
export function assertIdentified(name: string): void {
  const found = identified(name, Number.POSITIVE_INFINITY);
  assertNotExcluded(found);
  const { ranking, of } = found;
  assert.equal(ranking[0]?.model, NEWER[of.model] ?? of.model);
  // Nothing in a trace tells hVHE from nVHE.
  assert.equal(ranking[0]?.mode, of.mode === 'hvhe' ? 'nvhe' : of.mode);
}

/** Of its first lines, that may be all that is known; half of all kernels are told from it even so. */
export function assertNarrowed(name: string, lines: number): void {
  const found = identified(name, lines);
  assertNotExcluded(found);
  assert.ok(found.undecided.length < found.ranking.length / 2, `${found.undecided.length} of ${found.ranking.length}`);
}
