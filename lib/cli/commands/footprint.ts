/** `worldswitch footprint`: where the host state is kept, and how many bytes that takes. */

import { escapeText } from '../../text/escape.ts';
import { toJson } from '../../text/json.ts';
import { createPaint } from '../../text/paint.ts';
import { isFootprintError, footprint as measure } from '../../tools/footprint/footprint.ts';
import { formatFootprint } from '../../tools/footprint/text.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT, Failure } from '../exit.ts';
import { integer, names } from '../options/arguments.ts';
import { addBtfLimits, type BtfLimitOptions } from '../options/limits.ts';
import { BTF, colour, MAX_CPUS, textOrJson } from '../options/shared.ts';
import { readBtfFile } from '../read-btf.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';

/** More vCPUs than a host can have. */
const MAX_VCPUS = 1_000_000;

export const declare: Declare = (command, act) => {
  addBtfLimits(
    command
      .description('bytes of host state for each vCPU and CPU, and what the series saved')
      .option('--models <names>', "models to list (see 'worldswitch models'); default: all", names)
      .option('--btf <file>', `${BTF};\nits sizes and offsets instead of the models'`)
      .option('--vcpus <n>', 'vCPUs of the host in all', integer(1, MAX_VCPUS), 64)
      .option('--cpus <n>', 'physical CPUs', integer(1, MAX_CPUS), 16)
      .addOption(textOrJson())
      .addOption(colour()),
  ).action(act(footprint));
};

export interface FootprintCommandOptions extends BtfLimitOptions {
  readonly models?: readonly string[];
  readonly btf?: string;
  readonly vcpus: number;
  readonly cpus: number;
  readonly format: string;
  readonly color: ColourOption;
}

async function footprint({ stdout, io }: Context, options: FootprintCommandOptions): Promise<number> {
  if (options.btf !== undefined && options.models !== undefined) {
    throw new Failure('--btf reads a real kernel instead of --models: give one of them');
  }
  const result = measure({
    vcpus: options.vcpus,
    cpus: options.cpus,
    ...(options.models === undefined ? {} : { models: options.models }),
    ...(options.btf === undefined ? {} : { btf: await readBtfFile(options.btf, options) }),
  });
  if (isFootprintError(result)) throw new Failure(escapeText(result.error, 400));
  if (options.format === 'json') stdout.write(`${toJson(result, 2)}\n`);
  else stdout.write(formatFootprint(result, await createPaint(hasColour(options.color, io.stdout, io.env))));
  return EXIT.ok;
}
