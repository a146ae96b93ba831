/** Events and captures through identification, as the command sends them. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createTextImport } from '../../lib/import/text.ts';
import { createIdentifier, type Identification } from '../../lib/tools/identify/identify.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { skipUnless } from './skip.ts';

const SHARED = new URL('../../../shared/captures/', import.meta.url);

export function identifyEvents(events: readonly object[]): Identification {
  const identifier = createIdentifier({});
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

/** The capture of a running kernel is identified as what it is of. */
export function assertIdentified(name: string): void {
  const converted = readFileSync(new URL(`ndjson/${name}.ndjson`, SHARED), 'utf8');
  const { model, mode } = JSON.parse(converted.slice(0, converted.indexOf('\n')));
  const found = identifyCapture(gunzipSync(readFileSync(new URL(`raw/${name}.ftrace.gz`, SHARED))));
  assert.equal(found.ranking[0]?.diverged, 0);
  assert.equal(found.ranking[0]?.model, NEWER[model] ?? model);
  // Nothing in a trace tells hVHE from nVHE.
  assert.equal(found.ranking[0]?.mode, mode === 'hvhe' ? 'nvhe' : mode);
  assert.ok(found.undecided.some((kernel) => kernel.model === model && kernel.mode === mode));
}
