/** Floating point: who owns the registers, and whether it is true. Semantics 7.1, FP-01 to FP-06, FP-12, FP-13, FP-18. */

import type { Cpu } from '../../kernel/state/cpu.ts';
import { ANYBODY, AUTH_UNKNOWN, UNKNOWN } from '../../kernel/state/entity.ts';
import { EC_SVE } from '../../kernel/state/exception.ts';
import type { Machine } from '../../kernel/state/machine.ts';
import { ownerOfHyp, ownerOfKernel } from '../../kernel/state/machine.ts';
import { MOMENT } from '../../kernel/state/moments.ts';
import { FREE, GUEST_OWNED, HOST_OWNED, UNKNOWN_OWNER } from '../../kernel/state/owner.ts';
import { valid } from '../../kernel/state/registers.ts';
import { KIND } from '../../trace/vocabulary.ts';
import { always, HOLDS, notPkvmEager, type Rule, SKIPPED, VIOLATED, vcpuAt } from '../rule.ts';
import { hypOwner, kernelOwner, ownerRoot, registersHold, thisEvent, who } from './words.ts';

/** SVE traps although the vCPU has it and its registers are there. */
function trapsOwnSve(machine: Machine, cpu: Cpu): boolean {
  const vcpu = vcpuAt(cpu);
  return vcpu.sve && cpu.trapSve === 1 && ownerOfHyp(machine, cpu, vcpu) === GUEST_OWNED;
}

