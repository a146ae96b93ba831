/**
 * Primitives of the world switch (semantics 4): which system registers each reads and writes, and its barriers.
 *
 * System registers are named by the encoding that the kernel's instruction uses: on VHE the guest's EL1 registers are
 * those of the _EL12 encodings, and the trap register is CPACR_EL1 (which E2H routes to CPTR_EL2). Others keep their plain names
 * where instructions of an EL2 with E2H have another encoding for them: ELR_EL2, SPSR_EL2, ESR_EL2, and in hVHE all of the above.
 *
 * What of each row was found in disassembly of seven kernels, or was not looked for, test/lab/cost-rows.md says.
 */

import type { Mode, Profile } from '../models/profile.ts';
import type { Feature } from '../trace/vocabulary.ts';

export interface Primitive {
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  readonly isb?: number;
  readonly dsb?: number;
  /** Exceptions from EL1 to EL2 and back. */
  readonly hvc?: number;
}

export interface MachineFeatures {
  /** Largest SVE vector length of the machine in bytes; 0: no SVE. */
  readonly sveVl: number;
  /** Largest streaming vector length in bytes; 0: no SME. */
  readonly smeVl: number;
  /** Break- and watchpoint register pairs, 1 to 16 each. */
  readonly brps: number;
  readonly wrps: number;
  /** Names as in `meta.features`. */
  readonly features: ReadonlySet<string>;
}

const EL1_BANK = [
  'SCTLR',
  'CPACR',
  'TTBR0',
  'TTBR1',
  'TCR',
  'ESR',
  'AFSR0',
  'AFSR1',
  'FAR',
  'MAIR',
  'VBAR',
  'CONTEXTIDR',
  'AMAIR',
  'CNTKCTL',
  'ELR',
  'SPSR',
];
/** Of the EL1 context, but with no _EL12 encoding of their own. */
const EL1_ONLY = ['PAR_EL1', 'TPIDR_EL1', 'SP_EL1'];
const FGT_REGISTERS = ['HFGRTR_EL2', 'HFGWTR_EL2', 'HFGITR_EL2', 'HDFGRTR_EL2', 'HDFGWTR_EL2'];
const FGT2_REGISTERS = ['HFGRTR2_EL2', 'HFGWTR2_EL2', 'HFGITR2_EL2', 'HDFGRTR2_EL2', 'HDFGWTR2_EL2'];
const SME_FGT_REGISTERS = ['HFGRTR_EL2', 'HFGWTR_EL2'];
const USER = ['TPIDR_EL0', 'TPIDRRO_EL0'];

/** Break- and watchpoint registers and MDCCINT_EL1: 2 * (brps + wrps) + 1. */
function debugRegisters(brps: number, wrps: number): string[] {
  const pairs = (kind: string, count: number) =>
    Array.from({ length: count }, (_, n) => [`DBG${kind}CR${n}_EL1`, `DBG${kind}VR${n}_EL1`]).flat();
  return [...pairs('B', brps), ...pairs('W', wrps), 'MDCCINT_EL1'];
}

