/** The host's FP core, arch/arm64/kernel/fpsimd.c: who is bound to the CPU, and when it is saved and reloaded. */

import { DOUBT } from '../../costs/doubts.ts';
import { FPSIMD_BYTES, STEP, svePayload, ZT0_BYTES, zaPayload } from '../../costs/steps.ts';
import type { Cpu } from '../state/cpu.ts';
import {
  ANYBODY,
  AUTH_UNKNOWN,
  anybody,
  createKernelNeon,
  type Entity,
  IN_MEMORY,
  nobody,
  TASK,
  type Tristate,
  UNKNOWN,
  VCPU,
} from '../state/entity.ts';
import type { Machine } from '../state/machine.ts';
import { MOMENT } from '../state/moments.ts';
import { dismiss, forget, load, save, scrap, use, valid } from '../state/registers.ts';
import { CPU_UNKNOWN, NO_CPU, type Task } from '../state/task.ts';
import type { Vcpu } from '../state/vcpu.ts';
import { chargeGuestSave, noteFormat, smstop } from './sme.ts';

/** What a transfer of a host task's registers is charged as. */
type Charged = 'fpsimd' | 'sve' | 'nothing';

/**
 * What a host task has in its registers, SVCR and TIF_SVE say, of which a capture tells little: FPSIMD, or SVE or streaming state
 * in its place, and ZA beside it. `charged`: as what it is counted; as nothing, it may have been at all.
 */
function doubtVectors(machine: Machine, way: 'save' | 'load', charged: Charged): void {
  if (!machine.partial) return;
  const { watch } = machine;
  const doubt = charged === 'nothing' ? DOUBT.unknown_past : DOUBT.host_vectors;
  const [fpsimd, sve] = way === 'save' ? [STEP.fpsimd_save, STEP.sve_save] : [STEP.fpsimd_load, STEP.sve_load];
  const hasVectors = machine.sve || machine.sme;
  if (charged !== 'fpsimd') watch.uncertain(doubt, fpsimd, 0, 1);
  else if (hasVectors) watch.uncertain(doubt, fpsimd, 1, 0);
  if (charged === 'sve') watch.uncertain(doubt, sve, 1, 0);
  else if (hasVectors) watch.uncertain(doubt, sve, 0, 1);
  if (machine.sme) watch.uncertain(doubt, way === 'save' ? STEP.za_save : STEP.za_load, 0, 1);
}

/** fpsimd_save_kernel_state() and fpsimd_load_kernel_state(), where the task may be inside of a region whose end is not shown. */
function doubtRegion({ watch }: Machine, task: Task, way: 'save' | 'load'): void {
  if (!task.regionMayRun) return;
  watch.uncertain(DOUBT.kernel_neon, way === 'save' ? STEP.fpsimd_save : STEP.fpsimd_load, 0, 1);
}

/** handle_trap() of nVHE: the host's first access to SVE or ZCR_EL1 since an exit that left SVE trapped. */
export function hostUsesSve(machine: Machine, cpu: Cpu): void {
  if (!cpu.hostSveTraps) return;
  machine.watch.charge(STEP.host_sve_trap, 0);
  cpu.hostSveTraps = false;
}

/**
 * fpsimd_save_user_state() (6.1: fpsimd_save()): stores the registers to whatever fpsimd_last_state names, a task or a
 * vCPU, unless TIF_FOREIGN_FPSTATE is set.
 */
