/** struct kvm_host_data and the life cycle of what is in it: semantics 7.3. */

import { nameOf, UNNAMED } from '../../kernel/state/entity.ts';
import { MOMENT } from '../../kernel/state/moments.ts';
import { FREE, UNKNOWN_OWNER } from '../../kernel/state/owner.ts';
import type { Vcpu } from '../../kernel/state/vcpu.ts';
import { ABSENT } from '../../trace/event.ts';
import { EVENTS, KIND } from '../../trace/vocabulary.ts';
import { always, HOLDS, type Rule, SKIPPED, VIOLATED, vcpuAt } from '../rule.ts';
import { rootOf, thisEvent, who } from './words.ts';

/** Host events that change TIF_FOREIGN_FPSTATE, last or the registers. */
const CHANGES_FP: readonly number[] = [
  KIND.neon_begin,
  KIND.neon_end,
  KIND.task_switch,
  KIND.return_to_user,
  KIND.host_fp,
];

const runningName = (vcpu: Vcpu | undefined): string => (vcpu === undefined ? 'none' : nameOf(vcpu));

export const HOST_DATA_RULES: readonly Rule[] = [
  {
    id: 'HD-01',
    severity: 'error',
    title: 'instance consistency',
    statement:
      'A field of kvm_host_data that kernel code and hyp code share is written and read in one instance. Under pKVM no field is shared once the host is deprivileged.',
    appliesTo: 'models with fp_owner in kvm_host_data (>= v6.10, seed v1); pkvm before v6.10 proper',
    applies: (profile, mode) => profile.ownerLoc === 'hd' && (mode !== 'pkvm' || profile.pkvmFp === 'split'),
    derives: 'host_data_ptr(); this_cpu_ptr_hyp_sym()',
    history: 'seed v1 1/5: this_cpu_ptr() reaches the VHE instance from EL1',
    at: ['hyp_init', 'enter'],
    check: (_machine, cpu, moment) => {
      const consistent = moment === MOMENT.hyp_init ? cpu.hyp.mpidr_el1 : cpu.kernel === cpu.hyp;
      return consistent ? HOLDS : VIOLATED;
    },
    describe: (_machine, cpu, moment) => {
      const field = moment === MOMENT.hyp_init ? 'host_ctxt.MPIDR_EL1' : 'fp_owner';
      return {
        message: `${field} of CPU ${cpu.id} is written in ${cpu.kernel.symbol} by kernel code and read in ${cpu.hyp.symbol} by hyp code`,
        expected: [`kernel code to reach ${cpu.hyp.symbol}`],
        source: moment === MOMENT.hyp_init ? 'cpu_hyp_init_context' : 'kvm_arch_vcpu_load_fp',
        root: field,
      };
    },
  },
  {
    id: 'HD-02',
    severity: 'error',
    title: 'boot context',
    statement:
      "After hyp_init the hyp's instance holds the CPU's MPIDR_EL1; otherwise the host reads 0 after the first exit outside of VHE.",
    appliesTo: 'nvhe, hvhe, pkvm',
    applies: (_profile, mode) => mode !== 'vhe',
    derives: 'kvm_init_host_cpu_context, __sysreg_restore_el1_state',
    history: 'seed v1, found by Suzuki K Poulose',
    at: ['hyp_init', 'exit'],
    check: (_machine, cpu) => (cpu.hyp.mpidr_el1 ? HOLDS : VIOLATED),
    describe: (_machine, cpu, moment) => ({
      message:
        moment === MOMENT.hyp_init
          ? `host_ctxt.MPIDR_EL1 of CPU ${cpu.id} is 0 in the instance that hyp code uses`
          : `the host reads MPIDR_EL1 = 0 on CPU ${cpu.id} from this exit on`,
      expected: ['host_ctxt.MPIDR_EL1 initialised through the hyp symbol'],
      source: 'kvm_init_host_cpu_context',
      root: 'host_ctxt.MPIDR_EL1',
    }),
  },
  {
    id: 'HD-03',
    severity: 'error',
    title: '__hyp_running_vcpu',
    statement:
      'The vCPU that hyp_panic reports is the one that runs: from v6.10 on VHE the loaded one or none, elsewhere the one in the guest or none. Before, VHE kept the vCPU that last ran.',
    appliesTo: 'all but vhe before v6.10',
    applies: (profile, mode) => mode !== 'vhe' || profile.runningVcpuVhe === 'loadput',
    derives: 'hyp_panic, __hyp_call_panic',
    history: '9a39359903fe; before it VHE kept a stale pointer for ever',
    at: ['hyp_panic'],
    check: ({ event }, cpu) => {
      if (cpu.hyp.runningUnknown || cpu.loadedUnknown) return SKIPPED;
      const predicted = cpu.hyp.__hyp_running_vcpu;
      if (event.vcpu === ABSENT) return predicted === undefined ? HOLDS : VIOLATED;
      return predicted !== undefined && predicted.id === event.vcpu && predicted.vm === event.vm ? HOLDS : VIOLATED;
    },
    describe: (machine, cpu) => ({
      message: `hyp_panic reports ${machine.event.vcpu === ABSENT ? 'no vCPU' : `vCPU ${machine.event.vm}/${machine.event.vcpu}`} as running, and it is ${runningName(cpu.hyp.__hyp_running_vcpu)}`,
      expected: [`__hyp_running_vcpu = ${runningName(cpu.hyp.__hyp_running_vcpu)}`],
      source: 'hyp_panic',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'HD-04',
    severity: 'error',
    title: 'lifetime',
    statement:
      'Hyp code reads no field of kvm_host_data whose value was written in an earlier load..put window, but the invariants of the system.',
    appliesTo: 'models with fp_owner in kvm_host_data, but pKVM',
    applies: (profile, mode) => profile.ownerLoc === 'hd' && mode !== 'pkvm',
    derives: 'the comment above struct kvm_host_data',
    history: 'e89c928bedd7 (stale copy of PMU events)',
    at: ['enter'],
    check: (_machine, cpu) => {
      const { fp_owner, fp_ownerWindow } = cpu.hyp;
      const meaningful = fp_owner !== FREE && fp_owner !== UNKNOWN_OWNER;
      return meaningful && fp_ownerWindow !== cpu.window ? VIOLATED : HOLDS;
    },
    describe: (_machine, cpu) => ({
      message: `hyp code on CPU ${cpu.id} reads the fp_owner of an earlier load, written at line ${cpu.hyp.fp_ownerLine}`,
      expected: ['this load to have written it'],
      source: '__activate_traps',
      root: rootOf(cpu.hyp.fp_ownerEvent),
    }),
  },
  {
    id: 'HD-05',
    severity: 'suspicious',
    title: 'initialised through one name, read through another',
    statement:
      'No field of kvm_host_data is initialised through one instance and read through the other: under pKVM, what is set before the host is deprivileged and read by EL1 afterwards.',
    appliesTo: 'pkvm, models with nr_event_counters in kvm_host_data (>= v6.14)',
    applies: (profile, mode) => mode === 'pkvm' && profile.dbg === 'owner',
    derives: 'kvm_init_host_debug_data, kvm_arm_setup_mdcr_el2',
    history: 'a question of Suzuki K Poulose on v2; no bug report is known',
    at: ['hyp_init'],
    check: (_machine, cpu) => (cpu.kernel === cpu.hyp ? HOLDS : VIOLATED),
    describe: (_machine, cpu) => ({
      message: `nr_event_counters of CPU ${cpu.id} is initialised in ${cpu.hyp.symbol} and read in ${cpu.kernel.symbol}`,
      expected: ['one instance for both'],
      source: 'kvm_arm_setup_mdcr_el2',
      root: 'nr_event_counters',
    }),
  },
  {
    id: 'HD-07',
    severity: 'error',
    title: 'no NULL in the panic path',
    statement:
      'The panic path of VHE uses no vCPU where __hyp_running_vcpu is NULL: where none is loaded, or, up to v6.9, none has run. Otherwise the panic that is reported is another than the one that happened.',
    appliesTo: 'vhe',
    applies: (_profile, mode) => mode === 'vhe',
    derives: '__hyp_call_panic of hyp/vhe/switch.c',
    history: '300fac4cc266; the pointer is NULL outside of load and put since 9a39359903fe',
    at: ['hyp_panic'],
    check: ({ profile }, { hyp }) => {
      if (profile.panicGuard) return HOLDS;
      if (hyp.runningUnknown) return SKIPPED;
      return hyp.__hyp_running_vcpu === undefined ? VIOLATED : HOLDS;
    },
    describe: (machine, cpu) => ({
      message: `hyp_panic on CPU ${cpu.id} dereferences __hyp_running_vcpu, which is NULL`,
      expected: ['__deactivate_traps to be called only where a vCPU is loaded'],
      source: '__hyp_call_panic',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'LC-01',
    severity: 'error',
    title: 'bracketing',
    statement:
      'Load and put alternate for each vCPU; the guest is entered only while its vCPU is loaded on that CPU, and left before anything else runs there.',
    appliesTo: 'all',
    applies: always,
    derives: 'vcpu_load, vcpu_put, kvm_sched_in, kvm_sched_out, kvm_arch_vcpu_ioctl_run',
    history: '',
    at: ['bracket'],
    check: () => VIOLATED,
    describe: (machine, _cpu, _moment, _subject, detail) => ({
      message: detail,
      expected: ['load, enter, exit, put, each after the one before it'],
      source: EVENTS[machine.event.kind]?.name.startsWith('guest') ? 'kvm_arch_vcpu_ioctl_run' : 'vcpu_load',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'LC-02',
    severity: 'error',
    title: 'run_map_fp before load',
    statement: "When a vCPU enters, the FP state that was mapped for it is the current thread's.",
    appliesTo: 'models with lazy host save and run_map_fp',
    applies: (profile) => profile.hostSave === 'lazy' && profile.runMapFp !== 'none',
    derives: 'the comment above kvm_arch_vcpu_run_map_fp',
    history: '',
    at: ['enter'],
    check: (_machine, cpu) => {
      const { mapped } = vcpuAt(cpu);
      if (mapped === undefined || mapped === cpu.current) return HOLDS;
      return cpu.current.id === UNNAMED ? SKIPPED : VIOLATED;
    },
    describe: (_machine, cpu) => {
      const { mapped } = vcpuAt(cpu);
      return {
        message: `${who(cpu.current)} runs ${who(vcpuAt(cpu))}, whose mapping is of ${mapped === undefined ? 'nobody' : who(mapped)}`,
        expected: ['kvm_arch_vcpu_run_map_fp when the thread changes'],
        source: 'kvm_arch_vcpu_run_map_fp',
        root: nameOf(vcpuAt(cpu)),
      };
    },
  },
  {
    id: 'LC-03',
    severity: 'warning',
    title: 'order of ctxflush, entry and ctxsync',
    statement:
      'Nothing that changes TIF_FOREIGN_FPSTATE, fpsimd_last_state or the registers stands between guest_enter and guest_exit on a CPU. (An exit taken from the kvm_exit tracepoint comes too late and looks like this.)',
    appliesTo: 'all',
    applies: always,
    derives: 'kvm_arch_vcpu_ioctl_run: interrupts are off from ctxflush to ctxsync',
    history: '',
    at: ['late_exit'],
    check: (_machine, cpu) => (CHANGES_FP.includes(cpu.exitImplied) ? VIOLATED : HOLDS),
    describe: (_machine, cpu) => ({
      message: `guest_exit comes after the ${EVENTS[cpu.exitImplied]?.name} of line ${cpu.exitImpliedLine}, which host code caused`,
      expected: ['guest_exit before any host event of that CPU'],
      source: 'kvm_arch_vcpu_ioctl_run',
      root: `CPU ${cpu.id}`,
    }),
  },
  {
    id: 'LC-04',
    severity: 'error',
    title: 'host data in the vCPU is per CPU in disguise',
    statement:
      'What a vCPU keeps of the host is read on the CPU on which it was written: host_debug_state in the same run, mdcr_el2_host in the same run or (VHE) load..put window.',
    appliesTo: 'models with the state in the vCPU (< v6.10)',
    applies: (profile) => profile.ownerLoc === 'vcpu',
    derives: 'kvm_vcpu_arch.host_debug_state, kvm_vcpu_arch.mdcr_el2_host',
    history: '"we lose track of the life-cycle of this data", the motivation of the series',
    at: ['put', 'exit'],
    check: (machine, cpu, moment) => {
      const vcpu = vcpuAt(cpu);
      if (moment === MOMENT.exit && cpu.debugSwitched && vcpu.host_debug_state !== cpu.id) return VIOLATED;
      if ((moment === MOMENT.put) !== machine.vhe) return HOLDS;
      return vcpu.mdcr_el2_host === cpu.id && vcpu.mdcr_el2_hostWindow === cpu.window ? HOLDS : VIOLATED;
    },
    describe: (machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      return {
        message: `${who(vcpu)} brings host data of ${vcpu.mdcr_el2_host === cpu.id ? 'an earlier window' : `CPU ${vcpu.mdcr_el2_host}`} to CPU ${cpu.id}`,
        expected: [`data written on CPU ${cpu.id} in this load..put window`],
        source: machine.vhe ? '__deactivate_traps_common' : '__kvm_vcpu_run',
        root: thisEvent(machine),
      };
    },
  },
];
