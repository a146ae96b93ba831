/**
 * The rows of the cost tables (lib/costs/primitives.ts), and the functions of a kernel that have them, by name: a row's registers
 * are looked for in the instructions of those. Data.
 */

import type { Step } from '../../lib/costs/steps.ts';
import type { Mode, Profile } from '../../lib/models/profile.ts';

export interface CostRow {
  /** Of the kernel proper, and of the hypervisor in VHE. */
  readonly kernel?: RegExp;
  /** The kernel's own are looked at in all modes. */
  readonly inAllModes?: boolean;
  /** Of the hypervisor's own text, without the prefix of its symbols. */
  readonly hyp?: RegExp;
  /** The functions do much else: what they access beside is not looked at. */
  readonly isWide?: boolean;
  /** Why there is nothing to look for. */
  readonly unchecked?: string;
}

const named = (...patterns: readonly string[]): RegExp =>
  new RegExp(`^(${patterns.join('|')})(\\.(isra|part|constprop|cold)[.\\d]*)*$`);
const both = (...patterns: readonly string[]): CostRow => ({ kernel: named(...patterns), hyp: named(...patterns) });
const ofHost = (...patterns: readonly string[]): CostRow => ({ ...both(...patterns), inAllModes: true });
const apart = (kernel: readonly string[], hyp: readonly string[]): CostRow => ({
  kernel: named(...kernel),
  hyp: named(...hyp),
});
const hypOnly = (...patterns: readonly string[]): CostRow => ({ hyp: named(...patterns) });
const kernelOnly = (...patterns: readonly string[]): CostRow => ({ kernel: named(...patterns) });
const unchecked = (why: string): CostRow => ({ unchecked: why });

const NO_REGISTER = unchecked('accesses no system register');
const NOT_MERGED = unchecked('of SME guests, which no released kernel has');

const SAVES = ['_*fpsimd_save(_state|_user_state)?', 'task_fpsimd_save'];
const LOADS = [
  'fpsimd_load_state',
  '__fpsimd_restore_state',
  'fpsimd_restore_current_state',
  'task_fpsimd_load',
  'kvm_hyp_handle_fpsimd',
];
const RUN = ['__kvm_vcpu_run(_vhe)?', 'handle___kvm_vcpu_run', 'kvm_vcpu_run_vhe'];
const TRAPS = ['_*activate_(cptr_)?traps(_\\w+)?', '_*activate_traps_vhe_load', 'kvm_vcpu_load_vhe', ...RUN];
const TRAPS_OFF = ['_*deactivate_(cptr_)?traps(_\\w+)?', '_*deactivate_traps_vhe_put', 'kvm_vcpu_put_vhe', ...RUN];
const HANDLE_FP = ['kvm_hyp_handle_fpsimd', '_*activate_cptr_traps(_\\w+)?', 'handle_trap', ...RUN];
const VHE_LOAD = [
  'kvm_vcpu_load_sysregs_vhe',
  '__vcpu_load_switch_sysregs',
  '__sysreg_restore_el1_state',
  '__sysreg_restore_user_state',
];
const VHE_PUT = [
  'kvm_vcpu_put_sysregs_vhe',
  '__vcpu_put_switch_sysregs',
  '__sysreg_save_el1_state',
  '__sysreg_save_user_state',
];
const SAVE_NVHE = ['__sysreg_save_state_nvhe', '__sysreg_save_\\w+'];
const RESTORE_NVHE = ['__sysreg_restore_state_nvhe', '__sysreg_restore_\\w+'];
const BUFFERS = ['_*(debug|trace|trbe|spe|brbe)_\\w+', ...RUN];
const ZCR = [
  'kvm_hyp_handle_fpsimd',
  'kvm_arch_vcpu_put_fp',
  'fpsimd_lazy_switch_to_(guest|host)',
  'handle_trap',
  ...RUN,
];

