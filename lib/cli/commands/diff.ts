/** `worldswitch diff`, and the comparison of `replay --golden`. */

import { diffReports } from '../../report/differences.ts';
import { whyOther } from '../../report/golden.ts';
import { readReport } from '../../report/read.ts';
import { formatDifferences, type NamedReport } from '../../show/differences.ts';
import { escapeText } from '../../text/escape.ts';
import { toJson } from '../../text/json.ts';
import { createPaint } from '../../text/paint.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT, Failure } from '../exit.ts';
import { addReportLimit, DEFAULT_REPORT_BYTES, REPORT_LIMIT, type ReportLimitOptions } from '../options/limits.ts';
import { all, colour, textOrJson } from '../options/shared.ts';
import { nameOfFile, readWhole } from '../read-whole.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';

export const declare: Declare = (command, act) => {
  addReportLimit(command)
    .description('compare two reports: verdict, violations, transitions, costs')
    .argument('<A.json>', "a report of --format json; '-' is stdin")
    .argument('<B.json>', 'the report to compare it with')
    .addOption(textOrJson())
    .addOption(all())
    .addOption(colour())
    .action(act(diff));
};

export interface DiffOptions extends ReportLimitOptions {
  readonly format: string;
  readonly color: ColourOption;
}

async function diff(context: Context, before: string, after: string, options: DiffOptions): Promise<number> {
  if (before === '-' && after === '-') throw new Failure('stdin can be only one of the two reports');
  const reports = [await readReportFile(before, options), await readReportFile(after, options)] as const;
  return printComparison(...reports, options, context);
}

/** A report in JSON from a file, or from stdin for '-'. Throws `Failure`. */
export async function readReportFile(path: string, { maxReportBytes }: ReportLimitOptions): Promise<NamedReport> {
  const text = await readWhole(path, maxReportBytes ?? DEFAULT_REPORT_BYTES, REPORT_LIMIT);
  const report = readReport(text.toString());
  if (typeof report === 'string') throw new Failure(`${nameOfFile(path)} is no report: ${escapeText(report, 400)}`);
  return { name: path === '-' ? '<stdin>' : path, report };
}

/** Says on stdout in what the two differ; returns the exit code. */
export async function printComparison(
  before: NamedReport,
  after: NamedReport,
  options: DiffOptions,
  { stdout, io }: Context,
): Promise<number> {
  const differences = diffReports(before.report, after.report);
  if (options.format === 'json') {
    const names = { before: before.name, after: after.name };
    // null, since JSON has no undefined: the report has no such thing.
    const rows = differences.map(({ path, ...values }) => ({
      path,
      before: values.before ?? null,
      after: values.after ?? null,
    }));
    const why = whyOther(before.report, after.report);
    stdout.write(`${toJson({ ...names, equal: differences.length === 0, why, differences: rows }, 2)}\n`);
  } else {
    const paint = await createPaint(hasColour(options.color, io.stdout, io.env));
    stdout.write(formatDifferences(before, after, differences, paint));
  }
  return differences.length === 0 ? EXIT.ok : EXIT.failed;
}
