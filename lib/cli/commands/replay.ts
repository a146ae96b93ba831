/** `worldswitch replay`: ingest, decode, emulate, check, account, report. */

import { Option } from 'commander';
import type { Report } from '../../report/report.ts';
import { escapeText } from '../../text/escape.ts';
import { MAX_CPU } from '../../trace/vocabulary.ts';
import { tellPresumed, tellUnused } from '../captures.ts';
import type { Context, Declare } from '../context.ts';
import type { EachOptions } from '../each/each.ts';
import { EXIT, exitCodeOf, Failure } from '../exit.ts';
import { checkExplainable, explain } from '../explaining.ts';
import { ENVIRONMENT, EXAMPLES, EXIT_CODES } from '../help.ts';
import { collect, integer, names, ranges, recordsWish, time, vcpuRanges, vectorLength } from '../options/arguments.ts';
import { eventFilter, filterNames } from '../options/filters.ts';
import { format, formatsHelp } from '../options/format-option.ts';
import { addLimits, addReportLimit } from '../options/limits.ts';
import { inputsOf, settingsOf, wantsProgress } from '../options/replay-options.ts';
import { all, clockOffsetOption, colour, file, ignore, TRACES } from '../options/shared.ts';
import { replayTraces } from '../replaying.ts';
import { openReporting } from '../reporting.ts';
import type { Io, Signal } from '../terminal/io.ts';
import { takeSignal } from '../terminal/signals.ts';
import type { TerminalTimeline } from '../timeline.ts';
import { printComparison, readReportFile } from './diff.ts';

const MAX = Number.MAX_SAFE_INTEGER;
/** More than this, and the maps that hold them overflow. */
const MAX_ENTITIES = 16_000_000;
const MAX_JOBS = 1024;

export const declare: Declare = (command, act) => {
  command
    .description('Replays traces and reports who owned the registers, what was violated, what it cost.')
    .argument('[TRACE...]', TRACES)
    .optionsGroup('Machine:')
    .option(
      '-m, --model <name>',
      "kernel, one of 'worldswitch models', or auto, as identify finds it; without it the trace's own, else v6.10",
    )
    .option('--mode <mode>', "vhe, nvhe, hvhe or pkvm; without it the trace's own, else vhe")
    .option('--sve-vl <bytes>', 'largest SVE vector length; 0: no SVE', vectorLength)
    .option('--sme-vl <bytes>', 'largest SME vector length; 0: no SME', vectorLength)
    .option('--records <kinds>', 'the kinds of event that the trace shows, or with - before them does not', recordsWish)
    .optionsGroup('Report:')
    .addOption(format())
    .addOption(all())
    .option('-o, --out <format:path>', 'also write the report to a file; repeatable', collect, [])
    .option('--golden <file>', 'compare with this report, as diff does, instead of printing one')
    .option('--max-violations <n>', 'list so many (default 1000); all are counted', integer(0, MAX), 1000)
    .option(
      '--explain',
      'replay again to find the switch of the model that prevents a cause, or explains a divergence',
      false,
    )
    .option('--timeline', 'below the text, a timeline of every CPU in blocks, as wide as the terminal', false)
    .addOption(colour())
    .option('--no-progress', 'show no progress on stderr')
    .optionsGroup('Many traces, each by itself:')
    .option('--each', 'replay each trace by itself, and write its report to the folder of --reports', false)
    .option('--reports <dir>', 'where reports go; those that are there and not older than their traces are kept')
    .option('--inputs <file>', "a file with the path of a trace on each line; '-': stdin")
    .option('--max-inputs <n>', 'most traces (default 1000000)', integer(1, MAX))
    .option('--jobs <n>', 'traces at a time (default: as many as there are cores)', integer(1, MAX_JOBS))
    .option('--shard <i/n>', 'the i-th of n parts of the traces; /n: which one Slurm or Kubernetes says')
    .optionsGroup('Verdict:')
    .addOption(
      new Option('--fail-on <what>', 'error (default), warning: exit code 1; inconclusive: exit code 4')
        .choices(['error', 'warning', 'inconclusive'])
        .default('error'),
    )
    .option(
      '--exit-inconclusive <code>',
      'exit code of an inconclusive verdict, such as 125 for git bisect',
      integer(0, 255),
    )
    .option('--allow-empty', 'a trace without any event does not exit 4', false)
    .option(
      '--strict',
      'an implied step violates LC-01, an unknown event is an input error, an inconclusive verdict exits 4',
      false,
    )
    .optionsGroup('Filters of what is reported (everything is replayed):')
    .option('--cpu <list>', 'physical CPUs, such as 0-3,7', ranges(MAX_CPU))
    .option('--vm <list>', 'VMs', ranges(MAX))
    .option('--vcpu <list>', 'vCPUs: vcpu_id of any VM, or VM/VCPU', vcpuRanges)
    .option('--event <names>', 'events, such as vcpu_load,vcpu_put', names)
    .option('--rule <ids>', "rules, of 'worldswitch rules'", names)
    .option('--from <time>', 'from this ts on, in ns, or 1.5s, 20ms, 3us, 3.917238', time)
    .option('--to <time>', 'up to this ts', time)
    .optionsGroup('Options:')
    .addOption(ignore())
    .addOption(file())
    .addOption(clockOffsetOption())
    .option('--max-entities <n>', 'most tasks and vCPUs (default 1000000)', integer(1, MAX_ENTITIES))
    .addOption(
      new Option('--reader <name>', 'fast (default), or ndjson: the reference, which says the same').choices([
        'fast',
        'ndjson',
      ]),
    )
    .option('--no-cache', 'run every step, also one that was seen before; the report is the same')
    .option('--keep-going', 'say all bad lines and leave them out, instead of ending at the first', false)
    .addHelpText('after', `${formatsHelp()}\n${EXAMPLES}\n${EXIT_CODES}\n${ENVIRONMENT}`);
  addReportLimit(addLimits(command)).action(act(replay));
};

