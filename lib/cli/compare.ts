/** `worldswitch compare`: one trace under several kernels, side by side. */

import { findingsOf } from '../account/findings.ts';
import { toJson } from '../report/json-text.ts';
import { createPaint } from '../report/paint.ts';
import { formatComparison } from '../tools/compare/text.ts';
import { createComparison } from '../tools/compare.ts';
import { type ColourOption, hasColour } from './colour.ts';
import { EXIT, exitCodeOf } from './exit.ts';
import type { Io } from './io.ts';
import { kernelsOf } from './kernels.ts';
import type { Output } from './output.ts';
import { type ReadingOptions, readEverything } from './read-events.ts';
import { inputsOf } from './replay-options.ts';

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
