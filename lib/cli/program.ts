/** Commands, options, help. What a command needs is loaded when it runs, so that help is fast. */

import { Command, Option } from 'commander';
import { FORMATS } from '../show/reporter.ts';
import { escapeText } from '../text/escape.ts';
import { addBtfCommands } from './btf-commands.ts';
import { addCaptureCommands, IGNORE } from './capture-commands.ts';
import { ENVIRONMENT, EXAMPLES, EXIT_CODES } from './help.ts';
import { collect, integer, names, ranges, time, vectorLength } from './options/arguments.ts';
import { addLimits } from './options/limits.ts';
import { COLOUR_OPTIONS } from './terminal/colour.ts';
import type { Io } from './terminal/io.ts';
import type { Output } from './terminal/output.ts';
import { addToolCommands } from './tool-commands.ts';
import { version } from './version.ts';

const MAX = Number.MAX_SAFE_INTEGER;
/** Physical CPUs of the format (MAX_CPU of the vocabulary, which help need not load). */
const MAX_CPU = 4095;
/** More than this, and the maps that hold them overflow. */
const MAX_ENTITIES = 16_000_000;

type Exit = (code: number) => void;
/** Adds a command, or some that belong together. `exit` is called with the exit code when one of them has run. */
type AddCommands = (program: Command, stdout: Output, io: Io, exit: Exit) => void;

/** By the names that are added, in the order of the help. */
const COMMANDS: readonly { readonly names: readonly string[]; readonly add: AddCommands }[] = [
  { names: ['replay'], add: addReplay },
  { names: ['compare', 'layouts', 'diagram'], add: addToolCommands },
  { names: ['probes', 'footprint'], add: addBtfCommands },
  { names: ['import', 'identify'], add: addCaptureCommands },
  { names: ['models', 'rules', 'schema', 'diff'], add: addListCommands },
];

/** Parses the command line, runs the command, and returns the exit code. Throws what the command throws, and CommanderError. */
export async function runProgram(argv: readonly string[], stdout: Output, io: Io): Promise<number> {
  const result = { code: 0 };
  const program = createProgram(stdout, io);
  // A command that is named needs none of the others. Making all of them takes 2 ms, a tenth of a short replay.
  const named = COMMANDS.filter(({ names }) => names.includes(argv[0] ?? ''));
  for (const { add } of named.length > 0 ? named : COMMANDS) {
    add(program, stdout, io, (code) => {
      result.code = code;
    });
  }
  await program.parseAsync(argv, { from: 'user' });
  return result.code;
}

function createProgram(stdout: Output, io: Io): Command {
  return new Command('worldswitch')
    .description(
      'Replays traces of the KVM/arm64 world switch: who owned the registers,\nwhich invariants broke, what the switching cost.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [COMMAND]', 'print the help of a command')
    .configureHelp({ optionDescription: ({ description }) => description })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // An option value can hold anything, and commander repeats it.
      outputError: (text, write) =>
        write(
          `${text
            .trimEnd()
            .split('\n')
            .map((line) => escapeText(line, 400))
            .join('\n')}\n`,
        ),
      getOutHelpWidth: () => 80,
      getErrHelpWidth: () => 80,
    })
    .addHelpText('after', `${EXAMPLES}\n${EXIT_CODES}\n${ENVIRONMENT}`);
}

function addListCommands(program: Command, stdout: Output, io: Io, exit: Exit): void {
  const format = () =>
    new Option('--format <format>', 'text (default) or json').choices(['text', 'json']).default('text');
  program
    .command('models')
    .description('list the kernels that can be replayed')
    .addOption(format())
    .addOption(colorOption())
    .action(async (options) => exit(await (await import('./commands/models.ts')).models(options, stdout, io)));
  program
    .command('rules')
    .description('list the invariants, or say all of those that are named')
    .argument('[RULE...]', 'such as FP-07')
    .addOption(format())
    .addOption(colorOption())
    .action(async (rules, options) =>
      exit(await (await import('./commands/rules.ts')).rules(rules, options, stdout, io)),
    );
  program
    .command('schema')
    .description('print the JSON Schema of a trace line')
    .action(async () => exit(await (await import('./commands/schema.ts')).schema(stdout)));
  program
    .command('diff')
    .description('compare two reports: verdict, violations, transitions, costs')
    .argument('<A.json>', "a report of --format json; '-' is stdin")
    .argument('<B.json>', 'the report to compare it with')
    .addOption(format())
    .addOption(colorOption())
    .action(async (a, b, options) => exit(await (await import('./commands/diff.ts')).diff(a, b, options, stdout, io)));
}

