/** Makes many reports of few: `node --import tsx test/bench/reports.ts FOLDER COUNT REPORT...`, each of a capture of its own. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Report } from '../../lib/report/report.ts';

/** A thousand to a folder. Throws what writing throws. */
export function generateReports(folder: string, count: number, models: readonly Report[]): void {
  for (let at = 0; at < count; at++) {
    const rack = `rack${String(Math.floor(at / 1000)).padStart(3, '0')}`;
    const model = models[at % models.length];
    if (model === undefined) throw new RangeError('no report to begin with');
    if (at % 1000 === 0) mkdirSync(join(folder, rack), { recursive: true });
    const name = `${rack}/host${at}/capture.ftrace.gz`;
    const report = { ...model, inputs: model.inputs.map((input) => ({ ...input, name })) };
    writeFileSync(join(folder, rack, `host${at}.json`), `${JSON.stringify(report, undefined, 2)}\n`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder, count, ...reports] = process.argv.slice(2);
  if (folder === undefined || !(Number(count) > 0)) throw new Error('usage: reports.ts FOLDER COUNT REPORT...');
  generateReports(
    folder,
    Number(count),
    reports.map((path) => JSON.parse(readFileSync(path, 'utf8'))),
  );
}
