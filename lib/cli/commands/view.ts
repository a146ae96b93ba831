/** `worldswitch view`: a trace as a page to look at. */

import type { Context, Declare } from '../context.ts';
import { EXIT, Failure } from '../exit.ts';
import { picturesTraces } from '../options/picture-options.ts';
import { inputsOf } from '../options/replay-options.ts';
import { TRACES } from '../options/shared.ts';
import { type RecordOptions, record } from '../record.ts';
import { openOutputFile } from '../terminal/output-file.ts';

export const declare: Declare = (command, act) => {
  picturesTraces(
    command
      .description(
        'Replays traces and writes one HTML file to look at: a lane for each part of the state of every CPU and vCPU, with violations, what led to them, and costs. It opens anywhere and fetches nothing.',
      )
      .argument('[TRACE...]', TRACES)
      .option('-o, --output <file>', 'the page; without it: standard output'),
  )
    .addHelpText(
      'after',
      `
Examples:
  worldswitch view traces/real/6.12-lazy-nvhe.ndjson -o timeline.html
  worldswitch view trace.ndjson --from 1.5s --to 1.6s --cpu 0-3 -o part.html

timeline.html#line=300 opens at line 300. The page tells its keys.`,
    )
    .action(act(view));
};

interface ViewOptions extends RecordOptions {
  readonly output?: string;
}

/** Returns 0 whatever the verdict: the page has it. Throws `Failure` where a trace cannot be read. */
async function view(context: Context, traces: readonly string[], options: ViewOptions): Promise<number> {
  const { io, stdout } = context;
  const inputs = inputsOf(traces, io);
  if (options.output === undefined && io.stdout.isTTY === true) {
    throw new Failure('a page is not for a terminal: name a file with -o, or pipe it on');
  }
  const file = options.output === undefined ? undefined : await openOutputFile(options.output, inputs);
  try {
    const timeline = await record(inputs, options, context);
    const { createPage } = await import('../../show/html/document.ts');
    (file ?? stdout).write(createPage(timeline));
    await file?.finish();
  } catch (error) {
    file?.discard();
    throw error;
  }
  return EXIT.ok;
}
