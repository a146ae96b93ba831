/** The host's own FP code, `arch/arm64/kernel/fpsimd.c`: primitives P8 to P11 of semantics 4, events of 5.12. */

import {
  execute,
  executeNew,
  FPSIMD_BYTES,
  load,
  replace,
  save,
  sveBytes,
  sveLoadBytes,
  wipe,
  zaBytes,
} from './ghost.ts';
import { copySvcr, smstop, system_supports_sme, write_svcr } from './literal-sme.ts';
import { type Cpu, type Machine, NR_CPUS, type Task } from './machine.ts';

/** P8, USER_SAVE: saves whatever is bound in fpsimd_last_state, which may be a vCPU. */
export function fpsimd_save_user_state(m: Machine, cpu: Cpu, inSystemCall = false): void {
  if (cpu.current.TIF_FOREIGN_FPSTATE) return;
  const last = cpu.fpsimd_last_state;
  if (last.st === null) throw new Error(`TIF_FOREIGN_FPSTATE of ${cpu.current.name} is clear and nothing is bound`);
  if (system_supports_sme(m)) {
    if (last.svcr !== null) copySvcr(last.svcr, cpu.SVCR);
    if (cpu.SVCR.ZA && last.sme_state !== null) {
      m.bytes += zaBytes(last.sme_vl, last.zt);
      save(m, cpu, last.sme_state);
    }
  }
  if (cpu.SVCR.SM) {
    m.bytes += sveBytes(last.sme_vl);
  } else if (last.to_save === 'SVE') {
    m.bytes += sveBytes(last.sve_vl);
  } else {
    // CURRENT means "by TIF_SVE", and a system call needs FPSIMD only.
    const byFlag = cpu.current.TIF_SVE && !inSystemCall;
    const live = last.to_save === 'CURRENT' && (m.seenType === undefined ? byFlag : m.seenType === 'sve');
    m.bytes += live ? sveBytes(m.sveVl) : FPSIMD_BYTES;
    if (last.to_save === 'CURRENT') cpu.current.fp_type = live ? 'SVE' : 'FPSIMD';
  }
  if (cpu.SVCR.SM) cpu.current.fp_type = 'FPSIMD';
  save(m, cpu, last.st);
}

/** P9, FLUSH. */
export function fpsimd_flush_cpu_state(m: Machine, cpu: Cpu): void {
  if (system_supports_sme(m)) smstop(m, cpu);
  cpu.fpsimd_last_state.st = null;
  cpu.current.TIF_FOREIGN_FPSTATE = true;
}

/** P10, SAVE_AND_FLUSH. */
export function fpsimd_save_and_flush_cpu_state(m: Machine, cpu: Cpu, inSystemCall = false): void {
  fpsimd_save_user_state(m, cpu, inSystemCall);
  fpsimd_flush_cpu_state(m, cpu);
}

/** 5.12 "save kernel state (520 B) and bind it". */
function fpsimd_save_kernel_state(m: Machine, cpu: Cpu, task: Task): void {
  m.bytes += FPSIMD_BYTES;
  save(m, cpu, task.kernel_fpsimd_state);
  const last = cpu.fpsimd_last_state;
  last.st = task.kernel_fpsimd_state;
  last.sme_state = null;
  last.svcr = null;
  last.to_save = 'FPSIMD';
}

function fpsimd_load_kernel_state(m: Machine, cpu: Cpu, task: Task): void {
  m.bytes += FPSIMD_BYTES;
  load(m, cpu, task.kernel_fpsimd_state);
}

/** 5.12 `kernel_neon_begin`, by its numbers. */
export function kernel_neon_begin(m: Machine, cpu: Cpu, softirq: boolean): void {
  const current = cpu.current;
  // 3.
  if (m.profile.neonPreemptible && current.TIF_KERNEL_FPSTATE) {
    fpsimd_save_kernel_state(m, cpu, current);
  } else {
    fpsimd_save_user_state(m, cpu);
  }
  // 4.
  if (m.profile.neonPreemptible && !softirq) current.TIF_KERNEL_FPSTATE = true;
  // 5.
  fpsimd_flush_cpu_state(m, cpu);
  // The code of the region runs from here on.
  const region = softirq ? current.softirqNeon : current.kernel_fpsimd_state;
  executeNew(m, cpu, region);
  cpu.neon = region;
}

/** 5.12 `kernel_neon_end`. The registers keep the dead value: nobody wipes them. */
export function kernel_neon_end(m: Machine, cpu: Cpu, softirq: boolean): void {
  const current = cpu.current;
  const region = softirq ? current.softirqNeon : current.kernel_fpsimd_state;
  // 3.4: a region has a value only between begin and end.
  replace(region);
  cpu.neon = null;
  if (!m.profile.neonPreemptible) return;
  if (softirq && current.TIF_KERNEL_FPSTATE) {
    fpsimd_load_kernel_state(m, cpu, current);
    cpu.neon = current.kernel_fpsimd_state;
  } else {
    current.TIF_KERNEL_FPSTATE = false;
  }
}