export function fpsimd_save_user_state(machine: Machine, cpu: Cpu, inSystemCall = false): void {
  const current = cpu.current;
  if (current.tif_foreign_fpstate === 1) return;
  if (current.tif_foreign_fpstate === UNKNOWN) {
    machine.watch.assumed('a save by fpsimd_save_user_state is not counted: TIF_FOREIGN_FPSTATE is unknown');
    if (machine.partial) machine.watch.uncertain(DOUBT.unknown_past, STEP.user_save, 0, 1);
    doubtVectors(machine, 'save', 'nothing');
    // Either way what was in the registers only is in memory afterwards, or its loss was reported.
    if (current.auth === AUTH_UNKNOWN) keep(current);
    for (const entity of [current, cpu.holder]) if (entity.auth === cpu.id) keep(entity);
    current.svcrOpen ||= cpu.svcrOpen;
    return;
  }
  const destination = cpu.last;
  machine.watch.moment(MOMENT.user_save, cpu, destination);
  machine.watch.charge(STEP.user_save, 0);
  if (destination.kind === VCPU) {
    if ((destination as Vcpu).sve) hostUsesSve(machine, cpu);
    chargeGuestSave(machine, destination as Vcpu);
    noteFormat(destination as Vcpu);
  } else if (destination.kind === TASK) saveTaskCost(machine, cpu, destination as Task, inSystemCall);
  else {
    machine.watch.charge(STEP.fpsimd_save, FPSIMD_BYTES);
    if (destination.kind === ANYBODY) doubtVectors(machine, 'save', 'fpsimd');
  }
  if (destination.kind === TASK || destination.kind === VCPU) save(cpu, destination, machine.fpmr);
  // It names whose they are, though nothing has told who that is.
  else if (destination.kind === ANYBODY && cpu.holder.auth === cpu.id) save(cpu, cpu.holder, machine.fpmr);
}

/** The newest value of the entity is in memory. */
function keep(entity: Entity): void {
  entity.memory = entity.generation;
  entity.fpmrMemory = entity.fpmr;
  entity.auth = IN_MEMORY;
}

/** ZA of a task, and ZT0 where the machine has SME2. */
function zaBytes(machine: Machine): number {
  return zaPayload(machine.smeVq) + (machine.features.features.has('sme2') ? ZT0_BYTES : 0);
}

/** The streaming registers of a task as they are loaded: without FA64 the FFR is left out. */
function streamingBytes(machine: Machine): number {
  return svePayload(machine.smeVq) - (machine.features.features.has('fa64') ? 0 : 2 * machine.smeVq);
}

/** SVE registers of a task, at the length of the machine: no event tells another. */
const sveBytes = (machine: Machine): number => svePayload(machine.features.sveVl / 16);

/** The part of fpsimd_save_user_state() that SVCR and TIF_SVE decide: ZA, and streaming or SVE registers in place of FPSIMD. */
function saveTaskCost(machine: Machine, cpu: Cpu, task: Task, inSystemCall: boolean): void {
  const isStreaming = cpu.svcr_sm === 1;
  // The system call has discarded SVE and streaming state, whatever kernel it is; ZA stays.
  task.fp_type_sve = machine.sve && !inSystemCall && !isStreaming && task.tif_sve === 1;
  if (!inSystemCall) {
    doubtVectors(machine, 'save', task.fp_type_sve || isStreaming ? 'sve' : 'fpsimd');
    // Exec and ptrace drop what is in the registers, unseen.
    if (machine.partial && !machine.sve && !machine.sme)
      machine.watch.uncertain(DOUBT.current_saves, STEP.fpsimd_save, 1, 0);
  }
  if (inSystemCall && machine.partial && machine.sme) machine.watch.uncertain(DOUBT.host_vectors, STEP.za_save, 0, 1);
  task.svcr_sm = isStreaming ? 1 : 0;
  task.svcr_za = cpu.svcr_za === 1 ? 1 : 0;
  task.svcrOpen = cpu.svcrOpen;
  if (task.svcr_za === 1) machine.watch.charge(STEP.za_save, zaBytes(machine));
  if (isStreaming) machine.watch.charge(STEP.sve_save, svePayload(machine.smeVq));
  else if (task.fp_type_sve) machine.watch.charge(STEP.sve_save, sveBytes(machine));
  else machine.watch.charge(STEP.fpsimd_save, FPSIMD_BYTES);
}

