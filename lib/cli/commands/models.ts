/** `worldswitch models`: the kernels that can be replayed. */

import { DEFAULT_MODE, DEFAULT_MODEL, MODELS } from '../../models/models.ts';
import { toJson } from '../../text/json.ts';
import { pageWidth } from '../../text/page.ts';
import { createPaint } from '../../text/paint.ts';
import { wrap } from '../../text/wrap.ts';
import { appliesTo } from '../../tools/applies.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT } from '../exit.ts';
import { colour, textOrJson } from '../options/shared.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';

export const declare: Declare = (command, act) => {
  command
    .description('list the kernels that can be replayed')
    .addOption(textOrJson())
    .addOption(colour())
    .action(act(models));
};

const INDENT = 4;

async function models(
  { stdout, io }: Context,
  options: { readonly format: string; readonly color: ColourOption },
): Promise<number> {
  const rows = MODELS.map(({ name, id, kernels, modes, summary, profile }) => ({
    ...{ name, id, kernels, modes, summary },
    /** Mode -> events, rules and costs. */
    applies: Object.fromEntries(modes.map((mode) => [mode, appliesTo(profile, mode)])),
  }));
  if (options.format === 'json') {
    stdout.write(`${toJson(rows, 2)}\n`);
    return EXIT.ok;
  }
  const paint = await createPaint(hasColour(options.color, io.stdout, io.env));
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, kernels, modes, summary } of rows) {
    const lines = [`${kernels}; ${modes.join(', ')}`, summary].flatMap((text) => wrap(text, pageWidth() - INDENT));
    stdout.write(`${paint.name(name.padEnd(width).trimEnd())}${name === DEFAULT_MODEL ? ' (default)' : ''}\n`);
    for (const line of lines) stdout.write(`${' '.repeat(INDENT)}${line}\n`);
  }
  stdout.write(
    `\nThe model and mode of a trace are those of its meta line, else ${DEFAULT_MODEL} and ${DEFAULT_MODE};\n--model and --mode win over both.\n`,
  );
  return EXIT.ok;
}
