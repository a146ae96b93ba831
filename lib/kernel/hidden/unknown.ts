/** What the emulator stops knowing: events were lost. */

import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { KIND } from '../../trace/vocabulary.ts';
import { type Cpu, type HostData, NOTHING_IMPLIED } from '../state/cpu.ts';
import { ANYBODY, AUTH_UNKNOWN, anybody, UNKNOWN, UNNAMED } from '../state/entity.ts';
import { cpuOf, flushesStreaming, type Machine } from '../state/machine.ts';
import { UNKNOWN_OWNER } from '../state/owner.ts';
import { dismiss, forget } from '../state/registers.ts';
import { CPU_UNKNOWN, createTask, NO_CPU } from '../state/task.ts';
import { DEBUG_GUEST, DEBUG_HOST, type Vcpu } from '../state/vcpu.ts';
import { forgetZa, loseZa } from '../state/za.ts';

/** Events are missing: of one CPU, or of all. Its state is unknown until its next vcpu_load. */
export function loseEvents(machine: Machine, event: EventRecord): void {
  machine.epoch += 1;
  machine.hidesAny ||= flushesStreaming(machine);
  if (event.cpu !== ABSENT) {
    const cpu = cpuOf(machine, event.cpu);
    loseCpu(machine, cpu);
    // Until the next event of that CPU: whoever is on no other may be on it.
    if (!cpu.lossOpen) machine.openLosses += 1;
    cpu.lossOpen = true;
  } else for (const cpu of machine.cpus) if (cpu !== undefined) loseCpu(machine, cpu);
}

/** An event of a CPU ends what was lost there. */
export function endLoss(machine: Machine, event: EventRecord): void {
  const cpu = machine.cpus[event.cpu];
  if (cpu === undefined || !cpu.lossOpen || event.kind === KIND.lost) return;
  cpu.lossOpen = false;
  machine.openLosses -= 1;
  machine.epoch += 1;
}

function loseCpu(machine: Machine, cpu: Cpu): void {
  forget(cpu, anybody);
  loseBinding(cpu);
  takeAwayTask(cpu);
  if (cpu.loaded !== undefined) {
    cpu.loaded.cpu = NO_CPU;
    loseVcpu(cpu.loaded);
    cpu.loaded.epoch = machine.epoch;
  }
  cpu.loaded = undefined;
  cpu.lastLoaded = undefined;
  cpu.loadedUnknown = true;
  cpu.running = false;
  cpu.exitImplied = NOTHING_IMPLIED;
  cpu.neonInSoftirq = false;
  cpu.debugSet = DEBUG_HOST;
  loseStreaming(cpu);
  cpu.smen_el0en = UNKNOWN;
  cpu.mdcrGuest = false;
  // An exit that was lost may have cleared it.
  if (cpu.e0poe === 1) cpu.e0poe = UNKNOWN;
  cpu.lostEpoch = machine.epoch;
  for (const instance of [cpu.vhe, cpu.nvhe]) loseInstance(instance);
}

/**
 * A step of a vCPU that the trace has not named: its world switches and FP traps may have changed whose registers they
 * are, what fp_owner says and what is bound.
 */
export function loseRegisters(cpu: Cpu): void {
  forget(cpu, anybody);
  loseBinding(cpu);
  for (const instance of [cpu.vhe, cpu.nvhe]) instance.fp_owner = UNKNOWN_OWNER;
  loseStreaming(cpu);
}

/** That somebody streams is told by host_svcr and by what is observed. */
function loseStreaming(cpu: Cpu): void {
  cpu.svcr_sm = 0;
  forgetZa(cpu);
  cpu.svcrOpen = true;
}

/** What the parts of trace/hidden.ts stand for. Each says whether anything was known of them before. */

export function loseFp(cpu: Cpu): boolean {
  const vcpu = cpu.loaded;
  const known =
    cpu.holder.kind !== ANYBODY ||
    cpu.last.kind !== ANYBODY ||
    cpu.current.tif_foreign_fpstate !== UNKNOWN ||
    cpu.vhe.fp_owner !== UNKNOWN_OWNER ||
    cpu.nvhe.fp_owner !== UNKNOWN_OWNER ||
    (vcpu !== undefined && (vcpu.fp_state !== UNKNOWN_OWNER || vcpu.auth !== AUTH_UNKNOWN));
  loseRegisters(cpu);
  if (vcpu !== undefined) {
    vcpu.fp_state = UNKNOWN_OWNER;
    vcpu.auth = AUTH_UNKNOWN;
    loseZa(vcpu);
    vcpu.formatSm = vcpu.svcr_sm;
  }
  return known;
}

