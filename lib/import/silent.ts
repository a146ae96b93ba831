/**
 * Probes that the capture script has set, and that were never hit though the kernel has to pass them: it does not call that function, or has
 * it inlined. Either way what they would have shown was not seen.
 */

import { WHAT } from './payload/event-names.ts';

/** A probe, and the events that do not happen without it. */
const PASSED: readonly (readonly [string, number, readonly string[]])[] = [
  ['load_fp', WHAT.loadFp, ['vcpu_load', 'sched_in']],
  ['put_fp', WHAT.putFp, ['vcpu_put', 'sched_out']],
  ['flush_fp', WHAT.flushFp, ['guest_enter']],
  ['sync_fp', WHAT.syncFp, ['guest_exit']],
  ['thread_switch', WHAT.threadSwitch, ['task_switch']],
  ['user_save', WHAT.userSave, ['task_switch']],
];

/** `hits`: by kind of line, whether there was one. `events`: by name, how many were given out. A capture may begin behind the probe, and end before it, once on each CPU. */
export function silentProbes(
  probes: ReadonlySet<string>,
  hits: Uint8Array,
  events: Readonly<Record<string, number>>,
  cpus: number,
  ignore: readonly string[],
): readonly string[] {
  return PASSED.filter(([name, what, passing]) => {
    const times = passing.reduce((sum, event) => sum + (events[event] ?? 0), 0);
    return probes.has(name) && !ignore.includes(name) && hits[what] === 0 && times > 2 * cpus;
  }).map(([name]) => name);
}
