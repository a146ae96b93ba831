/** A process of a pool: takes the time that its task says, or ends before it has an answer. */

import { setTimeout } from 'node:timers/promises';
import { serve } from '../../lib/fleet/serve.ts';

export interface Task {
  readonly name: string;
  /** In ms. */
  readonly takes: number;
  readonly end?: 'exit' | 'kill' | 'throw' | 'SIGHUP' | 'SIGINT' | 'SIGTERM';
}

export interface Answer {
  readonly name: string;
  readonly settings: { readonly big: bigint };
  readonly pid: number;
}

serve(async ({ name, takes, end }: Task, settings: Answer['settings']): Promise<Answer> => {
  await setTimeout(takes);
  if (end === 'exit') process.exit(7);
  if (end === 'kill') process.kill(process.pid, 'SIGKILL');
  if (end === 'throw') throw new Error(name);
  if (end !== undefined) {
    process.kill(process.pid, end);
    await setTimeout(10_000);
  }
  return { name, settings, pid: process.pid };
});