/** fpsimd_flush_cpu_state(): nobody is bound any more; with SME also SMSTOP. */
export function fpsimd_flush_cpu_state(machine: Machine, cpu: Cpu): void {
  smstop(machine, cpu);
  cpu.last = nobody;
  cpu.lastSve = false;
  cpu.current.tif_foreign_fpstate = 1;
}

export function fpsimd_save_and_flush_cpu_state(machine: Machine, cpu: Cpu, inSystemCall = false): void {
  fpsimd_save_user_state(machine, cpu, inSystemCall);
  fpsimd_flush_cpu_state(machine, cpu);
}

/** fpsimd_bind_state_to_cpu() for a vCPU; TIF_FOREIGN_FPSTATE is cleared with it. */
export function bindVcpu(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  machine.watch.charge(STEP.bind, 0);
  cpu.last = vcpu;
  cpu.lastSve = vcpu.sve;
  cpu.current.tif_foreign_fpstate = 0;
}

function bindTask(cpu: Cpu, task: Task): void {
  cpu.smen_el0en = task.tif_sme;
  cpu.last = task;
  cpu.lastSve = false;
  task.fpsimd_cpu = cpu.id;
  task.tif_foreign_fpstate = 0;
}

/** TIF_FOREIGN_FPSTATE as fpsimd_thread_switch() works it out for the task that comes in. */
function foreignAtSwitch(cpu: Cpu, task: Task): Tristate {
  if (task.id === 0) return 1; // The idle task has no user state, and is never bound.
  if (cpu.last.kind !== ANYBODY && cpu.last !== task) return 1;
  if (task.fpsimd_cpu !== CPU_UNKNOWN && task.fpsimd_cpu !== cpu.id) return 1;
  return cpu.last.kind === ANYBODY || task.fpsimd_cpu === CPU_UNKNOWN ? UNKNOWN : 0;
}

/** Makes the task current; where it was current on another CPU, the trace has not told of its leaving it. */
export function setCurrent(cpu: Cpu, task: Task): void {
  if (cpu.current !== task && cpu.current.cpu === cpu.id) cpu.current.cpu = NO_CPU;
  if (cpu.current !== task && cpu.current === cpu.stranger) dismiss(cpu);
  cpu.current = task;
  task.cpu = cpu.id;
}

/** Inside a kernel-mode NEON region that is switched with the task. */
function hasKernelState(machine: Machine, task: Task): boolean {
  return machine.profile.neonPreemptible && task.tif_kernel_fpstate;
}

/** A task whose events were lost elsewhere may have been bound, and unbound, in between, and have begun and ended regions. */
function refreshTask(machine: Machine, task: Task): void {
  if ((task.epoch !== machine.epoch || machine.openLosses > 0) && task.cpu === NO_CPU) {
    task.fpsimd_cpu = CPU_UNKNOWN;
    task.auth = AUTH_UNKNOWN;
    task.svcrOpen = true;
    task.mayBeInNeon = true;
    task.tif_kernel_fpstate = false;
    task.kernelNeon = undefined;
  }
  task.epoch = machine.epoch;
}

/** The part of fpsimd_thread_switch() that concerns the incoming task, without the outgoing one's save. */
export function switchIn(machine: Machine, cpu: Cpu, next: Task): void {
  refreshTask(machine, next);
  if (!hasKernelState(machine, next)) next.tif_foreign_fpstate = foreignAtSwitch(cpu, next);
}

