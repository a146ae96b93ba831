/**
 * What each step costs: primitives (semantics 4) made of system-register accesses, barriers and exceptions, and steps
 * (semantics 5.4 - 5.10, 6.2) made of primitives. All data, worked out once per machine from the profile and the mode,
 * so that a replay only counts steps.
 *
 * System registers are named by the encoding that the kernel's instruction uses: on VHE the guest's EL1 registers are
 * those of the _EL12 encodings, and the trap register is CPACR_EL1 (which E2H routes to CPTR_EL2).
 */

import type { Mode, Profile } from './profiles.ts';

export interface Primitive {
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  readonly isb?: number;
  readonly dsb?: number;
  /** Exceptions from EL1 to EL2 and back. */
  readonly hvc?: number;
}

/** Steps whose costs are counted. The register payload of the first five is given with each of them, in bytes. */
export const STEPS = [
  'fpsimd_save',
  'fpsimd_load',
  'sve_save',
  'sve_load',
  'debug_save',
  'debug_restore',
  'user_save',
  'smstop',
  'bind',
  'hyp_init',
  'map_fp',
  'load_fp',
  'load',
  'put',
  'put_fp',
  'put_fp_guest',
  'put_fp_host',
  'enter',
  'enter_fpexc',
  'lazy_to_guest',
  'exit',
  'exit_ec',
  'exit_fpexc',
  'lazy_to_host',
  'fp_trap',
  'fp_trap_sve',
  'fp_trap_sve_closed',
  'fp_trap_aarch32',
  'fpmr_save',
  'fpmr_load',
  'host_sve_trap',
  'setup_mdcr',
  'za_save',
  'za_load',
  'sme_to_guest',
  'sme_to_host',
  'sme_trap',
  'pkvm_host_save_sve',
  'pkvm_sync',
  'pkvm_sync_sve',
  'pkvm_host_restore_sve',
  'format_to_user',
  'format_to_guest',
  'reg_get',
  'reg_set',
  'spe_save',
  'spe_idle',
  'spe_restore',
  'trbe_save',
  'trbe_idle',
  'trbe_restore',
  'brbe_save',
  'brbe_idle',
  'brbe_restore',
  'cpu_on',
] as const;
export type Step = (typeof STEPS)[number];
/** Index of each step in STEPS. */
export const STEP = Object.fromEntries(STEPS.map((name, index) => [name, index])) as Readonly<Record<Step, number>>;

/** Bytes of register payload: semantics 6.1. `vq` is the vector length in units of 128 bits. */
export const FPSIMD_BYTES = 520;
export const svePayload = (vq: number): number => 546 * vq + 8;
export const zaPayload = (svq: number): number => 256 * svq * svq;
export const ZT0_BYTES = 64;

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

