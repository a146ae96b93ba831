/** `worldswitch compare`: one trace under several kernels, side by side. */

import { findingsOf } from '../../replay/findings.ts';
import { toJson } from '../../text/json.ts';
import { createPaint } from '../../text/paint.ts';
import { createComparison } from '../../tools/compare/compare.ts';
import { formatComparison } from '../../tools/compare/text.ts';
import { EXIT, exitCodeOf } from '../exit.ts';
import { kernelsOf } from '../options/kernels.ts';
import { inputsOf } from '../options/replay-options.ts';
import { type ReadingOptions, readEverything } from '../read-events.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';

export interface CompareCommandOptions extends ReadingOptions {
  readonly models: readonly string[];
  readonly modes?: readonly string[];
  /** Bytes; 0: none. */
  readonly smeVl?: number;
  readonly maxViolations: number;
  readonly format: string;
  readonly color: ColourOption;
}

/** Returns the exit code: that of the worst run. Throws `Failure` where the trace cannot be read. */
export async function compare(
  traces: readonly string[],
  options: CompareCommandOptions,
  stdout: Output,
  io: Io,
): Promise<number> {
  const { maxViolations, sveVl, smeVl } = options;
  const kernels = kernelsOf(options.models, options.modes ?? ['vhe']);
  const inputs = inputsOf(traces, io);
  const comparing = createComparison(kernels, {
    maxViolations,
    ...(sveVl !== undefined && { sveVl }),
    ...(smeVl !== undefined && { smeVl }),
  });
  const read = await readEverything(inputs, options, stdout, io, (event) => comparing.step(event));
  for (const capture of read.captures) if (capture !== undefined) comparing.note(findingsOf(capture, false));
  const comparison = comparing.finish(read.inputs);
  if (options.format === 'json') stdout.write(`${toJson(comparison, 2)}\n`);
  else stdout.write(formatComparison(comparison, await createPaint(hasColour(options.color, io.stdout, io.env))));
  const unsure = comparison.runs.filter(({ verdict }) => verdict === 'inconclusive').map(({ model }) => model);
  if (unsure.length > 0) {
    const names = unsure.map(({ name, mode }) => `${name} ${mode}`).join(', ');
    io.stderr.write(`note: the verdict is inconclusive under ${names}; replay says why\n`);
  }
  const codes = comparison.runs.map((report) => exitCodeOf(report, { strict: false, failOn: 'error' }));
  return codes.includes(EXIT.failed) ? EXIT.failed : EXIT.ok;
}
