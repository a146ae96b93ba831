/** `worldswitch compare`: one trace under several kernels, side by side; or two traces. */

import { Option } from 'commander';
import { findingsOf } from '../../replay/findings.ts';
import { toJson } from '../../text/json.ts';
import { createPaint } from '../../text/paint.ts';
import { createComparison } from '../../tools/compare/compare.ts';
import { formatComparison } from '../../tools/compare/text.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT, exitCodeOf, Failure } from '../exit.ts';
import { integer, names, vectorLength } from '../options/arguments.ts';
import { kernelsOf } from '../options/kernels.ts';
import { inputsOf } from '../options/replay-options.ts';
import { all, readsTraces, TEXT_OR_JSON, TRACES } from '../options/shared.ts';
import { type ReadingOptions, readEverything } from '../read-events.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';

export const declare: Declare = (command, act) => {
  readsTraces(
    command
      .description(
        'Replays one trace under several kernels and prints what sets them apart from the first: verdicts, violations, transitions, costs. A guest FP trap of the trace is read as use of FP: each kernel decides whether it traps. Observations are left out: they are of the kernel that was traced. Without --models: compares two traces, each under its own kernel: where they first part, what a guest entry costs as distributions with the interval of their difference, and costs and transitions for each entry.',
      )
      .argument('[TRACE...]', TRACES)
      .option('--models <names>', "kernels, of 'worldswitch models', such as v6.12,v6.14", names)
      .option('--modes <names>', 'vhe (default), nvhe, hvhe, pkvm; every model in every mode', names)
      .option('-m, --model <name>', "of two traces: the kernel of both; default: each trace's own, else v6.10")
      .option('--mode <mode>', "of two traces: the mode of both; default: each trace's own, else vhe")
      .addOption(all())
      .option('--sve-vl <bytes>', "largest SVE vector length; default: the trace's own; 0: none", vectorLength)
      .option('--sme-vl <bytes>', "largest SME vector length; default: the trace's own; 0: none", vectorLength)
      .option(
        '--max-violations <n>',
        'list so many in each report (default 1000)',
        integer(0, Number.MAX_SAFE_INTEGER),
        1000,
      )
      .addOption(
        new Option('-f, --format <format>', 'text (default) or json; of two traces also csv and markdown')
          .choices(['text', 'json', 'csv', 'markdown'])
          .default('text'),
      ),
  )
    .addHelpText(
      'after',
      `
What did the eager rework cost?
  worldswitch compare traces/golden/one-run-without-fp.ndjson \\
    --models v6.12,v6.14

What does a kernel do otherwise than another, on the same workload?
  worldswitch compare before.ndjson after.ndjson

The exit code is 1 where the trace fails under any of the kernels; of two
traces, where they part.`,
    )
    .action(act(compare));
};

export interface CompareCommandOptions extends ReadingOptions {
  readonly models?: readonly string[];
  readonly model?: string;
  readonly mode?: string;
  readonly modes?: readonly string[];
  /** Bytes; 0: none. */
  readonly smeVl?: number;
  readonly maxViolations: number;
  readonly format: string;
  readonly color: ColourOption;
}

/** Returns the exit code: that of the worst run. Throws `Failure` where the trace cannot be read. */
async function compare(context: Context, traces: readonly string[], options: CompareCommandOptions): Promise<number> {
  const { stdout, io } = context;
  const { maxViolations, sveVl, smeVl } = options;
  if (options.models === undefined) {
    const [a, b, ...others] = traces;
    if (a === undefined || b === undefined || others.length > 0) {
      throw new Failure(
        '--models names the kernels that one trace is compared under; without it there must be two traces',
      );
    }
    return (await import('../comparing-traces.ts')).compareTraces(context, [a, b], options);
  }
  if (!TEXT_OR_JSON.includes(options.format))
    throw new Failure(`--format ${options.format} is of two traces, without --models`);
  const kernels = kernelsOf(options.models, options.modes ?? ['vhe']);
  const inputs = inputsOf(traces, io, options.clockOffset);
  const comparing = createComparison(kernels, {
    maxViolations,
    ...(sveVl !== undefined && { sveVl }),
    ...(smeVl !== undefined && { smeVl }),
  });
  const read = await readEverything(inputs, options, context, (event) => comparing.step(event));
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
