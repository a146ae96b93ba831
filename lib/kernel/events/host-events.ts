/** Events of the host: boot, its tasks, its own use of FP, its buffers. */

import { STEP } from '../../costs/steps.ts';
import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { REGSETS } from '../../trace/vocabulary.ts';
import { kvm_set_pmuserenr } from '../code/debug-sr.ts';
import { accEffect } from '../code/fp-access.ts';
import {
  fpsimd_cpu_pm_notifier,
  fpsimd_restore_current_state,
  fpsimd_save_user_state,
  fpsimd_thread_switch,
} from '../code/fpsimd.ts';
import { restoreInterrupted, restoreSeen } from '../code/fpsimd-cost.ts';
import { kernel_neon_begin, kernel_neon_end } from '../code/kernel-neon.ts';
import { openRegion } from '../code/kernel-state.ts';
import {
  copy_thread,
  fpsimd_flush_thread,
  loadCurrent,
  newInMemory,
  ptraceSet,
  ptraceSetSme,
  restore_sigframe,
  saveCurrent,
  setup_return,
} from '../code/process.ts';
import { switchZa, useSme } from '../code/sme.ts';
import { adopt } from '../hidden/current.ts';
import { settle } from '../hidden/settle.ts';
import { hides } from '../hidden/supply.ts';
import { loseEvents } from '../hidden/unknown.ts';
import type { Cpu } from '../state/cpu.ts';
import { UNNAMED } from '../state/entity.ts';
import { cpuOf, type Machine, taskOf } from '../state/machine.ts';
import { MOMENT } from '../state/moments.ts';
import { FREE } from '../state/owner.ts';
import { scrap, use } from '../state/registers.ts';
import { NO_CPU } from '../state/task.ts';
import { dropZa } from '../state/za.ts';
import {
  bracket,
  cpuOfEvent,
  eventName,
  type Handlers,
  hostEvent,
  imply,
  initialiseContext,
  unputVcpu,
} from './brackets.ts';
import { observe } from './observe.ts';

/** This register set and those behind it are of SME. */
const SSVE = REGSETS.indexOf('ssve');

/** The CPU of an event in which the kernel acts for the current task: no vCPU is loaded. */
function inKernel(machine: Machine, event: EventRecord): Cpu {
  const cpu = hostEvent(machine, event);
  unputVcpu(machine, cpu, `${eventName(machine)} while a vCPU is loaded`);
  return cpu;
}

