/** The other side of the pool: a process that works on tasks until nobody has any more. */

import { constants } from 'node:os';
import type { Assignment } from './pool.ts';

/** Answers every task with what `work` makes of it. An exception is a bug: it ends the process, which its pool tells. */
export function serve<Settings, Task, Result>(work: (task: Task, settings: Settings) => Promise<Result>): void {
  let told: Settings | undefined;
  process.on('message', async ({ settings, task }: Assignment<Settings, Task>) => {
    told = settings ?? told;
    const result = await work(task, told as Settings);
    // That nobody takes it any more is told by the end of the connection.
    process.send?.(result, undefined, undefined, () => {});
  });
  // Not in the middle of what is written, but between two pieces of work.
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => process.exit(128 + constants.signals[signal]));
  }
  // Whoever gave the tasks has gone, perhaps in the middle of one.
  process.on('disconnect', () => process.exit());
}