/** The primitives of one machine. Conditional writes are steps of their own where they depend on the state. */
export function primitivesOf(profile: Profile, mode: Mode, machine: MachineFeatures): Record<string, Primitive> {
  const has = (feature: Feature) => machine.features.has(feature);
  const vhe = mode === 'vhe';
  const sme = profile.hostSme && machine.smeVl > 0;
  const guestBank = EL1_BANK.map((name) => name + (vhe ? '_EL12' : '_EL1'));
  const el1 = [...guestBank, ...EL1_ONLY, ...(profile.csselr ? ['CSSELR_EL1'] : [])];
  const trapRegister = vhe ? 'CPACR_EL1' : 'CPTR_EL2';
  const guestSmcr = vhe ? 'SMCR_EL12' : 'SMCR_EL1';
  const guestZcr = vhe ? 'ZCR_EL12' : 'ZCR_EL1';
  const ras = has('ras') ? ['VDISR_EL2'] : [];
  const debug = debugRegisters(machine.brps, machine.wrps);
  const idAa64Dfr0 = profile.dbg === 'dirty' ? ['ID_AA64DFR0_EL1'] : [];
  const common = profile.mdcrSite === 'common' ? ['MDCR_EL2'] : [];
  const pmu = has('pmuv3') ? ['PMUSERENR_EL0'] : [];
  const hcrx = has('hcx') && profile.hcrxRestore !== 'none' ? ['HCRX_EL2'] : [];
  const fgt1 = [...FGT_REGISTERS, ...(has('amu') ? ['HAFGRTR_EL2'] : [])];
  const fgtAlways = has('fgt') && profile.fgt === 'always' ? [...fgt1, ...(has('fgt2') ? FGT2_REGISTERS : [])] : [];
  const fgtRead =
    has('fgt') && profile.fgt === 'cond' ? fgt1 : sme && profile.fgt === 'sme' ? SME_FGT_REGISTERS : fgtAlways;
  // cpu_has_amu(), asked each time.
  const asksAmu = has('fgt') && profile.fgt !== 'sme' ? ['ID_AA64PFR0_EL1'] : [];
  const mpam = has('mpam') ? ['MPAM2_EL2'] : [];
  const mpamRead = profile.mpam === 'update' ? mpam : [];
  const mpamWrite = profile.mpam === 'write' ? mpam : [];
  return {
    fpsimd_save: { read: ['FPSR', 'FPCR'] },
    fpsimd_load: profile.fpcrLoad === 'always' ? { write: ['FPSR', 'FPCR'] } : { read: ['FPCR'], write: ['FPSR'] },
    fpcr_write: { write: ['FPCR'] },
    sve_save: { read: ['FPSR', 'FPCR'] },
    sve_load: { write: ['FPSR', 'FPCR'] },
    debug_save: { read: [...debug, ...idAa64Dfr0] },
    debug_restore: { read: idAa64Dfr0, write: debug },
    fpmr_save: { read: ['FPMR'] },
    fpmr_load: { write: ['FPMR'] },
    svcr_read: { read: ['SVCR'] },
    svcr_write: { write: ['SVCR'] },
    smstop: { write: ['SVCR'] },
    za_save: {},
    za_load: {},
    smcr_el1_read: { read: [guestSmcr] },
    smcr_el1_write: { write: [guestSmcr] },
    smcr_el2_write: { write: ['SMCR_EL2'] },
    smcr_el2_cond: { read: ['SMCR_EL2'] },
    bind: {},
    share: { hvc: mode === 'pkvm' ? 1 : 0 },
    isb: { isb: 1 },
    hvc: { hvc: 1 },
    dsb: { dsb: profile.dsbNsh ? 1 : 0 },
    el1_save: { read: el1 },
    el1_restore: {
      read: profile.vpidr ? ['MIDR_EL1'] : [],
      write: [...el1, 'VMPIDR_EL2', ...(profile.vpidr ? ['VPIDR_EL2'] : [])],
    },
    common_save: { read: ['MDSCR_EL1'] },
    common_restore: { write: ['MDSCR_EL1'] },
    user_sys_save: { read: USER },
    user_sys_restore: { write: USER },
    ret_save: { read: ['ELR_EL2', ...ras] },
    ret_save_host: { read: ['ELR_EL2', 'SPSR_EL2', ...ras] },
    ret_restore: { write: ['ELR_EL2', 'SPSR_EL2', ...ras] },
    stage2_load: { write: ['VTCR_EL2', 'VTTBR_EL2'] },
    stage2_off: { write: mode === 'pkvm' ? ['VTCR_EL2', 'VTTBR_EL2'] : ['VTTBR_EL2'] },
    traps_common_on: {
      read: [...pmu, ...common, ...(profile.hcrxRestore === 'saved' ? hcrx : []), ...fgtRead, ...asksAmu, ...mpamRead],
      write: [
        'HSTR_EL2',
        ...(has('pmuv3') ? ['PMSELR_EL0'] : []),
        ...[...pmu, ...common, ...hcrx, ...fgtAlways, ...mpamWrite],
      ],
    },
    traps_common_off: {
      read: [...(sme && profile.fgt === 'sme' ? SME_FGT_REGISTERS : []), ...asksAmu, ...mpamRead],
      write: [...common, 'HSTR_EL2', ...pmu, ...hcrx, ...fgtAlways, ...mpamWrite],
    },
    mdcr_save: { read: ['MDCR_EL2'], write: ['MDCR_EL2'] },
    mdcr_write: { write: ['MDCR_EL2'] },
    activate_traps: {
      read: vhe && profile.cptrVhe === 'rmw' ? [trapRegister] : [],
      write: ['HCR_EL2', trapRegister, vhe ? 'VBAR_EL1' : 'VBAR_EL2'],
    },
    deactivate_traps: { write: ['HCR_EL2', trapRegister, vhe ? 'VBAR_EL1' : 'VBAR_EL2'] },
    guest_enter: { read: ['ISR_EL1'], ...(has('ras') ? { isb: 1, dsb: 1 } : {}) },
    exit_fixup: { read: ['SPSR_EL2'] },
    /** el1_sync of the vectors, then fixup_guest_exit(). */
    esr_read: { read: ['ESR_EL2', 'ESR_EL2'] },
    /** __guest_exit looks for an SError that was deferred. */
    serror_check: { read: ['DISR_EL1'] },
    fgt_write: { write: fgt1 },
    cptr_open: { read: profile.trapReactivate ? [] : [trapRegister], write: [trapRegister] },
    cptr_close: { write: [trapRegister] },
    cptr_update: { read: [trapRegister], write: [trapRegister] },
    format_convert: {},
    reg_get: {},
    reg_set: {},
    pmblimitr_read: { read: ['PMBLIMITR_EL1'] },
    pmblimitr_write: { write: ['PMBLIMITR_EL1'] },
    pmscr_read: { read: ['PMSCR_EL1'] },
    pmscr_write: { write: ['PMSCR_EL1'] },
    trblimitr_read: { read: ['TRBLIMITR_EL1'] },
    trblimitr_write: { write: ['TRBLIMITR_EL1'] },
    trfcr_read: { read: ['TRFCR_EL1'] },
    trfcr_write: { write: ['TRFCR_EL1'] },
    brbcr_read: { read: ['BRBCR_EL1'] },
    brbcr_write: { write: ['BRBCR_EL1'] },
    psb_csync: {},
    tsb_csync: {},
    dsb_nsh: { dsb: 1 },
    cpu_on: { write: ['ELR_EL2', ...(profile.cpuOnSctlr ? ['SCTLR_EL1', 'SPSR_EL2'] : [])] },
    /** What a machine may have beside: it stands for any access and any barrier, and is never charged. */
    any: { read: ['any'], write: ['any'], isb: 1, dsb: 1 },
    hcr_read: { read: ['HCR_EL2'] },
    cpacr_read: { read: ['CPACR_EL1'] },
    cpacr_update: { read: ['CPACR_EL1'], write: ['CPACR_EL1'] },
    zcr_el2_cond: { read: ['ZCR_EL2'] },
    zcr_el1_write: { write: [guestZcr] },
    zcr_el1_read: { read: [guestZcr] },
    zcr_el1_cond: { read: [guestZcr] },
    zcr_el2_write: { write: ['ZCR_EL2'] },
    fpexc_write: { write: ['FPEXC32_EL2'] },
    fpexc_read: { read: ['FPEXC32_EL2'] },
    debug_flags: {
      read: ['ID_AA64DFR0_EL1', ...(has('spe') ? ['PMBIDR_EL1'] : []), ...(has('trbe') ? ['TRBIDR_EL1'] : [])],
    },
    init_context: {
      read: [
        'MPIDR_EL1',
        ...(profile.dbg === 'dirty' ? ['MDCR_EL2'] : ['ID_AA64DFR0_EL1', ...(has('pmuv3') ? ['PMCR_EL0'] : [])]),
      ],
    },
  };
}
