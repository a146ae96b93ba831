/** Commands, options, help. */

import { Command } from 'commander';
import { escapeText } from '../text/escape.ts';
import { setPage } from '../text/page.ts';
import { didYouMean } from '../text/suggest.ts';
import { COMMANDS } from './commands/registry.ts';
import type { Act, Context } from './context.ts';
import { Failure } from './exit.ts';
import { ENVIRONMENT, EXAMPLES, EXIT_CODES } from './help.ts';
import { resolveModel } from './options/kernels.ts';
import type { Writable } from './terminal/io.ts';
import { versionText } from './version.ts';

/** Parses the command line, runs the command, and returns the exit code. Throws what the command throws, and CommanderError. */
export async function runProgram(argv: readonly string[], context: Context): Promise<number> {
  let code = 0;
  const act: Act =
    (run) =>
    async (...parsed) => {
      const { quiet, all } = (parsed.at(-1) as Command).opts();
      const { stdout } = context.io;
      setPage({ columns: stdout.isTTY ? stdout.columns : undefined, all });
      code = await run(quiet === true ? quietly(context) : context, ...parsed);
    };
  const program = createProgram(context);
  const named = argv[0] === 'help' ? argv[1] : argv[0];
  const topic = argv[0] === 'help' && named !== undefined ? await topicNamed(named) : undefined;
  if (topic !== undefined) {
    context.stdout.write(`${topic()}\n`);
    return code;
  }
  const whole = named !== undefined && Object.hasOwn(COMMANDS, named) && COMMANDS[named]?.tellsOfAll === true;
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    // A command that is named needs none of the others. Making all of them takes 2 ms, a tenth of a short replay.
    if (!whole && named !== undefined && Object.hasOwn(COMMANDS, named) && named !== name) continue;
    const command = program.command(name).summary(summary);
    if (!whole && named !== name) continue;
    (await load()).declare(command, act);
    // `check` has one that says less on stdout too.
    if (command.options.every(({ long }) => long !== '--quiet'))
      command.option('-q, --quiet', 'no notes and no progress on stderr, only errors and warnings');
  }
  program.hook('preAction', (_program, command) => {
    const isQuiet = command.opts().quiet === true;
    if (isQuiet) command.setOptionValue('progress', false);
    nameModels(command, isQuiet ? quietly(context) : context);
  });
  await program.parseAsync(argv, { from: 'user' });
  return code;
}

/** Notes are dropped; what is wrong is told. */
function quietly(context: Context): Context {
  const { io } = context;
  const stderr: Writable = {
    write: (text, done) => {
      if (typeof text !== 'string' || !text.startsWith('note: ')) return io.stderr.write(text, done);
      done?.();
      return true;
    },
    on: (...listener) => io.stderr.on(...listener),
  };
  return { ...context, io: Object.create(io, { stderr: { value: stderr } }) };
}

/** What a topic says; undefined for a command, or an option. Throws `Failure` for a name that is nothing. */
async function topicNamed(name: string): Promise<(() => string) | undefined> {
  const { TOPICS } = await import('./topics.ts');
  if (Object.hasOwn(TOPICS, name)) return TOPICS[name];
  if (Object.hasOwn(COMMANDS, name) || name.startsWith('-')) return undefined;
  const known = [...Object.keys(COMMANDS), ...Object.keys(TOPICS)];
  throw new Failure(`there is no command and no topic '${escapeText(name, 80)}'${didYouMean(name, known)}`);
}

/** Kernels that were named by a version or a release become the models that cover them, which is said. */
function nameModels(command: Command, { io }: Context): void {
  const name = (given: string): string => {
    const { name, note } = resolveModel(given, () => given);
    if (note !== undefined) io.stderr.write(`note: ${note}\n`);
    return name;
  };
  const { model, models } = command.opts();
  if (typeof model === 'string') command.setOptionValue('model', name(model));
  if (Array.isArray(models)) command.setOptionValue('models', models.map(name));
}

function createProgram({ stdout, io }: Context): Command {
  return new Command('worldswitch')
    .description(
      'Replays traces of the KVM/arm64 world switch: who owned the registers,\nwhich invariants broke, what the switching cost.',
    )
    .version(versionText().trimEnd(), '-V, --version', 'print the version, and what it is of')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [COMMAND]', 'print the help of a command, or of formats, models, exit-codes, environment')
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
