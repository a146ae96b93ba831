/**
 * What a trace can hide: for each kind of event, where on a CPU's way it can happen unseen, what it may change, and what
 * would show it. A trace that says which kinds it records (`meta.records`) hides the others; one that does not is complete.
 *
 * Kinds without a row can be left out of any trace: what they tell (a vCPU's features, a register that userspace read, a
 * user's use of its own registers) is asked for only where it is told.
 */

import { EVENTS, type EventName, KIND } from './vocabulary.ts';

/** Where a hidden event can happen. */
export type Place =
  /** In the host: not while the guest runs, nor between ctxflush and ctxsync. */
  | 'host'
  /** In the host, with no vCPU loaded. */
  | 'idle host'
  /** In the host, with a vCPU loaded. */
  | 'loaded'
  /** While the guest runs. */
  | 'guest';

/** What becomes unknown where a hidden event is not followed step by step. */
export type Part =
  /** fp_owner, fpsimd_last_state, TIF_FOREIGN_FPSTATE, and what the registers hold. */
  | 'fp'
  /** The last three, and who runs. */
  | 'task'
  /** Who owns the debug registers. */
  | 'debug'
  /** What KVM_SET_GUEST_DEBUG asked for. */
  | 'guest debug';

export interface HiddenRow {
  readonly where: Place;
  /**
   * `step`: the emulator takes it as one more thing that may have happened. Else the parts of the state of which nothing is
   * known where it may have happened: it may have done so any number of times, to tasks and vCPUs that nothing names.
   */
  readonly may: 'step' | readonly Part[];
  /** What shows it: an option of `worldswitch probes` sets it, or `trace-cmd record -e`. */
  readonly shownBy: string;
}

export const HIDDEN = {
  vcpu_load: { where: 'host', may: ['fp', 'debug', 'guest debug'], shownBy: 'kprobe kvm_arch_vcpu_load' },
  sched_in: { where: 'host', may: ['fp', 'debug', 'guest debug'], shownBy: 'kprobe kvm_arch_vcpu_load' },
  vcpu_put: { where: 'loaded', may: ['fp', 'debug', 'guest debug'], shownBy: 'kprobe kvm_arch_vcpu_put' },
  sched_out: { where: 'loaded', may: ['fp', 'debug', 'guest debug'], shownBy: 'kprobe kvm_arch_vcpu_put' },
  guest_enter: { where: 'loaded', may: 'step', shownBy: 'tracepoint kvm:kvm_entry' },
  guest_exit: { where: 'guest', may: 'step', shownBy: 'tracepoint kvm:kvm_exit' },
  guest_fp_trap: {
    where: 'guest',
    may: 'step',
    shownBy: 'fp_owner, read at kvm_arch_vcpu_ctxflush_fp and kvm_arch_vcpu_ctxsync_fp',
  },
  debug_dirty: { where: 'loaded', may: ['debug'], shownBy: 'tracepoint kvm:kvm_sys_access' },
  guest_debug: { where: 'idle host', may: ['guest debug'], shownBy: 'tracepoint kvm:kvm_set_guest_debug' },
  neon_begin: { where: 'host', may: 'step', shownBy: 'kprobe kernel_neon_begin' },
  task_switch: { where: 'idle host', may: ['task'], shownBy: 'tracepoint sched:sched_switch' },
  return_to_user: { where: 'idle host', may: 'step', shownBy: 'kprobe fpsimd_restore_current_state' },
  nested_eret: { where: 'loaded', may: 'step', shownBy: 'tracepoint kvm:kvm_nested_eret' },
} as const satisfies Partial<Record<EventName, HiddenRow>>;

export type HideableKind = keyof typeof HIDDEN;

export const HIDEABLE = Object.keys(HIDDEN) as HideableKind[];

/** By kind: 1 where the trace hides it. `records`: the kinds that it shows wherever they happen; undefined: all. */
export function hiddenKinds(records: readonly string[] | undefined): Uint8Array {
  const hidden = new Uint8Array(EVENTS.length + 1);
  if (records !== undefined) for (const kind of HIDEABLE) if (!records.includes(kind)) hidden[KIND[kind]] = 1;
  return hidden;
}
