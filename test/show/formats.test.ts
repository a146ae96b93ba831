/**
 * What holds for every output format. Each has a golden for each kind of report, which `UPDATE_GOLDEN=1 npm test --
 * show/formats` writes.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Report, Transition } from '../../lib/report/report.ts';
import { FORMAT_NAMES, type Format, reporterOf } from '../../lib/show/formats.ts';
import { createPaint, PLAIN } from '../../lib/text/paint.ts';
import { UPDATING } from '../support/corpus.ts';
import { FAIL, hostile, INCONCLUSIVE, PASS } from './reports.ts';

const FOLDER = fileURLToPath(new URL('formats/', import.meta.url));
const REPORTS: Readonly<Record<string, Report>> = { pass: PASS, fail: FAIL, inconclusive: INCONCLUSIVE };

const TRANSITION: Transition = {
  input: 0,
  line: 7,
  event: 'guest_fp_trap',
  cpu: 1,
  vm: 0,
  vcpu: 2,
  instance: 'hyp',
  from: 'host',
  to: 'guest',
  cause: 'fp_trap',
};

/** All that a replay which ends in this report writes. */
async function written(format: Format, report: Report, paint = PLAIN): Promise<string> {
  let text = '';
  const write = (piece: string | Uint8Array) => {
    text += typeof piece === 'string' ? piece : Buffer.from(piece).toString();
  };
  const reporter = (await reporterOf(format))({ write }, { paint });
  reporter.transition?.(TRANSITION);
  for (const violation of report.violations) reporter.violation?.(violation);
  for (const divergence of report.observations.diverging) reporter.divergence?.(divergence);
  reporter.report(report);
  return text;
}

for (const format of FORMAT_NAMES) {
  for (const [name, report] of Object.entries(REPORTS)) {
    test(`${format} of ${name} is that of its file`, async () => {
      const golden = `${FOLDER}${name}.${format}.txt`;
      const text = await written(format, report);
      if (UPDATING) {
        mkdirSync(FOLDER, { recursive: true });
        writeFileSync(golden, text);
      }
      assert.ok(existsSync(golden), `${golden} is missing: UPDATE_GOLDEN=1 npm test -- show/formats writes it`);
      assert.equal(text, readFileSync(golden, 'utf8'));
    });
  }

  test(`${format} ends its last line, and lets nothing of a trace through as it is`, async () => {
    assert.match(await written(format, hostile()), /^[\n -~]+\n$/);
  });

  test(`${format} has colour only as sequences between the same text`, async () => {
    const coloured = await written(format, FAIL, await createPaint(true));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: sequences begin with one.
    assert.equal(coloured.replaceAll(/\u001b\[[\d;]*m/g, ''), await written(format, FAIL));
  });
}
