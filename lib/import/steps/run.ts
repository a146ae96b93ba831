/** Entry to the guest and exit: what the lines between ctxflush and kvm_exit become. */

import { WHAT } from '../payload/event-names.ts';
import type { Exit } from '../payload/exit.ts';
import { HAS } from '../payload/kprobe-events.ts';
import { type Assembly, adopt, eventAt, lose, nameVcpu, push, settleExit, settleTrap } from '../state/assembly.ts';
import { type CpuState, PHASE } from '../state/cpu.ts';
import type { Vcpu } from '../state/identities.ts';
import { deduceTrap, GUEST } from './fp-traps.ts';
import { debugDirtyOf, observe, observeBefore, observeDebugOwner, vcpuOwnerOf } from './observe.ts';

const FREE = 0;

/** kvm_arch_vcpu_ctxflush_fp was entered. What it finds of fp_owner is what it leaves, unless TIF_FOREIGN_FPSTATE is set. */
export function flush(assembly: Assembly, here: CpuState, vcpu: Vcpu | undefined): void {
  backInHost(assembly, here);
  settleExit(assembly, here);
  observeBefore(assembly, here, vcpu, -1);
  const { has, owner } = assembly.fields;
  observeDebugOwner(assembly, here, vcpu);
  here.flushOwner = (has & HAS.owner) !== 0 ? owner : vcpuOwnerOf(assembly);
  here.debugDirty = debugDirtyOf(assembly);
  here.phase = PHASE.flushed;
}

/** ctxflush returned, or kvm_entry was printed: the guest runs until ctxsync. */
export function enter(assembly: Assembly, here: CpuState, inferred: boolean): void {
  const event = nameVcpu(assembly, here, eventAt(assembly, 'guest_enter', here));
  if (inferred) event.inferred = true;
  push(assembly, here, event);
  const flushed = here.phase === PHASE.flushed;
  const { has, owner } = assembly.fields;
  if ((has & HAS.owner) !== 0) here.ownerAtEntry = owner;
  else if (!flushed) here.ownerAtEntry = -1;
  // ctxflush makes the owner FREE where TIF_FOREIGN_FPSTATE is set, which nothing but kernel-mode NEON can have done since ctxsync.
  else here.ownerAtEntry = here.foreign && here.flushOwner === GUEST ? FREE : here.flushOwner;
  const dirty = flushed ? here.debugDirty : -1;
  if ((has & (HAS.owner | HAS.last)) !== 0 || dirty >= 0) observe(assembly, here, undefined, -1, dirty);
  settleTrap(assembly, here);
  const loader = assembly.tasks.get(here.loader);
  if (loader !== undefined) loader.debugPending = false;
  here.phase = PHASE.guest;
  here.trapped = false;
  here.entered = false;
}

/**
 * The guest was left, at ctxsync: kvm_exit is printed only after a window in which softirqs run. Its cause is filled in from kvm_exit.
 * `owner`: fp_owner at ctxsync, or -1 where it is not printed.
 */
export function leave(assembly: Assembly, here: CpuState, owner: number, inferred: boolean): void {
  settleExit(assembly, here);
  if (here.phase === PHASE.flushed) {
    if (tellsEntries(assembly)) loseStep(assembly, here, 'the entry to a guest is not in the trace');
    assembly.fields.has = 0;
    enter(assembly, here, true);
  }
  settleTrap(assembly, here);
  if (!here.trapped) deduceTrap(assembly, here, owner);
  const event = nameVcpu(assembly, here, eventAt(assembly, 'guest_exit', here));
  if (inferred) event.inferred = true;
  here.events++;
  here.exit = assembly.queue.hold(event, assembly.line.number);
  here.phase = PHASE.out;
  here.foreign = false;
  here.syncOwner = -1;
  here.debugDirty = -1;
}

/** kvm_arch_vcpu_ctxsync_fp was entered. */
export function sync(assembly: Assembly, here: CpuState, vcpu: Vcpu | undefined): void {
  const { has, owner } = assembly.fields;
  const vcpuOwner = vcpuOwnerOf(assembly);
  const dirty = debugDirtyOf(assembly);
  leave(assembly, here, (has & HAS.owner) !== 0 ? owner : vcpuOwner, false);
  here.syncOwner = vcpuOwner;
  here.debugDirty = dirty;
  // Without a probe at the return: ctxsync changes neither the owner nor DEBUG_DIRTY, so they hold here as well.
  if (assembly.shown.kinds[WHAT.syncFpReturn] === 0) {
    assembly.fields.has = has & ~HAS.last;
    observe(assembly, here, vcpu, vcpuOwner, dirty);
  }
}

/** ctxsync returned: where the guest owns the registers, fpsimd_last_state is the vCPU's now. */
export function synced(assembly: Assembly, here: CpuState): void {
  const { has, owner, kernelOwner, last } = assembly.fields;
  if (here.phase !== PHASE.out) {
    leave(assembly, here, (has & HAS.owner) !== 0 ? owner : -1, false);
    assembly.fields.has = has;
  }
  const vcpu = here.loaded;
  const bound = ((has & HAS.kernelOwner) !== 0 ? kernelOwner : owner) === GUEST;
  if (vcpu !== undefined && (has & HAS.owner) !== 0 && (has & HAS.last) !== 0 && bound) {
    assembly.ids.learnVcpuState(last, vcpu);
  }
  if ((has & (HAS.owner | HAS.last)) !== 0 || here.syncOwner >= 0 || here.debugDirty >= 0) {
    observe(assembly, here, vcpu, here.syncOwner, here.debugDirty);
  }
  here.syncOwner = -1;
  here.debugDirty = -1;
}

/** kvm_exit: says why, and is the exit itself where there is no ctxsync in the trace. */
export function explainExit(assembly: Assembly, here: CpuState, why: Exit): void {
  if (here.phase !== PHASE.out) leave(assembly, here, -1, false);
  const event = here.exit?.event;
  if (event !== undefined) {
    if (why.ec !== undefined) event.ec = why.ec;
    if (why.reason !== undefined) event.reason = why.reason;
  }
  settleExit(assembly, here);
}

/**
 * A line that only the host can print. If the guest still runs as far as is known, its exit is missing, or the capture shows it
 * later than it was, or not at all.
 */
export function backInHost(assembly: Assembly, here: CpuState): void {
  if (here.phase === PHASE.out) return;
  const { shown } = assembly;
  const toldLate = shown.kinds[WHAT.syncFp] === 0 && shown.kinds[WHAT.syncFpReturn] === 0;
  if (here.phase === PHASE.guest && toldLate) {
    leave(assembly, here, -1, true);
    return;
  }
  if (here.phase === PHASE.flushed && toldLate) {
    here.phase = PHASE.out;
    return;
  }
  loseStep(assembly, here, 'the exit of a guest is not in the trace');
}

/** The capture has a line where ctxflush is done. */
function tellsEntries({ shown }: Assembly): boolean {
  return shown.kinds[WHAT.flushFpReturn] === 1 || shown.kinds[WHAT.kvmEntry] === 1;
}

/** A line is missing, but who runs and what is loaded is as it was. */
function loseStep(assembly: Assembly, here: CpuState, note: string): void {
  const { current, loaded, loader } = here;
  lose(assembly, here, 1, note);
  here.current = current;
  if (loaded !== undefined) adopt(assembly, here, loader, loaded);
}
