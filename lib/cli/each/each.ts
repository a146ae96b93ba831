/** `worldswitch replay --each`: every trace by itself, on several cores and machines, a report a trace. */

import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { inPool, type Outcome } from '../../fleet/pool.ts';
import type { Verdict } from '../../report/report.ts';
import { escapeText } from '../../text/escape.ts';
import { countOf, formatCount } from '../../text/numbers.ts';
import type { Context } from '../context.ts';
import { EXIT, exitCodeOf, exitCodeOfDeath, Failure } from '../exit.ts';
import { eventFilter } from '../options/filters.ts';
import { type ReplayOptions, settingsOf } from '../options/replay-options.ts';
import { version } from '../version.ts';
import type { EachResult, EachSettings } from './each-worker.ts';
import { inputsOfShard, type ListOptions, listedInputs } from './input-list.ts';
import { openReportFolder, reportPaths } from './report-files.ts';

export interface EachOptions extends ReplayOptions, ListOptions {
  readonly each: boolean;
  /** Folder of the reports. */
  readonly reports?: string;
  readonly jobs?: number;
}

/** A line of the result; `name` is escaped. */
interface Line {
  readonly verdict: Verdict | 'not read' | 'ended';
  readonly name: string;
  /** What was found, in words. */
  readonly found: string;
  readonly code: number;
  readonly kept: boolean;
}

/** Replays and returns the exit code: the worst of all traces. Throws `Failure` where nothing can be begun. */
export async function replayEach(context: Context, traces: readonly string[], options: EachOptions): Promise<number> {
  const { stdout, io } = context;
  const folder = folderOf(options);
  // What is wrong with the options is said once, and not by every process.
  settingsOf(options);
  eventFilter(options);
  const paths = await listedInputs(traces, options);
  reportPaths(paths);
  const inputs = inputsOfShard(paths, options, io);
  openReportFolder(folder, { version: version(), options: whatMatters(options) });
  const jobs = Math.min(options.jobs ?? availableParallelism(), Math.max(1, inputs.length));
  const settings: EachSettings = { folder, options: { ...options, progress: false, ...(jobs > 1 && { threads: 1 }) } };
  const program = new URL(`./each-worker${extname(import.meta.url)}`, import.meta.url);
  const outcomes = inPool<EachSettings, string, EachResult>(
    inputs.map(({ path }) => path),
    { program, settings, jobs },
  );
  const lines: Pick<Line, 'verdict' | 'code' | 'kept'>[] = [];
  for await (const { task, outcome } of outcomes) {
    const { name, found, ...line } = lineOf(task, outcome, options, (text) => io.stderr.write(text));
    lines.push(line);
    stdout.write(`${line.verdict.padEnd(12)}  ${name}${found}\n`);
    // The reports are what is wanted, whether anybody reads of them or not.
    await stdout.ready();
  }
  stdout.write(`${summaryOf(lines)}\n`);
  return worst(lines.map(({ code }) => code));
}

function folderOf({ reports, golden, explain, out, format, inputs }: EachOptions): string {
  const other = [golden !== undefined && '--golden', explain && '--explain', out.length > 0 && '--out'].find(Boolean);
  if (other) throw new Failure(`${other} is about one report: not with --each`);
  if (format !== 'text')
    throw new Failure('--each writes its reports to the folder of --reports, as json: no --format');
  if (inputs === '') throw new Failure("--inputs '': expected a file");
  if (reports === undefined || reports === '')
    throw new Failure('--each needs a folder for its reports: --reports DIR');
  return reports;
}

/** The options that change a report. */
function whatMatters(options: EachOptions): object {
  const {
    each,
    reports,
    jobs,
    inputs,
    shard,
    maxInputs,
    color,
    progress,
    failOn,
    exitInconclusive,
    allowEmpty,
    format,
    ...other
  } = options;
  const { out, explain, golden, reader, ...rest } = other;
  return JSON.parse(JSON.stringify(rest, (_key, value) => (typeof value === 'bigint' ? String(value) : value)));
}

function lineOf(path: string, outcome: Outcome<EachResult>, options: EachOptions, say: (text: string) => void): Line {
  const name = escapeText(path, 4096);
  if ('died' in outcome) {
    say(`error: ${name}: the process that replayed it ended before its time (${outcome.died})\n`);
    return { verdict: 'ended', name, found: '', code: exitCodeOfDeath(outcome.died), kept: false };
  }
  const { result } = outcome;
  if (result.notes !== '') say(result.notes);
  if ('failed' in result) {
    say(`${result.failed.message}\n`);
    return { verdict: 'not read', name, found: '', code: result.failed.code, kept: false };
  }
  const { summary, kept } = result;
  const counts = Object.entries(summary.violation_counts);
  const total = counts.reduce((sum, [, count]) => sum + count.total, 0);
  const rules = counts.map(([rule]) => rule).join(', ');
  const found = total === 0 ? '' : `: ${countOf(total, 'violation')} of ${rules}`;
  return { verdict: summary.verdict, name, found: escapeText(found, 400), code: exitCodeOf(summary, options), kept };
}

/** "500 traces: 480 pass, 15 fail, 5 inconclusive; 100 reports were there". */
function summaryOf(lines: readonly Pick<Line, 'verdict' | 'kept'>[]): string {
  const byVerdict = new Map<string, number>();
  for (const { verdict } of lines) byVerdict.set(verdict, (byVerdict.get(verdict) ?? 0) + 1);
  const order: readonly Line['verdict'][] = ['pass', 'fail', 'inconclusive', 'not read', 'ended'];
  const parts = order
    .filter((verdict) => byVerdict.has(verdict))
    .map((verdict) => `${formatCount(byVerdict.get(verdict) ?? 0)} ${verdict}`);
  const kept = lines.filter((line) => line.kept).length;
  const there = kept === 0 ? '' : `; ${countOf(kept, 'report')} ${kept === 1 ? 'was' : 'were'} there`;
  return `${countOf(lines.length, 'trace')}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}${there}`;
}

/** What ended the run first, then what is a bug of ours, then what could not be read, then what failed. */
const ORDER: readonly number[] = [
  EXIT.SIGINT,
  EXIT.SIGTERM,
  EXIT.SIGHUP,
  EXIT.internal,
  EXIT.usage,
  EXIT.failed,
  EXIT.inconclusive,
];

export function worst(codes: readonly number[]): number {
  return ORDER.find((code) => codes.includes(code)) ?? codes.find((code) => code !== EXIT.ok) ?? EXIT.ok;
}
