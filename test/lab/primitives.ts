/** What is compared: a primitive of the cost report, and the places of a kernel whose executions are its count. Data. */

export interface Primitive {
  /** The key in the cost report. */
  readonly name: string;
  readonly what: string;
  /** Places that are found by their instructions. */
  readonly sites: readonly string[];
  /** Functions whose entries are counted; of the hypervisor's own text in all modes but VHE. */
  readonly functions: readonly string[];
  /** Functions that stand for those where the hypervisor has them inlined. */
  readonly hypFunctions?: readonly string[];
}

const bySites = (name: string, what: string): Primitive => ({ name, what, sites: [name], functions: [] });
const byFunction = (name: string, what: string, entry: string, hyp?: string): Primitive => ({
  name,
  what,
  sites: [],
  functions: [entry],
  ...(hyp === undefined ? {} : { hypFunctions: [hyp] }),
});

export const PRIMITIVES: readonly Primitive[] = [
  bySites('fpsimd_save', 'stores of q0 to q31'),
  bySites('fpsimd_load', 'loads of q0 to q31'),
  bySites('sve_save', 'stores of z0 to z31'),
  bySites('sve_load', 'loads of z0 to z31'),
  bySites('za_save', 'stores of ZA'),
  bySites('za_load', 'loads of ZA'),
  byFunction('debug_save', '__debug_save_state', '__debug_save_state'),
  byFunction('debug_restore', '__debug_restore_state', '__debug_restore_state'),
  byFunction('guest_enter', '__guest_enter', '__guest_enter'),
  // The hypervisor has both inlined into its run, which executes each once.
  byFunction('activate_traps', '__activate_traps', '__activate_traps', '__kvm_vcpu_run'),
  byFunction('deactivate_traps', '__deactivate_traps', '__deactivate_traps', '__kvm_vcpu_run'),
  byFunction('cptr_open', 'FP traps: kvm_hyp_handle_fpsimd', 'kvm_hyp_handle_fpsimd'),
];

/**
 * Functions whose system-register accesses are those of the switch: what is loaded and put, entered and left, trapped and
 * fixed up, and FP state. The interrupt controller, timers, pointer authentication and the MMU are not modelled.
 */
export const SWITCH: readonly RegExp[] = [
  /^_{2,3}(de)?activate_(cptr_|fpsimd_)?traps/,
  /^(handle_)?_*kvm_vcpu_run/,
  /^__guest_(enter|exit)$/,
  /^(__)?debug_(save|restore)_(state|trace|spe|brbe)$|^__debug_/,
  /^_*sysreg_(save|restore)_/,
  /^__vcpu_(load|put)_switch_sysregs$/,
  /^kvm_vcpu_(load|put)_(vhe|sysregs_vhe|debug|hw_mmu)$/,
  /^kvm_arch_vcpu_(load|put|ctxflush|ctxsync)(_fp|_debug_state_flags)?$/,
  /^(activate|deactivate)_traps_vhe_(load|put)$/,
  /^kvm_(hyp_handle_|arm_setup_(debug|mdcr_el2)|fixup_|flush_fpsimd|restore_fpsimd)/,
  /^(el1_sync|el1_trap|fixup_guest_exit|early_exit_filter)/,
  /^(fpsimd_|sve_|sme_|task_fpsimd_)/,
  /^__(fpsimd|sve|hyp_sve)_(save|restore)/,
];

/**
 * Of those functions, what is not of the switch: timers (CNT*), pointer authentication (HCR_EL2 read by the entry), the MMU (FAR, HPFAR
 * and the barrier of a VMID that is new), and what the host lets its own user mode do: EL0 traps and vector lengths of its tasks.
 */
export const BESIDE: readonly { readonly function: RegExp; readonly register: RegExp }[] = [
  { function: /./, register: /^(CNT(?!KCTL)|S3_4_C14_)/ },
  { function: /^__guest_(enter|exit)$/, register: /^HCR_EL2$/ },
  { function: /^kvm_hyp_handle_/, register: /^H?PFAR|^FAR/ },
  { function: /^(fpsimd_|task_fpsimd_|sve_|sme_)/, register: /^(CPACR|ZCR|SMCR)/ },
  { function: /^(fpsimd_restore_current_state|task_fpsimd_load)$/, register: /^SVCR$/ },
];
/** Where barriers are counted beside the switch: that of kvm_call_hyp() is one, that of timers and of a new VMID are none. */
export const BARRIERS = { also: /^kvm_arm_vcpu_enter_exit$/, not: /^(__activate_traps|kvm_arch_vcpu_load)$/ };

/** Functions whose entries are counted beside them, to say where a difference comes from. */
export const CONTEXT: readonly string[] = [
  'fpsimd_thread_switch',
  'fpsimd_save_user_state',
  'fpsimd_save',
  'fpsimd_restore_current_state',
  'fpsimd_preserve_current_state',
  'fpsimd_save_and_flush_current_state',
  'fpsimd_save_and_flush_cpu_state',
  'fpsimd_update_current_state',
  'fpsimd_flush_task_state',
  'fpsimd_flush_thread',
  'kernel_neon_begin',
  'kernel_neon_end',
  'kvm_arch_vcpu_load',
  'kvm_arch_vcpu_put',
  '__kvm_vcpu_run',
  'handle_trap',
];

/** Functions of which it is counted who calls them: those that save and load, where they are not inlined, and what leads there. */
export const CALLED: readonly string[] = [
  'fpsimd_save_state',
  'fpsimd_load_state',
  'sve_save_state',
  'sve_load_state',
  'sme_save_state',
  'sme_load_state',
  '__fpsimd_save_state',
  '__fpsimd_restore_state',
  '__sve_save_state',
  '__sve_restore_state',
  '__debug_save_state',
  '__debug_restore_state',
  'fpsimd_save',
  'fpsimd_save_user_state',
  'fpsimd_restore_current_state',
  'fpsimd_preserve_current_state',
  'fpsimd_save_and_flush_current_state',
  'fpsimd_save_and_flush_cpu_state',
  'fpsimd_update_current_state',
  'fpsimd_flush_task_state',
  'fpsimd_sync_from_effective_state',
];

/** Where tracing begins and ends: both are called for the buffer of the instance, and by nothing else while it runs. */
export const WINDOW = { begin: 'ring_buffer_record_on', end: 'ring_buffer_record_off' } as const;
/** Prefix of the hypervisor's own symbols (arch/arm64/kernel/image-vars.h). */
export const HYP_PREFIX = '__kvm_nvhe_';
