/**
 * FP traps of a guest. The hypervisor handles them out of sight, and no tracepoint tells of them (semantics 10.3). They show in
 * fp_owner: a guest that owns the registers when it is left, and did not when it was entered, took one. That is all of them: within
 * a run the owner never leaves the guest again.
 */

import { HAS } from '../payload/kprobe-events.ts';
import { type Assembly, eventAt, push, settleTrap } from '../state/assembly.ts';
import type { CpuState } from '../state/cpu.ts';
import type { TraceEvent } from '../state/queue.ts';
import { vcpuOwnerOf } from './observe.ts';

export const GUEST = 2;

const UNDECIDED_TRAP =
  'the guest owns the FP registers, but whether it did when it was entered is not known: no trap deduced';

/** Before an exit: the trap that must have been in the run. `owner`: fp_owner at ctxsync, or -1 where it is not printed. */
export function deduceTrap(assembly: Assembly, here: CpuState, owner: number): void {
  if (owner < 0) {
    // Where the capture does not show all of them, the replay has to find out.
    if (!assembly.tells.traps) return;
    // Not known yet: the next line of the CPU that has the owner tells, or fpsimd_bind_state_to_cpu within ctxsync.
    here.possibleTrap = assembly.queue.hold(undefined, assembly.line.number);
    here.trapAt = assembly.ts;
    return;
  }
  if (owner !== GUEST || here.ownerAtEntry === GUEST) return;
  if (here.ownerAtEntry >= 0) push(assembly, here, inferredTrap(assembly, here));
  else if (assembly.tells.traps) assembly.account.assume(UNDECIDED_TRAP);
}

function inferredTrap(assembly: Assembly, here: CpuState): TraceEvent {
  const event = eventAt(assembly, 'guest_fp_trap', here);
  event.inferred = true;
  return event;
}

/** After an exit of which the owner was not printed, the first line of the CPU that has it. */
export function decideTrap(assembly: Assembly, here: CpuState): void {
  const entry = here.possibleTrap;
  const { has, owner } = assembly.fields;
  const found = (has & HAS.owner) !== 0 ? owner : vcpuOwnerOf(assembly);
  if (entry === undefined || found < 0) return;
  if (found === GUEST && here.ownerAtEntry === -1) assembly.account.assume(UNDECIDED_TRAP);
  else if (found === GUEST && here.ownerAtEntry !== GUEST) {
    const event = inferredTrap(assembly, here);
    if (here.trapAt !== undefined) event.ts = here.trapAt;
    entry.event = event;
  }
  settleTrap(assembly, here);
}

/** fpsimd_bind_state_to_cpu: within ctxsync it says that the guest owns the registers, so it trapped since its load. */
export function bind(assembly: Assembly, here: CpuState): void {
  const vcpu = here.loaded;
  if (here.exit === undefined || vcpu === undefined) return;
  if (here.possibleTrap !== undefined) {
    if (!vcpu.bound) here.possibleTrap.event = inferredTrap(assembly, here);
    settleTrap(assembly, here);
  }
  vcpu.bound = true;
}
