/** The program of a process of `check`: replays a trace and holds its report against the one that is expected. */

import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { serve } from '../../fleet/serve.ts';
import { type FileOptions, replayFile, TraceError } from '../../replay/file.ts';
import type { TraceDefaults } from '../../replay/settings.ts';
import type { Difference } from '../../report/differences.ts';
import { compareWithGolden, type GoldenComparison } from '../../report/golden.ts';
import { layOut } from '../../report/lay-out.ts';
import type { Report } from '../../report/report.ts';
import type { Case, CaseFinding } from '../../show/cases/case.ts';
import { caseOfReport } from '../../show/cases/report-case.ts';
import { reasonOf } from '../exit.ts';
import { DEFAULT_REPORT_BYTES, REPORT_LIMIT } from '../options/limits.ts';
import { readRegular } from '../read-regular.ts';
import { type Golden, traceName } from './plan.ts';

export interface CheckTask {
  readonly path: string;
  /** Undefined: there is none, and the verdict decides. */
  readonly golden?: Golden;
  readonly defaults: TraceDefaults;
}

export interface CheckSettings {
  readonly reading: Pick<FileOptions, 'maxLineBytes' | 'maxBytes' | 'maxRatio' | 'maxEntities'>;
  /** Most bytes of an expected report. */
  readonly maxReportBytes?: number;
  /** Whether expected reports are written anew. */
  readonly update: boolean;
}

export interface CheckResult {
  readonly case: Case;
  /** How it differs from what is expected. */
  readonly comparison?: GoldenComparison;
  /** What is to be written: an expected report that is another, or that there was none of. */
  readonly update?: { readonly path: string; readonly text: string };
}

serve(async ({ path, golden, defaults }: CheckTask, settings: CheckSettings): Promise<CheckResult> => {
  const begun = performance.now();
  const result = await checked(path, golden, { ...settings.reading, threads: 1, defaults }, settings).catch(
    (error: unknown) => {
      if (error instanceof TraceError) return { case: unreadable(path, golden, error) };
      throw error;
    },
  );
  return { ...result, case: { ...result.case, seconds: (performance.now() - begun) / 1000 } };
});

async function checked(
  path: string,
  golden: Golden | undefined,
  options: FileOptions,
  { update, maxReportBytes = DEFAULT_REPORT_BYTES }: CheckSettings,
): Promise<CheckResult> {
  if (golden === undefined) {
    const report = await replayFile(path, options);
    const { name, mode } = report.model;
    const file = join(dirname(path), `${traceName(path)}.${name}.${mode}.json`);
    return { case: caseOfReport(report, [path]), ...(update && { update: { path: file, text: layOut(report) } }) };
  }
  const { model, mode, strict } = golden;
  const report = await replayFile(path, { ...options, model, mode, strict });
  const comparison = compare(golden, report, maxReportBytes);
  if (comparison === undefined)
    return { case: { ...caseOf(path, golden), outcome: 'pass', reasons: [], findings: [] } };
  return {
    case: different(path, golden, comparison),
    comparison,
    ...(update && { update: { path: golden.path, text: layOut(report) } }),
  };
}

function compare(golden: Golden, report: Report, most: number): GoldenComparison | undefined {
  let text: string;
  try {
    text = readRegular(golden.path, most, REPORT_LIMIT).toString();
  } catch (error) {
    return { why: [`cannot be read: ${reasonOf(error)}`], differences: [] };
  }
  const compared = compareWithGolden(text, report);
  return typeof compared === 'string' ? { why: [`is no report: ${compared}`], differences: [] } : compared;
}

const caseOf = (path: string, golden: Golden | undefined): Pick<Case, 'name' | 'path'> => ({
  name: golden === undefined ? 'replay' : `${golden.model} ${golden.mode}${golden.strict ? ' strict' : ''}`,
  path,
});

/** Differences that a message names. */
const MOST = 3;

function different(path: string, golden: Golden, { why, differences }: GoldenComparison): Case {
  const count = differences.length;
  const named = differences.slice(0, MOST).map(describeDifference);
  const parts = [...why, ...named, ...(count > MOST ? [`${count - MOST} more`] : [])];
  const message = `not as in ${golden.path}: ${parts.join('; ')}`;
  const finding: CaseFinding = { severity: 'error', rule: 'golden', message, path, line: lineOf(differences) };
  return { ...caseOf(path, golden), outcome: 'fail', reasons: [message], findings: [finding] };
}

/** "cost total isb count: 2, not 3". */
function describeDifference({ path, before, after }: Difference): string {
  return `${path.join(' ')}: ${after ?? 'absent'}, not ${before ?? 'absent'}`;
}

/** The line of the first violation that is in one of the two only, or not the same; 0 where there is none. */
function lineOf(differences: readonly Difference[]): number {
  for (const { path } of differences) {
    const [, line] = /^line (\d+),/.exec(path[2] ?? '') ?? [];
    if (path[0] === 'violations' && line !== undefined) return Number(line);
  }
  return 0;
}

function unreadable(path: string, golden: Golden | undefined, { error, message }: TraceError): Case {
  const finding: CaseFinding = { severity: 'error', rule: 'input', message, path, line: error.line };
  return { ...caseOf(path, golden), outcome: 'error', reasons: [message], findings: [finding] };
}
