/** What the handlers of trapped accesses do behind the line that tells of the access. */

import { type Assembly, eventAt, push, taskOf } from '../state/assembly.ts';
import type { CpuState } from '../state/cpu.ts';
import { UNKNOWN, type Vcpu } from '../state/identities.ts';

/** OSLAR_EL1 was written. `locked`: OSLK, or UNKNOWN where no line tells. */
export function pushOslock(assembly: Assembly, here: CpuState, locked: number, vcpu: Vcpu | undefined): void {
  if (vcpu === undefined) return;
  const event = eventAt(assembly, 'guest_oslock', here);
  event.vm = vcpu.vm;
  event.vcpu = vcpu.vcpu;
  if (locked !== UNKNOWN) event.locked = locked === 1;
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
