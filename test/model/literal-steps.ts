/** The events of a trace, each as the kernel functions it stands for: semantics 5. */

import * as debug from './literal-debug.ts';
import * as host from './literal-host.ts';
import * as kvm from './literal-kvm.ts';
import { type Cpu, createTask, createVcpu, type Machine, type Task, type Vcpu } from './machine.ts';

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
  readonly isa?: string;
  readonly ec?: string;
  readonly softirq?: boolean;
  readonly mde?: number;
  readonly kde?: number;
  readonly locked?: boolean | number;
  readonly singlestep?: boolean;
  readonly use_hw?: boolean;
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

function vcpuOf(m: Machine, event: TraceEvent): Vcpu {
  const key = `${event.vm ?? 0}/${event.vcpu ?? 0}`;
  let v = m.vcpus.get(key);
  if (v === undefined) {
    const sve = event.sve === true && m.sveVl > 0;
    v = createVcpu(`vcpu:${key}`, sve, sve ? (event.sve_vl ?? m.sveVl) : 0);
    m.vcpus.set(key, v);
    m.entities.set(v.name, v);
  }
  return v;
}

function loadedOn(cpu: Cpu, event: TraceEvent): Vcpu {
  if (cpu.vcpu === null) throw new Error(`no vCPU is loaded: ${JSON.stringify(event)}`);
  return cpu.vcpu;
}

/** A guest-side event on a loaded vCPU which does not run implies the entry. */
function runningOn(m: Machine, cpu: Cpu, event: TraceEvent): Vcpu {
  const v = loadedOn(cpu, event);
  if (!cpu.inGuest) guest_enter(m, cpu, v);
  return v;
}

/** A trace that starts in the middle: what an event says of the current task is believed. */
function believeCurrent(m: Machine, cpu: Cpu, event: TraceEvent): void {
  if (event.task !== undefined && event.task !== cpu.current.pid) cpu.current = taskOf(m, cpu, event.task);
}

/** 5.4, in its order. */
function kvm_arch_vcpu_load(m: Machine, cpu: Cpu, v: Vcpu): void {
  // 2.
  v.cpu = cpu.id;
  cpu.vcpu = v;
  cpu.lastVcpu = v;
  // 4.
  if (m.profile.dbg === 'owner') debug.kvm_vcpu_load_debug(v);
  // 6.
  kvm.kvm_arch_vcpu_load_fp(m, cpu, v);
}

/** 5.10. */
function kvm_arch_vcpu_put(m: Machine, cpu: Cpu, v: Vcpu): void {
  kvm.kvm_arch_vcpu_put_fp(m, cpu, v);
  v.cpu = -1;
  cpu.vcpu = null;
}

/** 5.5 and 5.6. */
function guest_enter(m: Machine, cpu: Cpu, v: Vcpu): void {
  if (m.profile.dbg === 'dirty') debug.kvm_arm_setup_debug(v);
  kvm.kvm_arch_vcpu_ctxflush_fp(m, cpu, v);
  kvm.__activate_cptr_traps(m, cpu, v);
  debug.restore_guest_mdscr(m, cpu, v);
  debug.__debug_switch_to_guest(m, cpu, v);
  cpu.inGuest = true;
}

/** 5.8 and 5.9; then handle_exit does what trapped. */
function guest_exit(m: Machine, cpu: Cpu, v: Vcpu): void {
  cpu.inGuest = false;
  debug.save_guest_mdscr(m, cpu, v);
  kvm.__sysreg_restore_host_state(m, cpu);
  debug.__debug_switch_to_host(m, v);
  if (m.profile.dbg === 'dirty') debug.kvm_arm_clear_debug(v);
  kvm.kvm_arch_vcpu_ctxsync_fp(m, cpu, v);
  debug.handle_trapped_mdscr(v);
  handle_trapped_oslar(m, cpu, v);
}

/** 5.11, OSLAR write: `kvm_debug_handle_oslar` from 6.14 on. */
function handle_trapped_oslar(m: Machine, cpu: Cpu, v: Vcpu): void {
  if (v.trappedOsLock === null) return;
  v.osLock = v.trappedOsLock;
  v.trappedOsLock = null;
  if (m.profile.dbg === 'owner') {
    kvm_arch_vcpu_put(m, cpu, v);
    kvm_arch_vcpu_load(m, cpu, v);
  }
}

/** 5.3: A1 and A2 note whose registers the FP trap saves. */
function kvm_arch_vcpu_run_map_fp(m: Machine, v: Vcpu, task: Task): void {
  if (m.profile.ownerLoc === 'vcpu') v.host_fpsimd_state = task;
}

function bit(value: number | undefined): boolean | undefined {
  return value === undefined ? undefined : value === 1;
}

function load(m: Machine, event: TraceEvent): void {
  const cpu = cpuOf(m, event);
  believeCurrent(m, cpu, event);
  kvm_arch_vcpu_load(m, cpu, vcpuOf(m, event));
}

function put(m: Machine, event: TraceEvent): void {
  const cpu = cpuOf(m, event);
  const v = loadedOn(cpu, event);
  if (cpu.inGuest) guest_exit(m, cpu, v);
  kvm_arch_vcpu_put(m, cpu, v);
}

function nothing(): void {}

const STEPS: Readonly<Record<string, (m: Machine, event: TraceEvent) => void>> = {
  meta: nothing,
  observe: nothing,
  hyp_init: (m, event) => kvm.cpu_hyp_init_context(m, cpuOf(m, event)),
  cpu_on: (m, event) => kvm.__kvm_host_psci_cpu_entry(m, cpuOf(m, event)),
  vcpu_create: (m, event) => void vcpuOf(m, event),
  map_fp: (m, event) => kvm_arch_vcpu_run_map_fp(m, vcpuOf(m, event), userTask(m, event.task ?? 0)),
  vcpu_load: load,
  sched_in: load,
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
  guest_fp(m, event) {
    const cpu = cpuOf(m, event);
    kvm.guest_fp(m, cpu, runningOn(m, cpu, event), event.isa ?? 'fpsimd');
  },
  guest_fp_trap(m, event) {
    const cpu = cpuOf(m, event);
    kvm.guest_fp_trap(m, cpu, runningOn(m, cpu, event), Number(event.ec ?? '0x07'));
  },
  guest_debug(m, event) {
    debug.kvm_arch_vcpu_ioctl_set_guest_debug(vcpuOf(m, event), event.singlestep === true, event.use_hw === true);
  },
  guest_mdscr(m, event) {
    const cpu = cpuOf(m, event);
    const v = runningOn(m, cpu, event);
    debug.guest_mdscr(cpu, v, bit(event.mde), bit(event.kde));
  },
  guest_oslock(m, event) {
    // OSLAR_EL1 always traps (TDOSA): handle_exit writes the lock.
    runningOn(m, cpuOf(m, event), event).trappedOsLock = event.locked === true || event.locked === 1;
  },
  debug_dirty(m, event) {
    const cpu = cpuOf(m, event);
    const v = loadedOn(cpu, event);
    if (cpu.inGuest) guest_exit(m, cpu, v);
    debug.trap_debug_regs(m, v);
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
  host_fp: (m, event) => host.host_fp(m, cpuOf(m, event)),
};

/** Throws for an event that is not modelled, or has no CPU or vCPU to happen on: the trace is not for this model. */
export function step(m: Machine, event: TraceEvent): void {
  const perform = STEPS[event.event];
  if (perform === undefined) throw new Error(`not modelled: ${event.event}`);
  perform(m, event);
}