/** Replays the traces and returns the exit code. Throws `Failure` where they cannot be read, or the report not written. */
async function replay(context: Context, traces: readonly string[], given: EachOptions): Promise<number> {
  const { io } = context;
  if (given.each) return (await import('../each/each.ts')).replayEach(context, traces, given);
  refuseWithoutEach(given);
  const inputs = inputsOf(traces, io, given.clockOffset);
  const options = given.model === AUTO ? await withKernel(given, inputs, context) : given;
  const settings = settingsOf(options);
  if (options.explain) checkExplainable(inputs);
  const [reported, filter] = [eventFilter(options), filterNames(options)];
  const timeline = await timelineOf(options);
  const golden = options.golden === undefined ? undefined : await readReportFile(options.golden, options);
  const interruption = takeSignal(io);
  const isOver = () => interruption.signal !== undefined;
  const reporting = await openReporting(options, inputs, context, isOver).catch((error) => {
    interruption.release();
    throw error;
  });
  if (reporting === undefined) return EXIT[interruption.signal as Signal];
  try {
    const listeners = timeline === undefined ? reporting.listeners : timeline.listen(reporting.listeners);
    const machine = { ...settings, ...listeners, ...(reported && { reported }), ...(filter && { filter }) };
    const done = await replayTraces(inputs, options, { machine, output: reporting, interruption, io });
    if (done === undefined) {
      // Nobody reads any of it any more; what cannot be written is said here.
      await reporting.finish();
      return EXIT.ok;
    }
    const { report: replayed, captures } = done;
    const { signal } = interruption;
    const explained = options.explain && signal === undefined;
    const report = explained
      ? await explain(replayed, inputs, options, settings, wantsProgress(options, io), context)
      : replayed;
    reporting.report(report);
    if (timeline !== undefined) context.stdout.write(await timeline.format(options, io));
    await reporting.finish();
    if (signal !== undefined) {
      tellOfDoubts(report, io);
      return EXIT[signal];
    }
    if (golden !== undefined) return await printComparison(golden, { name: 'this run', report }, options, context);
    tellUnused(captures, inputs, io);
    tellPresumed(captures, inputs, report.model, io);
    tellOfDoubts(report, io);
    return exitCodeOf(report, options);
  } finally {
    interruption.release();
    reporting.discard();
  }
}

/** Options that would be passed over. */
function refuseWithoutEach({ reports, inputs, jobs, shard, maxInputs: most }: EachOptions): void {
  const [given] =
    Object.entries({ reports, inputs, jobs, shard, 'max-inputs': most }).find(([, value]) => value !== undefined) ?? [];
  if (given !== undefined) throw new Failure(`--${given} goes with --each`);
}

/** undefined where none is wanted; what makes one is loaded where it is. Throws `Failure` where it has no place. */
async function timelineOf(options: EachOptions): Promise<TerminalTimeline | undefined> {
  if (!options.timeline) return undefined;
  if (options.format !== 'text' || options.golden !== undefined) {
    throw new Failure('--timeline goes below the text of a report');
  }
  return (await import('../timeline.ts')).createTerminalTimeline();
}

const AUTO = 'auto';

/** `--model auto`: the kernel that the values read inside it tell of. Throws `Failure` where a trace cannot be read twice. */
async function withKernel(options: EachOptions, inputs: readonly string[], context: Context): Promise<EachOptions> {
  checkExplainable(inputs);
  const { kernelOf } = await import('../identifying.ts');
  const { model: _auto, mode, ...rest } = options;
  return { ...rest, ...(await kernelOf(inputs, options, mode, context)) };
}

/** A note where nothing failed but not everything could be checked. */
function tellOfDoubts(report: Report, io: Io): void {
  if (report.verdict !== 'inconclusive') return;
  const reasons = report.reasons.map((reason) => `\n  ${escapeText(reason, 400)}`).join('');
  io.stderr.write(`note: the verdict is inconclusive:${reasons}\n`);
}
