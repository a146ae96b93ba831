/** Values read inside a running kernel: compared with the emulator's, and taken over where they differ. */

import { ABSENT, LAST_NONE, LAST_TASK, LAST_VCPU } from '../../trace/event.ts';
import { learnDebugDirty, loseMdscr } from '../code/debug.ts';
import { fpsimd_restore_current_state } from '../code/fpsimd.ts';
import { revealSvcr } from '../code/kvm-fpsimd.ts';
import { recognise } from '../hidden/current.ts';
import { hides } from '../hidden/supply.ts';
import { refresh } from '../hidden/unknown.ts';
import type { Cpu, HostData } from '../state/cpu.ts';
import {
  ANYBODY,
  anybody,
  type Entity,
  IN_MEMORY,
  KERNEL_NEON,
  NOBODY,
  nameOf,
  nobody,
  TASK,
  UNKNOWN,
  UNNAMED,
  VCPU,
} from '../state/entity.ts';
import {
  findVcpu,
  flushesStreaming,
  type Machine,
  ownerOfKernel,
  taskOf,
  vcpuInQuestion,
  vcpuOf,
} from '../state/machine.ts';
import { FREE, GUEST_OWNED, HOST_OWNED, OWNER_NAMES, UNKNOWN_OWNER } from '../state/owner.ts';
import { forget, presume } from '../state/registers.ts';
import type { Task } from '../state/task.ts';
import type { Vcpu } from '../state/vcpu.ts';
import type { Observation, ObservedField } from '../state/watcher.ts';

export function observe(machine: Machine, cpu: Cpu): void {
  const { event } = machine;
  if (cpu.svcrOpen && cpu.justLoaded) learnSvcr(machine, cpu);
  if (event.fp_owner !== ABSENT) observeOwner(machine, cpu, 'fp_owner', cpu.hyp, event.fp_owner);
  if (event.fp_owner_hyp !== ABSENT) observeOwner(machine, cpu, 'fp_owner_hyp', cpu.hyp, event.fp_owner_hyp);
  if (event.fp_owner_kernel !== ABSENT)
    observeOwner(machine, cpu, 'fp_owner_kernel', cpu.kernel, event.fp_owner_kernel);
  if (event.last !== ABSENT) observeLast(machine, cpu);
  if (event.tif_foreign !== ABSENT) observeForeign(machine, cpu, event.tif_foreign);
  bindUnnamed(machine, cpu);
  if (event.debug_dirty !== ABSENT) observeDebugDirty(machine, cpu, event.debug_dirty);
  if (event.debug_owner !== ABSENT) observeDebugOwner(machine, cpu, event.debug_owner);
  if (event.mpidr !== undefined) observeMpidr(machine, cpu, event.mpidr);
}

function vcpuObserved(machine: Machine, cpu: Cpu): Vcpu | undefined {
  const { event } = machine;
  if (event.vcpu === ABSENT) {
    // Another may have been loaded since, and put.
    return cpu.loaded === undefined && hides(machine, 'vcpu_load', 'sched_in') ? undefined : vcpuInQuestion(cpu);
  }
  const vcpu = findVcpu(machine, event.vm, event.vcpu);
  if (vcpu !== undefined) refresh(machine, vcpu);
  return vcpu;
}

function observeOwner(machine: Machine, cpu: Cpu, field: ObservedField, instance: HostData, observed: number): void {
  const perVcpu = machine.profile.ownerLoc === 'vcpu';
  const vcpu = vcpuObserved(machine, cpu);
  if (perVcpu && vcpu === undefined) {
    machine.watch.unfollowed(`observe: whose ${field} it is is unknown`);
    return;
  }
  const predicted = perVcpu ? (vcpu as Vcpu).fp_state : instance.fp_owner;
  const svcr = predicted !== observed && svcrWasSet(machine, cpu, predicted, observed);
  const outcome: Observation =
    predicted === UNKNOWN_OWNER || svcr || mayBeUnderWay(machine, cpu, predicted !== observed)
      ? 'learned'
      : predicted === observed
        ? 'confirmed'
        : 'diverged';
  tell(machine, cpu, field, observed, predicted, ownerName, outcome);
  // A lazy load that found SVCR set would have left it FREE.
  if (observed === HOST_OWNED && cpu.justLoaded) cpu.svcrOpen = false;
  if (outcome === 'confirmed') return;
  if (svcr) {
    machine.watch.assumed('SVCR was set at a load, which the trace does not tell of');
    revealSvcr(machine, cpu, vcpuInQuestion(cpu) as Vcpu);
    return;
  }
  if (perVcpu) (vcpu as Vcpu).fp_state = observed;
  else {
    instance.fp_owner = observed;
    instance.fp_ownerLine = machine.event.line;
    instance.fp_ownerEvent = machine.sequence;
    instance.fp_ownerWindow = cpu.window;
  }
  if (outcome === 'diverged') resynchroniseRegisters(cpu, observed);
}

