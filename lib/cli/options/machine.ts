/** The machine that a command emulates, for commands that replay and print no report. */

import type { Command } from 'commander';
import type { Wishes } from '../../replay/settings.ts';
import { vectorLength } from './arguments.ts';
import { checkKernel } from './replay-options.ts';

export interface MachineOptions {
  readonly model?: string;
  readonly mode?: string;
  /** Bytes; 0: none. */
  readonly sveVl?: number;
  readonly smeVl?: number;
}

export function addMachine<T extends Command>(command: T): T {
  command
    .option('-m, --model <name>', "kernel, one of 'worldswitch models'; without it the trace's own, else v6.10")
    .option('--mode <mode>', "vhe, nvhe, hvhe or pkvm; without it the trace's own, else vhe")
    .option('--sve-vl <bytes>', 'largest SVE vector length; 0: no SVE', vectorLength)
    .option('--sme-vl <bytes>', 'largest SME vector length; 0: no SME', vectorLength);
  return command;
}

/** Throws `Failure` for a kernel that there is not. */
export function wishesOf({ model, mode, sveVl, smeVl }: MachineOptions): Wishes {
  checkKernel(model, mode);
  return {
    ...(model !== undefined && { model }),
    ...(mode !== undefined && { mode }),
    ...(sveVl !== undefined && { sveVl }),
    ...(smeVl !== undefined && { smeVl }),
  };
}
