/** Captures that were kept with what their kernel executed: `NAME.ftrace.gz` and `NAME.json`, as a cell's `result.json` has it. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Result, reportOf } from './cell.ts';
import { intervalOf, type Row } from './compare.ts';

/** What the tool makes of each capture of the folder now, beside the counts that were kept. */
export async function replayStored(worldswitch: string, folder: string): Promise<Result[]> {
  const names = readdirSync(folder).filter((file) => file.endsWith('.ftrace.gz'));
  if (names.length === 0) throw new Error(`${folder}: expected captures, NAME.ftrace.gz with NAME.json`);
  const results: Result[] = [];
  for (const file of names.sort()) {
    const name = file.replace(/\.ftrace\.gz$/, '');
    const kept = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Result;
    const { report, said } = await reportOf(worldswitch, join(folder, file));
    const rows = kept.rows.map(
      ({ primitive, kernel, where }): Row => ({
        primitive,
        kernel,
        ...intervalOf(report.cost.total[primitive]),
        where,
      }),
    );
    const [series = '', mode = '', ...workload] = name.split('-');
    results.push({
      ...kept,
      series,
      mode: mode as Result['mode'],
      workload: workload.join('-'),
      ...said,
      rows,
      notes: [],
    });
  }
  return results;
}
