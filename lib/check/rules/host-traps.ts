/** Host buffers and trap controls around a run: semantics 7.2, DB-08 to DB-11, HD-06 and HD-08. */

import { buffersLeftEnabled } from '../../kernel/code/debug-sr.ts';
import { MOMENT } from '../../kernel/state/moments.ts';
import { HOLDS, type Rule, VIOLATED } from '../rule.ts';
import { thisEvent } from './words.ts';

export const HOST_TRAP_RULES: readonly Rule[] = [
  {
    id: 'DB-08',
    severity: 'error',
    title: 'buffers quiesced',
    statement:
      "While the guest runs, the host's profiling and trace units are off and drained, and their buffers disabled. Before v7.1 the buffers stay enabled under the guest's translation regime: suspicious there.",
    appliesTo: 'nvhe, hvhe, pkvm',
    applies: (_profile, mode) => mode !== 'vhe',
    derives: '__debug_save_host_buffers_nvhe',
    history: '07695f7dc1e1 (SPE), d133aa75e39d (TRBE)',
    at: ['enter'],
    check: (machine, cpu) => (buffersLeftEnabled(machine, cpu) ? VIOLATED : HOLDS),
    describe: (_machine, cpu) => ({
      message: `the ${cpu.spe ? 'SPE' : 'TRBE'} buffer of the host stays enabled while the guest runs on CPU ${cpu.id}`,
      expected: [`${cpu.spe ? 'PMBLIMITR_EL1.E' : 'TRBLIMITR_EL1.E'} = 0 from the drain to the exit`],
      source: '__debug_save_host_buffers_nvhe',
      severity: 'suspicious',
      root: 'buffers left enabled',
    }),
  },
  {
    id: 'DB-09',
    severity: 'error',
    title: 'buffer state restored iff saved',
    statement: 'What an exit restores of the buffers was saved by the same entry on the same CPU.',
    appliesTo: 'nvhe, hvhe, pkvm',
    applies: (_profile, mode) => mode !== 'vhe',
    derives: '__debug_restore_host_buffers_nvhe',
    history: '',
    at: ['exit'],
    check: (_machine, cpu) => {
      const restored = cpu.speSaved || cpu.trbeSaved || cpu.brbeSaved;
      return restored && cpu.buffersWindow !== cpu.window ? VIOLATED : HOLDS;
    },
    describe: (machine, cpu) => ({
      message: `CPU ${cpu.id} restores buffer controls that were saved in another window`,
      expected: ['values saved at this entry'],
      source: '__debug_restore_host_buffers_nvhe',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'DB-10',
    severity: 'error',
    title: 'PMUSERENR_EL0',
    statement: 'After put PMUSERENR_EL0 is what the host set last, also while the vCPU was loaded.',
    appliesTo: 'vhe',
    applies: (_profile, mode) => mode === 'vhe',
    derives: 'kvm_set_pmuserenr, PMUSERENR_ON_CPU',
    history: '8681f7175901 (not restored), 0c2f9acf6ae7 (race with an IPI)',
    at: ['put'],
    check: (_machine, cpu) => (cpu.pmuserenrSaved === cpu.pmuserenr ? HOLDS : VIOLATED),
    describe: (machine, cpu) => ({
      message: `put writes PMUSERENR_EL0 = 0x${cpu.pmuserenrSaved.toString(16)}, found at load; the host set 0x${cpu.pmuserenr.toString(16)} since`,
      expected: ['the latest value to be restored'],
      source: '__deactivate_traps_common',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'DB-11',
    severity: 'error',
    title: 'trap controls restored',
    statement:
      'HFG* and HCRX_EL2 of the host are written back on the CPU, and in the window, in which they were saved.',
    appliesTo: 'all',
    applies: () => true,
    derives: '__activate_traps_common, __deactivate_traps_common',
    history: '',
    at: ['put', 'exit'],
    check: (machine, cpu, moment) => {
      if (moment !== (machine.vhe ? MOMENT.put : MOMENT.exit)) return HOLDS;
      return cpu.trapsWindow === cpu.window ? HOLDS : VIOLATED;
    },
    describe: (machine, cpu) => ({
      message: `the trap controls written back on CPU ${cpu.id} were not saved by this ${machine.vhe ? 'load' : 'entry'}`,
      expected: ['values saved on this CPU in this window'],
      source: '__deactivate_traps_common',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'HD-08',
    severity: 'suspicious',
    title: 'EL2 synchronises',
    statement:
      'What EL2 writes before it enters the guest is in force there, and what the guest left is in force at EL2: exception return and entry are context synchronisation events. With FEAT_ExS that is so only if SCTLR_EL2.EOS and EIS are set.',
    appliesTo: 'nvhe, hvhe, pkvm',
    applies: (_profile, mode) => mode !== 'vhe',
    derives: 'SCTLR_EL2 as __kvm_hyp_init sets it; no isb stands before __guest_enter',
    history: '0a35bd285f43 (v7.0) cleared both, d7396a72eae7 (v7.1) sets them',
    at: ['enter'],
    check: ({ profile, features }) => (profile.el2Synchronises || !features.features.has('exs') ? HOLDS : VIOLATED),
    describe: () => ({
      message:
        'the guest is entered with SCTLR_EL2.EOS clear: nothing synchronises the trap register with its accesses',
      expected: ['SCTLR_EL2.EIS and EOS set, where the CPU has FEAT_ExS'],
      source: '__kvm_hyp_init',
      root: 'SCTLR_EL2',
    }),
  },
  {
    id: 'HD-06',
    severity: 'error',
    title: 'PSCI relay',
    statement:
      'A CPU that the PSCI relay brings up enters the host with the context of its own hyp instance, and runs no vCPU.',
    appliesTo: 'nvhe, hvhe, pkvm',
    applies: (_profile, mode) => mode !== 'vhe',
    derives: '__kvm_host_psci_cpu_entry',
    history: '',
    at: ['cpu_on'],
    check: (_machine, cpu) => (cpu.loaded === undefined && cpu.hyp.__hyp_running_vcpu === undefined ? HOLDS : VIOLATED),
    describe: (machine, cpu) => ({
      message: `CPU ${cpu.id} is brought up by the PSCI relay with a vCPU still loaded`,
      expected: ['a CPU that was off'],
      source: '__kvm_host_psci_cpu_entry',
      root: thisEvent(machine),
    }),
  },
];
