/** `worldswitch replay`: ingest, decode, emulate, check, account, report. */

import { findingsOf } from '../account/findings.ts';
import { createReplay } from '../account/replay.ts';
import type { Report } from '../account/report.ts';
import { readCaptures } from '../import/read.ts';
import { formatInputError } from '../ingest/message.ts';
import { escapeText } from '../trace/escape.ts';
import { createEventRecord } from '../trace/event.ts';
import { createBreather } from './breather.ts';
import { readingOf, tellOfCaptures } from './captures.ts';
import { printComparison, readReportFile } from './diff.ts';
import { EXIT, exitCodeOf, Failure } from './exit.ts';
import { checkExplainable, explain } from './explain.ts';
import { eventFilter } from './filters.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';
import { createProgress } from './progress.ts';
import { inputsOf, type ReplayOptions, settingsOf, unknownEvent, wantsProgress } from './replay-options.ts';
import { openReporting } from './reporting.ts';

/** Replays the traces and returns the exit code. Throws `Failure` where they cannot be read, or the report not written. */
export async function replay(
  traces: readonly string[],
  options: ReplayOptions,
  stdout: Output,
  io: Io,
): Promise<number> {
  const inputs = inputsOf(traces, io);
  const settings = settingsOf(options);
  if (options.explain) checkExplainable(inputs);
  const reported = eventFilter(options);
  const golden = options.golden === undefined ? undefined : readReportFile(options.golden);
  const reporting = openReporting(options, inputs, stdout, io);
  const progress = createProgress(io, wantsProgress(options, io));
  const breathe = createBreather(reporting);
  const event = createEventRecord();
  try {
    const source = readCaptures(inputs, readingOf(options));
    const machine = createReplay({ ...settings, ...reporting.listeners, ...(reported && { reported }) });
    for await (const batch of source.batches) {
      for (let index = 0; index < batch.length; index++) {
        const error = batch.read(index, event) ?? unknownEvent(event, options.strict) ?? machine.step(event);
        if (error !== undefined) throw new Failure(formatInputError(error, inputs));
      }
      progress.update(source.inputs);
      await breathe();
      if (reporting.closed) return EXIT.ok;
    }
    for (const capture of source.captures) if (capture !== undefined) machine.note(findingsOf(capture.account));
    const replayed = machine.finish(source.inputs);
    progress.clear();
    const report = options.explain ? await explain(replayed, inputs, options, stdout, io) : replayed;
    reporting.report(report);
    await reporting.finish();
    if (golden !== undefined) return printComparison(golden, { name: 'this run', report }, options, stdout, io);
    tellOfCaptures(source.captures, inputs, report.model, io);
    return conclude(report, options, io);
  } catch (error) {
    if (error instanceof Failure || event.line === 0) throw error;
    throw new Error(`while replaying line ${event.line} of input ${event.input}`, { cause: error });
  } finally {
    progress.clear();
    reporting.discard();
  }
}

/** The exit code, and a note where nothing failed but not everything could be checked. */
function conclude(report: Report, options: ReplayOptions, io: Io): number {
  if (report.verdict === 'inconclusive') {
    const reasons = report.reasons.map((reason) => `\n  ${escapeText(reason, 400)}`).join('');
    io.stderr.write(`note: the verdict is inconclusive:${reasons}\n`);
  }
  return exitCodeOf(report, options);
}
