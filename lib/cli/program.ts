/** Commands, options, help. */

import { Command } from 'commander';
import { escapeText } from '../text/escape.ts';
import { COMMANDS } from './commands/registry.ts';
import type { Act, Context } from './context.ts';
import { ENVIRONMENT, EXAMPLES, EXIT_CODES } from './help.ts';
import { version } from './version.ts';

/** Parses the command line, runs the command, and returns the exit code. Throws what the command throws, and CommanderError. */
export async function runProgram(argv: readonly string[], context: Context): Promise<number> {
  let code = 0;
  const act: Act =
    (run) =>
    async (...parsed) => {
      code = await run(context, ...parsed);
    };
  const program = createProgram(context);
  const named = argv[0] === 'help' ? argv[1] : argv[0];
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    // A command that is named needs none of the others. Making all of them takes 2 ms, a tenth of a short replay.
    if (named !== undefined && named in COMMANDS && named !== name) continue;
    const command = program.command(name).summary(summary);
    if (named === name) (await load()).declare(command, act);
  }
  await program.parseAsync(argv, { from: 'user' });
  return code;
}

function createProgram({ stdout, io }: Context): Command {
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
