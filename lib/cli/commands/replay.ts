/** `worldswitch replay`: ingest, decode, emulate, check, account, report. */

import { readCaptures } from '../../import/read.ts';
import { findingsOf } from '../../replay/findings.ts';
import { createReplay } from '../../replay/replay.ts';
import type { Shortcomings } from '../../replay/run.ts';
import type { Report } from '../../report/report.ts';
import { escapeText } from '../../text/escape.ts';
import { createEventRecord } from '../../trace/event.ts';
import { type BadLines, createBadLines } from '../bad-lines.ts';
import { readingOf, tellPresumed, tellUnused } from '../captures.ts';
import { EXIT, exitCodeOf, Failure } from '../exit.ts';
import { checkExplainable, explain } from '../explain.ts';
import { eventFilter } from '../options/filters.ts';
import { inputsOf, type ReplayOptions, settingsOf, unknownEvent, wantsProgress } from '../options/replay-options.ts';
import { openReporting } from '../reporting.ts';
import { createBreather } from '../terminal/breather.ts';
import type { Io, Signal } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { createProgress } from '../terminal/progress.ts';
import { takeSignal, untilSignal } from '../terminal/signals.ts';
import { printComparison, readReportFile } from './diff.ts';

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
  const reporting = await openReporting(options, inputs, stdout, io);
  const progress = createProgress(io, wantsProgress(options, io));
  const breathe = createBreather(reporting);
  const interruption = takeSignal(io);
  const event = createEventRecord();
  try {
    const source = readCaptures(inputs, readingOf(options));
    const machine = createReplay({ ...settings, ...reporting.listeners, ...(reported && { reported }) });
    const bad = createBadLines(options.keepGoing, inputs, source.inputs, (line) => {
      progress.clear();
      io.stderr.write(line);
    });
    for await (const batch of untilSignal(source.batches, interruption)) {
      for (let index = 0; index < batch.length; index++) {
        const error = batch.read(index, event) ?? unknownEvent(event, options.strict);
        if (error === undefined) bad.end(machine.step(event));
        else bad.take(error);
      }
      progress.update(source.inputs);
      await breathe();
      if (reporting.closed) return EXIT.ok;
    }
    for (const capture of source.captures) if (capture !== undefined) machine.note(findingsOf(capture, true));
    progress.clear();
    bad.finish();
    const { signal } = interruption;
    interruption.release();
    const replayed = machine.finish(source.inputs, shortcomingsOf(bad, signal));
    const explained = options.explain && signal === undefined;
    const report = explained ? await explain(replayed, inputs, options, stdout, io) : replayed;
    reporting.report(report);
    await reporting.finish();
    if (signal !== undefined) {
      tellOfDoubts(report, io);
      return EXIT[signal];
    }
    if (golden !== undefined) return await printComparison(golden, { name: 'this run', report }, options, stdout, io);
    tellUnused(source.captures, inputs, io);
    tellPresumed(source.captures, inputs, report.model, io);
    tellOfDoubts(report, io);
    return exitCodeOf(report, options);
  } catch (error) {
    if (error instanceof Failure || event.line === 0) throw error;
    throw new Error(`while replaying line ${event.line} of input ${event.input}`, { cause: error });
  } finally {
    interruption.release();
    progress.clear();
    reporting.discard();
  }
}

function shortcomingsOf({ skippedLines, partial: broken }: BadLines, signal: Signal | undefined): Shortcomings {
  const partial = signal === undefined ? broken : `ended by ${signal}`;
  return { skippedLines, ...(partial !== undefined && { partial }) };
}

/** A note where nothing failed but not everything could be checked. */
function tellOfDoubts(report: Report, io: Io): void {
  if (report.verdict !== 'inconclusive') return;
  const reasons = report.reasons.map((reason) => `\n  ${escapeText(reason, 400)}`).join('');
  io.stderr.write(`note: the verdict is inconclusive:${reasons}\n`);
}
