/** Floating point of nested, protected and SME guests: semantics 7.1, FP-14 and FP-20 to FP-24. */

import { registerClass, registerName } from '../../kernel/code/guest.ts';
import { ANYBODY } from '../../kernel/state/entity.ts';
import { ownerOfHyp, ownerOfKernel } from '../../kernel/state/machine.ts';
import { MOMENT } from '../../kernel/state/moments.ts';
import { GUEST_OWNED, HOST_OWNED } from '../../kernel/state/owner.ts';
import { NO_CPU } from '../../kernel/state/task.ts';
import type { Vcpu } from '../../kernel/state/vcpu.ts';
import { always, HOLDS, type Rule, SKIPPED, VIOLATED, vcpuAt } from '../rule.ts';
import { ownerRoot, registersHold, thisEvent, who } from './words.ts';

/** Registers of which either the V or the Z view exists. */
const VECTOR_VIEWS: readonly string[] = ['v', 'z', 'p'];

export const FP_GUEST_RULES: readonly Rule[] = [
  {
    id: 'FP-14',
    severity: 'error',
    title: 'SVCR zero for guests without SME',
    statement:
      'At guest_enter of a vCPU without SME, SVCR.SM and SVCR.ZA are 0 (pKVM refuses the run with -EINVAL otherwise), and such a guest cannot change them without a trap.',
    appliesTo: 'all',
    applies: always,
    derives: 'the WARN of kvm_arch_vcpu_load_fp; handle___kvm_vcpu_run; CPTR_EL2.TSM, CPACR_EL1.SMEN',
    history: 'afb91f5f8ad7 (SME controls open in protected mode)',
    at: ['enter', 'svcr_untrapped'],
    check: (_machine, cpu, moment) => {
      if (moment === MOMENT.svcr_untrapped) return VIOLATED;
      if (vcpuAt(cpu).sme) return HOLDS;
      return cpu.svcr_sm === 0 && cpu.svcr_za === 0 ? HOLDS : VIOLATED;
    },
    describe: (machine, cpu, moment) => ({
      message:
        moment === MOMENT.svcr_untrapped
          ? `${who(vcpuAt(cpu))} has no SME and wrote SVCR without a trap`
          : `${who(vcpuAt(cpu))} has no SME and enters with SVCR.SM = ${cpu.svcr_sm}, SVCR.ZA = ${cpu.svcr_za}`,
      expected: ['SVCR = 0 in the guest, and SME accesses to trap (EC 0x1d)'],
      source: moment === MOMENT.svcr_untrapped ? '__activate_traps' : 'kvm_arch_vcpu_load_fp',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'FP-20',
    severity: 'error',
    title: 'nested vector length cap',
    statement: "While a nested guest runs, ZCR_EL2.LEN is at most the vCPU's largest, whatever its hypervisor wrote.",
    appliesTo: 'models with the lazy ZCR switch',
    applies: (profile) => profile.zcr === 'lazysw',
    derives: 'fpsimd_lazy_switch_to_guest of 7.3.4',
    history: '837263307489 (Fixes b3d29a823099): L1 could exceed the vCPU maximum',
    at: ['enter'],
    check: (machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      const raw = vcpu.nested && vcpu.sve && !machine.profile.nestedVlCap;
      if (!raw || ownerOfHyp(machine, cpu, vcpu) !== GUEST_OWNED) return HOLDS;
      return vcpu.zcr_el1 > vcpu.vq ? VIOLATED : HOLDS;
    },
    describe: (_machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      return {
        message: `${who(vcpu)} runs with a vector length of ${vcpu.zcr_el1 * 16} bytes, and has at most ${vcpu.vq * 16}`,
        expected: ['ZCR_EL2.LEN = min(largest of the vCPU, value of its hypervisor)'],
        source: 'fpsimd_lazy_switch_to_guest',
        root: who(vcpu),
      };
    },
  },
  {
    id: 'FP-21',
    severity: 'error',
    title: 'nested skip',
    statement: 'Inside a nested transition, where load_fp and put_fp return early, fp_owner is not HOST_OWNED.',
    appliesTo: 'models that skip the FP switch in nested transitions (>= v7.1)',
    applies: (profile) => profile.nestedSkip,
    derives: 'WARN_ON_ONCE(host_owns_fp_regs()) of kvm_arch_vcpu_load_fp and kvm_arch_vcpu_put_fp (7.3.4)',
    history: '',
    at: ['nested_fp'],
    check: (machine, cpu) => (ownerOfKernel(machine, cpu, vcpuAt(cpu)) === HOST_OWNED ? VIOLATED : HOLDS),
    describe: (machine) => ({
      message: 'fp_owner is host inside a nested transition',
      expected: ['fp_owner = free or guest: the load has saved the host'],
      source: 'kvm_arch_vcpu_load_fp',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'FP-22',
    severity: 'error',
    title: 'confinement',
    statement:
      'On return to EL1 the registers, their generation and their owner are what they were before the run: no guest value is readable by the host.',
    appliesTo: 'pkvm, models with fp_owner in kvm_host_data',
    applies: (profile, mode) => mode === 'pkvm' && (profile.pkvmFp === 'eager' || profile.pkvmFp === 'split'),
    derives: 'fpsimd_sve_sync',
    history: 'b5b9955617bc and its series: the pKVM of v6.10-rc1',
    at: ['exit'],
    check: (_machine, { holder, generation, entryHolder, entryGeneration }) => {
      if (holder === entryHolder && generation === entryGeneration) return HOLDS;
      return holder.kind === ANYBODY || entryHolder.kind === ANYBODY ? SKIPPED : VIOLATED;
    },
    describe: (machine, cpu) => ({
      message: `EL1 resumes with registers that hold ${registersHold(cpu)}`,
      expected: [`the registers of ${who(cpu.entryHolder)}, as before the run`],
      source: 'fpsimd_sve_sync',
      root: ownerRoot(machine, cpu, vcpuAt(cpu)),
    }),
  },
  {
    id: 'FP-23',
    severity: 'error',
    title: 'userspace access only when not live',
    statement:
      'KVM_GET/SET_ONE_REG of FP state happens while the vCPU is not loaded and its newest value is in memory.',
    appliesTo: 'all',
    applies: always,
    derives:
      'vcpu->mutex; "there better be no state resident on the CPU when userspace messes up with it" (review of the series)',
    history: '',
    at: ['one_reg'],
    check: (_machine, _cpu, _moment, subject) => {
      const vcpu = subject as Vcpu;
      return vcpu.cpu !== NO_CPU || vcpu.auth >= 0 ? VIOLATED : HOLDS;
    },
    describe: (machine, _cpu, _moment, subject) => {
      const vcpu = subject as Vcpu;
      return {
        message: `userspace accesses ${registerName(machine.event.reg)} of ${who(vcpu)} while ${vcpu.cpu === NO_CPU ? `its newest value is in the registers of CPU ${vcpu.auth}` : `it is loaded on CPU ${vcpu.cpu}`}`,
        expected: ['the vCPU not to be loaded, and its state in memory'],
        source: 'kvm_arch_vcpu_ioctl',
        root: thisEvent(machine),
      };
    },
  },
  {
    id: 'FP-24',
    severity: 'error',
    title: 'V or Z, not both',
    statement:
      'The V registers are accessible iff the vCPU has no SVE (and is not in streaming mode), Z and P iff it has (or is).',
    appliesTo: 'all',
    applies: always,
    derives: 'core_reg_size_from_offset, sve_reg_to_region',
    history: '',
    at: ['one_reg'],
    check: (machine, _cpu, _moment, _subject, detail) =>
      detail !== '' && detail !== 'EPERM' && VECTOR_VIEWS.includes(registerClass(machine.event.reg)) ? VIOLATED : HOLDS,
    describe: (machine, _cpu, _moment, subject, detail) => ({
      message: `${registerName(machine.event.reg)} of ${who(subject)} does not exist: -${detail}`,
      expected: [(subject as Vcpu).sve ? 'the Z view' : 'the V view'],
      source: detail === 'EINVAL' ? 'core_reg_size_from_offset' : 'sve_reg_to_region',
      root: thisEvent(machine),
    }),
  },
];
