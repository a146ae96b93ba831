/** `worldswitch diagram`: the ownership automaton of a kernel. */

import { Option } from 'commander';
import { DEFAULT_MODE, DEFAULT_MODEL, findModel } from '../../models/models.ts';
import { isMode } from '../../models/profile.ts';
import { type DiagramFormat, formatDiagram } from '../../tools/diagram/diagram.ts';
import { explore } from '../../tools/diagram/explore.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT } from '../exit.ts';
import { kernelsOf } from '../options/kernels.ts';

export const declare: Declare = (command, act) => {
  command
    .description('Draws what writes fp_owner in a kernel, found by running the emulator of it.')
    .option('-m, --model <name>', "kernel, one of 'worldswitch models' (default v6.10)")
    .option('--mode <mode>', 'vhe (default), nvhe, hvhe or pkvm')
    .addOption(
      new Option(
        '-f, --format <format>',
        'dot (default), as the runtime verification tools of the kernel read it, or mermaid',
      )
        .choices(['dot', 'mermaid'])
        .default('dot'),
    )
    .action(act(diagram));
};

export interface DiagramCommandOptions {
  readonly model?: string;
  readonly mode?: string;
  readonly format: DiagramFormat;
}

/** Throws `Failure` for a model and mode that do not exist. */
async function diagram({ stdout }: Context, options: DiagramCommandOptions): Promise<number> {
  const { model: name = DEFAULT_MODEL, mode = DEFAULT_MODE } = options;
  kernelsOf([name], [mode]);
  const model = findModel(name);
  if (model === undefined || !isMode(mode)) throw new Error(`${name} ${mode}`);
  stdout.write(formatDiagram(explore(model, mode), `fp_owner of ${name}, ${mode}`, options.format));
  return EXIT.ok;
}
