/** `worldswitch check`: every trace under some paths against the expected reports beside it. */

import { Option } from 'commander';
import { CASE_FORMATS } from '../../show/cases/case-formats.ts';
import { labelled } from '../../text/wrap.ts';
import type { CheckOptions } from '../check/run-check.ts';
import type { Context, Declare } from '../context.ts';
import { integer } from '../options/arguments.ts';
import { addLimits, addReportLimit } from '../options/limits.ts';
import { colour } from '../options/shared.ts';

const MAX_JOBS = 1024;
const MAX_ENTITIES = 16_000_000;
const MAX_INPUTS = Number.MAX_SAFE_INTEGER;

const FORMATS = ['text', 'json', ...Object.keys(CASE_FORMATS)];

export const declare: Declare = (command, act) => {
  addReportLimit(
    addLimits(
      command
        .description(
          'Replays every trace under the paths and holds its report against those beside it, NAME.MODEL.MODE[.strict].json. A trace that has none is replayed for its verdict, on the kernel that it names.',
        )
        .argument('[PATH...]', 'traces, expected reports, and folders of them')
        .addOption(
          new Option('-f, --format <format>', 'one of the formats below (default text)')
            .choices(FORMATS)
            .default('text'),
        )
        .option('--update', 'write the reports that differ or are missing, remove those of no trace', false)
        .option('--dry-run', 'with --update: only say what it would write', false)
        .option('-q, --quiet', 'say only what is not as expected', false)
        .option('--inputs <file>', "a file with a path on each line; '-': stdin")
        .option('--max-inputs <n>', 'most paths (default 1000000)', integer(1, MAX_INPUTS))
        .option('-j, --jobs <n>', 'traces at a time (default: as many as there are cores)', integer(1, MAX_JOBS))
        .option(
          '--shard <i/n>',
          'the i-th of n parts of the traces; /n, or --inputs without it: which one Slurm or Kubernetes says',
        )
        .addOption(colour())
        .option('--max-entities <n>', 'most tasks and vCPUs of a trace (default 1000000)', integer(1, MAX_ENTITIES)),
    ),
  )
    .addHelpText('after', HELP)
    .action(act(load));
};

/** The command line needs none of it to be parsed. */
async function load(context: Context, paths: readonly string[], options: CheckOptions): Promise<number> {
  return (await import('../check/run-check.ts')).check(context, paths, options);
}

const formatLines = Object.entries(CASE_FORMATS).flatMap(([name, { doc }]) =>
  labelled(2, 8, name, doc, (text) => text),
);

const HELP = `
Formats:
  text    a line for each trace and kernel, and how a report differs
  json    the same as one JSON document
${formatLines.join('\n')}

.worldswitch.json in the folder of a trace or above, the nearest one:
  {"model": "v6.12-stable", "mode": "nvhe"}   what traces are of that do not say
  {"records": ["vcpu_load", "vcpu_put"]}      which events such traces show
  {"skip": "these are broken on purpose"}     check does not look at them

Examples:
  worldswitch check traces/golden traces/real
  worldswitch check traces/golden --update --dry-run
  worldswitch check traces/golden --format junit > report.xml

Exit codes:
  0  every report is the one beside it; every other verdict is pass
  1  a report differs, one is of no trace, or a verdict is fail
  2  usage error, or a trace that cannot be read
  3  internal error: a bug of worldswitch
  4  the verdict of a trace without a report is inconclusive`;