export function fpsimd_thread_switch(machine: Machine, cpu: Cpu, next: Task): void {
  const prev = cpu.current;
  refreshTask(machine, next);
  machine.watch.moment(MOMENT.task_switch, cpu);
  if (hasKernelState(machine, prev)) {
    const neon = kernelNeonOf(prev);
    machine.watch.charge(STEP.fpsimd_save, FPSIMD_BYTES);
    save(cpu, neon, false);
    cpu.last = neon;
    cpu.lastSve = false;
  } else {
    fpsimd_save_user_state(machine, cpu);
    doubtRegion(machine, prev, 'save');
  }
  // current is still prev.
  if (hasKernelState(machine, next)) {
    const { neonFlushFirst } = machine.profile;
    if (neonFlushFirst) fpsimd_flush_cpu_state(machine, cpu);
    machine.watch.charge(STEP.fpsimd_load, FPSIMD_BYTES);
    load(machine, cpu, kernelNeonOf(next));
    // With SME that is SMSTOP: in streaming mode it zeroes what was loaded.
    if (!neonFlushFirst) fpsimd_flush_cpu_state(machine, cpu);
  } else if (next.regionMayRun) {
    machine.watch.uncertain(DOUBT.kernel_neon, STEP.smstop, 0, 1);
    doubtRegion(machine, next, 'load');
  }
  switchIn(machine, cpu, next);
  setCurrent(cpu, next);
}

/** task_fpsimd_load(). */
function loadTaskCost(machine: Machine, cpu: Cpu, task: Task): void {
  const isStreaming = task.svcr_sm === 1;
  doubtVectors(machine, 'load', task.fp_type_sve || isStreaming ? 'sve' : 'fpsimd');
  cpu.svcr_sm = task.svcr_sm;
  cpu.svcr_za = task.svcr_za;
  cpu.svcrOpen = task.svcrOpen;
  if (task.svcr_za === 1) machine.watch.charge(STEP.za_load, zaBytes(machine));
  if (isStreaming) machine.watch.charge(STEP.sve_load, streamingBytes(machine));
  else if (task.fp_type_sve) machine.watch.charge(STEP.sve_load, sveBytes(machine));
  else machine.watch.charge(STEP.fpsimd_load, FPSIMD_BYTES);
  if (machine.fpmr) machine.watch.charge(STEP.fpmr_load, 0);
}

/**
 * A probe of fpsimd_restore_current_state() was hit, which is called only with TIF_FOREIGN_FPSTATE set: where that is not what the
 * emulator holds, fork, exec, a signal or ptrace has set it since, and all but exec and ptrace have saved before.
 */
export function restoreSeen(machine: Machine, cpu: Cpu): void {
  const task = cpu.current;
  const foreign = task.tif_foreign_fpstate;
  if (!machine.partial || foreign === 1) return;
  const { watch } = machine;
  loadTaskCost(machine, cpu, task);
  if (foreign === UNKNOWN || machine.profile.saveCurrent !== 'flush') return;
  watch.charge(STEP.user_save, 0);
  watch.charge(STEP.fpsimd_save, FPSIMD_BYTES);
  watch.uncertain(DOUBT.current_saves, STEP.user_save, 1, 0);
  watch.uncertain(DOUBT.current_saves, STEP.fpsimd_save, 1, 0);
  if (machine.sve || machine.sme) watch.uncertain(DOUBT.current_saves, STEP.sve_save, 0, 1);
  if (machine.sme) watch.uncertain(DOUBT.current_saves, STEP.za_save, 0, 1);
}

/**
 * It was hit, and the task then switched away: where the emulator holds TIF_FOREIGN_FPSTATE clear, the switch back has cleared it, or
 * fork, exec, a signal or ptrace have set it since.
 */
export function restoreInterrupted(machine: Machine, cpu: Cpu): void {
  if (cpu.current.tif_foreign_fpstate !== 0) return;
  const { watch, profile } = machine;
  const steps = [STEP.fpsimd_load, ...(profile.saveCurrent === 'flush' ? [STEP.user_save, STEP.fpsimd_save] : [])];
  const vectors = [STEP.sve_load, ...(profile.saveCurrent === 'flush' ? [STEP.sve_save] : [])];
  const za = [STEP.za_load, ...(profile.saveCurrent === 'flush' ? [STEP.za_save] : [])];
  const all = [...steps, ...(machine.sve || machine.sme ? vectors : []), ...(machine.sme ? za : [])];
  for (const step of all) watch.uncertain(DOUBT.current_saves, step, 0, 1);
}

