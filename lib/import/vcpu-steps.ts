/** Load and put of a vCPU, entry to the guest and exit: what the lines of the KVM_RUN path become. */

import type { EventName } from '../trace/vocabulary.ts';
import { WHAT } from './event-names.ts';
import type { Exit } from './exit.ts';
import { settleReturn } from './host-steps.ts';
import { NOT_LOADED, type Vcpu } from './identities.ts';
import { HAS } from './kprobe-events.ts';
import { debugDirtyOf, observe, observeBefore, vcpuOwnerOf } from './observe.ts';
import type { TraceEvent } from './queue.ts';
import {
  type Assembly,
  type CpuState,
  cpuOf,
  eventAt,
  lose,
  NO_TASK,
  PHASE,
  push,
  settleExit,
  settleTrap,
  taskOf,
} from './state.ts';

const GUEST = 2;
const FREE = 0;
/** vcpu->arch.cflags: VCPU_SVE_FINALIZED, the one bit that means the same in 6.1 to 7.3. Bit 0 was GUEST_HAS_SVE up to 6.13 and is VCPU_INITIALIZED since. */
const SVE_FINALIZED = 2;

/** The vCPU that a line is about: by its pointer, else the one that the thread has loaded or last ran. */
export function vcpuOfLine(assembly: Assembly, here: CpuState, pid: number): Vcpu {
  const fields = assembly.fields;
  if ((fields.has & HAS.vcpu) !== 0) return assembly.ids.vcpuOf(fields.kvm, fields.vcpu, fields.vptr);
  if (here.loaded !== undefined && here.loader === pid) return here.loaded;
  const known = taskOf(assembly, pid).vcpu;
  if (known !== undefined) return known;
  assembly.account.assume('a vCPU is known by its thread only: one number for each thread');
  return assembly.ids.vcpuOfThread(pid);
}

/** Declares the vCPU with what its flags say; again where SVE was finalised after it was first seen. */
export function declare(assembly: Assembly, vcpu: Vcpu): void {
  if ((assembly.fields.has & HAS.flags) === 0) return;
  const sve = (assembly.fields.cflags & SVE_FINALIZED) !== 0;
  if (vcpu.declared && (!sve || vcpu.sve)) return;
  vcpu.declared = true;
  vcpu.sve = sve;
  const { ts, sveVl } = assembly;
  assembly.queue.push(
    {
      event: 'vcpu_create',
      ...(ts === undefined ? {} : { ts }),
      vm: vcpu.vm,
      vcpu: vcpu.vcpu,
      ...(sve ? { sve } : {}),
      ...(sve && sveVl !== undefined ? { sve_vl: sveVl } : {}),
    },
    assembly.line.number,
  );
  if (sve && sveVl === undefined) assembly.account.assume('the vector length of a vCPU with SVE is not known');
}

/** kvm_arch_vcpu_load: by the scheduler where it took the task's vCPU off before. */
export function load(assembly: Assembly, here: CpuState, pid: number, vcpu: Vcpu, inferred: boolean): void {
  const task = taskOf(assembly, pid);
  settleReturn(assembly, here, task);
  settleExit(assembly, here);
  if (here.loaded !== undefined) missingPut(assembly, here, 'vcpu_put');
  if (vcpu.on >= 0 && vcpu.on !== here.cpu) {
    const other = cpuOf(assembly, vcpu.on);
    if (other.loaded === vcpu) missingPut(assembly, other, 'vcpu_put');
  }
  observeBefore(assembly, here, vcpu, -1);
  declare(assembly, vcpu);
  const event = eventAt(assembly, task.preempted ? 'sched_in' : 'vcpu_load', here);
  event.vm = vcpu.vm;
  event.vcpu = vcpu.vcpu;
  event.task = pid;
  if (inferred) event.inferred = true;
  push(assembly, here, event);
  task.preempted = false;
  vcpu.bound = false;
  here.blind = false;
  here.foreign = false;
  adopt(assembly, here, pid, vcpu);
}

function adopt(assembly: Assembly, here: CpuState, pid: number, vcpu: Vcpu): void {
  here.loaded = vcpu;
  here.loader = pid;
  here.phase = PHASE.out;
  vcpu.on = here.cpu;
  taskOf(assembly, pid).vcpu = vcpu;
}

