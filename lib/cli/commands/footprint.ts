/** `worldswitch footprint`: where the host state is kept, and how many bytes that takes. */

import { escapeText } from '../../text/escape.ts';
import { toJson } from '../../text/json.ts';
import { createPaint } from '../../text/paint.ts';
import { isFootprintError, footprint as measure } from '../../tools/footprint/footprint.ts';
import { formatFootprint } from '../../tools/footprint/text.ts';
import { EXIT, Failure } from '../exit.ts';
import { readBtfFile } from '../read-btf.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';

export interface FootprintCommandOptions {
  readonly models?: readonly string[];
  readonly btf?: string;
  readonly vcpus: number;
  readonly cpus: number;
  readonly format: string;
  readonly color: ColourOption;
}

export async function footprint(options: FootprintCommandOptions, stdout: Output, io: Io): Promise<number> {
  if (options.btf !== undefined && options.models !== undefined) {
    throw new Failure('--btf reads a real kernel instead of --models: give one of them');
  }
  const result = measure({
    vcpus: options.vcpus,
    cpus: options.cpus,
    ...(options.models === undefined ? {} : { models: options.models }),
    ...(options.btf === undefined ? {} : { btf: readBtfFile(options.btf) }),
  });
  if (isFootprintError(result)) throw new Failure(escapeText(result.error, 400));
  if (options.format === 'json') stdout.write(`${toJson(result, 2)}\n`);
  else stdout.write(formatFootprint(result, await createPaint(hasColour(options.color, io.stdout, io.env))));
  return EXIT.ok;
}