export interface CostTable {
  readonly primitives: Readonly<Record<string, Primitive>>;
  /** By index of STEPS: the primitives that make it up, repeated where it runs them more than once. */
  readonly steps: readonly (readonly string[])[];
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
const SME_FGT_REGISTERS = ['HFGRTR_EL2', 'HFGWTR_EL2'];
const USER = ['TPIDR_EL0', 'TPIDRRO_EL0'];

/** Break- and watchpoint registers and MDCCINT_EL1: 2 * (brps + wrps) + 1. */
function debugRegisters(brps: number, wrps: number): string[] {
  const pairs = (kind: string, count: number) =>
    Array.from({ length: count }, (_, n) => [`DBG${kind}CR${n}_EL1`, `DBG${kind}VR${n}_EL1`]).flat();
  return [...pairs('B', brps), ...pairs('W', wrps), 'MDCCINT_EL1'];
}

/** The primitives of one machine. Conditional writes are steps of their own where they depend on the state. */
function primitivesOf(profile: Profile, mode: Mode, machine: MachineFeatures): Record<string, Primitive> {
  const has = (feature: string) => machine.features.has(feature);
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
  const hcrx = has('hcx') ? ['HCRX_EL2'] : [];
  const fgtAlways = has('fgt') && profile.fgt === 'always' ? FGT_REGISTERS : [];
  const fgtRead =
    has('fgt') && profile.fgt === 'cond' ? FGT_REGISTERS : sme && profile.fgt === 'sme' ? SME_FGT_REGISTERS : fgtAlways;
  const mpam = has('mpam') && profile.vpidr ? ['MPAM2_EL2'] : [];
  return {
    fpsimd_save: { read: ['FPSR', 'FPCR'] },
    fpsimd_load: { write: ['FPSR', 'FPCR'] },
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
      read: [...pmu, ...common, ...(profile.hcrxRestore === 'saved' ? hcrx : []), ...fgtRead, ...mpam],
      write: ['HSTR_EL2', ...(has('pmuv3') ? ['PMSELR_EL0'] : []), ...pmu, ...common, ...hcrx, ...fgtAlways],
    },
    traps_common_off: {
      read: [...(sme && profile.fgt === 'sme' ? SME_FGT_REGISTERS : []), ...mpam],
      write: [...common, 'HSTR_EL2', ...pmu, ...hcrx, ...fgtAlways],
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
    esr_read: { read: ['ESR_EL2'] },
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
    cpu_on: { write: ['ELR_EL2', 'SCTLR_EL1', 'SPSR_EL2'] },
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

/** Steps of VHE: semantics 5.4, 5.6.1, 5.8.1, 5.10. */
function vheSteps(profile: Profile): Partial<Record<Step, string[]>> {
  const owner = profile.dbg === 'owner';
  const stage2AtLoad = profile.stage2Vhe === 'load';
  return {
    load: [
      ...(owner ? ['mdcr_save'] : []),
      'user_sys_save',
      'user_sys_restore',
      'el1_restore',
      'traps_common_on',
      ...(stage2AtLoad ? ['stage2_load'] : []),
    ],
    put: [...(owner ? ['mdcr_write'] : []), 'traps_common_off', 'el1_save', 'user_sys_save', 'user_sys_restore'],
    enter: [
      'common_save',
      ...(stage2AtLoad ? [] : ['stage2_load']),
      'activate_traps',
      'common_restore',
      'ret_restore',
      'guest_enter',
    ],
    exit: [
      'exit_fixup',
      'common_save',
      'ret_save',
      'deactivate_traps',
      'common_restore',
      'isb',
      ...(profile.csselr ? ['isb'] : []),
    ],
    lazy_to_host: ['zcr_el1_read', 'zcr_el2_write'],
    setup_mdcr: ['mdcr_write'],
  };
}

/** Steps of nVHE, hVHE and pKVM: semantics 5.6.2, 5.8.2. */
function nvheSteps(profile: Profile, mode: Mode): Partial<Record<Step, string[]>> {
  const split = profile.mdcrSite === 'split';
  // __pkvm_vcpu_load and __vgic_v3_restore_vmcr_aprs; __vgic_v3_save_aprs and __pkvm_vcpu_put (7.x).
  const pkvmCalls = mode === 'pkvm' && profile.pkvmLoadPut ? ['hvc', 'hvc'] : [];
  return {
    load: [...(profile.dbg === 'dirty' ? ['debug_flags'] : []), ...pkvmCalls],
    put: pkvmCalls,
    enter: [
      'hvc',
      'el1_save',
      'common_save',
      'user_sys_save',
      'ret_save_host',
      'dsb',
      'el1_restore',
      'common_restore',
      'user_sys_restore',
      'ret_restore',
      'stage2_load',
      ...(split ? ['mdcr_save'] : []),
      'traps_common_on',
      'activate_traps',
      'guest_enter',
    ],
    exit: [
      'exit_fixup',
      'el1_save',
      'common_save',
      'user_sys_save',
      'ret_save',
      'dsb',
      ...(split ? ['mdcr_write'] : []),
      'traps_common_off',
      'deactivate_traps',
      'stage2_off',
      'el1_restore',
      'common_restore',
      'user_sys_restore',
      'ret_restore',
    ],
    lazy_to_host: ['zcr_el1_read', 'zcr_el2_write', 'zcr_el1_write'],
  };
}

/** Switching the host's profiling and trace buffers: semantics 5.6.5 and 6.4. */
function bufferSteps(profile: Profile) {
  const drain = profile.dsbNsh ? [] : ['dsb_nsh'];
  const disable = profile.hostBuf === 'disable';
  return {
    spe_idle: ['pmblimitr_read'],
    spe_save: disable
      ? ['pmblimitr_read', 'pmscr_read', 'pmscr_write', 'isb', 'psb_csync', 'dsb_nsh', 'pmblimitr_write', 'isb']
      : ['pmblimitr_read', 'pmscr_read', 'pmscr_write', 'isb', 'psb_csync', ...drain],
    spe_restore: disable ? ['isb', 'pmblimitr_write', 'isb', 'pmscr_write'] : ['isb', 'pmscr_write'],
    trbe_idle: ['trblimitr_read'],
    trbe_save: disable
      ? ['trfcr_read', 'trfcr_write', 'trblimitr_read', 'isb', 'tsb_csync', 'dsb_nsh', 'trblimitr_write', 'isb']
      : profile.hostBuf === 'hd'
        ? ['trfcr_read', 'trfcr_write', 'isb', 'tsb_csync']
        : ['trblimitr_read', 'trfcr_read', 'trfcr_write', 'isb', 'tsb_csync', ...drain],
    trbe_restore: disable ? ['trblimitr_write', 'isb', 'trfcr_read', 'trfcr_write'] : ['trfcr_write'],
    brbe_idle: ['brbcr_read'],
    brbe_save: ['brbcr_read', 'brbcr_read', 'brbcr_write'],
    brbe_restore: ['brbcr_write'],
  };
}

export function buildCosts(profile: Profile, mode: Mode, machine: MachineFeatures): CostTable {
  const sme = profile.hostSme && machine.smeVl > 0;
  const fpmr = profile.fpmr && machine.features.has('fpmr');
  const isbAfterFpexc = profile.trapReactivate ? [] : ['isb'];
  const steps: Record<Step, readonly string[]> = {
    fpsimd_save: ['fpsimd_save'],
    fpsimd_load: ['fpsimd_load'],
    sve_save: ['sve_save'],
    sve_load: ['sve_load'],
    debug_save: ['debug_save'],
    debug_restore: ['debug_restore'],
    user_save: [...(fpmr ? ['fpmr_save'] : []), ...(sme ? ['svcr_read'] : [])],
    smstop: sme ? ['smstop'] : [],
    bind: ['bind'],
    hyp_init: ['init_context', ...(mode === 'vhe' ? [] : ['hvc'])],
    map_fp: ['share'],
    load_fp: profile.el0enTracking ? ['cpacr_read', ...(sme ? ['cpacr_read', 'svcr_read'] : [])] : [],
    load: [],
    put: [],
    put_fp: mode === 'vhe' && sme && profile.zcr === 'put' ? ['cpacr_update', 'isb'] : [],
    put_fp_guest: ['zcr_el1_read', ...(mode === 'vhe' ? [] : ['zcr_el1_cond'])],
    put_fp_host: ['cpacr_update'],
    enter: [],
    enter_fpexc: ['fpexc_write', ...isbAfterFpexc],
    lazy_to_guest: ['zcr_el2_write', 'zcr_el1_write'],
    exit: [],
    exit_ec: ['esr_read'],
    exit_fpexc: ['fpexc_read'],
    lazy_to_host: [],
    fp_trap: [
      'exit_fixup',
      'esr_read',
      'cptr_open',
      'isb',
      'hcr_read',
      ...(profile.trapReactivate ? ['cptr_close'] : []),
      'guest_enter',
    ],
    fp_trap_sve: ['zcr_el2_cond', 'zcr_el1_write'],
    fp_trap_sve_closed: ['cptr_update'],
    fp_trap_aarch32: ['fpexc_write'],
    fpmr_save: ['fpmr_save'],
    fpmr_load: ['fpmr_load'],
    host_sve_trap: ['hvc', 'cptr_open', 'isb', 'zcr_el2_cond'],
    setup_mdcr: [],
    za_save: ['za_save'],
    za_load: ['za_load'],
    sme_to_guest: ['smcr_el2_write', 'smcr_el1_write', 'svcr_write'],
    sme_to_host: ['isb', 'smcr_el1_read', 'smcr_el2_write', ...(mode === 'vhe' ? [] : ['smcr_el1_write']), 'svcr_read'],
    sme_trap: ['smcr_el2_cond', 'smcr_el1_write'],
    pkvm_host_save_sve: ['zcr_el1_read', 'zcr_el2_write'],
    pkvm_sync: [...(profile.trapReactivate ? [] : ['cptr_update']), 'isb'],
    pkvm_sync_sve: ['zcr_el1_read', 'zcr_el2_cond', 'zcr_el2_write'],
    pkvm_host_restore_sve: ['zcr_el2_write', 'zcr_el1_write'],
    format_to_user: ['format_convert'],
    format_to_guest: ['format_convert'],
    reg_get: ['reg_get'],
    reg_set: ['reg_set'],
    ...bufferSteps(profile),
    cpu_on: ['cpu_on'],
    ...(mode === 'vhe' ? vheSteps(profile) : nvheSteps(profile, mode)),
  };
  return { primitives: primitivesOf(profile, mode, machine), steps: STEPS.map((name) => steps[name]) };
}
