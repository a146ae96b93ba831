/** A check: what is planned goes to a pool of processes, what comes back is told as it comes, and written at the end. */

import { unlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { inPool } from '../../fleet/pool.ts';
import { chooseShard, largestFirst, shardOf } from '../../fleet/shard.ts';
import type { Case } from '../../show/cases/case.ts';
import { CASE_FORMATS, type CaseFormat } from '../../show/cases/case-formats.ts';
import { escapeText } from '../../text/escape.ts';
import { toJson } from '../../text/json.ts';
import { createPaint } from '../../text/paint.ts';
import type { Context } from '../context.ts';
import { worst } from '../each/each.ts';
import { type ListOptions, listedPaths } from '../each/input-list.ts';
import { EXIT, exitCodeOfDeath, Failure, reasonOf } from '../exit.ts';
import { type LimitOptions, limitsOf, type ReportLimitOptions } from '../options/limits.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';
import type { Io } from '../terminal/io.ts';
import { openOutputFile } from '../terminal/output-file.ts';
import { version } from '../version.ts';
import type { CheckResult, CheckSettings, CheckTask } from './check-worker.ts';
import { type Plan, type PlannedTrace, planOf, type Stale } from './plan.ts';
import { createCheckText, type Told } from './text.ts';

export interface CheckOptions extends LimitOptions, ReportLimitOptions, ListOptions {
  readonly format: string;
  readonly update: boolean;
  readonly dryRun: boolean;
  readonly quiet: boolean;
  readonly jobs?: number;
  readonly color: ColourOption;
  readonly maxEntities?: number;
}

/** Returns the exit code: the worst of all traces. Throws `Failure` where nothing can be begun. */
export async function check(context: Context, paths: readonly string[], options: CheckOptions): Promise<number> {
  const { stdout, io } = context;
  if (options.dryRun && !options.update)
    throw new Failure('--dry-run is about --update: without it nothing is written');
  if (options.inputs === '') throw new Failure("--inputs '': expected a file");
  const plan = sharded(planOf(await listedPaths(paths, options)), options, io);
  if (plan.traces.length + plan.stale.length === 0) throw new Failure('there is no trace under these paths');
  const asText = options.format === 'text';
  const text = createCheckText(await createPaint(hasColour(options.color, io.stdout, io.env)), options);
  const told: Told[] = [];
  const tell = (each: Told): void => {
    told.push(each);
    if (asText) stdout.write(text.lines(each));
  };
  for (const stale of plan.stale) tell({ case: staleCase(stale) });
  for (const trace of plan.traces) if (trace.settings.skip !== undefined) tell({ case: skippedCase(trace) });
  for await (const each of outcomesOf(plan, options)) {
    tell(each);
    await stdout.ready();
    // What is to be written is, whether anybody reads of it or not.
    if (stdout.closed && !options.update) return EXIT.ok;
  }
  const updates = options.update ? await write(told, plan.stale, options.dryRun) : [];
  if (asText) stdout.write(text.summary(told, updates));
  else stdout.write(await formatted(told, options.format));
  return exitOf(told, options);
}

/** The part of this process; what is stale is told by the first. */
function sharded(plan: Plan, { shard, inputs }: CheckOptions, io: Io): Plan {
  // Nobody who checks a folder within a job array means a part of it, unless it is said.
  const chosen = chooseShard(shard, shard === undefined && inputs === undefined ? {} : io.env);
  if (chosen === undefined) return plan;
  if ('wrong' in chosen) throw new Failure(escapeText(chosen.wrong, 400));
  const own = new Set(shardOf(plan.traces, chosen.shard).map(({ path }) => path));
  return {
    traces: plan.traces.filter(({ path }) => own.has(path)),
    stale: chosen.shard.index === 1 ? plan.stale : [],
  };
}

/** The outcome of each trace on each kernel, the largest traces first, so that none is left over at the end. */
async function* outcomesOf({ traces }: Plan, options: CheckOptions): AsyncGenerator<Told> {
  const { jobs: wanted = availableParallelism(), maxEntities, maxReportBytes, update } = options;
  const looked = traces.filter(({ settings }) => settings.skip === undefined);
  const tasks = largestFirst(looked).flatMap(tasksOf);
  const jobs = Math.min(wanted, Math.max(1, tasks.length));
  const reading = { ...limitsOf(options), ...(maxEntities !== undefined && { maxEntities }) };
  const settings: CheckSettings = { reading, update, ...(maxReportBytes !== undefined && { maxReportBytes }) };
  const program = new URL(`./check-worker${extname(import.meta.url)}`, import.meta.url);
  for await (const { task, outcome } of inPool<CheckSettings, CheckTask, CheckResult>(tasks, {
    program,
    settings,
    jobs,
  })) {
    if ('result' in outcome) yield { ...outcome.result, hasGolden: task.golden !== undefined };
    else yield { case: diedCase(task, outcome.died), died: exitCodeOfDeath(outcome.died) };
  }
}

function tasksOf({ path, goldens, settings }: PlannedTrace): readonly CheckTask[] {
  const { skip: _, ...defaults } = settings;
  return goldens.length === 0 ? [{ path, defaults }] : goldens.map((golden) => ({ path, golden, defaults }));
}

function staleCase({ path, why }: Stale): Case {
  const finding = { severity: 'error', rule: 'stale-golden', message: why, path, line: 0 } as const;
  return { name: 'expected report', path, outcome: 'fail', reasons: [why], findings: [finding] };
}

function skippedCase({ path, settings }: PlannedTrace): Case {
  return { name: 'replay', path, outcome: 'skip', reasons: [settings.skip ?? ''], findings: [] };
}

function diedCase({ path, golden }: CheckTask, died: string): Case {
  const message = `the process that replayed it ended before its time (${died})`;
  const finding = { severity: 'error', rule: 'input', message, path, line: 0 } as const;
  const name = golden === undefined ? 'replay' : `${golden.model} ${golden.mode}`;
  return { name, path, outcome: 'error', reasons: [message], findings: [finding] };
}

/** Writes what is another or was not there, and removes what is of no trace; returns what was done, in lines. */
async function write(told: readonly Told[], stale: readonly Stale[], dryRun: boolean): Promise<readonly string[]> {
  const done: string[] = [];
  for (const { update } of told) {
    if (update === undefined) continue;
    if (!dryRun) {
      const file = await openOutputFile(update.path, []);
      try {
        file?.write(update.text);
        await file?.finish();
      } finally {
        file?.discard();
      }
    }
    done.push(`${dryRun ? 'would write' : 'wrote'} ${escapeText(update.path, 4096)}`);
  }
  for (const { path } of stale) {
    if (!dryRun) remove(path);
    done.push(`${dryRun ? 'would remove' : 'removed'} ${escapeText(path, 4096)}`);
  }
  return done;
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    throw new Failure(`cannot remove ${escapeText(path, 4096)}: ${reasonOf(error)}`);
  }
}

