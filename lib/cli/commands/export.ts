/** `worldswitch export`: a replay for other viewers. */

import { Argument } from 'commander';
import type { Sink } from '../../show/reporter.ts';
import type { Timeline } from '../../timeline/timeline.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT, Failure } from '../exit.ts';
import { picturesTraces } from '../options/picture-options.ts';
import { inputsOf } from '../options/replay-options.ts';
import { TRACES } from '../options/shared.ts';
import { type RecordOptions, record } from '../record.ts';
import { openOutputFile } from '../terminal/output-file.ts';

type Write = (timeline: Timeline, sink: Sink) => void;

/** What writes a format is loaded where it is asked for. */
const FORMATS: Readonly<Record<string, () => Promise<Write>>> = {
  perfetto: async () => (await import('../../show/perfetto/perfetto.ts')).writePerfetto,
  chrome: async () => (await import('../../show/chrome.ts')).writeChrome,
};

export const declare: Declare = (command, act) => {
  picturesTraces(
    command
      .description(
        'Replays traces and writes what Perfetto (its own protobuf) or Chrome and others (trace event JSON) open: a track for each part of the state of every CPU and vCPU, transitions, violations, and arrows to them from their causes. Without times in the trace, lines stand for them.',
      )
      .addArgument(new Argument('<format>', 'perfetto or chrome').choices(Object.keys(FORMATS)))
      .argument('[TRACE...]', TRACES)
      .option('-o, --output <file>', 'the file; without it: standard output'),
  )
    .addHelpText(
      'after',
      `
Examples:
  worldswitch export perfetto traces/real/6.12-lazy-nvhe.ndjson -o x.pftrace
  worldswitch export chrome traces/real/6.12-lazy-nvhe.ndjson | gzip > x.json.gz`,
    )
    .action(act(exportTo));
};

interface ExportOptions extends RecordOptions {
  readonly output?: string;
}

/** Returns 0 whatever the verdict: what is written has it. Throws `Failure` where a trace cannot be read. */
async function exportTo(
  context: Context,
  format: string,
  traces: readonly string[],
  options: ExportOptions,
): Promise<number> {
  const { io, stdout } = context;
  const inputs = inputsOf(traces, io);
  if (options.output === undefined && io.stdout.isTTY === true) {
    throw new Failure('this is not for a terminal: name a file with -o, or pipe it on');
  }
  const file = options.output === undefined ? undefined : await openOutputFile(options.output, inputs);
  try {
    const timeline = await record(inputs, options, context);
    const write = await (FORMATS[format] as () => Promise<Write>)();
    write(timeline, file ?? stdout);
    await file?.finish();
  } catch (error) {
    file?.discard();
    throw error;
  }
  return EXIT.ok;
}
