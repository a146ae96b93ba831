/** The events of a trace, each as the kernel functions it stands for: semantics 5. */

import * as debug from './literal-debug.ts';
import * as host from './literal-host.ts';
import * as kvm from './literal-kvm.ts';
import { kvm_arm_get_reg, kvm_arm_set_reg, kvm_arm_vcpu_finalize, kvm_reset_vcpu } from './literal-register.ts';
import { host_svcr, sme_smstop_sm, system_supports_sme } from './literal-sme.ts';
import * as trap from './literal-trap.ts';
import { guest_enter, guest_exit, kvm_arch_vcpu_load, kvm_arch_vcpu_put, nested_transition } from './literal-vcpu.ts';
import type { Cpu, Machine, Task, Vcpu, VcpuFeatures } from './machine.ts';
import { createTask, createVcpu } from './machine-create.ts';

/** An event as it stands in a trace. */
export interface TraceEvent {
  readonly event: string;
  readonly cpu?: number;
  readonly vm?: number;
  readonly vcpu?: number;
  readonly task?: number;
  readonly next?: number;
  readonly sve?: boolean;
  readonly sve_vl?: number;
  readonly sme?: boolean;
  readonly sme2?: boolean;
  readonly fa64?: boolean;
  readonly fpmr?: boolean;
  readonly sme_vl?: number;
  readonly protected?: boolean;
  readonly nested?: boolean;
  readonly finalised?: boolean;
  readonly isa?: string;
  readonly ec?: string;
  readonly softirq?: boolean;
  readonly fp_type?: 'fpsimd' | 'sve';
  readonly sm?: number;
  readonly za?: number;
  readonly mde?: number;
  readonly kde?: number;
  readonly locked?: boolean | number;
  readonly singlestep?: boolean;
  readonly use_hw?: boolean;
  readonly reg?: string;
  readonly value?: string;
}

function cpuOf(m: Machine, event: TraceEvent): Cpu {
  const cpu = m.cpus[event.cpu ?? -1];
  if (cpu === undefined) throw new Error(`no such CPU: ${JSON.stringify(event)}`);
  return cpu;
}

export function taskOf(m: Machine, cpu: Cpu, pid: number): Task {
  return pid === 0 ? cpu.idle : userTask(m, pid);
}

function userTask(m: Machine, pid: number): Task {
  let task = m.tasks.get(pid);
  if (task === undefined) {
    task = createTask(pid);
    m.tasks.set(pid, task);
    m.entities.set(task.name, task);
  }
  return task;
}

/** A vCPU has what it is declared with, as far as the machine and the model have it. */
function featuresOf(m: Machine, event: TraceEvent): VcpuFeatures {
  const sve = event.sve === true && m.sveVl > 0;
  const sme = event.sme === true && m.profile.smeGuests && system_supports_sme(m);
  return {
    sve_max_vl: sve ? (event.sve_vl ?? m.sveVl) : 0,
    sme_max_vl: sme ? (event.sme_vl ?? m.smeVl) : 0,
    sme2: sme && event.sme2 === true,
    fa64: sme && event.fa64 === true,
    fpmr: event.fpmr ?? m.fpmr,
    protected: event.protected === true,
  };
}

function vcpuOf(m: Machine, event: TraceEvent): Vcpu {
  const key = `${event.vm ?? 0}/${event.vcpu ?? 0}`;
  let v = m.vcpus.get(key);
  if (v === undefined) {
    v = createVcpu(`vcpu:${key}`, featuresOf(m, event));
    v.finalised = event.finalised !== false || !(v.sve || v.sme);
    m.vcpus.set(key, v);
    m.entities.set(v.name, v);
  }
  return v;
}

function loadedOn(cpu: Cpu, event: TraceEvent): Vcpu {
  if (cpu.vcpu === null) throw new Error(`no vCPU is loaded: ${JSON.stringify(event)}`);
  return cpu.vcpu;
}

