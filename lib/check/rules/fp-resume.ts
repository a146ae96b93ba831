/** Floating point: what user mode and the next load find. Semantics 7.1, FP-16, FP-17, FP-19 and FP-25 to FP-30. */

import type { Cpu } from '../../kernel/state/cpu.ts';
import { ANYBODY, nameOf, UNKNOWN } from '../../kernel/state/entity.ts';
import { valid } from '../../kernel/state/registers.ts';
import { always, type Finding, HOLDS, type Rule, SKIPPED, VIOLATED, vcpuAt, WEAK } from '../rule.ts';
import { registersHold, thisEvent, who } from './words.ts';

/** Nothing sets it again: all later returns to user mode follow from the first. */
const lostE0poe = (cpu: Cpu): Finding => ({
  message: `${who(cpu.current)} returns to user mode with CPACR_EL1.E0POE clear: reading POR_EL0 is SIGILL`,
  expected: ['the exit from the guest to give EL0 the access to POR_EL0 back'],
  source: '__deactivate_cptr_traps_vhe',
  severity: 'error',
  root: 'CPACR_EL1.E0POE',
});

export const FP_RESUME_RULES: readonly Rule[] = [
  {
    id: 'FP-16',
    severity: 'warning',
    title: 'host EL0 enables preserved',
    statement:
      'At return_to_user CPACR_EL1 gives EL0 what it gave before the load. ZEN_EL0EN, where a kernel tracks it: or it was worked out again with the restore. E0POE: it is set, or accesses to POR_EL0 are SIGILL, an error.',
    appliesTo: 'vhe',
    applies: (_profile, mode) => mode === 'vhe',
    derives: 'HOST_SVE_ENABLED of kvm_arch_vcpu_load_fp and kvm_arch_vcpu_put_fp; __deactivate_cptr_traps_vhe',
    history: 'd52d165d67c5, 039f49c4cafb; removed by 459f059be702, 407a99c4654e. E0POE: cbaffe843a94',
    at: ['return_to_user'],
    check: (machine, cpu) => {
      if (machine.poe && cpu.e0poe !== 1) return cpu.e0poe === UNKNOWN ? SKIPPED : VIOLATED;
      if (!machine.profile.el0enTracking || !machine.sve || cpu.zen_el0en === cpu.host_sve_enabled) return HOLDS;
      return cpu.zen_el0en === UNKNOWN || cpu.host_sve_enabled === UNKNOWN ? SKIPPED : VIOLATED;
    },
    describe: (machine, cpu) => {
      if (machine.poe && cpu.e0poe === 0) return lostE0poe(cpu);
      return {
        message: `${who(cpu.current)} returns to user mode with SVE ${cpu.zen_el0en === 1 ? 'enabled' : 'disabled'}, and had it ${cpu.host_sve_enabled === 1 ? 'enabled' : 'disabled'} at load`,
        expected: ['put_fp to restore CPACR_EL1.ZEN_EL0EN'],
        source: 'kvm_arch_vcpu_put_fp',
        root: thisEvent(machine),
      };
    },
  },
  {
    id: 'FP-17',
    severity: 'error',
    title: 'guest ZCR_EL1 preserved',
    statement:
      "After put the vCPU's ZCR_EL1 in memory is what the guest last had in its register while it owned the FP state. Where put_fp alone reads it back, kernel-mode NEON in between loses it: suspicious there.",
    appliesTo: 'all',
    applies: always,
    derives: 'kvm_arch_vcpu_put_fp; fpsimd_lazy_switch_to_host since 59419f10045b',
    history: '59419f10045b names the vector length, not this',
    at: ['put'],
    check: (_machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      return vcpu.zcr_el1Live !== UNKNOWN && vcpu.zcr_el1 !== vcpu.zcr_el1Live ? VIOLATED : HOLDS;
    },
    describe: (machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      return {
        message: `ZCR_EL1 of ${who(vcpu)} was not read back: the guest set LEN ${vcpu.zcr_el1Live - 1}, memory has ${vcpu.zcr_el1 === UNKNOWN ? 'an older value' : `LEN ${vcpu.zcr_el1 - 1}`}`,
        expected: ['ZCR_EL1 in memory to be what the guest wrote'],
        source: 'kvm_arch_vcpu_put_fp',
        ...(machine.profile.zcr === 'put' ? { severity: 'suspicious' as const } : {}),
        root: nameOf(vcpu),
      };
    },
  },
  {
    id: 'FP-19',
    severity: 'error',
    title: 'FPMR',
    statement: "The host's FPMR at return_to_user is what it was before the load.",
    appliesTo: 'models that switch FPMR (>= v6.12)',
    applies: (profile) => profile.fpmr,
    derives: 'kvm_hyp_handle_fpsimd, fpmr_ptr',
    history: 'ef3be86021c3, named in the Fixes of fbc7e61195e2: FPMR is not saved for a guest that lacks it',
    at: ['user_restored'],
    check: ({ fpmr }, { current }) => (fpmr && current.fpmrMemory !== current.fpmr ? VIOLATED : HOLDS),
    describe: (machine, cpu) => ({
      message: `FPMR of ${who(cpu.current)} was restored from a copy older than its registers`,
      expected: ['the host save in the FP trap to include FPMR whether or not the guest has it'],
      source: 'kvm_hyp_handle_fpsimd',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'FP-25',
    severity: 'suspicious',
    title: 'ISB before EL2 touches FP',
    statement:
      'On VHE a context synchronisation stands between the write of the trap register at exit and the first access to FP, SVE or ZCR at EL2. Models known to lack it are noted, and reported with --strict.',
    appliesTo: 'vhe, models with the lazy ZCR switch',
    applies: (profile, mode) => mode === 'vhe' && profile.zcr === 'lazysw',
    derives: '__kvm_vcpu_run_vhe of 7.3.4: the isb before fpsimd_lazy_switch_to_host',
    history: '257d0aa8e250, 04c5355b2a94',
    at: ['fp_before_isb'],
    check: (machine) => (machine.strict ? VIOLATED : WEAK),
    describe: () => ({
      message: 'ZCR is read at EL2 with no barrier since the trap register was opened',
      expected: ['an isb between __deactivate_traps and fpsimd_lazy_switch_to_host'],
      source: '__kvm_vcpu_run_vhe',
      root: 'weak ordering',
    }),
  },
  {
    id: 'FP-26',
    severity: 'error',
    title: 'no TIF_SVE at load',
    statement: 'TIF_SVE is clear in load_fp: the system call has discarded the SVE state, or the last put has.',
    appliesTo: 'v5.18',
    applies: (profile) => profile.tifSveAtLoad === 'BUG',
    derives: 'BUG_ON(test_thread_flag(TIF_SVE)) of kvm_arch_vcpu_load_fp',
    history: '8c845e273104 left SVE enabled over system calls',
    at: ['load_fp'],
    check: (_machine, { current }) => (current.tif_sve === 1 ? VIOLATED : HOLDS),
    describe: (machine, cpu) => ({
      message: `load_fp with TIF_SVE of ${who(cpu.current)} set: BUG_ON`,
      expected: ['TIF_SVE clear'],
      source: 'kvm_arch_vcpu_load_fp',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'FP-27',
    severity: 'error',
    title: 'right registers in user mode',
    statement: "After return_to_user the registers hold the task's newest value.",
    appliesTo: 'all',
    applies: always,
    derives: 'fpsimd_restore_current_state',
    history: 'seed v1 in nVHE: guest registers leak to the VMM',
    at: ['return_to_user'],
    check: (_machine, cpu) => {
      const its = valid(cpu, cpu.current);
      return its === 0 ? VIOLATED : its === UNKNOWN ? SKIPPED : HOLDS;
    },
    describe: (machine, cpu) => ({
      message: `${who(cpu.current)} returns to user mode with registers that hold ${registersHold(cpu)}`,
      expected: [`the registers of ${who(cpu.current)}`],
      source: 'fpsimd_restore_current_state',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'FP-28',
    severity: 'error',
    title: 'USER_SAVE is well aimed',
    statement:
      "When the host's core saves with TIF_FOREIGN_FPSTATE clear, fpsimd_last_state names the current task or the vCPU that it has loaded, and the registers are that one's.",
    appliesTo: 'all',
    applies: always,
    derives: 'the comment above fpsimd_save_user_state',
    history: 'seed v1 in nVHE: guest registers filed under the VMM thread',
    at: ['user_save'],
    check: (_machine, cpu, _moment, subject) => {
      if (subject.kind === ANYBODY || cpu.holder.kind === ANYBODY) return SKIPPED;
      const mayBeBound = subject === cpu.current || subject === cpu.loaded;
      return mayBeBound && cpu.holder === subject ? HOLDS : VIOLATED;
    },
    describe: (machine, cpu, _moment, subject) => ({
      message: `registers that hold ${registersHold(cpu)} are saved into the memory of ${who(subject)}`,
      expected: ['fpsimd_last_state to name whose registers they are'],
      source: 'fpsimd_save_user_state',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'FP-29',
    severity: 'error',
    title: 'exec leaves nothing',
    statement: 'After exec nothing of the FP state of the old program is left, and FPMR is 0.',
    appliesTo: 'models that have FPMR (>= v6.12)',
    applies: (profile) => profile.fpmr,
    derives: 'fpsimd_flush_thread',
    history: 'a90878f297d3 (v6.16)',
    at: ['exec'],
    check: ({ fpmr, profile }) => (fpmr && !profile.execFpmr ? VIOLATED : HOLDS),
    describe: (machine, cpu) => ({
      message: `the new program of ${who(cpu.current)} begins with the FPMR of the old one`,
      expected: ['thread.uw.fpmr = 0'],
      source: 'fpsimd_flush_thread',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'FP-30',
    severity: 'warning',
    title: 'traps of user mode follow TIF_SME',
    statement:
      'At return_to_user of a task with TIF_SME, CPACR_EL1.SMEN_EL0EN is set: otherwise its next use of SME traps again, and do_sme_acc warns.',
    appliesTo: 'models with SME in the host',
    applies: (profile) => profile.hostSme,
    derives: 'fpsimd_bind_task_to_cpu; WARN_ON(1) of do_sme_acc',
    history: 'd3eaab3c7090 (v6.16)',
    at: ['return_to_user'],
    check: ({ sme }, { current, smen_el0en }) => {
      if (!sme || current.tif_sme !== 1) return HOLDS;
      return smen_el0en === UNKNOWN ? SKIPPED : smen_el0en === 0 ? VIOLATED : HOLDS;
    },
    describe: (machine, cpu) => ({
      message: `${who(cpu.current)} has TIF_SME set and returns to user mode with SME trapped`,
      expected: ['do_sme_acc to have flushed the state of the task, so that it is bound anew'],
      source: 'fpsimd_bind_task_to_cpu',
      root: thisEvent(machine),
    }),
  },
];