export const FP_OWNER_RULES: readonly Rule[] = [
  {
    id: 'FP-01',
    severity: 'error',
    title: 'single occupancy',
    statement:
      "At most one entity has its newest FP value in a CPU's registers, and the registers hold it: nothing overwrites a value that is nowhere else.",
    appliesTo: 'all',
    applies: always,
    derives: 'enum fp_owner of kvm_host.h; the comment that opens kernel/fpsimd.c',
    history: 'every silent loss of FP state',
    at: ['lost'],
    // What a reported violation has left to its fate is not news.
    check: (_machine, _cpu, _moment, subject) => (subject.condemned ? HOLDS : VIOLATED),
    describe: (machine, cpu, _moment, subject) => ({
      message: `the FP registers of ${who(subject)} were overwritten on CPU ${cpu.id} before they were saved`,
      expected: [`a save of ${who(subject)} before anything else uses the registers`],
      source: 'fpsimd_save_user_state',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'FP-02',
    severity: 'error',
    title: 'single residence',
    statement: 'While a vCPU is loaded on a CPU, no other CPU holds its newest FP value.',
    appliesTo: 'all',
    applies: always,
    derives: 'vcpu_put always precedes the next vcpu_load (virt/kvm/kvm_main.c); the "save and invalidate" of put_fp',
    history: 'seed v1: state left behind after put',
    at: ['load'],
    check: (_machine, cpu) => {
      const { auth } = vcpuAt(cpu);
      if (auth === AUTH_UNKNOWN) return SKIPPED;
      return auth >= 0 && auth !== cpu.id ? VIOLATED : HOLDS;
    },
    describe: (_machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      return {
        message: `${who(vcpu)} is loaded on CPU ${cpu.id} while its newest FP registers are those of CPU ${vcpu.auth}`,
        expected: ['the last put to have saved them'],
        source: 'kvm_arch_vcpu_load',
        root: `left on CPU ${vcpu.auth}`,
      };
    },
  },
  {
    id: 'FP-03',
    severity: 'error',
    title: 'owner truthfulness',
    statement:
      "After guest_enter and at guest_exit, in the hyp's view: GUEST_OWNED iff the registers are the loaded vCPU's and nowhere else; HOST_OWNED only if they are the current task's and TIF_FOREIGN_FPSTATE is clear; FREE only if no value is in the registers alone (where the instance itself is the wrong one, HD-01 says so).",
    appliesTo: 'all but pKVM with eager restore',
    applies: notPkvmEager,
    derives: 'comments of kvm_arch_vcpu_load_fp and kvm_arch_vcpu_ctxflush_fp',
    history: 'seed v1; the pKVM of v6.10-rc1',
    at: ['enter', 'exit'],
    check: (machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      const owner = ownerOfHyp(machine, cpu, vcpu);
      if (owner === UNKNOWN_OWNER) return SKIPPED;
      if (owner === GUEST_OWNED) {
        const its = valid(cpu, vcpu);
        if (its === UNKNOWN || vcpu.auth === AUTH_UNKNOWN) return SKIPPED;
        return its === 1 && vcpu.auth === cpu.id ? HOLDS : VIOLATED;
      }
      if (owner === HOST_OWNED) {
        const its = valid(cpu, cpu.current);
        const foreign = cpu.current.tif_foreign_fpstate;
        if (its === 0 || foreign === 1) return VIOLATED;
        return its === UNKNOWN || foreign === UNKNOWN ? SKIPPED : HOLDS;
      }
      if (machine.profile.ownerLoc === 'hd' && cpu.kernel !== cpu.hyp) return HOLDS;
      if (cpu.holder.kind === ANYBODY) return SKIPPED;
      return cpu.holder.auth === cpu.id ? VIOLATED : HOLDS;
    },
    describe: (machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      const owner = hypOwner(machine, cpu, vcpu);
      return {
        message: `fp_owner says ${owner} for ${who(vcpu)}, but the registers hold ${registersHold(cpu)}`,
        expected: [
          "fp_owner = guest iff they are the registers of the loaded vCPU, and host only if they are the task's",
        ],
        source: 'kvm_arch_vcpu_ctxflush_fp',
        root: ownerRoot(machine, cpu, vcpu),
      };
    },
  },
  {
    id: 'FP-04',
    severity: 'error',
    title: 'lifetime',
    statement: 'After vcpu_put nothing of the vCPU is in the registers only: its newest FP value is in memory.',
    appliesTo: 'all',
    applies: always,
    derives: '"lifetime that does not extend past vcpu_put()", the comment above struct kvm_host_data',
    history: 'seed v1 in nVHE: the load writes the other instance',
    at: ['put'],
    check: (machine, cpu) => {
      const { auth } = vcpuAt(cpu);
      if (auth === AUTH_UNKNOWN) return SKIPPED;
      // The load that follows at once ends it.
      if (vcpuAt(cpu).inNested && machine.profile.nestedSkip) return HOLDS;
      return auth === cpu.id ? VIOLATED : HOLDS;
    },
    describe: (machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      return {
        message: `the FP registers of ${who(vcpu)} were not saved at put: put_fp found fp_owner = ${kernelOwner(machine, cpu, vcpu)}`,
        expected: ['fp_owner = guest in put_fp, and a save of the vCPU'],
        source: 'kvm_arch_vcpu_put_fp',
        root: ownerRoot(machine, cpu, vcpu),
      };
    },
  },
  {
    id: 'FP-05',
    severity: 'error',
    title: 'no unowned guest access',
    statement:
      "While the guest runs and the registers are not the loaded vCPU's newest value, FP and SVE accesses trap, whatever fp_owner says.",
    appliesTo: 'all',
    applies: always,
    derives: '__activate_cptr_traps, __activate_traps',
    history: 'seed v1 in nVHE: the second vCPU sees the registers of the first; 2fd5b4b0e7b4 (stale cptr_el2)',
    at: ['enter', 'svcr_untrapped'],
    check: (_machine, cpu, moment) => {
      if (moment === MOMENT.svcr_untrapped) return VIOLATED;
      const its = valid(cpu, vcpuAt(cpu));
      if (its === 1) return HOLDS;
      if (cpu.trapFp === 1) return HOLDS;
      return its === UNKNOWN || cpu.trapFp === UNKNOWN ? SKIPPED : VIOLATED;
    },
    describe: (machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      return {
        message: `${who(vcpu)} runs with FP untrapped on registers that hold ${registersHold(cpu)}`,
        expected: ['FP and SVE accesses to trap until its own registers are loaded'],
        source: '__activate_traps',
        root: ownerRoot(machine, cpu, vcpu),
      };
    },
  },
  {
    id: 'FP-06',
    severity: 'warning',
    title: 'no spurious trap',
    statement:
      'While the guest owns the registers, FP does not trap to EL2, nor does SVE if the vCPU has it. An FP trap that was seen then is an error.',
    appliesTo: 'all',
    applies: always,
    derives: '__activate_cptr_traps, branch guest_owns_fp_regs()',
    history: '257d0aa8e250 (missing isb), 186b58bacd74 (nested)',
    at: ['fp_trap', 'enter'],
    check: (machine, cpu, moment) => {
      if (moment === MOMENT.enter) return trapsOwnSve(machine, cpu) ? VIOLATED : HOLDS;
      if (machine.event.kind !== KIND.guest_fp_trap) return HOLDS;
      const traps = machine.event.ec === EC_SVE ? cpu.trapSve : cpu.trapFp;
      if (traps === UNKNOWN) return SKIPPED;
      return traps === 0 ? VIOLATED : HOLDS;
    },
    describe: (machine, cpu, moment) => {
      const vcpu = vcpuAt(cpu);
      if (moment === MOMENT.enter) {
        return {
          message: `SVE traps for ${who(vcpu)}, which owns the registers: its cached cptr_el2 is of another time`,
          expected: ['a trap register worked out from the present owner'],
          source: 'kvm_get_reset_cptr_el2',
          root: who(vcpu),
        };
      }
      return {
        message: `an FP trap of ${who(vcpu)} was seen although fp_owner is ${hypOwner(machine, cpu, vcpu)} and FP does not trap`,
        expected: ['no FP trap until the registers are taken from the guest'],
        source: 'kvm_hyp_handle_fpsimd',
        severity: 'error',
        root: thisEvent(machine),
      };
    },
  },
  {
    id: 'FP-12',
    severity: 'error',
    title: 'ctxflush soundness',
    statement:
      "After guest_enter: if TIF_FOREIGN_FPSTATE is set, fp_owner is FREE in the kernel's view and, not in pKVM with eager restore, in the hyp's.",
    appliesTo: 'all',
    applies: always,
    derives: 'kvm_arch_vcpu_ctxflush_fp',
    history: 'seed v1: ctxflush writes the instance that hyp code does not read',
    at: ['enter'],
    check: (machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      const foreign = cpu.current.tif_foreign_fpstate;
      if (foreign === 0) return HOLDS;
      const kernel = ownerOfKernel(machine, cpu, vcpu);
      const hyp = notPkvmEager(machine.profile, machine.mode) ? ownerOfHyp(machine, cpu, vcpu) : FREE;
      if (kernel === FREE && hyp === FREE) return HOLDS;
      return foreign === UNKNOWN || kernel === UNKNOWN_OWNER || hyp === UNKNOWN_OWNER ? SKIPPED : VIOLATED;
    },
    describe: (machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      return {
        message: `TIF_FOREIGN_FPSTATE is set and ${who(vcpu)} enters with fp_owner = ${hypOwner(machine, cpu, vcpu)}`,
        expected: ['ctxflush to have set fp_owner = free where hyp code reads it'],
        source: 'kvm_arch_vcpu_ctxflush_fp',
        root: ownerRoot(machine, cpu, vcpu),
      };
    },
  },
  {
    id: 'FP-13',
    severity: 'error',
    title: 'ctxsync completeness',
    statement:
      "When the host resumes and the registers hold the vCPU's value and nothing else does, the vCPU is bound in fpsimd_last_state.",
    appliesTo: 'all',
    applies: always,
    derives: 'kvm_arch_vcpu_ctxsync_fp; fpsimd_sve_sync is the answer of pKVM',
    history: 'seed v1 in nVHE; the pKVM of v6.10-rc1: the next kernel-mode NEON destroys or misfiles the registers',
    at: ['ctxsync'],
    check: (_machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      if (cpu.holder !== vcpu || vcpu.auth !== cpu.id) return HOLDS;
      if (cpu.last.kind === ANYBODY) return SKIPPED;
      return cpu.last === vcpu ? HOLDS : VIOLATED;
    },
    describe: (machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      return {
        message: `${who(vcpu)} left its FP registers on the CPU and was not bound: ctxsync found fp_owner = ${kernelOwner(machine, cpu, vcpu)}`,
        expected: ['fp_owner = guest in ctxsync, and fpsimd_last_state to name the vCPU'],
        source: 'kvm_arch_vcpu_ctxsync_fp',
        root: ownerRoot(machine, cpu, vcpu),
      };
    },
  },
  {
    id: 'FP-18',
    severity: 'error',
    title: 'FPEXC32_EL2 of 32-bit guests',
    statement:
      'A 32-bit guest that does not have its registers enters with FPEXC32_EL2.EN set, so that its FP traps go to EL2; FPEXC32_EL2 is saved iff it owns them at exit.',
    appliesTo: 'all',
    applies: always,
    derives: '__activate_traps_fpsimd32, __fpsimd_save_fpexc32',
    history: '',
    at: ['enter'],
    check: (machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      if (!vcpu.aarch32) return HOLDS;
      const owner = ownerOfHyp(machine, cpu, vcpu);
      if (owner !== GUEST_OWNED && owner !== UNKNOWN_OWNER) return HOLDS;
      const its = valid(cpu, vcpu);
      if (its === 1) return HOLDS;
      return its === UNKNOWN || owner === UNKNOWN_OWNER ? SKIPPED : VIOLATED;
    },
    describe: (machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      return {
        message: `32-bit ${who(vcpu)} enters without its registers and without FPEXC32_EL2.EN set`,
        expected: ['FPEXC32_EL2.EN = 1 before the entry'],
        source: '__activate_traps_fpsimd32',
        root: ownerRoot(machine, cpu, vcpu),
      };
    },
  },
];