function addReplay(program: Command, stdout: Output, io: Io, exit: Exit): void {
  const command = program
    .command('replay')
    .summary('replay traces and report')
    .description('Replays traces and reports who owned the registers, what was violated, what it cost.')
    .argument(
      '[TRACE...]',
      "NDJSON or captures (ftrace, trace-cmd report, perf script), plain, gzip or zstd; several are merged by ts; '-' or none: stdin",
    )
    .optionsGroup('Machine:')
    .option('--model <name>', "kernel, one of 'worldswitch models'; without it the trace's own, else v6.10")
    .option('--mode <mode>', "vhe, nvhe, hvhe or pkvm; without it the trace's own, else vhe")
    .option('--sve-vl <bytes>', 'largest SVE vector length; 0: no SVE', vectorLength)
    .option('--sme-vl <bytes>', 'largest SME vector length; 0: no SME', vectorLength)
    .optionsGroup('Report:')
    .addOption(new Option('--format <format>', 'text (default), json or ndjson').choices(FORMATS).default('text'))
    .option('--out <format:path>', 'also write the report to a file; repeatable', collect, [])
    .option('--golden <file>', 'compare with this report, as diff does, instead of printing one')
    .option('--max-violations <n>', 'list so many (default 1000); all are counted', integer(0, MAX), 1000)
    .option('--explain', 'replay again to find the switch of the model that explains a divergence', false)
    .addOption(colorOption())
    .option('--no-progress', 'show no progress on stderr')
    .optionsGroup('Verdict:')
    .addOption(
      new Option('--fail-on <severity>', 'error (default) or warning: what makes exit code 1')
        .choices(['error', 'warning'])
        .default('error'),
    )
    .option(
      '--strict',
      'an implied step violates LC-01, an unknown event is an input error, an inconclusive verdict exits 4',
      false,
    )
    .optionsGroup('Filters of what is reported (everything is replayed):')
    .option('--cpu <list>', 'physical CPUs, such as 0-3,7', ranges(MAX_CPU))
    .option('--vm <list>', 'VMs', ranges(MAX))
    .option('--vcpu <list>', 'vCPUs (vcpu_id)', ranges(MAX))
    .option('--event <names>', 'events, such as vcpu_load,vcpu_put', names)
    .option('--rule <ids>', "rules, of 'worldswitch rules'", names)
    .option('--from <time>', 'from this ts on, in ns or with a unit: 1.5s, 20ms, 3us', time)
    .option('--to <time>', 'up to this ts', time)
    .optionsGroup('Options:')
    .option('--ignore <event>', IGNORE, collect, [])
    .option('--max-entities <n>', 'most tasks and vCPUs (default 1000000)', integer(1, MAX_ENTITIES))
    .addOption(
      new Option('--reader <name>', 'fast (default), or ndjson: the reference, which says the same').choices([
        'fast',
        'ndjson',
      ]),
    )
    .option('--keep-going', 'say all bad lines and leave them out, instead of ending at the first', false)
    .addHelpText('after', `${EXAMPLES}\n${EXIT_CODES}\n${ENVIRONMENT}`);
  addLimits(command).action(async (traces, options) =>
    exit(await (await import('./commands/replay.ts')).replay(traces, options, stdout, io)),
  );
}

function colorOption(): Option {
  return new Option('--color <when>', 'auto (default), always or never').choices(COLOUR_OPTIONS).default('auto');
}