export const HOST_EVENTS: Handlers = {
  meta() {},
  left_out() {},

  hyp_init(machine, event) {
    const cpu = cpuOf(machine, event.cpu);
    cpu.initialised = true;
    initialiseContext(machine, cpu);
    for (const instance of [cpu.vhe, cpu.nvhe]) {
      instance.fp_owner = FREE;
      instance.fp_ownerLine = event.line;
      instance.fp_ownerEvent = machine.sequence;
      instance.__hyp_running_vcpu = undefined;
      instance.runningUnknown = false;
    }
    cpu.e0poe = 1;
    if (cpu.loaded === undefined) cpu.loadedUnknown = false;
    machine.watch.charge(STEP.hyp_init, 0);
    machine.watch.moment(MOMENT.hyp_init, cpu);
  },

  host_fp(machine, event) {
    const cpu = hostEvent(machine, event);
    unputVcpu(machine, cpu, 'user mode runs while a vCPU is loaded');
    if (cpu.current.tif_foreign_fpstate !== 0) imply(machine, cpu, 'return_to_user');
    fpsimd_restore_current_state(machine, cpu);
    if (event.isa === 1) {
      cpu.current.tif_sve = 1;
      cpu.zen_el0en = 1;
    }
    use(machine, cpu, cpu.current);
    if (event.isa === 2) useSme(machine, cpu, cpu.current);
    cpu.current.seen = true;
  },

  neon_begin(machine, event) {
    kernel_neon_begin(machine, hostEvent(machine, event), event.softirq === 1);
  },

  neon_end(machine, event) {
    const cpu = hostEvent(machine, event);
    // Of a task it began before the trace did, which then has not come from user mode since.
    const isBegun = openRegion(cpu) !== undefined;
    if (event.softirq !== 1 && !isBegun) machine.tellsTasks = true;
    // It began unseen.
    if (!isBegun && hides(machine, 'neon_begin')) cpu.current.mayBeInNeon = true;
    kernel_neon_end(machine, cpu, event.softirq === ABSENT ? cpu.neonInSoftirq : event.softirq === 1);
  },

  task_switch(machine, event) {
    machine.tellsTasks = true;
    const cpu = hostEvent(machine, event);
    unputVcpu(machine, cpu, 'the task is switched out with a vCPU loaded');
    const next = taskOf(machine, event.next, cpu);
    if (next.cpu !== NO_CPU && next.cpu !== cpu.id && !hides(machine, 'task_switch'))
      bracket(machine, cpu, `task ${event.next} is current on CPU ${next.cpu}`);
    fpsimd_thread_switch(machine, cpu, next);
    next.seen = true;
    // Preempt notifiers run before the switch and after it: whatever was loaded is not loaded now.
    if (cpu.loaded === undefined) cpu.loadedUnknown = false;
  },

  task_new(machine, event) {
    for (const cpu of machine.cpus) if (cpu !== undefined) settle(machine, cpu);
    copy_thread(machine, event.task, event.reuses === ABSENT ? event.task : event.reuses);
  },

  fork: (machine, event) => saveCurrent(machine, inKernel(machine, event), true),
  exec: (machine, event) => fpsimd_flush_thread(machine, inKernel(machine, event)),
  signal_begin: (machine, event) => saveCurrent(machine, inKernel(machine, event), false),
  signal_end: (machine, event) => setup_return(machine, inKernel(machine, event)),
  sigreturn: (machine, event) => restore_sigframe(machine, inKernel(machine, event)),

  ptrace_set(machine, event) {
    for (const cpu of machine.cpus) if (cpu !== undefined) settle(machine, cpu);
    const task = machine.tasks.get(event.task) ?? taskOf(machine, event.task, cpuOf(machine, 0));
    if (task.cpu !== NO_CPU)
      bracket(machine, cpuOf(machine, task.cpu), `ptrace_set of task ${event.task}, which runs on CPU ${task.cpu}`);
    else if (event.regset < SSVE) ptraceSet(task);
    else if (machine.sme)
      ptraceSetSme(machine, cpuOf(machine, Math.max(task.fpsimd_cpu, 0)), task, event.regset === SSVE);
    else machine.watch.assumed('ptrace_set of registers of SME on a machine, or a kernel, without SME: ignored');
  },

  user_save: (machine, event) => fpsimd_save_user_state(machine, inKernel(machine, event)),

  user_load(machine, event) {
    const cpu = inKernel(machine, event);
    newInMemory(cpu.current);
    loadCurrent(machine, cpu);
  },

  flush_task(machine, event) {
    for (const cpu of machine.cpus) if (cpu !== undefined) settle(machine, cpu);
    const cpu = event.cpu === ABSENT ? cpuOf(machine, 0) : cpuOf(machine, event.cpu);
    ptraceSet(taskOf(machine, event.task, cpu));
  },

  fp_acc_begin(machine, event) {
    const cpu = inKernel(machine, event);
    if (cpu.current.tif_foreign_fpstate !== 0) imply(machine, cpu, 'return_to_user');
    fpsimd_restore_current_state(machine, cpu);
    cpu.current.inAcc = true;
    cpu.current.seen = true;
  },

  fp_acc_end(machine, event) {
    const cpu = inKernel(machine, event);
    if (!cpu.current.inAcc) imply(machine, cpu, 'fp_acc_begin');
    cpu.current.inAcc = false;
    const sme = event.isa === 2;
    if (sme && !machine.sme) machine.watch.assumed('fp_acc_end of SME on a machine, or a kernel, without SME: ignored');
    else accEffect(machine, cpu, sme);
  },

  cpu_pm_enter: (machine, event) => fpsimd_cpu_pm_notifier(machine, inKernel(machine, event)),

  return_to_user(machine, event) {
    machine.tellsTasks = true;
    const cpu = hostEvent(machine, event);
    unputVcpu(machine, cpu, 'return to user mode with a vCPU loaded');
    if (event.task !== ABSENT) {
      const task = taskOf(machine, event.task, cpu);
      const isOther = task !== cpu.current && cpu.current.id !== UNNAMED && cpu.current.seen;
      if (isOther && !hides(machine, 'task_switch')) {
        bracket(machine, cpu, `task ${cpu.current.id} is current, task ${event.task} returns to user mode`);
      }
      adopt(machine, cpu, task);
    }
    const isSeen = machine.partial && event.inferred !== 1 && event.maybe !== 1;
    if (isSeen) restoreSeen(machine, cpu);
    else if (machine.partial && event.maybe !== 1) restoreInterrupted(machine, cpu);
    if (!machine.untaken) fpsimd_restore_current_state(machine, cpu, isSeen);
    cpu.current.seen = true;
    if (cpu.loaded === undefined) cpu.loadedUnknown = false;
  },

  hyp_panic(machine, event) {
    machine.watch.moment(MOMENT.hyp_panic, cpuOfEvent(machine, event));
  },

  observe(machine, event) {
    observe(machine, cpuOfEvent(machine, event));
  },

  lost: loseEvents,

  /** __kvm_host_psci_cpu_entry(): the registers are UNKNOWN; fp_owner and fpsimd_last_state are what they were. */
  cpu_on(machine, event) {
    const cpu = hostEvent(machine, event);
    machine.watch.moment(MOMENT.cpu_on, cpu);
    machine.watch.charge(STEP.cpu_on, 0);
    scrap(machine, cpu);
    dropZa(machine, cpu);
  },

  host_svcr(machine, event) {
    const cpu = hostEvent(machine, event);
    if (!machine.sme) {
      machine.watch.assumed('host_svcr on a machine, or a kernel, without SME: ignored');
      return;
    }
    unputVcpu(machine, cpu, 'user mode runs while a vCPU is loaded');
    if (cpu.current.tif_foreign_fpstate !== 0) imply(machine, cpu, 'return_to_user');
    fpsimd_restore_current_state(machine, cpu);
    const changesSm = event.sm !== ABSENT && event.sm !== cpu.svcr_sm;
    if (changesSm || cpu.svcrOpen) use(machine, cpu, cpu.current);
    if (event.sm !== ABSENT) cpu.svcr_sm = event.sm;
    if (event.za !== ABSENT) switchZa(machine, cpu, cpu.current, event.za);
    if (event.sm !== ABSENT && event.za !== ABSENT) cpu.svcrOpen = false;
    cpu.current.seen = true;
  },

  host_buffers(machine, event) {
    const cpu = hostEvent(machine, event);
    if (event.spe !== ABSENT) cpu.spe = event.spe === 1;
    if (event.trbe !== ABSENT) cpu.trbe = event.trbe === 1;
    if (event.brbe !== ABSENT) cpu.brbe = event.brbe === 1;
  },

  pmuserenr(machine, event) {
    kvm_set_pmuserenr(machine, cpuOfEvent(machine, event), event.value as bigint);
  },
};