/** For programs, in the order of paths. */
async function formatted(told: readonly Told[], format: string): Promise<string> {
  const order = [...told].sort((a, b) => compare(a.case.path, b.case.path) || compare(a.case.name, b.case.name));
  const cases = order.map((each) => each.case);
  if (format === 'json') {
    const rows = order.map(({ case: { seconds: _, ...row }, comparison }) => ({
      ...row,
      ...(comparison !== undefined && { why: comparison.why, differences: comparison.differences }),
    }));
    return `${toJson({ type: 'check', cases: rows }, 2)}\n`;
  }
  return (await CASE_FORMATS[format as CaseFormat].load())(cases, { version: version() });
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What an update has put right is no failure; what it would put right is one. */
function exitOf(told: readonly Told[], { update, dryRun }: CheckOptions): number {
  const codes = told.map(({ case: { outcome, findings }, update: written, died }) => {
    if (died !== undefined) return died;
    const stale = findings[0]?.rule === 'stale-golden';
    if (update && (written !== undefined || stale)) return dryRun ? EXIT.failed : EXIT.ok;
    return { pass: EXIT.ok, skip: EXIT.ok, fail: EXIT.failed, error: EXIT.usage, inconclusive: EXIT.inconclusive }[
      outcome
    ];
  });
  return worst(codes);
}