/** fpsimd_restore_current_state(), at the return to user mode. `seen`: its cost has been counted. */
export function fpsimd_restore_current_state(machine: Machine, cpu: Cpu, seen = false): void {
  const task = cpu.current;
  task.regionMayRun = false;
  if (task.tif_foreign_fpstate === 1) {
    task.sveMisdescribed = false;
    loadTaskCost(machine, cpu, task);
    load(machine, cpu, task);
    cpu.zen_el0en = task.tif_sve;
    cpu.host_sve_enabled = task.tif_sve;
    bindTask(cpu, task);
    machine.watch.moment(MOMENT.user_restored, cpu);
  } else if (task.tif_foreign_fpstate === UNKNOWN) {
    if (!seen) {
      machine.watch.assumed('a restore by fpsimd_restore_current_state is not counted: TIF_FOREIGN_FPSTATE is unknown');
      doubtVectors(machine, 'load', 'nothing');
    }
    if (cpu.holder !== task) {
      task.auth = AUTH_UNKNOWN;
      load(machine, cpu, task);
    }
    cpu.svcrOpen ||= task.svcrOpen;
    bindTask(cpu, task);
  }
  machine.watch.moment(MOMENT.return_to_user, cpu);
  task.mayBeInNeon = false;
  // The flag is clear for whom fpsimd_last_state names.
  if (cpu.last.kind === ANYBODY && task.tif_foreign_fpstate === 0) bindTask(cpu, task);
  resumeUser(machine, cpu, task);
}

/** After a wrong return the task goes on with what it finds: that is its value from now on. */
function resumeUser(machine: Machine, cpu: Cpu, task: Task): void {
  task.fpmr = task.fpmrMemory;
  if (machine.hidesSvcr) cpu.svcrOpen = true;
  if (valid(cpu, task) === 0) use(machine, cpu, task);
}

/** fpsimd_flush_task_state(): wherever the registers of the task are, they will be loaded anew. */
export function fpsimd_flush_task_state(task: Task): void {
  task.fpsimd_cpu = NO_CPU;
  task.tif_foreign_fpstate = 1;
}

/** What of the current task is saved at fork and for a signal; since v6.16 it is also loaded anew. */
export function saveCurrent(machine: Machine, cpu: Cpu, inSystemCall: boolean): void {
  fpsimd_save_user_state(machine, cpu, inSystemCall);
  if (machine.profile.saveCurrent === 'flush') fpsimd_flush_task_state(cpu.current);
}

/** fpsimd_update_current_state() up to v6.15: memory has a new value, and it is loaded and bound at once. */
export function loadCurrent(machine: Machine, cpu: Cpu): void {
  const task = cpu.current;
  loadTaskCost(machine, cpu, task);
  load(machine, cpu, task);
  cpu.zen_el0en = task.tif_sve;
  cpu.host_sve_enabled = task.tif_sve;
  bindTask(cpu, task);
}

/** fpsimd_cpu_pm_notifier(), CPU_PM_ENTER: saved and flushed; what the registers hold afterwards is UNKNOWN. */
export function fpsimd_cpu_pm_notifier(machine: Machine, cpu: Cpu): void {
  fpsimd_save_and_flush_cpu_state(machine, cpu);
  scrap(machine, cpu);
}