/** 5.12 `task_switch(prev,next)`. */
export function fpsimd_thread_switch(m: Machine, cpu: Cpu, next: Task): void {
  const prev = cpu.current;
  if (m.profile.neonPreemptible && prev.TIF_KERNEL_FPSTATE) {
    fpsimd_save_kernel_state(m, cpu, prev);
  } else {
    fpsimd_save_user_state(m, cpu);
  }
  if (m.profile.neonPreemptible && next.TIF_KERNEL_FPSTATE) {
    // Current is still prev: it is prev's TIF_FOREIGN_FPSTATE that is set.
    if (m.profile.neonFlushFirst) fpsimd_flush_cpu_state(m, cpu);
    fpsimd_load_kernel_state(m, cpu, next);
    if (!m.profile.neonFlushFirst) fpsimd_flush_cpu_state(m, cpu);
    cpu.neon = next.kernel_fpsimd_state;
  } else {
    next.TIF_FOREIGN_FPSTATE = cpu.fpsimd_last_state.st !== next || next.fpsimd_cpu !== cpu.id;
    cpu.neon = null;
  }
  cpu.current = next;
}

/** 5.12 `return_to_user(t)`. */
export function fpsimd_restore_current_state(m: Machine, cpu: Cpu): void {
  const current = cpu.current;
  if (!current.TIF_FOREIGN_FPSTATE) return;
  current.TIF_FOREIGN_FPSTATE = false;
  takeSeenType(m, current);
  // task_fpsimd_load, at the machine's vector length: no event tells the task's
  if (system_supports_sme(m)) {
    write_svcr(m, cpu, current.svcr, null);
    if (cpu.SVCR.ZA) {
      m.bytes += zaBytes(m.smeVl, m.sme2);
      load(m, cpu, current.za);
    }
  }
  if (cpu.SVCR.SM) m.bytes += sveLoadBytes(m.smeVl, m.fa64);
  else m.bytes += current.fp_type === 'SVE' ? sveBytes(m.sveVl) : FPSIMD_BYTES;
  load(m, cpu, current);
  fpsimd_bind_task_to_cpu(m, cpu);
}

function fpsimd_bind_task_to_cpu(m: Machine, cpu: Cpu): void {
  const current = cpu.current;
  const last = cpu.fpsimd_last_state;
  last.st = current;
  last.sme_state = current.za;
  last.svcr = current.svcr;
  last.to_save = 'CURRENT';
  last.sme_vl = m.smeVl;
  last.zt = m.sme2;
  current.fpsimd_cpu = cpu.id;
}

/** 5.19 `flush_task_state(t)`. */
function fpsimd_flush_task_state(t: Task): void {
  t.fpsimd_cpu = NR_CPUS;
  t.TIF_FOREIGN_FPSTATE = true;
}

/** 5.19 `fork`, of the parent, and `signal_begin`. */
export function save_current(m: Machine, cpu: Cpu, inSystemCall: boolean): void {
  fpsimd_save_user_state(m, cpu, inSystemCall);
  if (m.profile.saveCurrent === 'flush') fpsimd_flush_task_state(cpu.current);
}

/** 5.19 `exec`. */
export function fpsimd_flush_thread(cpu: Cpu): void {
  replace(cpu.current);
  cpu.current.TIF_SVE = false;
  cpu.current.fp_type = 'FPSIMD';
  fpsimd_flush_task_state(cpu.current);
}

/** 5.19 `sigreturn`. */
export function restore_sigframe(m: Machine, cpu: Cpu): void {
  const current = cpu.current;
  if (m.profile.saveCurrent === 'flush') {
    fpsimd_save_user_state(m, cpu, true);
    fpsimd_flush_task_state(current);
    replace(current);
    return;
  }
  fpsimd_update_current_state(m, cpu);
}

/** 5.19 `user_load`. */
export function fpsimd_update_current_state(m: Machine, cpu: Cpu): void {
  const current = cpu.current;
  replace(current);
  takeSeenType(m, current);
  m.bytes += current.fp_type === 'SVE' ? sveBytes(m.sveVl) : FPSIMD_BYTES;
  load(m, cpu, current);
  fpsimd_bind_task_to_cpu(m, cpu);
  current.TIF_FOREIGN_FPSTATE = false;
}

function takeSeenType(m: Machine, task: Task): void {
  if (m.seenType !== undefined) task.fp_type = m.seenType === 'sve' ? 'SVE' : 'FPSIMD';
}

/** 5.19 `ptrace_set`. */
export function ptrace_set(target: Task): void {
  replace(target);
  fpsimd_flush_task_state(target);
}

/** 5.19 `fp_acc_end`, of SVE. */
export function do_sve_acc(m: Machine, cpu: Cpu): void {
  const current = cpu.current;
  current.TIF_SVE = true;
  if (!current.TIF_FOREIGN_FPSTATE) {
    executeNew(m, cpu, current);
    fpsimd_bind_task_to_cpu(m, cpu);
    return;
  }
  replace(current);
  current.fp_type = 'SVE';
  if (m.profile.accFlushes !== 'none') fpsimd_flush_task_state(current);
}

/** 5.19 `cpu_pm_enter`. */
export function fpsimd_cpu_pm_notifier(m: Machine, cpu: Cpu): void {
  fpsimd_save_and_flush_cpu_state(m, cpu);
  wipe(m, cpu, cpu.hw);
}

/** The current task executes FP instructions in user mode. */
export function host_fp(m: Machine, cpu: Cpu, isa: string): void {
  execute(m, cpu, cpu.current);
  if (isa === 'sve') cpu.current.TIF_SVE = true;
  if (isa === 'sme' && cpu.SVCR.ZA) execute(m, cpu, cpu.current.za);
}
