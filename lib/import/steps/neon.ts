/** Kernel-mode NEON. */

import { WHAT } from '../payload/event-names.ts';
import { type Assembly, eventAt, push } from '../state/assembly.ts';
import type { CpuState } from '../state/cpu.ts';
import { observeBefore } from './observe.ts';
import { restoredBefore } from './return.ts';
import { backInHost } from './run.ts';

/** Lines after which a load or put is not complete: its event stands at its first line. */
const IN_STEP: ReadonlySet<number> = new Set([WHAT.vcpuLoad, WHAT.loadFp, WHAT.vcpuPut, WHAT.putFp]);

/** kernel_neon_begin; its end is deduced right after it where no probe tells of it. */
export function beginNeon(assembly: Assembly, here: CpuState, pid: number): void {
  backInHost(assembly, here);
  restoredBefore(assembly, here, pid);
  // In a softirq within a load or put the values are those of the middle of a step.
  if (!IN_STEP.has(here.what)) observeBefore(assembly, here, undefined, -1);
  push(assembly, here, neonEvent(assembly, here, 'neon_begin'));
  here.foreign = true;
  if (here.loaded !== undefined) here.loaded.bound = false;
  if (assembly.shown.kinds[WHAT.neonEnd] === 1) return;
  const end = eventAt(assembly, 'neon_end', here);
  end.inferred = true;
  push(assembly, here, end);
}

export function endNeon(assembly: Assembly, here: CpuState): void {
  backInHost(assembly, here);
  push(assembly, here, neonEvent(assembly, here, 'neon_end'));
}

function neonEvent(assembly: Assembly, here: CpuState, name: 'neon_begin' | 'neon_end') {
  const event = eventAt(assembly, name, here);
  if (assembly.line.softirq) event.softirq = true;
  return event;
}