/** A guest-side event on a loaded vCPU which does not run implies the entry. A refused or interrupted guest does nothing. */
function guestSide(m: Machine, event: TraceEvent, perform: (cpu: Cpu, v: Vcpu) => void): void {
  const cpu = cpuOf(m, event);
  const v = loadedOn(cpu, event);
  if (!cpu.inGuest && !cpu.refused) guest_enter(m, cpu, v);
  if (cpu.inGuest && !cpu.leaving) perform(cpu, v);
}

/** A host-side event while the guest runs implies the exit. */
function loadedNotRunning(m: Machine, cpu: Cpu, event: TraceEvent): Vcpu {
  const v = loadedOn(cpu, event);
  if (cpu.inGuest || cpu.refused) guest_exit(m, cpu, v);
  return v;
}

/** A trace that starts in the middle: what an event says of the current task is believed. */
function believeCurrent(m: Machine, cpu: Cpu, event: TraceEvent): void {
  if (event.task !== undefined && event.task !== cpu.current.pid) cpu.current = taskOf(m, cpu, event.task);
}

/** 5.3: A1 and A2 note whose registers the FP trap saves. */
function kvm_arch_vcpu_run_map_fp(m: Machine, v: Vcpu, task: Task): void {
  if (m.profile.ownerLoc === 'vcpu') v.host_fpsimd_state = task;
}

function bit(value: number | undefined): boolean | undefined {
  return value === undefined ? undefined : value === 1;
}

/** KVM_RUN is a system call; the preempt notifier is not. */
function vcpu_load(m: Machine, event: TraceEvent): void {
  const cpu = cpuOf(m, event);
  believeCurrent(m, cpu, event);
  sme_smstop_sm(m, cpu);
  // 5.18: up to v6.1 the system call clears TIF_SVE; what it saves is FPSIMD.
  if (m.profile.tifSveBug) cpu.current.TIF_SVE = false;
  cpu.current.fp_type = 'FPSIMD';
  m.inSystemCall = true;
  kvm_arch_vcpu_load(m, cpu, vcpuOf(m, event));
  m.inSystemCall = false;
}

function sched_in(m: Machine, event: TraceEvent): void {
  const cpu = cpuOf(m, event);
  believeCurrent(m, cpu, event);
  kvm_arch_vcpu_load(m, cpu, vcpuOf(m, event));
}

function put(m: Machine, event: TraceEvent): void {
  const cpu = cpuOf(m, event);
  kvm_arch_vcpu_put(m, cpu, loadedNotRunning(m, cpu, event));
}

function nested(m: Machine, event: TraceEvent): void {
  const cpu = cpuOf(m, event);
  nested_transition(m, cpu, loadedNotRunning(m, cpu, event));
}

function nothing(): void {}

