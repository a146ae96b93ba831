/** `compare A B`: two traces, each read once, and as far as where they part once more. */

import { readCaptures } from '../import/read.ts';
import { findingsOf } from '../replay/findings.ts';
import { createReplay } from '../replay/replay.ts';
import type { Report } from '../report/report.ts';
import { asGiven } from '../show/text.ts';
import { toJson } from '../text/json.ts';
import { createPaint } from '../text/paint.ts';
import { figuresOf, partingOf } from '../tools/compare-traces/compare-traces.ts';
import { formatTraceComparisonCsv, formatTraceComparisonMarkdown } from '../tools/compare-traces/formats.ts';
import { entryCostsOf } from '../tools/compare-traces/per-entry.ts';
import { createSigner } from '../tools/compare-traces/signature.ts';
import { createNumberTape, type NumberTape } from '../tools/compare-traces/tape.ts';
import { formatTraceComparison, type TraceComparison } from '../tools/compare-traces/text.ts';
import { type CostsCollector, createCosts } from '../tools/costs/costs.ts';
import { createLook } from '../tools/state/look.ts';
import type { Moment } from '../tools/state/state.ts';
import { KIND } from '../trace/vocabulary.ts';
import { readingOf, tellPresumed, tellUnused } from './captures.ts';
import type { Context } from './context.ts';
import { EXIT, Failure } from './exit.ts';
import { look } from './looking.ts';
import { type MachineOptions, wishesOf } from './options/machine.ts';
import { type ReadingOptions, readEvents } from './read-events.ts';
import { isReadOnce } from './read-twice.ts';
import { type ColourOption, hasColour } from './terminal/colour.ts';

export interface ComparingOptions extends ReadingOptions, MachineOptions {
  readonly maxViolations: number;
  readonly format: string;
  readonly color: ColourOption;
}

/** Returns the exit code: 1 where they part. Throws `Failure` where one cannot be read, or not twice. */
export async function compareTraces(
  context: Context,
  [first, second]: readonly [string, string],
  options: ComparingOptions,
): Promise<number> {
  const { stdout, io } = context;
  if ([first, second].some(isReadOnce))
    throw new Failure('traces that are compared are read twice: they must be files, no pipes');
  const a = await record(first, options, context);
  const b = await record(second, options, context);
  const parting = partingOf(a.tape, b.tape) ?? null;
  const moments = {
    ...(parting?.a !== undefined && { a: await momentAt(first, parting.a, options, context) }),
    ...(parting?.b !== undefined && { b: await momentAt(second, parting.b, options, context) }),
  };
  const comparison: TraceComparison = {
    a: a.report,
    b: b.report,
    parting,
    moments,
    figures: figuresOf(a.report, b.report),
    per_entry: entryCostsOf(a.costs, b.costs),
  };
  const named = { ...comparison, a: asGiven(a.report, [first]), b: asGiven(b.report, [second]) };
  if (options.format === 'json') stdout.write(`${toJson(comparison, 2)}\n`);
  else if (options.format === 'csv') stdout.write(formatTraceComparisonCsv(named));
  else if (options.format === 'markdown') stdout.write(formatTraceComparisonMarkdown(named));
  else stdout.write(formatTraceComparison(named, await createPaint(hasColour(options.color, io.stdout, io.env))));
  return parting === null ? EXIT.ok : EXIT.failed;
}

async function record(
  path: string,
  options: ComparingOptions,
  context: Context,
): Promise<{ readonly report: Report; readonly tape: NumberTape; readonly costs: CostsCollector }> {
  const costs = createCosts('entry', undefined);
  const replay = createReplay({
    ...wishesOf(options),
    maxViolations: options.maxViolations,
    onCharge: (event, vcpu, step, bytes, table) => costs.add({ event, vcpu, step, bytes }, table),
  });
  const tape = createNumberTape();
  const signer = createSigner();
  const source = readCaptures([path], readingOf(options));
  await readEvents(
    [path],
    options,
    context,
    (event) => {
      if (event.kind === KIND.meta) return replay.step(event);
      const signature = signer.event(event);
      const error = replay.step(event);
      tape.push(signature, signer.state(replay.machine, event), event.line);
      return error;
    },
    source,
  );
  for (const capture of source.captures) if (capture !== undefined) replay.note(findingsOf(capture, true));
  const report = replay.finish(source.inputs);
  tellUnused(source.captures, [path], context.io);
  tellPresumed(source.captures, [path], report.model, context.io);
  costs.finish(report.model);
  return { report, tape, costs };
}

async function momentAt(path: string, line: number, options: ComparingOptions, context: Context): Promise<Moment> {
  const looking = createLook({ input: 0, line }, {});
  await look([path], options, context, looking);
  const { before, after, events } = looking.result();
  if (events.length === 0) throw new Failure('the trace has changed while it was compared');
  return { before, after, events };
}
