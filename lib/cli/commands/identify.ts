/** `worldswitch identify`: which kernel a capture is of. */

import { readCaptures } from '../../import/read.ts';
import { toJson } from '../../text/json.ts';
import { createPaint } from '../../text/paint.ts';
import { createIdentifier } from '../../tools/identify/identify.ts';
import { formatIdentification } from '../../tools/identify/text.ts';
import { readingOf, tellUnused } from '../captures.ts';
import { EXIT } from '../exit.ts';
import { inputsOf } from '../options/replay-options.ts';
import { type ReadingOptions, readEvents } from '../read-events.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';

export interface IdentifyCommandOptions extends ReadingOptions {
  readonly smeVl?: number;
  readonly format: string;
  readonly color: ColourOption;
}

/** Returns the exit code. Throws `Failure` where a trace cannot be read. */
export async function identify(
  traces: readonly string[],
  options: IdentifyCommandOptions,
  stdout: Output,
  io: Io,
): Promise<number> {
  const { sveVl, smeVl } = options;
  const inputs = inputsOf(traces, io);
  const identifier = createIdentifier({ ...(sveVl !== undefined && { sveVl }), ...(smeVl !== undefined && { smeVl }) });
  const reading = readingOf(options);
  const source = readCaptures(inputs, {
    ...reading,
    importing: { ...reading.importing, anonymous: true },
    onText: identifier.text,
  });
  await readEvents(inputs, options, stdout, io, identifier.step, source);
  tellUnused(source.captures, inputs, io);
  const identification = identifier.finish();
  const paint = await createPaint(hasColour(options.color, io.stdout, io.env));
  if (options.format === 'json') stdout.write(`${toJson(identification, 2)}\n`);
  else stdout.write(formatIdentification(identification, paint));
  return EXIT.ok;
}
