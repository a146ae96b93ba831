/** The commands for captures of running kernels. What they do is loaded when they run, so that help is fast. */

import { type Command, Option } from 'commander';
import { collect, vectorLength } from './options/arguments.ts';
import { addLimits, addSizeLimits } from './options/limits.ts';
import { COLOUR_OPTIONS } from './terminal/colour.ts';
import type { Io } from './terminal/io.ts';
import type { Output } from './terminal/output.ts';

const CAPTURE = "what ftrace, trace-cmd report or perf script printed, plain, gzip or zstd; '-' or none: stdin";
export const IGNORE = 'leave lines of this event of a capture out (repeatable)';

/** Adds `import` and `identify`. */
export function addCaptureCommands(program: Command, stdout: Output, io: Io, exit: (code: number) => void): void {
  const imports = program.command('import').description('turn a capture of a running kernel into trace format 1');
  addSizeLimits(imports.command('ftrace'))
    .summary('text of ftrace, trace-cmd report or perf script')
    .description(
      'Turns what ftrace prints (trace, trace_pipe, trace-cmd report, perf script) into trace format 1, a line for each event. What is not understood is counted and named on stderr.',
    )
    .argument('[FILE]', CAPTURE)
    .option('-o, --output <file>', 'write the trace here; default: stdout')
    .option('--model <name>', "kernel, one of 'worldswitch models'; default: what the capture's header says")
    .option('--mode <mode>', "vhe, nvhe, hvhe or pkvm; default: what the capture's header says")
    .option('--sve-vl <bytes>', 'largest SVE vector length, which no line of a capture says', vectorLength)
    .option('--ignore <event>', IGNORE, collect, [])
    .option('--strict', 'exit 4 where something was not understood or is missing', false)
    .option('--no-progress', 'show no progress on stderr')
    .addHelpText(
      'after',
      `
  worldswitch import ftrace trace.ftrace.gz --mode nvhe -o trace.ndjson
  cat /sys/kernel/tracing/trace_pipe | worldswitch import ftrace - | gzip > trace.ndjson.gz

Exit codes:
  0         imported; with --strict: every line was understood, none is missing
  2         usage error, a file that cannot be read or written, or no trace
  4         with --strict: something was not understood, or is missing`,
    )
    .action(async (file, options) =>
      exit(await (await import('./commands/import.ts')).importFtrace(file, options, stdout, io)),
    );
  addLimits(program.command('identify'))
    .summary('find out which kernel a capture is of')
    .description(
      'Replays a capture under every model in every mode, and ranks them by how many of the values that were read inside the kernel each confirms. What the capture says of its kernel is not looked at.',
    )
    .argument('[TRACE...]', "captures or NDJSON traces, of one kernel; '-' or none: stdin")
    .addOption(new Option('--format <format>', 'text (default) or json').choices(['text', 'json']).default('text'))
    .option('--sve-vl <bytes>', 'largest SVE vector length; 0: no SVE', vectorLength)
    .option('--sme-vl <bytes>', 'largest SME vector length; 0: no SME', vectorLength)
    .option('--ignore <event>', IGNORE, collect, [])
    .addOption(new Option('--color <when>', 'auto (default), always or never').choices(COLOUR_OPTIONS).default('auto'))
    .option('--no-progress', 'show no progress on stderr')
    .action(async (traces, options) =>
      exit(await (await import('./commands/identify.ts')).identify(traces, options, stdout, io)),
    );
}
