/** When rules look at the state of the machine. */

/** Moments at which rules look at the state: semantics 7, "When to evaluate". */
export const MOMENTS = [
  'hyp_init',
  /** vcpu_load has begun, nothing is changed yet. */
  'load',
  /** load_fp has begun. */
  'load_fp',
  'loaded',
  /** After ctxflush, setup_debug and the switch, before the guest's first instruction. */
  'enter',
  /** An FP trap arrived; the host is not saved yet. */
  'fp_trap',
  /** The host's registers are about to be saved to the subject. */
  'host_save',
  /** After the host save, before the guest's registers are loaded. */
  'guest_restore',
  /** After the hyp's own steps of an exit. */
  'exit',
  'ctxsync',
  'put_fp',
  'put',
  /** USER_SAVE runs with TIF_FOREIGN_FPSTATE clear; the subject is last.st. */
  'user_save',
  /** The value of the subject is about to be overwritten although it is nowhere else. */
  'lost',
  'neon_begin',
  'neon_end',
  'task_switch',
  /** The registers of the current task were reloaded from memory. */
  'user_restored',
  'return_to_user',
  /** The current task has become another program. */
  'exec',
  /** A trapped access to a debug register was reported. */
  'debug_trap',
  /** Events do not bracket: the detail says how. */
  'bracket',
  /** guest_exit comes after a host event that must have followed it. */
  'late_exit',
  /** setup_debug has begun. */
  'setup_debug',
  'hyp_panic',
  /** SVCR was written by a guest without SME, and nothing trapped. */
  'svcr_untrapped',
  /** Userspace accesses a register of the subject; the detail is the error, or ''. */
  'one_reg',
  /** Registers that userspace wrote to the subject are zeroed by a later write to SVCR. */
  'writes_lost',
  /** The guest's registers are about to be loaded in the format of its SVCR. */
  'guest_load',
  /** load_fp or put_fp inside a nested transition. */
  'nested_fp',
  'cpu_on',
  /** EL2 touches FP state with no barrier since it opened the trap register. */
  'fp_before_isb',
  /** Debug exceptions are unmasked with no barrier since the host's debug registers were restored. */
  'unmask_before_isb',
  /** The value that the subject has in ZA is about to be dropped although it is nowhere else; the detail is what drops it. */
  'za_lost',
] as const;
export type MomentName = (typeof MOMENTS)[number];
export const MOMENT = Object.fromEntries(MOMENTS.map((name, index) => [name, index])) as Readonly<
  Record<MomentName, number>
>;