/**
 * The line needs the vCPU to be loaded. Where it is not: known to have been put and no load is ever printed, the load is
 * deduced; else lines are missing, or the trace began in the middle of a run.
 */
export function needLoaded(assembly: Assembly, here: CpuState, pid: number, vcpu: Vcpu): void {
  if (here.loaded === vcpu) return;
  if (here.loaded !== undefined) missingPut(assembly, here, 'vcpu_put');
  const printed = assembly.seen[WHAT.vcpuLoad] === 1 || assembly.seen[WHAT.loadFp] === 1;
  if (vcpu.on === NOT_LOADED && !printed) {
    load(assembly, here, pid, vcpu, true);
    return;
  }
  if (!here.blind) {
    lose(assembly, here, 1, `the load of vCPU ${vcpu.vm}/${vcpu.vcpu} is not in the trace`);
    here.current = pid;
  }
  declare(assembly, vcpu);
  adopt(assembly, here, pid, vcpu);
}

/**
 * kvm_arch_vcpu_put. The scheduler calls it between sched_switch and thread_switch (fire_sched_out_preempt_notifiers), an ioctl
 * anywhere else; without sched_switch in the trace, what follows on the CPU tells.
 */
export function put(assembly: Assembly, here: CpuState, pid: number, vcpu: Vcpu, inferred: boolean): void {
  needLoaded(assembly, here, pid, vcpu);
  backInHost(assembly, here);
  settleExit(assembly, here);
  observeBefore(assembly, here, vcpu, debugDirtyOf(assembly));
  if (here.switchTo !== NO_TASK) {
    putAs(assembly, here, 'sched_out', inferred);
    return;
  }
  const undecided = assembly.seen[WHAT.schedSwitch] !== 1;
  const event = putEvent(assembly, here, 'vcpu_put', inferred);
  if (!undecided || event === undefined) {
    if (event !== undefined) push(assembly, here, event);
    return;
  }
  here.events++;
  here.put = assembly.queue.hold(event, assembly.line.number);
  here.putter = pid;
}

/** What a put is, once the next line of the CPU has told. */
export function decidePut(assembly: Assembly, here: CpuState, event: 'vcpu_put' | 'sched_out'): void {
  if (here.put?.event === undefined) return;
  here.put.event.event = event;
  if (event === 'sched_out') taskOf(assembly, here.putter).preempted = true;
  assembly.queue.settle(here.put);
  here.put = undefined;
}

function putAs(assembly: Assembly, here: CpuState, name: EventName, inferred: boolean): void {
  if (name === 'sched_out') taskOf(assembly, here.loader).preempted = true;
  const event = putEvent(assembly, here, name, inferred);
  if (event !== undefined) push(assembly, here, event);
}

function putEvent(assembly: Assembly, here: CpuState, name: EventName, inferred: boolean) {
  const vcpu = here.loaded;
  if (vcpu === undefined) return undefined;
  const event = eventAt(assembly, name, here);
  event.vm = vcpu.vm;
  event.vcpu = vcpu.vcpu;
  if (inferred) event.inferred = true;
  here.loaded = undefined;
  vcpu.on = NOT_LOADED;
  return event;
}

/** A vCPU is still loaded where it cannot be: its put is deduced where none is ever printed, else it is missing. */
export function missingPut(assembly: Assembly, here: CpuState, name: 'vcpu_put' | 'sched_out'): void {
  const vcpu = here.loaded;
  if (vcpu === undefined) return;
  if (assembly.seen[WHAT.vcpuPut] === 1 || assembly.seen[WHAT.putFp] === 1) {
    lose(assembly, here, 1, `the put of vCPU ${vcpu.vm}/${vcpu.vcpu} is not in the trace`);
    return;
  }
  backInHost(assembly, here);
  settleExit(assembly, here);
  putAs(assembly, here, name, true);
}