/** What a lazy load leaves where SVCR.SM or SVCR.ZA is set: semantics 5.4.1, step 6. */
function svcrWasSet(machine: Machine, cpu: Cpu, predicted: number, observed: number): boolean {
  const { profile, event } = machine;
  const possible = profile.hostSave === 'lazy' && profile.hostSme && cpu.justLoaded && cpu.loaded !== undefined;
  const flushed = event.last === ABSENT || event.last === LAST_NONE;
  return possible && predicted === HOST_OWNED && observed === FREE && flushed;
}

/** What else than fp_owner tells that the load has flushed, where SVCR may have been set and nothing has told so. */
function learnSvcr(machine: Machine, cpu: Cpu): void {
  const { event } = machine;
  const { loaded, last, current } = cpu;
  if (loaded === undefined || !flushesStreaming(machine)) return;
  if (ownerOfKernel(machine, cpu, loaded) !== HOST_OWNED || event.fp_owner === HOST_OWNED) return;
  const isFlushed =
    (event.last === LAST_NONE && last.kind === TASK) || (event.tif_foreign === 1 && current.tif_foreign_fpstate === 0);
  if (isFlushed) revealSvcr(machine, cpu, loaded);
}

/** Where a trace that shows less does not tell whether a vCPU is loaded, one may be in the midst of it: its effect comes without an event. */
function mayBeUnderWay(machine: Machine, cpu: Cpu, differs: boolean): boolean {
  return differs && cpu.loadedUnknown && (machine.partial || machine.epoch > 0);
}

/** The current task was restored, and nothing told of it. */
function reveal(machine: Machine, cpu: Cpu, task: Task): void {
  task.tif_foreign_fpstate = 1;
  fpsimd_restore_current_state(machine, cpu);
}

/** The enum was wrong, so what the registers hold was predicted from a wrong past. */
function resynchroniseRegisters(cpu: Cpu, owner: number): void {
  forget(cpu, anybody);
  if (owner === GUEST_OWNED && cpu.loaded !== undefined) presume(cpu, cpu.loaded);
}

function entityObserved(machine: Machine, cpu: Cpu): Entity {
  const { event } = machine;
  const { last } = cpu;
  // Mostly it is the one that was predicted, which then need not be looked up.
  if (event.last === LAST_VCPU && last.kind === VCPU && last.vm === event.lastId && last.id === event.lastVcpu)
    return last;
  if (event.last === LAST_NONE) return nobody;
  if (event.last === LAST_TASK) return taskOf(machine, event.lastId, cpu);
  return vcpuOf(machine, event.lastId, event.lastVcpu);
}

function observeLast(machine: Machine, cpu: Cpu): void {
  const observed = entityObserved(machine, cpu);
  let predicted = cpu.last;
  // A task that has no name yet is whoever the kernel says.
  if (predicted.kind === TASK && predicted.id === UNNAMED) predicted = anybody;
  const isOpen = mayBeUnderWay(machine, cpu, predicted !== observed);
  const outcome = isOpen ? 'learned' : lastOutcome(machine, cpu, observed, predicted);
  tell(machine, cpu, 'last', observed, predicted, nameOf, outcome);
  if (outcome === 'confirmed') return;
  if (outcome === 'resynchronised' && observed === cpu.current) {
    reveal(machine, cpu, cpu.current);
    return;
  }
  cpu.last = observed;
  cpu.lastSve = observed.kind !== TASK && observed.kind !== NOBODY && (observed as Vcpu).sve;
  if (outcome === 'resynchronised') cpu.current.tif_foreign_fpstate = 1;
}

/**
 * A CPU that nobody is bound to where a task, or its kernel NEON, with a current memory copy is expected was flushed by an event that traces
 * do not tell of (CPU_PM, exec, fork, ptrace: semantics 3.5), and a task that is bound with a current memory copy was
 * restored by one (sigreturn): no fault of the kernel. A trace that says that it shows those which restore tells of each.
 */
function lastOutcome(machine: Machine, cpu: Cpu, observed: Entity, predicted: Entity): Observation {
  if (predicted.kind === ANYBODY) return 'learned';
  if (predicted === observed) return 'confirmed';
  const isHosts = predicted.kind === TASK || predicted.kind === KERNEL_NEON;
  const flushed = observed.kind === NOBODY && isHosts && predicted.auth === IN_MEMORY;
  const isTold = machine.partial && machine.tellsCurrentSaves;
  const restored = !isTold && observed === cpu.current && observed.auth === IN_MEMORY;
  return (flushed || restored) && cpu.loaded === undefined ? 'resynchronised' : 'diverged';
}

