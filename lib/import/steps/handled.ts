/** What the handlers of trapped accesses do behind the line that tells of the access. */

import { type Assembly, eventAt, push, taskOf } from '../state/assembly.ts';
import type { CpuState } from '../state/cpu.ts';
import type { Vcpu } from '../state/identities.ts';

/** What was written, no line tells. */
export function pushOslock(assembly: Assembly, here: CpuState, vcpu: Vcpu | undefined = here.loaded): void {
  if (vcpu === undefined) return;
  const event = eventAt(assembly, 'guest_oslock', here);
  event.vm = vcpu.vm;
  event.vcpu = vcpu.vcpu;
  push(assembly, here, event);
}

/**
 * The handler of a trapped access runs after kvm_sys_access was printed. Where the thread was scheduled out in between, the load
 * that follows comes before its effect, or after.
 */
export function debugAfterLoad(assembly: Assembly, here: CpuState, pid: number): void {
  const task = taskOf(assembly, pid);
  if (!task.debugPending) return;
  const event = eventAt(assembly, 'debug_dirty', here);
  event.inferred = true;
  event.maybe = true;
  push(assembly, here, event);
}
