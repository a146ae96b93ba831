/** Floating point: the host's registers and its core's bookkeeping. Semantics 7.1, FP-07 to FP-11 and FP-15. */

import { openRegion } from '../../kernel/code/kernel-state.ts';
import { ANYBODY, NOBODY, nameOf, UNKNOWN, VCPU } from '../../kernel/state/entity.ts';
import { ownerOfKernel } from '../../kernel/state/machine.ts';
import { MOMENT } from '../../kernel/state/moments.ts';
import { GUEST_OWNED } from '../../kernel/state/owner.ts';
import { valid, wouldLose } from '../../kernel/state/registers.ts';
import type { Task } from '../../kernel/state/task.ts';
import type { Vcpu } from '../../kernel/state/vcpu.ts';
import { KIND } from '../../trace/vocabulary.ts';
import { always, HOLDS, notPkvmEager, type Rule, SKIPPED, VIOLATED, vcpuAt } from '../rule.ts';
import { hypOwner, registersHold, thisEvent, who } from './words.ts';

const lastName = (name: string): string => (name === 'none' ? 'nobody' : name);

export const FP_HOST_RULES: readonly Rule[] = [
  {
    id: 'FP-07',
    severity: 'error',
    title: 'host saved before clobber',
    statement:
      "At an FP trap, before the guest's registers are loaded, no other entity's newest value is in the registers only: a lazy kernel has saved it in the trap, in the format it is in, an eager one at load.",
    appliesTo: 'all but pKVM with eager restore',
    applies: notPkvmEager,
    derives: 'kvm_hyp_handle_fpsimd, host_owns_fp_regs()',
    history: 'seed v1 in nVHE; CVE-2025-22013 (fbc7e61195e2)',
    at: ['guest_restore', 'host_save'],
    check: (_machine, cpu, moment, subject) => {
      if (moment === MOMENT.host_save) return (subject as Task).sveMisdescribed ? VIOLATED : HOLDS;
      const vcpu = vcpuAt(cpu);
      if (cpu.holder.kind === ANYBODY) return SKIPPED;
      return wouldLose(cpu, vcpu) && !cpu.holder.condemned ? VIOLATED : HOLDS;
    },
    describe: (machine, cpu, moment, subject) => {
      const vcpu = vcpuAt(cpu);
      if (moment === MOMENT.host_save) {
        return {
          message: `live SVE registers of ${who(subject)} are saved as FPSIMD: load_fp described them so`,
          expected: ['the host saved at load, in the format it is in'],
          source: 'fpsimd_kvm_prepare',
          root: thisEvent(machine),
        };
      }
      return {
        message: `host FP registers of ${who(cpu.holder)} overwritten before they were saved: the trap found fp_owner = ${hypOwner(machine, cpu, vcpu)}`,
        expected:
          machine.profile.hostSave === 'lazy'
            ? [`fp_owner = host, then a save to ${who(cpu.holder)}`]
            : ['a save at load, and nothing live in the registers since'],
        source: 'kvm_hyp_handle_fpsimd',
        root: thisEvent(machine),
      };
    },
  },
  {
    id: 'FP-08',
    severity: 'error',
    title: 'right buffer',
    statement: "The host save in the FP trap goes to the current task's user_fpsimd_state.",
    appliesTo: 'models with lazy host save, but pKVM with eager restore',
    applies: (profile, mode) => profile.hostSave === 'lazy' && notPkvmEager(profile, mode),
    derives: 'host_fpsimd_state, set by run_map_fp; fpsimd_state of the host data, set at load since 51e09b5572d6',
    history: 'the reason for which run_map_fp pinned the task',
    at: ['host_save'],
    check: (_machine, cpu, _moment, subject) => (subject === cpu.current ? HOLDS : VIOLATED),
    describe: (_machine, cpu, _moment, subject) => ({
      message: `the registers of ${who(cpu.current)} are saved into the memory of ${who(subject)}`,
      expected: [`the host save to go to ${who(cpu.current)}`],
      source: 'kvm_hyp_handle_fpsimd',
      root: nameOf(subject),
    }),
  },
  {
    id: 'FP-09',
    severity: 'error',
    title: 'vector length of the layout',
    statement: "A vCPU's SVE state is saved and loaded only while the effective vector length is the vCPU's largest.",
    appliesTo: 'all',
    applies: always,
    derives: 'WARN_ON(sve_get_vl() != last->sve_vl) of fpsimd_save_user_state; __hyp_sve_restore_guest',
    history: '59419f10045b: the VMM is killed by a softirq',
    at: ['user_save'],
    check: (_machine, cpu, _moment, subject) => {
      if (subject.kind !== VCPU || !(subject as Vcpu).sve) return HOLDS;
      return cpu.hostVq !== UNKNOWN && cpu.hostVq < (subject as Vcpu).vq ? VIOLATED : HOLDS;
    },
    describe: (_machine, cpu, _moment, subject) => ({
      message: `the SVE state of ${who(subject)} is saved at a vector length of ${cpu.hostVq * 16} bytes, and its layout has ${(subject as Vcpu).vq * 16}`,
      expected: [`ZCR_EL1 to give ${(subject as Vcpu).vq * 16} bytes; the kernel warns and sends SIGKILL`],
      source: 'fpsimd_save_user_state',
      root: nameOf(subject),
    }),
  },
  {
    id: 'FP-10',
    severity: 'error',
    title: 'interrupt and preemption context',
    statement:
      'load_fp and put_fp run with preemption off, ctxsync and fpsimd_thread_switch with interrupts off; up to v6.13 kernel_neon_begin not with interrupts off. Checked where the trace tells of it (irqs_off, preemptible).',
    appliesTo: 'all',
    applies: always,
    derives:
      'WARN_ON_ONCE(!irqs_disabled()) of ctxsync and thread_switch, WARN_ON(preemptible()) of save_and_flush, BUG_ON(!may_use_simd())',
    history: 'stable backports of fbc7e61195e2 (23249dade24e); 2fd5b4b0e7b4',
    at: ['load', 'put', 'ctxsync', 'neon_begin', 'task_switch'],
    check: ({ event, profile }) => {
      switch (event.kind) {
        case KIND.vcpu_load:
        case KIND.vcpu_put:
          return event.preemptible === 1 ? VIOLATED : HOLDS;
        case KIND.guest_exit:
        case KIND.task_switch:
          return event.irqs_off === 0 ? VIOLATED : HOLDS;
        case KIND.neon_begin:
          return event.irqs_off === 1 && !profile.neonIrqsOff ? VIOLATED : HOLDS;
        default:
          return HOLDS;
      }
    },
    describe: (machine) => {
      const { kind } = machine.event;
      const [message, source] =
        kind === KIND.neon_begin
          ? ['kernel_neon_begin with interrupts off: BUG_ON(!may_use_simd())', 'kernel_neon_begin']
          : kind === KIND.guest_exit
            ? ['ctxsync with interrupts on', 'kvm_arch_vcpu_ctxsync_fp']
            : kind === KIND.task_switch
              ? ['the FP switch of tasks with interrupts on', 'fpsimd_thread_switch']
              : ['preemptible while the FP state changes hands', 'fpsimd_save_and_flush_cpu_state'];
      return { message, expected: ['the context that the function demands'], source, root: source };
    },
  },
  {
    id: 'FP-11',
    severity: 'error',
    title: 'TIF_FOREIGN_FPSTATE and fpsimd_last_state agree',
    statement:
      'After ctxsync of an owner the flag is clear and last names the vCPU; after put_fp of an owner it is set and last is NULL; after return_to_user it is clear and last names the task.',
    appliesTo: 'all',
    applies: always,
    derives: 'kvm_arch_vcpu_ctxsync_fp, kvm_arch_vcpu_put_fp, fpsimd_restore_current_state',
    history: 'e92bee9f861b, b8995a184170, f481bb32d60e (corrupted dm-crypt data)',
    at: ['ctxsync', 'put_fp', 'return_to_user'],
    check: (machine, cpu, moment) => {
      const foreign = cpu.current.tif_foreign_fpstate;
      if (moment === MOMENT.return_to_user) {
        if (cpu.last.kind === ANYBODY) return SKIPPED;
        return foreign === 0 && cpu.last === cpu.current ? HOLDS : VIOLATED;
      }
      const vcpu = vcpuAt(cpu);
      if (ownerOfKernel(machine, cpu, vcpu) !== GUEST_OWNED) return HOLDS;
      const agree =
        moment === MOMENT.ctxsync
          ? foreign === 0 && cpu.last === vcpu && cpu.lastSve === vcpu.sve
          : foreign === 1 && cpu.last.kind === NOBODY;
      return agree ? HOLDS : VIOLATED;
    },
    describe: (machine, cpu) => ({
      message: `TIF_FOREIGN_FPSTATE of ${who(cpu.current)} is ${cpu.current.tif_foreign_fpstate === 0 ? 'clear' : 'set'} and fpsimd_last_state names ${lastName(nameOf(cpu.last))}`,
      expected: ['the flag clear iff fpsimd_last_state names whose registers they are'],
      source: 'fpsimd_restore_current_state',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'FP-15',
    severity: 'error',
    title: 'kernel-mode NEON window',
    statement:
      "From kernel_neon_begin to kernel_neon_end the registers are the region's. From v6.8 a softirq may nest in a task's region and the task be switched away and back; before, neither.",
    appliesTo: 'all',
    applies: always,
    derives: 'kernel_neon_begin, kernel_neon_end, fpsimd_thread_switch; BUG_ON(!may_use_simd())',
    history: 'stable backports of fbc7e61195e2, prerequisite 9b19700e623f',
    at: ['neon_begin', 'neon_end', 'task_switch'],
    check: (machine, cpu, moment) => {
      const region = openRegion(cpu);
      const preemptible = machine.profile.neonPreemptible;
      if (moment === MOMENT.neon_begin) {
        if (region === undefined) return HOLDS;
        const nests = preemptible && machine.event.softirq === 1 && !cpu.neonInSoftirq;
        return nests ? HOLDS : VIOLATED;
      }
      if (moment === MOMENT.task_switch) {
        if (region === undefined) return HOLDS;
        return preemptible && !cpu.neonInSoftirq ? HOLDS : VIOLATED;
      }
      // A region may have begun before the window of the trace.
      if (region === undefined) return cpu.holder.kind === ANYBODY || cpu.current.mayBeInNeon ? SKIPPED : VIOLATED;
      const its = valid(cpu, region);
      return its === 1 ? HOLDS : its === UNKNOWN ? SKIPPED : VIOLATED;
    },
    describe: (machine, cpu, moment) => {
      const region = openRegion(cpu);
      const message =
        moment === MOMENT.neon_begin
          ? 'kernel_neon_begin inside of a region that does not admit another'
          : moment === MOMENT.task_switch
            ? 'the task is switched inside of a region that does not admit it'
            : region === undefined
              ? 'kernel_neon_end without a begin'
              : `a kernel-mode NEON region ends with registers that hold ${registersHold(cpu)}`;
      return {
        message,
        expected: ['begin and end to enclose the use, and nothing else to touch the registers'],
        source: moment === MOMENT.task_switch ? 'fpsimd_thread_switch' : 'kernel_neon_begin',
        root: thisEvent(machine),
      };
    },
  },
];
