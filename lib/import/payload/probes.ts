/**
 * What a capture consists of: the kprobe events, the tracepoints, and what must not be probed. Data.
 * An importer knows these names; the captures under traces/real were taken with them.
 */

/**
 * Fields of a probe, by group. `vcpu`: of the vCPU in the first argument; `cpu`, `cmd`: the second argument; `next`: the task in the
 * first argument; `value`: the second argument, an integer; `flags`: thread_info.flags, the second argument; `caller`: where the function returns to; of every CPU, `owners`: fp_owner, `lasts`:
 * fpsimd_last_state.st, `transfers`: as what the registers of that were saved or loaded last, `bound`: thread.fpsimd_cpu of the task that it is of.
 */
export type FieldGroup =
  | 'vcpu'
  | 'cpu'
  | 'cmd'
  | 'next'
  | 'value'
  | 'flags'
  | 'caller'
  | 'owners'
  | 'lasts'
  | 'transfers'
  | 'bound';

export interface Probe {
  /** Name of the event, in group `fp`: what ftrace prints before the colon. */
  readonly event: string;
  readonly function: string;
  readonly at: 'entry' | 'return';
  readonly fields: readonly FieldGroup[];
  /** It is set only where those fields cannot be read. */
  readonly unless?: 'transfers';
}

const entry = (event: string, name: string, ...fields: FieldGroup[]): Probe => ({
  event,
  function: name,
  at: 'entry',
  fields,
});
/** Arguments are gone at a return: only memory at fixed addresses can be read there. */
const atReturn = (event: string, name: string, ...fields: FieldGroup[]): Probe => ({
  event,
  function: name,
  at: 'return',
  fields: fields.length > 0 ? fields : ['owners', 'lasts'],
});

/** In the order in which they are set. A function that a kernel does not have is left out at run time, and named in the header. */
export const PROBES: readonly Probe[] = [
  entry('vcpu_load', 'kvm_arch_vcpu_load', 'vcpu', 'cpu', 'owners', 'lasts'),
  entry('vcpu_put', 'kvm_arch_vcpu_put', 'vcpu', 'owners', 'lasts'),
  entry('load_fp', 'kvm_arch_vcpu_load_fp', 'vcpu', 'owners', 'lasts'),
  atReturn('load_fp_ret', 'kvm_arch_vcpu_load_fp'),
  entry('flush_fp', 'kvm_arch_vcpu_ctxflush_fp', 'vcpu', 'owners', 'lasts'),
  atReturn('flush_fp_ret', 'kvm_arch_vcpu_ctxflush_fp'),
  entry('sync_fp', 'kvm_arch_vcpu_ctxsync_fp', 'vcpu', 'owners', 'lasts'),
  atReturn('sync_fp_ret', 'kvm_arch_vcpu_ctxsync_fp'),
  entry('put_fp', 'kvm_arch_vcpu_put_fp', 'vcpu', 'owners', 'lasts'),
  atReturn('put_fp_ret', 'kvm_arch_vcpu_put_fp'),
  entry('map_fp', 'kvm_arch_vcpu_run_map_fp', 'vcpu'),
  entry('save_flush', 'fpsimd_save_and_flush_cpu_state', 'owners', 'lasts'),
  entry('neon_begin', 'kernel_neon_begin', 'owners', 'lasts', 'bound'),
  // Preempted in between, a task has registers of the kernel's that are saved and loaded too.
  entry('neon_end', 'kernel_neon_end', 'owners', 'lasts'),
  entry('thread_switch', 'fpsimd_thread_switch', 'next', 'owners', 'lasts', 'transfers', 'bound'),
  entry('restore_current', 'fpsimd_restore_current_state', 'owners', 'lasts', 'bound'),
  // The task can be preempted between the entry and its effect; the return is what tells that the registers are its own.
  atReturn('restore_current_ret', 'fpsimd_restore_current_state', 'owners', 'lasts', 'transfers'),
  entry('set_debug', 'kvm_arch_vcpu_ioctl_set_guest_debug', 'vcpu'),
  // A guest writes OSLAR_EL1 (v6.14).
  entry('oslar', 'kvm_debug_handle_oslar', 'vcpu', 'value'),
  // Of whoever saves the current task, and as what; the second is its name up to v6.7.
  atReturn('user_save', 'fpsimd_save_user_state', 'lasts', 'transfers'),
  atReturn('fpsimd_save', 'fpsimd_save', 'lasts', 'transfers'),
  // Up to v6.15 a signal frame is loaded at once.
  atReturn('user_load', 'task_fpsimd_load', 'lasts'),
  atReturn('update_current_ret', 'fpsimd_update_current_state', 'lasts', 'transfers'),
  entry('flush_task', 'fpsimd_flush_task_state', 'next', 'caller'),
  // Up to v6.1 TIF_SVE says as what registers are saved and loaded.
  { ...entry('notify_resume', 'do_notify_resume', 'flags'), unless: 'transfers' },
  entry('sve_acc', 'do_sve_acc', 'lasts'),
  atReturn('sve_acc_ret', 'do_sve_acc', 'lasts'),
  entry('sme_acc', 'do_sme_acc', 'lasts'),
  atReturn('sme_acc_ret', 'do_sme_acc', 'lasts'),
  // Its save and flush may be inlined.
  entry('cpu_pm', 'fpsimd_cpu_pm_notifier', 'cmd', 'owners', 'lasts'),
];

/** `system/event`, as the path in tracefs. kvm_arm_setup_debug and kvm_arm_clear_debug went away in v6.14 (3b7780945cc8). */
export const TRACEPOINTS: readonly string[] = [
  'kvm/kvm_entry',
  'kvm/kvm_exit',
  'kvm/kvm_userspace_exit',
  'kvm/kvm_hvc_arm64',
  'kvm/kvm_sys_access',
  'kvm/kvm_set_guest_debug',
  'kvm/kvm_arm_setup_debug',
  'kvm/kvm_arm_clear_debug',
  'kvm/kvm_nested_eret',
  'kvm/kvm_inject_nested_exception',
  'sched/sched_switch',
];

/** Functions that must not be probed, by a pattern of their names, and why. */
export const FORBIDDEN: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  {
    pattern: /^__kvm_nvhe_/,
    why: 'it is hypervisor text, which runs at EL2 out of reach of kprobes; under pKVM the host cannot even read it',
  },
  {
    pattern: /^(__kvm_hyp_|__hyp_|__host_|hyp_panic)/,
    why: 'it is hypervisor text: a breakpoint there is taken at EL2, where nothing handles it',
  },
  {
    pattern:
      /^(kvm_hyp_handle_|_*(de)?activate_traps|__kvm_vcpu_run|__guest_(enter|exit)|_*fixup_guest_exit|__debug_switch_to_|__(sve|fpsimd)_(save|restore)|_*sysreg_(save|restore)_)/,
    why: 'it is world-switch code, which runs with the guest vectors installed: the breakpoint would be taken on the hypervisor vector',
  },
  {
    pattern: /^kvm_arm_vcpu_enter_exit$/,
    why: 'it is noinstr: no kprobe may be set there',
  },
];

/** Why `name` must not be probed; undefined where nothing is known against it. */
export function whyForbidden(name: string): string | undefined {
  return FORBIDDEN.find(({ pattern }) => pattern.test(name))?.why;
}