const STEPS: Readonly<Record<string, (m: Machine, event: TraceEvent) => void>> = {
  meta: nothing,
  observe: nothing,
  hyp_init: (m, event) => kvm.cpu_hyp_init_context(m, cpuOf(m, event)),
  cpu_on: (m, event) => kvm.__kvm_host_psci_cpu_entry(m, cpuOf(m, event)),
  vcpu_create: (m, event) => void vcpuOf(m, event),
  map_fp: (m, event) => kvm_arch_vcpu_run_map_fp(m, vcpuOf(m, event), userTask(m, event.task ?? 0)),
  vcpu_load,
  sched_in,
  vcpu_put: put,
  sched_out: put,
  guest_enter(m, event) {
    const cpu = cpuOf(m, event);
    guest_enter(m, cpu, loadedOn(cpu, event));
  },
  guest_exit(m, event) {
    const cpu = cpuOf(m, event);
    guest_exit(m, cpu, loadedOn(cpu, event));
  },
  guest_fp: (m, event) => guestSide(m, event, (cpu, v) => trap.guest_fp(m, cpu, v, event.isa ?? 'fpsimd')),
  guest_fp_trap: (m, event) =>
    guestSide(m, event, (cpu, v) => trap.guest_fp_trap(m, cpu, v, Number(event.ec ?? '0x07'))),
  guest_svcr: (m, event) => guestSide(m, event, (cpu, v) => trap.guest_svcr(m, cpu, v, bit(event.sm), bit(event.za))),
  guest_debug(m, event) {
    debug.kvm_arch_vcpu_ioctl_set_guest_debug(vcpuOf(m, event), event.singlestep === true, event.use_hw === true);
  },
  guest_mdscr: (m, event) => guestSide(m, event, (cpu, v) => debug.guest_mdscr(cpu, v, bit(event.mde), bit(event.kde))),
  guest_oslock: (m, event) =>
    // OSLAR_EL1 always traps (TDOSA): handle_exit writes the lock.
    guestSide(m, event, (_cpu, v) => {
      v.trappedOsLock = event.locked === true || event.locked === 1;
    }),
  debug_dirty(m, event) {
    debug.trap_debug_regs(m, loadedNotRunning(m, cpuOf(m, event), event));
  },
  nested_eret: nested,
  nested_exception: nested,
  reg_get: (m, event) => kvm_arm_get_reg(m, vcpuOf(m, event), event.reg ?? ''),
  reg_set: (m, event) => kvm_arm_set_reg(m, vcpuOf(m, event), event.reg ?? '', event.value),
  vcpu_finalize: (m, event) => kvm_arm_vcpu_finalize(m, vcpuOf(m, event)),
  vcpu_reset(m, event) {
    const v = vcpuOf(m, event);
    const cpu = m.cpus[v.cpu];
    if (cpu !== undefined) loadedNotRunning(m, cpu, event);
    kvm_reset_vcpu(m, v);
  },
  neon_begin: (m, event) => host.kernel_neon_begin(m, cpuOf(m, event), event.softirq === true),
  neon_end(m, event) {
    const cpu = cpuOf(m, event);
    // Without the field: the innermost region.
    host.kernel_neon_end(m, cpu, event.softirq ?? cpu.neon === cpu.current.softirqNeon);
  },
  task_switch(m, event) {
    const cpu = cpuOf(m, event);
    host.fpsimd_thread_switch(m, cpu, taskOf(m, cpu, event.next ?? 0));
  },
  return_to_user(m, event) {
    const cpu = cpuOf(m, event);
    believeCurrent(m, cpu, event);
    host.fpsimd_restore_current_state(m, cpu);
  },
  fork: (m, event) => host.save_current(m, cpuOf(m, event), true),
  exec: (m, event) => host.fpsimd_flush_thread(cpuOf(m, event)),
  signal_begin: (m, event) => host.save_current(m, cpuOf(m, event), false),
  signal_end(m) {
    if (system_supports_sme(m)) throw new Error('signals are modelled without SME only');
  },
  sigreturn: (m, event) => host.restore_sigframe(m, cpuOf(m, event)),
  ptrace_set: (m, event) => host.ptrace_set(userTask(m, event.task ?? 0)),
  user_save: (m, event) => host.fpsimd_save_user_state(m, cpuOf(m, event)),
  user_load: (m, event) => host.fpsimd_update_current_state(m, cpuOf(m, event)),
  flush_task: (m, event) => host.ptrace_set(userTask(m, event.task ?? 0)),
  fp_acc_begin: (m, event) => host.fpsimd_restore_current_state(m, cpuOf(m, event)),
  fp_acc_end(m, event) {
    if (event.isa === 'sme') throw new Error('SVE only');
    host.do_sve_acc(m, cpuOf(m, event));
  },
  cpu_pm_enter: (m, event) => host.fpsimd_cpu_pm_notifier(m, cpuOf(m, event)),
  host_fp: (m, event) => host.host_fp(m, cpuOf(m, event), event.isa ?? 'fpsimd'),
  host_svcr: (m, event) => host_svcr(m, cpuOf(m, event), bit(event.sm), bit(event.za)),
};

/** Throws for an event that is not modelled, or has no CPU or vCPU to happen on: the trace is not for this model. */
export function step(m: Machine, event: TraceEvent): void {
  const perform = STEPS[event.event];
  if (perform === undefined) throw new Error(`not modelled: ${event.event}`);
  m.lastResult = 'ok';
  m.seenType = event.fp_type;
  perform(m, event);
}