export const COST_ROWS: Readonly<Record<string, CostRow>> = {
  fpsimd_save: ofHost(...SAVES),
  fpsimd_load: ofHost(...LOADS),
  sve_save: ofHost(...SAVES, '_*sve_save_state', 'kvm_hyp_handle_fpsimd', 'handle_trap'),
  sve_load: ofHost(...LOADS, 'sve_load_state', '__sve_restore_state'),
  debug_save: both('__debug_save_state'),
  debug_restore: both('__debug_restore_state'),
  fpmr_save: kernelOnly(...SAVES),
  fpmr_load: kernelOnly(...LOADS),
  svcr_read: kernelOnly(...SAVES, 'kvm_arch_vcpu_load_fp'),
  svcr_write: NOT_MERGED,
  smstop: unchecked('an instruction of its own, counted as executed (test/lab/instructions.ts)'),
  za_save: NO_REGISTER,
  za_load: NO_REGISTER,
  smcr_el1_read: NOT_MERGED,
  smcr_el1_write: NOT_MERGED,
  smcr_el2_write: NOT_MERGED,
  smcr_el2_cond: NOT_MERGED,
  bind: NO_REGISTER,
  share: NO_REGISTER,
  isb: unchecked('a barrier alone'),
  hvc: NO_REGISTER,
  dsb: unchecked('a barrier alone'),
  dsb_nsh: unchecked('a barrier alone'),
  psb_csync: unchecked('a barrier alone'),
  tsb_csync: unchecked('a barrier alone'),
  el1_save: apart(VHE_PUT, SAVE_NVHE),
  el1_restore: apart(VHE_LOAD, RESTORE_NVHE),
  common_save: apart(['sysreg_save_(host|guest)_state_vhe'], SAVE_NVHE),
  common_restore: apart(['sysreg_restore_(host|guest)_state_vhe'], RESTORE_NVHE),
  user_sys_save: apart([...VHE_LOAD, ...VHE_PUT], SAVE_NVHE),
  user_sys_restore: apart([...VHE_LOAD, ...VHE_PUT], RESTORE_NVHE),
  ret_save: apart(['sysreg_save_guest_state_vhe'], SAVE_NVHE),
  ret_save_host: hypOnly(...SAVE_NVHE),
  ret_restore: apart(['sysreg_restore_guest_state_vhe'], RESTORE_NVHE),
  stage2_load: both('kvm_vcpu_load_vhe', '__load_stage2', '__kvm_vcpu_load_hw_mmu', 'kvm_vcpu_load_hw_mmu', ...RUN),
  stage2_off: hypOnly('__load_host_stage2', ...RUN),
  traps_common_on: both(...TRAPS),
  traps_common_off: both(...TRAPS_OFF),
  mdcr_save: both('kvm_vcpu_load_debug', 'kvm_arm_setup_mdcr_el2', ...TRAPS),
  mdcr_write: both('kvm_vcpu_(load|put)_debug', 'kvm_arm_setup_(debug|mdcr_el2)', ...TRAPS_OFF),
  activate_traps: both(...TRAPS),
  deactivate_traps: both(...TRAPS_OFF),
  guest_enter: both('__guest_enter'),
  exit_fixup: both(...RUN, 'fixup_guest_exit', '__fixup_guest_exit'),
  serror_check: unchecked('an alternative, which is patched in at boot: counted as executed'),
  fpcr_write: ofHost(...LOADS),
  fgt_write: both(...TRAPS, ...TRAPS_OFF),
  esr_read: both(...RUN, 'el1_sync', 'fixup_guest_exit'),
  cptr_open: both(...HANDLE_FP),
  cptr_close: both(...HANDLE_FP),
  cptr_update: both(...HANDLE_FP, 'fpsimd_sve_sync'),
  format_convert: NO_REGISTER,
  reg_get: NO_REGISTER,
  reg_set: NO_REGISTER,
  pmblimitr_read: hypOnly(...BUFFERS),
  pmblimitr_write: hypOnly(...BUFFERS),
  pmscr_read: hypOnly(...BUFFERS),
  pmscr_write: hypOnly(...BUFFERS),
  trblimitr_read: hypOnly(...BUFFERS),
  trblimitr_write: hypOnly(...BUFFERS),
  trfcr_read: hypOnly(...BUFFERS),
  trfcr_write: hypOnly(...BUFFERS),
  brbcr_read: hypOnly(...BUFFERS),
  brbcr_write: hypOnly(...BUFFERS),
  cpu_on: {
    ...hypOnly('__kvm_host_psci_cpu_(on_)?entry', '__kvm_host_psci_cpu_resume_entry', 'kvm_host_psci_cpu_\\w+'),
    isWide: true,
  },
  any: unchecked('stands for what a machine may have beside'),
  hcr_read: both('kvm_hyp_handle_fpsimd'),
  cpacr_read: kernelOnly('kvm_arch_vcpu_load_fp'),
  cpacr_update: kernelOnly('kvm_arch_vcpu_put_fp'),
  zcr_el2_cond: both('kvm_hyp_handle_fpsimd', 'handle_trap', ...RUN),
  zcr_el1_write: both(...ZCR),
  zcr_el1_read: both(...ZCR),
  zcr_el1_cond: both(...ZCR),
  zcr_el2_write: both(...ZCR),
  fpexc_write: both('__activate_traps', 'kvm_hyp_handle_fpsimd', ...RUN),
  fpexc_read: both('kvm_hyp_handle_fpsimd', '__fpsimd_save_fpexc32', ...RUN),
  debug_flags: { ...kernelOnly('kvm_arch_vcpu_load_debug_state_flags', 'kvm_arch_vcpu_load'), isWide: true },
  init_context: {
    ...kernelOnly(
      'cpu_hyp_init_context',
      'cpu_hyp_reset',
      'cpu_hyp_init_features',
      'kvm_init_host_(cpu_context|debug_data)',
      '_kvm_arch_hardware_enable',
      'kvm_arch_(hardware|enable_virtualization_cpu)\\w*',
      'cpu_hyp_reinit',
      'kvm_arm_init_debug',
      '(__kvm_nvhe_)?__kvm_get_mdcr_el2',
    ),
    isWide: true,
  },
};

/** Steps that are taken under some profiles and in some modes alone. */
export const TAKEN: { readonly [S in Step]?: (profile: Profile, mode: Mode) => boolean } = {
  fpmr_save: ({ fpmr }) => fpmr,
  fpmr_load: ({ fpmr }) => fpmr,
  fp_trap_sve_closed: ({ trapReactivate }, mode) => !trapReactivate && mode === 'pkvm',
  put_fp_host: ({ zcr }, mode) => zcr === 'put' && mode === 'vhe',
  sme_to_guest: ({ guestSme }) => guestSme,
  sme_to_host: ({ guestSme }) => guestSme,
  sme_trap: ({ guestSme }) => guestSme,
  pkvm_sync: (_profile, mode) => mode === 'pkvm',
  fpcr_write: ({ fpcrLoad }) => fpcrLoad === 'differs',
  fgt_write: ({ fgt }) => fgt === 'cond',
  brbe_save: ({ hostBuf }) => hostBuf !== 'vcpu',
  brbe_idle: ({ hostBuf }) => hostBuf !== 'vcpu',
  brbe_restore: ({ hostBuf }) => hostBuf !== 'vcpu',
};
