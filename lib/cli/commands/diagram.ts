/** `worldswitch diagram`: the ownership automaton of a kernel. */

import { DEFAULT_MODE, DEFAULT_MODEL, findModel, isMode } from '../../models/profiles.ts';
import { type DiagramFormat, formatDiagram } from '../../tools/diagram/diagram.ts';
import { explore } from '../../tools/diagram/explore.ts';
import { EXIT } from '../exit.ts';
import { kernelsOf } from '../options/kernels.ts';
import type { Output } from '../terminal/output.ts';

export interface DiagramCommandOptions {
  readonly model?: string;
  readonly mode?: string;
  readonly format: DiagramFormat;
}

/** Throws `Failure` for a model and mode that do not exist. */
export async function diagram(options: DiagramCommandOptions, stdout: Output): Promise<number> {
  const { model: name = DEFAULT_MODEL, mode = DEFAULT_MODE } = options;
  kernelsOf([name], [mode]);
  const model = findModel(name);
  if (model === undefined || !isMode(mode)) throw new Error(`${name} ${mode}`);
  stdout.write(formatDiagram(explore(model, mode), `fp_owner of ${name}, ${mode}`, options.format));
  return EXIT.ok;
}
