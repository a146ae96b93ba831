/** Tasks that are new in the task_struct of one that is gone: pointers tell, and no line of the capture does. */

import type { Assembly } from '../state/assembly.ts';
import type { TraceEvent } from '../state/queue.ts';

/** `reuses`: the task itself where only its task_struct is another than before: its pid was used again. */
export function newTask(assembly: Assembly, pid: number, reuses: number): TraceEvent {
  const event: TraceEvent = { event: 'task_new', task: pid, inferred: true };
  if (reuses !== pid) event.reuses = reuses;
  if (assembly.ts !== undefined) event.ts = assembly.ts;
  return event;
}

export function tellNew(assembly: Assembly, pid: number, reuses: number | undefined): void {
  if (reuses !== undefined) assembly.queue.push(newTask(assembly, pid, reuses), assembly.line.number);
}
