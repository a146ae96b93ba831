/** A capture, as `worldswitch identify` takes it. */

import assert from 'node:assert/strict';
import { createTextImport } from '../../lib/import/text.ts';
import { createIdentifier, type Identification } from '../../lib/tools/identify/identify.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';

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
