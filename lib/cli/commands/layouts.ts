/** `worldswitch layouts`: one trace under three storage layouts of the vector registers. */

import { toJson } from '../../text/json.ts';
import { createPaint } from '../../text/paint.ts';
import { createLayouts } from '../../tools/layouts/layouts.ts';
import { formatLayouts } from '../../tools/layouts/text.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT } from '../exit.ts';
import { inputsOf } from '../options/replay-options.ts';
import { readsTraces, TRACES, textOrJson } from '../options/shared.ts';
import { type ReadingOptions, readEverything } from '../read-events.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';

export const declare: Declare = (command, act) => {
  readsTraces(
    command
      .description(
        'Replays one trace under the three layouts that were proposed for the vector registers of guests with SME: the userspace format, converted on access; the native format; the native format with SVCR written first. Says what each converts, rewrites, zeroes and loses.',
      )
      .argument('[TRACE...]', TRACES)
      .addOption(textOrJson()),
  ).action(act(layouts));
};

export interface LayoutsCommandOptions extends ReadingOptions {
  readonly format: string;
  readonly color: ColourOption;
}

/** Throws `Failure` where the trace cannot be read. */
async function layouts(context: Context, traces: readonly string[], options: LayoutsCommandOptions): Promise<number> {
  const { stdout, io } = context;
  const replay = createLayouts();
  const read = await readEverything(inputsOf(traces, io, options.clockOffset), options, context, (event) => {
    replay.step(event);
    return undefined;
  });
  const result = replay.finish(read.inputs);
  if (options.format === 'json') stdout.write(`${toJson(result, 2)}\n`);
  else stdout.write(formatLayouts(result, await createPaint(hasColour(options.color, io.stdout, io.env))));
  return EXIT.ok;
}