export function loseTask(cpu: Cpu): boolean {
  const known = cpu.current.id !== UNNAMED || cpu.holder.kind !== ANYBODY || cpu.last.kind !== ANYBODY;
  forget(cpu, anybody);
  loseBinding(cpu);
  if (cpu.current.id !== UNNAMED || cpu.current.tif_kernel_fpstate) takeAwayTask(cpu);
  return known;
}

/** Who runs on the CPU is not known any more. */
function takeAwayTask(cpu: Cpu): void {
  const task = cpu.current;
  task.fpsimd_cpu = CPU_UNKNOWN;
  task.auth = AUTH_UNKNOWN;
  loseZa(task);
  task.tif_kernel_fpstate = false;
  task.regionMayRun = false;
  task.mayBeInNeon = true;
  task.svcrOpen = true;
  task.cpu = NO_CPU;
  standIn(cpu);
}

/** Somebody is current of whom nothing is known. */
export function standIn(cpu: Cpu): void {
  const { stranger } = cpu;
  dismiss(cpu);
  Object.assign(stranger, createTask(UNNAMED));
  stranger.svcrOpen = true;
  stranger.mayBeInNeon = true;
  stranger.cpu = cpu.id;
  stranger.seen = true; // Nothing may be presumed of it.
  cpu.current = stranger;
}

export function loseDebug(cpu: Cpu): boolean {
  const vcpu = cpu.loaded;
  if (vcpu === undefined) return false;
  const known = vcpu.debug_dirty !== UNKNOWN || vcpu.debug_owner !== UNKNOWN_OWNER;
  vcpu.debug_dirty = UNKNOWN;
  vcpu.debug_owner = UNKNOWN_OWNER;
  vcpu.mdscr_mde = UNKNOWN;
  vcpu.mdscr_kde = UNKNOWN;
  vcpu.tda = UNKNOWN;
  return known;
}

export function loseGuestDebug(cpu: Cpu): boolean {
  return cpu.lastLoaded === undefined ? false : loseGuestDebugOf(cpu.lastLoaded);
}

function loseGuestDebugOf(vcpu: Vcpu): boolean {
  const known = vcpu.guest_debug_use_hw !== UNKNOWN;
  vcpu.guest_debug_singlestep = false;
  vcpu.guest_debug_use_hw = UNKNOWN;
  vcpu.guest_debugTold = false;
  return known;
}

/** Something may have been bound to the CPU, or flushed from it. */
export function loseBinding(cpu: Cpu): void {
  cpu.last = anybody;
  cpu.lastSve = false;
  cpu.current.tif_foreign_fpstate = UNKNOWN;
}

function loseInstance(instance: HostData): void {
  instance.fp_owner = UNKNOWN_OWNER;
  instance.runningUnknown = true;
  instance.fpsimd_state = undefined;
}

export function loseVcpu(vcpu: Vcpu): void {
  vcpu.mapped = undefined;
  vcpu.fp_state = UNKNOWN_OWNER;
  vcpu.auth = AUTH_UNKNOWN;
  loseZa(vcpu);
  vcpu.formatSm = vcpu.svcr_sm;
  vcpu.debug_dirty = UNKNOWN;
  vcpu.debug_owner = UNKNOWN_OWNER;
  vcpu.debug_ptr = DEBUG_GUEST; // as after every run
  vcpu.guest_debug_singlestep = false;
  vcpu.guest_debug_use_hw = UNKNOWN;
  vcpu.guest_debugTold = false;
  vcpu.mdscr_mde = UNKNOWN;
  vcpu.mdscr_kde = UNKNOWN;
  vcpu.oslock = UNKNOWN;
  vcpu.zcr_el1 = UNKNOWN;
  vcpu.zcr_el1Live = UNKNOWN;
  vcpu.sysregs_on_cpu = false;
}

/**
 * A vCPU that was not loaded while events were lost may have run on the CPU that lost them; where the trace hides loads, it
 * may have run on any; where it hides what userspace asks of its debugging, that may be anything.
 */
export function refresh(machine: Machine, vcpu: Vcpu): void {
  const lost = vcpu.epoch !== machine.epoch || machine.openLosses > 0;
  const mayHaveRun = lost || machine.hidden[KIND.vcpu_load] === 1;
  if (mayHaveRun && vcpu.cpu === NO_CPU) loseVcpu(vcpu);
  if (machine.hidden[KIND.guest_debug] === 1) loseGuestDebugOf(vcpu);
  vcpu.epoch = machine.epoch;
}
