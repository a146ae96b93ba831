/** A reporter for node:test: a JSON line for each test that ran, with its file, its outcome and why it was skipped. */

import { resolve } from 'node:path';

export default async function* results(source) {
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details?.type === 'suite') continue;
    // A file without tests is reported as a test of its own, which passes where the file ends well.
    const file = resolve(data.file ?? data.name);
    if (type === 'test:pass' && resolve(data.name) === file) continue;
    const reason = data.skip ?? data.todo;
    const skipped = reason !== undefined;
    const outcome = skipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed';
    yield `${JSON.stringify({ file, name: data.name, outcome, ...(skipped && { reason: String(reason) }) })}\n`;
  }
}