/** TIF_FOREIGN_FPSTATE is clear only for the task that is bound: one that nothing has named is the one that fpsimd_last_state names. */
function bindUnnamed(machine: Machine, cpu: Cpu): void {
  const { current, last } = cpu;
  if (current.id !== UNNAMED || current.tif_foreign_fpstate !== 0) return;
  if (last.kind === TASK && last !== current) recognise(machine, cpu, last as Task);
}

function observeForeign(machine: Machine, cpu: Cpu, observed: number): void {
  const task = cpu.current;
  const predicted = task.tif_foreign_fpstate;
  let outcome: Observation = predicted === UNKNOWN ? 'learned' : predicted === observed ? 'confirmed' : 'diverged';
  if (mayBeUnderWay(machine, cpu, predicted !== observed)) outcome = 'learned';
  if (outcome === 'diverged' && observed === 1 && task.auth === IN_MEMORY) outcome = 'resynchronised';
  tell(machine, cpu, 'tif_foreign', observed, predicted, truth, outcome);
  task.tif_foreign_fpstate = observed;
}

function observeDebugDirty(machine: Machine, cpu: Cpu, observed: number): void {
  const vcpu = vcpuObserved(machine, cpu);
  if (vcpu === undefined) {
    machine.watch.unfollowed('observe: whose debug_dirty it is is unknown');
    return;
  }
  const predicted = vcpu.debug_dirty;
  const guestDebugUnseen = predicted === 0 && observed === 1 && cpu.running && !vcpu.guest_debugTold;
  if (guestDebugUnseen) {
    machine.watch.assumed('guest debug, which the trace does not tell of');
    vcpu.guest_debug_use_hw = UNKNOWN;
  }
  const unknown = predicted === UNKNOWN || guestDebugUnseen || (vcpu.debugAssumed && predicted !== observed);
  const outcome: Observation = unknown ? 'learned' : predicted === observed ? 'confirmed' : 'diverged';
  tell(machine, cpu, 'debug_dirty', observed, predicted, truth, outcome);
  if (outcome === 'learned') learnDebugDirty(machine, cpu, vcpu, observed);
  else vcpu.debug_dirty = observed;
  vcpu.debugAssumed = false;
}

/** vcpu->arch.debug_owner, which a load works out and a trapped access changes; `observed`: index of FP_OWNERS, as the kernel numbers it. */
function observeDebugOwner(machine: Machine, cpu: Cpu, observed: number): void {
  const vcpu = vcpuObserved(machine, cpu);
  if (vcpu === undefined || machine.profile.dbg !== 'owner') return;
  const predicted = vcpu.debug_owner;
  const isPresumed = machine.partial && vcpu.debugAssumed;
  const isOpen = predicted === UNKNOWN_OWNER || vcpu.ownerOpen || isPresumed;
  const isSame = predicted === observed && predicted !== UNKNOWN_OWNER;
  const outcome: Observation = isSame && !vcpu.ownerOpen ? 'confirmed' : isOpen ? 'learned' : 'diverged';
  tell(machine, cpu, 'debug_owner', observed, predicted, ownerName, outcome);
  vcpu.debug_owner = observed;
  vcpu.ownerOpen = false;
  if (isPresumed) beginDebug(vcpu, observed);
}

/** What the owner says of the debug state that a vCPU had when the trace began: a debugger, the OS lock, MDSCR_EL1. */
function beginDebug(vcpu: Vcpu, owner: number): void {
  vcpu.debugAssumed = false;
  if (owner === FREE) return;
  loseMdscr(vcpu);
  if (owner === GUEST_OWNED) return;
  vcpu.oslock = UNKNOWN;
  if (!vcpu.guest_debugTold) vcpu.guest_debug_use_hw = UNKNOWN;
}

function observeMpidr(machine: Machine, cpu: Cpu, observed: bigint): void {
  const predicted = cpu.mpidrGood ? cpu.mpidr : 0n;
  const outcome: Observation = predicted === undefined ? 'learned' : predicted === observed ? 'confirmed' : 'diverged';
  tell(machine, cpu, 'mpidr', observed, predicted, hex, outcome);
  if (cpu.mpidrGood) cpu.mpidr = observed;
}

const ownerName = (owner: number): string => OWNER_NAMES[owner] as string;
const hex = (value: bigint | undefined): string => (value === undefined ? 'unknown' : `0x${value.toString(16)}`);
const truth = (value: number): string => (value === UNKNOWN ? 'unknown' : value === 1 ? 'true' : 'false');

/** The values get names only where they differ, which is seldom. */
function tell<Value>(
  machine: Machine,
  cpu: Cpu,
  field: ObservedField,
  observed: Value,
  predicted: Value,
  name: (value: Value) => string,
  outcome: Observation,
): void {
  if (outcome === 'confirmed') machine.watch.confirmed(cpu, field);
  else machine.watch.observed(cpu, field, name(observed), name(predicted), outcome);
}
