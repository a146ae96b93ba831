/** `worldswitch footprint`: where the host state is kept, and how many bytes that takes. */

import { toJson } from '../report/json-text.ts';
import { createPaint } from '../report/paint.ts';
import { formatFootprint } from '../tools/footprint/text.ts';
import { isFootprintError, footprint as measure } from '../tools/footprint.ts';
import { escapeText } from '../trace/escape.ts';
import { type ColourOption, hasColour } from './colour.ts';
import { EXIT, Failure } from './exit.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';
import { readBtfFile } from './read-btf.ts';

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
