/** Task switches that sched_switch announces, where nothing else tells of them. */

import { WHAT } from '../payload/event-names.ts';
import { type Assembly, eventAt, push } from '../state/assembly.ts';
import { type CpuState, NO_TASK } from '../state/cpu.ts';

/**
 * The switch that sched_switch announced, where fpsimd_thread_switch is not probed. The task that goes can still print the rest of
 * its put.
 */
export function switchNow(assembly: Assembly, here: CpuState): void {
  if (here.switchTo === NO_TASK || here.switched || assembly.shown.kinds[WHAT.threadSwitch] === 1) return;
  const event = eventAt(assembly, 'task_switch', here);
  event.next = here.switchTo;
  push(assembly, here, event);
  here.switched = true;
}
