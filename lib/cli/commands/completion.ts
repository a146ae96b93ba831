/** `worldswitch completion`: what a shell needs to complete the command line. */

import { Argument, type Command } from 'commander';
import type { Context, Declare } from '../context.ts';
import { EXIT } from '../exit.ts';
import { SHELLS, type Shell } from '../shells.ts';

export const declare: Declare = (command, act) => {
  command
    .description('Prints the completion of the command line for a shell; its first line says where it goes.')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(Object.keys(SHELLS)))
    .action(act(completion));
};

async function completion({ stdout }: Context, shell: Shell, _options: object, { parent }: Command): Promise<number> {
  stdout.write(SHELLS[shell](parent as Command));
  return EXIT.ok;
}
