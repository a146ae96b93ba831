/** Who writes a field where an event tells of it: the kernel function, as SEMANTICS.md has its steps. */

import { EVENTS, type EventName } from '../../trace/vocabulary.ts';

/** What a field is of. */
type Part = 'fp' | 'traps' | 'debug' | 'other';

const PARTS: Readonly<Record<string, Part>> = {
  FP: 'traps',
  SVE: 'traps',
  SME: 'traps',
  ZEN_EL0EN: 'traps',
  'debug registers': 'debug',
  MDCR_EL2: 'traps',
  mdcr_el2: 'debug',
  DEBUG_DIRTY: 'debug',
  debug_owner: 'debug',
  debug_ptr: 'debug',
  guest_debug: 'debug',
  MDSCR_EL1: 'debug',
  'OS lock': 'debug',
  current: 'other',
  loaded: 'other',
  runs: 'other',
  cpu: 'other',
  PMUSERENR_EL0: 'other',
  buffers: 'other',
};

const partOf = (field: string): Part => PARTS[field] ?? (/__hyp_running_vcpu|MPIDR_EL1$/.test(field) ? 'other' : 'fp');

type Writer = string | Readonly<Partial<Record<Part, string>> & { readonly other: string }>;

const LOAD = { fp: 'kvm_arch_vcpu_load_fp', other: 'kvm_arch_vcpu_load' };
const PUT = { fp: 'kvm_arch_vcpu_put_fp', other: 'kvm_arch_vcpu_put' };

/** An event that is not here is told by what it is. */
const WRITERS: Readonly<Partial<Record<EventName, Writer>>> = {
  hyp_init: 'cpu_hyp_init_context',
  map_fp: 'kvm_arch_vcpu_run_map_fp',
  vcpu_load: LOAD,
  sched_in: LOAD,
  vcpu_put: PUT,
  sched_out: PUT,
  guest_enter: {
    fp: 'kvm_arch_vcpu_ctxflush_fp',
    traps: '__activate_traps',
    debug: '__debug_switch_to_guest',
    other: '__kvm_vcpu_run',
  },
  guest_exit: {
    fp: 'kvm_arch_vcpu_ctxsync_fp',
    traps: '__deactivate_traps',
    debug: '__debug_switch_to_host',
    other: '__kvm_vcpu_run',
  },
  guest_fp: 'kvm_hyp_handle_fpsimd',
  guest_fp_trap: 'kvm_hyp_handle_fpsimd',
  guest_debug: 'kvm_arch_vcpu_ioctl_set_guest_debug',
  neon_begin: 'kernel_neon_begin',
  neon_end: 'kernel_neon_end',
  task_switch: { fp: 'fpsimd_thread_switch', other: '__switch_to' },
  return_to_user: 'fpsimd_restore_current_state',
  fork: 'arch_dup_task_struct',
  exec: 'fpsimd_flush_thread',
  signal_begin: 'setup_rt_frame',
  signal_end: 'setup_return',
  sigreturn: 'restore_sigframe',
  cpu_pm_enter: 'fpsimd_cpu_pm_notifier',
  pmuserenr: 'kvm_set_pmuserenr',
  vcpu_reset: 'kvm_reset_vcpu',
  nested_eret: 'kvm_emulate_nested_eret',
  nested_exception: 'kvm_inject_nested',
  hyp_panic: 'hyp_panic',
};

/** `event`: of EVENTS, or a name that is none; `field`: of FIELD_NAMES. */
export function writerOf(event: string, field: string): string {
  const row = EVENTS.find(({ name }) => name === event);
  if (row === undefined) return '';
  const writer = WRITERS[row.name];
  if (typeof writer === 'object') return writer[partOf(field)] ?? writer.other;
  return writer ?? row.doc;
}
