/** Debug registers and MDCR_EL2: semantics 7.2, DB-01 to DB-07, DB-12 and DB-13. */

import { hasGuestDebug } from '../../kernel/code/debug.ts';
import { nameOf, UNKNOWN } from '../../kernel/state/entity.ts';
import { MOMENT } from '../../kernel/state/moments.ts';
import { FREE, HOST_OWNED, UNKNOWN_OWNER } from '../../kernel/state/owner.ts';
import { DEBUG_GUEST, DEBUG_HOST, DEBUG_SET_NAMES } from '../../kernel/state/vcpu.ts';
import { always, HOLDS, type Rule, SKIPPED, VIOLATED, vcpuAt, WEAK } from '../rule.ts';
import { thisEvent, who } from './words.ts';

/** MDCR_EL2 goes back to the host at put on VHE, at exit elsewhere. */
const restoredAt = (vhe: boolean, moment: number): boolean => moment === (vhe ? MOMENT.put : MOMENT.exit);

export const DEBUG_RULES: readonly Rule[] = [
  {
    id: 'DB-01',
    severity: 'error',
    title: 'host debug registers restored',
    statement: 'If the debug registers were switched at entry they are switched back at exit: the host finds its own.',
    appliesTo: 'all',
    applies: always,
    derives: '__debug_switch_to_guest, __debug_switch_to_host',
    history: '',
    at: ['exit'],
    check: (_machine, cpu) => (cpu.debugSet === DEBUG_HOST ? HOLDS : VIOLATED),
    describe: (machine, cpu) => ({
      message: `the host resumes with the ${DEBUG_SET_NAMES[cpu.debugSet]} debug registers of ${who(vcpuAt(cpu))}`,
      expected: ['the switch at exit to run as the one at entry did'],
      source: '__debug_switch_to_host',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'DB-02',
    severity: 'error',
    title: 'DEBUG_DIRTY',
    statement:
      'The debug registers are switched in a run iff DEBUG_DIRTY is set at its entry; it stays set until the switch back clears it.',
    appliesTo: 'models with DEBUG_DIRTY (<= v6.13)',
    applies: (profile) => profile.dbg === 'dirty',
    derives: 'debug-sr.h, kvm_arm_setup_debug, trap_debug_regs, reg_to_dbg',
    history: '',
    at: ['exit'],
    check: (_machine, cpu) => {
      if (cpu.dirtyAtEnter === UNKNOWN || cpu.dirtyAtExit === UNKNOWN) return SKIPPED;
      return (cpu.dirtyAtExit === 1) === cpu.debugSwitched ? HOLDS : VIOLATED;
    },
    describe: (machine, cpu) => ({
      message: `DEBUG_DIRTY of ${who(vcpuAt(cpu))} is ${cpu.dirtyAtExit === 1 ? 'set' : 'clear'} at exit, and the debug registers were ${cpu.debugSwitched ? '' : 'not '}switched at entry`,
      expected: ['the flag to be what it was at entry until the exit has run'],
      source: '__debug_switch_to_host',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'DB-03',
    severity: 'warning',
    title: 'MDCR_EL2.TDA',
    statement:
      'TDA is set iff USE_HW, an OS lock, or DEBUG_DIRTY clear when setup_debug began say so (owner models: iff debug_owner is not GUEST_OWNED): no access to a debug register traps otherwise.',
    appliesTo: 'all',
    applies: always,
    derives: 'kvm_arm_setup_mdcr_el2',
    history: '',
    at: ['debug_trap'],
    check: (_machine, cpu) => (vcpuAt(cpu).tda === 0 ? VIOLATED : HOLDS),
    describe: (machine, cpu) => ({
      message: `a debug register access of ${who(vcpuAt(cpu))} trapped although TDA was clear in that run`,
      expected: ["no trap: the debug registers were the guest's"],
      source: 'kvm_arm_setup_mdcr_el2',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'DB-04',
    severity: 'error',
    title: 'debug_ptr',
    statement: "Without guest debug, debug_ptr points at the vCPU's own debug state.",
    appliesTo: 'models with DEBUG_DIRTY (<= v6.13)',
    applies: (profile) => profile.dbg === 'dirty',
    derives: 'BUG_ON of kvm_arm_setup_debug (6.12.117 debug.c:267)',
    history: '',
    at: ['setup_debug'],
    check: (_machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      return hasGuestDebug(vcpu) === 0 && vcpu.debug_ptr !== DEBUG_GUEST ? VIOLATED : HOLDS;
    },
    describe: (_machine, cpu) => ({
      message: `${who(vcpuAt(cpu))} has no guest debug and debug_ptr points at external_debug_state: BUG_ON`,
      expected: ['debug_ptr == &vcpu_debug_state; guest debug changes only while the vCPU is not loaded'],
      source: 'kvm_arm_setup_debug',
      root: nameOf(vcpuAt(cpu)),
    }),
  },
  {
    id: 'DB-05',
    severity: 'error',
    title: 'MDCR_EL2 restored',
    statement:
      'After put on VHE, after exit elsewhere, MDCR_EL2 is the value found on that CPU at load, or at entry: the latest one read.',
    appliesTo: 'all',
    applies: always,
    derives: '__activate_traps_common, __deactivate_traps_common; kvm_vcpu_load_debug, kvm_vcpu_put_debug',
    history: '',
    at: ['put', 'exit'],
    check: (machine, cpu, moment) => (restoredAt(machine.vhe, moment) && cpu.mdcrGuest ? VIOLATED : HOLDS),
    describe: (machine, cpu) => ({
      message: `MDCR_EL2 of CPU ${cpu.id} is not given back the value that was found on it`,
      expected: ['the value read on this CPU in this load..put window'],
      source: machine.vhe ? 'kvm_arch_vcpu_put' : '__kvm_vcpu_run',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'DB-06',
    severity: 'error',
    title: 'order of load_debug',
    statement: 'kvm_vcpu_load_debug runs before the EL1 registers are loaded: SYSREGS_ON_CPU is clear.',
    appliesTo: 'vhe, models with debug_owner (>= v6.14)',
    applies: (profile, mode) => profile.dbg === 'owner' && mode === 'vhe',
    derives: 'KVM_BUG_ON(vcpu_get_flag(vcpu, SYSREGS_ON_CPU)) of kvm_vcpu_load_debug',
    history: '',
    at: ['load'],
    check: (_machine, cpu) => (vcpuAt(cpu).sysregs_on_cpu ? VIOLATED : HOLDS),
    describe: (machine, cpu) => ({
      message: `${who(vcpuAt(cpu))} is loaded while SYSREGS_ON_CPU is still set: KVM_BUG_ON`,
      expected: ['a put before the next load'],
      source: 'kvm_vcpu_load_debug',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'DB-07',
    severity: 'suspicious',
    title: 'host debug registers before unmasking',
    statement:
      "On VHE a context synchronisation stands between the restore of the host's debug registers and the unmasking of debug exceptions. Models known to lack it are noted, and reported with --strict.",
    appliesTo: 'vhe',
    applies: (_profile, mode) => mode === 'vhe',
    derives: '__kvm_vcpu_run_vhe, local_daif_restore',
    history: 'cade3d57e456',
    at: ['unmask_before_isb'],
    check: (machine) => (machine.strict ? VIOLATED : WEAK),
    describe: () => ({
      message: 'debug exceptions are unmasked with no barrier since the host debug registers were restored',
      expected: ['an isb between __debug_switch_to_host and local_daif_restore'],
      source: '__kvm_vcpu_run_vhe',
      root: 'weak ordering',
    }),
  },
  {
    id: 'DB-12',
    severity: 'error',
    title: 'no untrapped access to host debug registers',
    statement: "While the guest runs with TDA clear, the debug registers are the vCPU's.",
    appliesTo: 'all',
    applies: always,
    derives: 'kvm_arm_setup_mdcr_el2, __debug_switch_to_guest',
    history: '',
    at: ['enter', 'exit'],
    check: (machine, cpu, moment) => {
      if (vcpuAt(cpu).tda !== 0) return HOLDS;
      const dirty = moment === MOMENT.exit ? cpu.dirtyAtExit : cpu.dirtyAtEnter;
      const switched = machine.profile.dbg === 'owner' ? cpu.debugSwitched : dirty !== 0;
      return switched ? HOLDS : VIOLATED;
    },
    describe: (machine, cpu) => ({
      message: `${who(vcpuAt(cpu))} runs with TDA clear and without its debug registers: it reaches the host's`,
      expected: ['TDA set, or the debug registers switched'],
      source: 'kvm_arm_setup_mdcr_el2',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'DB-13',
    severity: 'error',
    title: 'the debug registers of their owner',
    statement:
      "While the guest runs, the debug registers are those of debug_owner: the guest finds its own where it owns them, and a debugger's, with its MDSCR_EL1, work where the host does. EL2 of pKVM must be told of all three. Models that do not tell it MDSCR_EL1 of a debugger are noted, and reported with --strict.",
    appliesTo: 'pkvm, models with debug_owner (>= v6.14)',
    applies: (profile, mode) => profile.dbg === 'owner' && mode === 'pkvm',
    derives: 'flush_debug_state of hyp/nvhe/hyp-main.c, __debug_switch_to_guest, ctxt_mdscr_el1',
    history: '0f1a6c5c9784 (v6.14-rc1 tells EL2 nothing), 119a9a23fbae (external_mdscr_el1 is left out up to v7.2)',
    at: ['enter'],
    check: (machine, cpu) => {
      const { debug_owner } = vcpuAt(cpu);
      const { pkvmDebug } = machine.profile;
      if (pkvmDebug === 'all' || debug_owner === FREE) return HOLDS;
      if (pkvmDebug === 'none') return debug_owner === UNKNOWN_OWNER ? SKIPPED : VIOLATED;
      // What a debugger asks of a guest has no effect then, and nothing of anybody's is lost or seen.
      if (debug_owner === HOST_OWNED) return machine.strict ? VIOLATED : WEAK;
      return debug_owner === UNKNOWN_OWNER && machine.strict ? SKIPPED : HOLDS;
    },
    describe: (_machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      const whose = vcpu.debug_owner === HOST_OWNED ? 'a debugger of the host' : 'the guest';
      const what = cpu.debugSet === DEBUG_HOST ? 'the debug registers' : 'MDSCR_EL1';
      return {
        message: `${who(vcpu)} runs without ${what} of ${whose}: EL2 was not told`,
        expected: [`EL2 to load ${what} of ${whose}, which debug_owner of the vCPU says are in use`],
        source: 'flush_hyp_vcpu',
        root: nameOf(vcpu),
      };
    },
  },
];
