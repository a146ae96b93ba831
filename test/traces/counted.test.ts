/**
 * Captures of running kernels, and what the kernels executed meanwhile, counted in the laboratory (test/lab): every count is the
 * tool's, or within the interval that the tool gives; and the intervals are what they are expected to be. UPDATE_GOLDEN=1 rewrites
 * those (read the diff).
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { findingsOf } from '../../lib/replay/findings.ts';
import { createReplay } from '../../lib/replay/replay.ts';
import type { Report } from '../../lib/report/report.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { holds, intervalOf } from '../lab/compare.ts';
import { importText } from '../support/captures.ts';
import { UPDATING } from '../support/corpus.ts';

const FOLDER = new URL('../../traces/counted/', import.meta.url);

interface Counted {
  readonly release: string;
  readonly mode: string;
  readonly workload: string;
  /** How often the kernel and its hypervisor executed each primitive. */
  readonly kernel: Readonly<Record<string, number>>;
  /** Verdict of a replay with no option, and the tool's counts of the same primitives. */
  readonly verdict?: string;
  readonly tool?: Readonly<Record<string, string>>;
}

/** As `worldswitch replay` reads it with no option. */
function replayCapture(bytes: Uint8Array): Report {
  const { events, lines, account } = importText(bytes);
  const { model, mode } = events[0] as { model?: string; mode?: string };
  const replay = createReplay({});
  const record = createEventRecord();
  for (const [index, event] of events.entries()) {
    assert.equal(decode(event, record), undefined);
    record.line = lines[index] as number;
    assert.equal(replay.step(record), undefined);
  }
  replay.note(findingsOf({ account, model, mode }, true));
  return replay.finish([]);
}

const text = ({ tool, least, most }: ReturnType<typeof intervalOf>): string =>
  least === undefined ? `${tool}` : `${least}..${most ?? ''}, most likely ${tool}`;

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.json') && !name.startsWith('.'))) {
  test(`${file}: what the kernel executed is what the report says`, () => {
    const path = new URL(file, FOLDER);
    const counted = JSON.parse(readFileSync(path, 'utf8')) as Counted;
    const report = replayCapture(gunzipSync(readFileSync(new URL(file.replace('.json', '.ftrace.gz'), FOLDER))));
    assert.deepEqual([report.violations, report.observations.diverging], [[], []]);
    assert.equal(report.model.mode, counted.mode);
    const rows = Object.entries(counted.kernel).map(([primitive, kernel]) => ({
      primitive,
      kernel,
      ...intervalOf(report.cost.total[primitive]),
      where: [],
    }));
    assert.deepEqual(
      rows.filter((row) => !holds(row)),
      [],
    );
    const tool = Object.fromEntries(rows.map((row) => [row.primitive, text(row)]));
    const found = { ...counted, verdict: report.verdict, tool };
    if (UPDATING) writeFileSync(path, `${JSON.stringify(found, null, 2)}\n`);
    else assert.deepEqual(found, counted);
  });
}
