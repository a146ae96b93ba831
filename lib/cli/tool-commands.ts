/** The commands beside replay that read a trace or draw the emulator. What they do is loaded when they run. */

import { type Command, Option } from 'commander';
import { IGNORE } from './capture-commands.ts';
import { collect, integer, names, vectorLength } from './options/arguments.ts';
import { addLimits } from './options/limits.ts';
import { COLOUR_OPTIONS } from './terminal/colour.ts';
import type { Io } from './terminal/io.ts';
import type { Output } from './terminal/output.ts';

const TRACES =
  "NDJSON or captures (ftrace, trace-cmd report, perf script), plain, gzip or zstd; several are merged by ts; '-' or none: stdin";
const MODEL_HELP = "kernel, one of 'worldswitch models' (default v6.10)";

/** Adds `compare`, `layouts` and `diagram`. */
export function addToolCommands(program: Command, stdout: Output, io: Io, exit: (code: number) => void): void {
  readsTraces(
    program
      .command('compare')
      .summary('one trace under several kernels, side by side')
      .description(
        'Replays one trace under several kernels and prints what sets them apart from the first: verdicts, violations, transitions, costs. A guest FP trap of the trace is read as use of FP: each kernel decides whether it traps. Observations are left out: they are of the kernel that was traced.',
      )
      .argument('[TRACE...]', TRACES)
      .requiredOption('--models <names>', "kernels, of 'worldswitch models', such as v6.12,v6.14", names)
      .option('--modes <names>', 'vhe (default), nvhe, hvhe, pkvm; every model in every mode', names)
      .option('--sve-vl <bytes>', "largest SVE vector length; default: the trace's own; 0: none", vectorLength)
      .option('--sme-vl <bytes>', "largest SME vector length; default: the trace's own; 0: none", vectorLength)
      .option(
        '--max-violations <n>',
        'list so many in each report (default 1000)',
        integer(0, Number.MAX_SAFE_INTEGER),
        1000,
      )
      .addOption(textOrJson())
      .addHelpText(
        'after',
        `
What did the eager rework cost?
  worldswitch compare traces/golden/one-run-without-fp.ndjson \\
    --models v6.12,v6.14

The exit code is 1 where the trace fails under any of them.`,
      ),
  ).action(async (traces, options) =>
    exit(await (await import('./commands/compare.ts')).compare(traces, options, stdout, io)),
  );
  readsTraces(
    program
      .command('layouts')
      .summary('one trace under three ways to store SME guests')
      .description(
        'Replays one trace under the three layouts that were proposed for the vector registers of guests with SME: the userspace format, converted on access; the native format; the native format with SVCR written first. Says what each converts, rewrites, zeroes and loses.',
      )
      .argument('[TRACE...]', TRACES)
      .addOption(textOrJson()),
  ).action(async (traces, options) =>
    exit(await (await import('./commands/layouts.ts')).layouts(traces, options, stdout, io)),
  );
  program
    .command('diagram')
    .summary('draw the ownership automaton of a kernel')
    .description('Draws what writes fp_owner in a kernel, found by running the emulator of it.')
    .option('--model <name>', MODEL_HELP)
    .option('--mode <mode>', 'vhe (default), nvhe, hvhe or pkvm')
    .addOption(
      new Option(
        '--format <format>',
        'dot (default), as the runtime verification tools of the kernel read it, or mermaid',
      )
        .choices(['dot', 'mermaid'])
        .default('dot'),
    )
    .action(async (options) => exit(await (await import('./commands/diagram.ts')).diagram(options, stdout)));
}

/** The options of a command that reads traces, and the colour of what it prints. */
function readsTraces<T extends Command>(command: T): T {
  command
    .addOption(new Option('--color <when>', 'auto (default), always or never').choices(COLOUR_OPTIONS).default('auto'))
    .option('--ignore <event>', IGNORE, collect, [])
    .option('--no-progress', 'show no progress on stderr');
  return addLimits(command);
}

const textOrJson = (): Option =>
  new Option('--format <format>', 'text (default) or json').choices(['text', 'json']).default('text');
