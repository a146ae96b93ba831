/** Why a count of the cost report can be another: what a trace does not tell, and what would show it. Data. */

import type { Profile } from '../models/profile.ts';
import type { Step } from './steps.ts';

export interface DoubtRow {
  readonly name: string;
  /** What may have been otherwise. */
  readonly why: string;
  readonly shownBy: string;
}

export const DOUBTS = [
  {
    name: 'host_vectors',
    why: 'a host task may have live SVE or streaming state, which is then saved and loaded in place of FPSIMD, or ZA beside it',
    shownBy:
      "thread.fp_type and thread.svcr of the task, read where fpsimd_save_user_state and fpsimd_restore_current_state return (worldswitch probes: 't', 's')",
  },
  {
    name: 'current_saves',
    why: 'fork, exec, signals, ptrace and changes of the vector length save, drop or load what a host task has in the registers',
    shownBy:
      'kprobes fpsimd_save_user_state, fpsimd_flush_task_state and, up to v6.15, task_fpsimd_load (worldswitch probes)',
  },
  {
    name: 'kernel_neon',
    why: 'kernel-mode NEON that is preempted saves and loads registers of its own, and where it ends is not shown',
    shownBy: 'kprobe kernel_neon_end',
  },
  {
    name: 'unknown_past',
    why: 'whose the registers were is not known, at the start of the trace or behind lost events',
    shownBy: 'a capture that begins before the first vCPU is loaded, without losses',
  },
  {
    name: 'el2_traps',
    why: 'protected KVM handles FP traps at EL2, and saves and loads there: at most once in each run',
    shownBy: 'nothing that the host can probe',
  },
  {
    name: 'debug_owner',
    why: 'whether the debug registers are switched depends on MDSCR_EL1 or OSLSR_EL1 of the guest, which it can write unseen',
    shownBy: "vcpu->arch.debug_owner, read at the vCPU's probes (worldswitch probes: 'dbg')",
  },
  {
    name: 'hyp_exits',
    why: 'a host for nested guests (kvm-arm.mode=nested) handles some exits in the hypervisor, and enters the guest once more',
    shownBy: "the kernel's command line (worldswitch probes: 'nested')",
  },
  {
    name: 'pending_irq',
    why: 'an interrupt that is pending as the guest is about to be entered looks like one that ended its run',
    shownBy: 'nothing that can be probed',
  },
  {
    name: 'conditional',
    why: 'FPCR, ZCR_EL2 and the fine-grained traps are written only where that changes their value',
    shownBy: 'nothing that can be probed',
  },
  {
    name: 'mdcr_at_load',
    why: 'MDCR_EL2 is written twice at a load of VHE in 6.16, and once in 6.18, which one model covers',
    shownBy: 'nothing that can be probed',
  },
  { name: 'hidden', why: 'events that the trace hides may have happened', shownBy: 'what the trace hides, above' },
  {
    name: 'features',
    why: 'which registers are switched beside those that every machine has depends on features of the machine that the trace does not name',
    shownBy: 'meta.features',
  },
  { name: 'lost', why: 'events were lost', shownBy: 'a larger buffer' },
] as const satisfies readonly DoubtRow[];

export type DoubtName = (typeof DOUBTS)[number]['name'];

/** Index of each doubt in DOUBTS. */
export const DOUBT = Object.fromEntries(DOUBTS.map((row, index) => [row.name, index])) as Readonly<
  Record<DoubtName, number>
>;

const SAVES: readonly Step[] = ['user_save', 'fpsimd_save', 'sve_save', 'za_save', 'smstop'];
const LOADS: readonly Step[] = ['fpsimd_load', 'sve_load', 'za_load'];
const RUN: readonly Step[] = [
  ...(['enter', 'exit', 'exit_ec', 'fp_trap', 'fp_trap_sve', 'debug_save', 'debug_restore', 'bind'] as const),
  ...(['lazy_to_guest', 'lazy_to_host', 'setup_mdcr', 'sve_load', 'fpsimd_load', ...SAVES] as const),
];

/** Steps that run any number of times where the doubt is there at all. */
export const OPEN_STEPS = {
  hyp_exits: ['hyp_exit'],
  features: ['any_register'],
} as const satisfies Partial<Record<DoubtName, readonly Step[]>>;

/** Steps that run any number of times where events of that kind are hidden; of the others it is known how often at most. */
export const HIDDEN_STEPS: Readonly<Record<string, readonly Step[]>> = {
  vcpu_load: ['load', 'load_fp', ...SAVES],
  sched_in: ['load', 'load_fp', ...SAVES],
  vcpu_put: ['put', 'put_fp', 'put_fp_guest', 'put_fp_host', ...SAVES],
  sched_out: ['put', 'put_fp', 'put_fp_guest', 'put_fp_host', ...SAVES],
  guest_enter: RUN,
  guest_exit: RUN,
  debug_dirty: ['debug_save', 'debug_restore', 'setup_mdcr'],
  guest_debug: ['debug_save', 'debug_restore', 'setup_mdcr'],
  neon_begin: SAVES,
  task_switch: SAVES,
  return_to_user: LOADS,
};

/** Steps of what `current_saves` is about that can run any number of times; the others show in later events. */
export function currentSaveSteps(profile: Profile): readonly Step[] {
  return profile.saveCurrent === 'preserve' ? [...SAVES.filter((step) => step !== 'smstop'), ...LOADS] : [];
}
