/** `worldswitch man`: the manual page, worldswitch.1. */

import type { Command } from 'commander';
import type { Context, Declare } from '../context.ts';
import { EXIT } from '../exit.ts';
import { manPage } from '../man-page.ts';
import { version } from '../version.ts';

export const declare: Declare = (command, act) => {
  command.description('Prints the manual page: worldswitch man | man -l -').action(act(man));
};

async function man({ stdout }: Context, _options: object, { parent }: Command): Promise<number> {
  stdout.write(manPage(parent as Command, version()));
  return EXIT.ok;
}
