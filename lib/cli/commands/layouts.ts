/** `worldswitch layouts`: one trace under three storage layouts of the vector registers. */

import { toJson } from '../../text/json.ts';
import { createPaint } from '../../text/paint.ts';
import { createLayouts } from '../../tools/layouts/layouts.ts';
import { formatLayouts } from '../../tools/layouts/text.ts';
import { EXIT } from '../exit.ts';
import { inputsOf } from '../options/replay-options.ts';
import { type ReadingOptions, readEverything } from '../read-events.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';

export interface LayoutsCommandOptions extends ReadingOptions {
  readonly format: string;
  readonly color: ColourOption;
}

/** Throws `Failure` where the trace cannot be read. */
export async function layouts(
  traces: readonly string[],
  options: LayoutsCommandOptions,
  stdout: Output,
  io: Io,
): Promise<number> {
  const replay = createLayouts();
  const read = await readEverything(inputsOf(traces, io), options, stdout, io, (event) => {
    replay.step(event);
    return undefined;
  });
  const result = replay.finish(read.inputs);
  if (options.format === 'json') stdout.write(`${toJson(result, 2)}\n`);
  else stdout.write(formatLayouts(result, await createPaint(hasColour(options.color, io.stdout, io.env))));
  return EXIT.ok;
}