/** kvm_arch_vcpu_ctxflush_fp was entered. What it finds of fp_owner is what it leaves, unless TIF_FOREIGN_FPSTATE is set. */
export function flush(assembly: Assembly, here: CpuState, pid: number, vcpu: Vcpu): void {
  needLoaded(assembly, here, pid, vcpu);
  backInHost(assembly, here);
  settleExit(assembly, here);
  observeBefore(assembly, here, vcpu, -1);
  const { has, owner } = assembly.fields;
  here.flushOwner = (has & HAS.owner) !== 0 ? owner : vcpuOwnerOf(assembly);
  here.debugDirty = debugDirtyOf(assembly);
  here.phase = PHASE.flushed;
}

/** ctxflush returned, or kvm_entry was printed: the guest runs until ctxsync. */
export function enter(assembly: Assembly, here: CpuState, inferred: boolean): void {
  const event = eventAt(assembly, 'guest_enter', here);
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
  here.phase = PHASE.guest;
  here.trapped = false;
  here.entered = false;
}

/**
 * The guest was left, at ctxsync: kvm_exit is printed only after a window in which softirqs run. Its cause is filled in from kvm_exit.
 * `owner`: fp_owner at ctxsync, or -1. An FP trap is handled by the hypervisor out of sight: where the guest owns the registers
 * and did not when it was entered, it took one.
 */
export function leave(assembly: Assembly, here: CpuState, owner: number, inferred: boolean): void {
  settleExit(assembly, here);
  if (here.phase === PHASE.flushed) {
    assembly.fields.has = 0;
    enter(assembly, here, true);
  }
  settleTrap(assembly, here);
  if (!here.trapped) deduceTrap(assembly, here, owner);
  const event = eventAt(assembly, 'guest_exit', here);
  if (inferred) event.inferred = true;
  here.events++;
  here.exit = assembly.queue.hold(event, assembly.line.number);
  here.phase = PHASE.out;
  here.foreign = false;
}

/** kvm_arch_vcpu_ctxsync_fp was entered. */
export function sync(assembly: Assembly, here: CpuState, pid: number, vcpu: Vcpu): void {
  needLoaded(assembly, here, pid, vcpu);
  const { has, owner } = assembly.fields;
  here.syncOwner = vcpuOwnerOf(assembly);
  const dirty = debugDirtyOf(assembly);
  const fpOwner = (has & HAS.owner) !== 0 ? owner : here.syncOwner;
  leave(assembly, here, fpOwner, false);
  here.debugDirty = dirty;
  // Without a probe at the return: ctxsync changes neither the owner nor DEBUG_DIRTY, so they hold here as well.
  if (assembly.seen[WHAT.syncFp] === 1 && assembly.seen[WHAT.syncFpReturn] !== 1) {
    assembly.fields.has = has & ~HAS.last;
    observe(assembly, here, vcpu, here.syncOwner, dirty);
  }
}

/** ctxsync returned: where the guest owns the registers, fpsimd_last_state is the vCPU's now. */
export function synced(assembly: Assembly, here: CpuState): void {
  const { has, owner, kernelOwner, last } = assembly.fields;
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

function deduceTrap(assembly: Assembly, here: CpuState, owner: number): void {
  if (owner < 0) {
    // Not known yet: the next line of the CPU that has the owner tells, or fpsimd_bind_state_to_cpu within ctxsync.
    here.possibleTrap = assembly.queue.hold(undefined, assembly.line.number);
    here.trapAt = assembly.ts;
    return;
  }
  if (owner !== GUEST || here.ownerAtEntry === GUEST) return;
  if (here.ownerAtEntry >= 0) push(assembly, here, inferredTrap(assembly, here));
  else assembly.account.assume(UNDECIDED_TRAP);
}

const UNDECIDED_TRAP =
  'the guest owns the FP registers, but whether it did when it was entered is not known: no trap deduced';

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

/** A line that only the host can print. If the guest still runs as far as is known, ctxsync is not probed, or its line is missing. */
export function backInHost(assembly: Assembly, here: CpuState): void {
  if (here.phase === PHASE.out) return;
  if (here.phase === PHASE.guest && assembly.seen[WHAT.syncFp] !== 1) {
    leave(assembly, here, -1, true);
    return;
  }
  const { current, loaded, loader } = here;
  lose(assembly, here, 1, 'the exit of a guest is not in the trace');
  here.current = current;
  if (loaded !== undefined) adopt(assembly, here, loader, loaded);
}
