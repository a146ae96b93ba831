/** `worldswitch identify`: which kernel a capture is of. */

import { toJson } from '../../text/json.ts';
import { createPaint } from '../../text/paint.ts';
import { formatIdentification } from '../../tools/identify/text.ts';
import { tellUnused } from '../captures.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT } from '../exit.ts';
import { identifyInputs } from '../identifying.ts';
import { vectorLength } from '../options/arguments.ts';
import { inputsOf } from '../options/replay-options.ts';
import { all, readsTraces, textOrJson } from '../options/shared.ts';
import type { ReadingOptions } from '../read-events.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';

export const declare: Declare = (command, act) => {
  readsTraces(
    command
      .description(
        'Replays a capture under every model in every mode, and ranks them by how many of the values that were read inside the kernel each confirms. What the capture says of its kernel is looked at where those values do not decide, and told where they speak for another.',
      )
      .argument('[TRACE...]', "captures or NDJSON traces, of one kernel; '-' or none: stdin")
      .addOption(textOrJson())
      .addOption(all())
      .option('--whole', 'replay all of a long trace under every kernel, not only windows of it')
      .option('--sve-vl <bytes>', 'largest SVE vector length; 0: no SVE', vectorLength)
      .option('--sme-vl <bytes>', 'largest SME vector length; 0: no SME', vectorLength),
  ).action(act(identify));
};

export interface IdentifyCommandOptions extends ReadingOptions {
  readonly smeVl?: number;
  readonly whole?: boolean;
  readonly format: string;
  readonly color: ColourOption;
}

/** Returns the exit code. Throws `Failure` where a trace cannot be read. */
async function identify(context: Context, traces: readonly string[], options: IdentifyCommandOptions): Promise<number> {
  const { stdout, io } = context;
  const inputs = inputsOf(traces, io, options.clockOffset);
  const { identification, captures } = await identifyInputs(inputs, options, context);
  tellUnused(captures, inputs, io);
  const paint = await createPaint(hasColour(options.color, io.stdout, io.env));
  if (options.format === 'json') stdout.write(`${toJson(identification, 2)}\n`);
  else stdout.write(formatIdentification(identification, paint));
  return EXIT.ok;
}