/** do_sve_acc() and do_sme_acc(), from get_cpu_fpsimd_context() on. */
export function accEffect(machine: Machine, cpu: Cpu, sme: boolean): void {
  const task = cpu.current;
  const foreign = task.tif_foreign_fpstate;
  if (sme) task.tif_sme = 1;
  else task.tif_sve = 1;
  if (foreign === 0) {
    // SVE: what is above 128 bits becomes zero, sve_flush_live(). SME: only the traps change.
    if (!sme) use(machine, cpu, task);
    if (!sme) cpu.zen_el0en = 1;
    bindTask(cpu, task);
    return;
  }
  const { accFlushes } = machine.profile;
  const flushes = accFlushes === 'all' || (accFlushes === 'sve' && !sme);
  if (foreign === UNKNOWN) {
    task.auth = AUTH_UNKNOWN;
    task.fpsimd_cpu = CPU_UNKNOWN;
    return;
  }
  // fpsimd_to_sve(): the copy in memory is from now on the newest.
  if (!sme) {
    newInMemory(task);
    task.fp_type_sve = machine.sve;
  }
  if (flushes) fpsimd_flush_task_state(task);
}

/** Something has written the task's state in memory. What the registers have of it is old. */
export function newInMemory(task: Task): void {
  task.generation += 1;
  task.memory = task.generation;
  task.auth = IN_MEMORY;
  task.condemned = false;
}

function kernelNeonOf(task: Task): Entity {
  task.kernelNeon ??= createKernelNeon(task.id);
  return task.kernelNeon;
}

/** The state that the innermost region open on the CPU uses; undefined outside of any. */
export function openRegion(cpu: Cpu): Entity | undefined {
  if (cpu.neonInSoftirq) return cpu.softirqNeon;
  return cpu.current.tif_kernel_fpstate ? kernelNeonOf(cpu.current) : undefined;
}

/** kernel_neon_begin(). `softirq`: in softirq context, else in that of the current task. */
export function kernel_neon_begin(machine: Machine, cpu: Cpu, softirq: boolean): void {
  machine.watch.moment(MOMENT.neon_begin, cpu);
  const current = cpu.current;
  if (hasKernelState(machine, current)) {
    machine.watch.charge(STEP.fpsimd_save, FPSIMD_BYTES);
    save(cpu, kernelNeonOf(current), false);
  } else {
    fpsimd_save_user_state(machine, cpu);
    if (softirq) doubtRegion(machine, current, 'save');
  }
  fpsimd_flush_cpu_state(machine, cpu);
  if (softirq) cpu.neonInSoftirq = true;
  else [current.tif_kernel_fpstate, current.mayBeInNeon] = [true, false];
  use(machine, cpu, softirq ? cpu.softirqNeon : kernelNeonOf(current));
}

/** kernel_neon_end(): it never restores user or guest state. */
export function kernel_neon_end(machine: Machine, cpu: Cpu, softirq: boolean): void {
  machine.watch.moment(MOMENT.neon_end, cpu);
  const region = openRegion(cpu);
  const current = cpu.current;
  if (region === undefined) {
    if (!softirq && current.mayBeInNeon) endUnseenRegion(cpu);
    return;
  }
  // What it computed is of no use to anybody.
  keep(region);
  if (softirq) {
    cpu.neonInSoftirq = false;
    doubtRegion(machine, current, 'load');
  } else {
    current.tif_kernel_fpstate = false;
    current.regionMayRun = machine.partial && machine.profile.neonPreemptible && machine.event.inferred === 1;
  }
  if (softirq && hasKernelState(machine, current)) {
    machine.watch.charge(STEP.fpsimd_load, FPSIMD_BYTES);
    load(machine, cpu, kernelNeonOf(current));
  } else {
    scrap(machine, cpu);
    // They are its own again, if that began before the trace did.
    if (softirq && machine.profile.neonPreemptible && current.mayBeInNeon) cpu.holder = anybody;
  }
}

/** A region of the current task that began before the trace showed the task: nobody was bound since. */
function endUnseenRegion(cpu: Cpu): void {
  const { current } = cpu;
  current.mayBeInNeon = false;
  forget(cpu, nobody);
  cpu.last = nobody;
  cpu.lastSve = false;
  current.tif_foreign_fpstate = 1;
}
