/**
 * Values that probes read inside the kernel become `observe`, at the place where they hold for the replay as well: before the
 * step of a function at its entry, after it at its return. What is read in the middle of a step (fpsimd_save_and_flush within
 * load_fp) has no such place. An observation that repeats the CPU's last one, with no event in between, is left out.
 */

import { FP_OWNERS } from '../../trace/vocabulary.ts';
import { HAS } from '../payload/kprobe-events.ts';
import { type Assembly, eventAt } from '../state/assembly.ts';
import type { CpuState } from '../state/cpu.ts';
import type { Vcpu } from '../state/identities.ts';
import type { TraceEvent } from '../state/queue.ts';

const VALUES = HAS.owner | HAS.kernelOwner | HAS.last;
/** vcpu->arch.iflags: DEBUG_DIRTY up to v6.13 (arch/arm64/include/asm/kvm_host.h); since v6.14 the bit is another flag's. */
const DEBUG_DIRTY = 0x10;

/** DEBUG_DIRTY of the line's vCPU: 0 or 1; -1 where the line or the kernel does not have it. */
export function debugDirtyOf(assembly: Assembly): number {
  if ((assembly.fields.has & HAS.flags) === 0 || assembly.debugScheme !== 'dirty') return -1;
  return (assembly.fields.iflags & DEBUG_DIRTY) === 0 ? 0 : 1;
}

/** The owner that the vCPU itself keeps, as the line has it; -1 where it does not. */
export function vcpuOwnerOf(assembly: Assembly): number {
  return (assembly.fields.has & HAS.vcpuOwner) === 0 ? -1 : assembly.fields.vcpuOwner;
}

/** Before the step of this line. `vcpu`: whose owner field the line has. `dirty`: DEBUG_DIRTY of the loaded vCPU, or -1. */
export function observeBefore(assembly: Assembly, here: CpuState, vcpu: Vcpu | undefined, dirty: number): void {
  const owner = vcpu === undefined ? -1 : vcpuOwnerOf(assembly);
  const has = assembly.fields.has;
  if ((has & VALUES) === 0 && owner < 0 && dirty < 0) return;
  if (here.observedAt === here.events && repeats(assembly, here, vcpu, owner, dirty)) return;
  observe(assembly, here, vcpu, owner, dirty);
}

function repeats(assembly: Assembly, here: CpuState, vcpu: Vcpu | undefined, owner: number, dirty: number): boolean {
  const { has, owner: fpOwner, kernelOwner, last } = assembly.fields;
  const observed = here.observed;
  return (
    ((has & HAS.owner) === 0 || observed.owner === fpOwner) &&
    ((has & HAS.kernelOwner) === 0 || observed.kernelOwner === kernelOwner) &&
    ((has & HAS.last) === 0 || observed.last === last) &&
    (owner < 0 || (observed.vcpuOwner === owner && observed.vcpu === vcpu)) &&
    (dirty < 0 || observed.dirty === dirty)
  );
}

/** After the step: what the line's fields say, the vCPU's own owner field (`owner`, or -1), and DEBUG_DIRTY (or -1). */
export function observe(
  assembly: Assembly,
  here: CpuState,
  vcpu: Vcpu | undefined,
  owner: number,
  dirty: number,
): void {
  const { has, owner: fpOwner, kernelOwner, last } = assembly.fields;
  const observed = here.observed;
  const event: TraceEvent = eventAt(assembly, 'observe', here);
  if (owner >= 0 && vcpu !== undefined) {
    event.vm = vcpu.vm;
    event.vcpu = vcpu.vcpu;
    event.fp_owner = FP_OWNERS[owner] as string;
  }
  if ((has & HAS.kernelOwner) !== 0) {
    event.fp_owner_hyp = FP_OWNERS[fpOwner] as string;
    event.fp_owner_kernel = FP_OWNERS[kernelOwner] as string;
  } else if ((has & HAS.owner) !== 0) {
    if (assembly.kernelCopy) event.fp_owner_kernel = FP_OWNERS[fpOwner] as string;
    else event.fp_owner = FP_OWNERS[fpOwner] as string;
  }
  if ((has & HAS.last) !== 0) nameLast(assembly, event, last);
  if (dirty >= 0) event.debug_dirty = dirty === 1;
  observed.owner = (has & HAS.owner) === 0 ? -1 : fpOwner;
  observed.kernelOwner = (has & HAS.kernelOwner) === 0 ? -1 : kernelOwner;
  observed.last = (has & HAS.last) === 0 ? -1 : last;
  observed.vcpuOwner = owner;
  observed.vcpu = vcpu;
  observed.dirty = dirty;
  here.observedAt = here.events;
  const says = event.fp_owner ?? event.fp_owner_kernel ?? event.last ?? event.debug_dirty;
  if (says !== undefined) assembly.queue.push(event, assembly.line.number);
}

/** debug_owner of the loaded vCPU, as the guest is about to be entered: it says whether the debug registers are switched. */
export function observeDebugOwner(assembly: Assembly, here: CpuState, vcpu: Vcpu | undefined): void {
  const { has, debugOwner } = assembly.fields;
  if ((has & HAS.debugOwner) === 0 || vcpu === undefined || assembly.debugScheme !== 'owner') return;
  const event = eventAt(assembly, 'observe', here);
  event.vm = vcpu.vm;
  event.vcpu = vcpu.vcpu;
  event.debug_owner = FP_OWNERS[debugOwner] as string;
  assembly.queue.push(event, assembly.line.number);
}

function nameLast(assembly: Assembly, event: TraceEvent, last: number): void {
  const name = assembly.ids.nameOf(last);
  if (name !== undefined) event.last = name;
  else assembly.account.assume('fpsimd_last_state points at a task or vCPU from before the trace; not reported');
}
