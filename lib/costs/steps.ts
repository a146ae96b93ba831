/**
 * What each step costs: steps (semantics 5.4 - 5.10, 6.2) made of primitives. All data, worked out once per machine from
 * the profile and the mode, so that a replay only counts steps.
 */

import type { Mode, Profile } from '../models/profile.ts';
import { type MachineFeatures, type Primitive, primitivesOf } from './primitives.ts';

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
  'hyp_exit',
  'serror_check',
  'pending_irq',
  'fpcr_write',
  'fgt_write',
  'zcr_el2_write',
  'any_register',
] as const;
export type Step = (typeof STEPS)[number];
/** Index of each step in STEPS. */
export const STEP = Object.fromEntries(STEPS.map((name, index) => [name, index])) as Readonly<Record<Step, number>>;

/** Bytes of register payload: semantics 6.1. `vq` is the vector length in units of 128 bits. */
export const FPSIMD_BYTES = 520;
export const svePayload = (vq: number): number => 546 * vq + 8;
export const zaPayload = (svq: number): number => 256 * svq * svq;
export const ZT0_BYTES = 64;

export interface CostTable {
  readonly primitives: Readonly<Record<string, Primitive>>;
  /** By index of STEPS: the primitives that make it up, repeated where it runs them more than once. */
  readonly steps: readonly (readonly string[])[];
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
  const serror = machine.features.has('ras') ? ['serror_check'] : [];
  const isbAfterFpexc = profile.isbAfterFpexc ? ['isb'] : [];
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
    load_fp: [
      ...(profile.el0enTracking ? ['cpacr_read', ...(sme ? ['cpacr_read'] : [])] : []),
      ...(sme ? ['svcr_read'] : []),
    ],
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
      ...serror,
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
    // What the handler itself does depends on the exit.
    any_register: ['any'],
    hyp_exit: ['exit_fixup', 'esr_read', ...serror, 'guest_enter'],
    serror_check: serror,
    // An interrupt that is pending at the entry: __guest_enter returns at once, behind a barrier.
    pending_irq: ['isb'],
    fpcr_write: ['fpcr_write'],
    fgt_write: ['fgt_write'],
    zcr_el2_write: ['zcr_el2_write'],
    ...(mode === 'vhe' ? vheSteps(profile) : nvheSteps(profile, mode)),
  };
  return { primitives: primitivesOf(profile, mode, machine), steps: STEPS.map((name) => steps[name]) };
}
