/** `worldswitch layouts`: one trace under three storage layouts of the vector registers. */

import { toJson } from '../report/json-text.ts';
import { createPaint } from '../report/paint.ts';
import { formatLayouts } from '../tools/layouts/text.ts';
import { createLayouts } from '../tools/layouts.ts';
import { type ColourOption, hasColour } from './colour.ts';
import { EXIT } from './exit.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';
import { type ReadingOptions, readEverything } from './read-events.ts';
import { inputsOf } from './replay-options.ts';

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
