/**
 * What the explorer lets happen to one CPU and one vCPU: short scripts of trace events. They say nothing of what the events
 * do; those that cannot happen in a state are found out by the emulator, which says that they do not bracket.
 */

const CPU = { cpu: 0 };
const VCPU = { vm: 0, vcpu: 0 };
/** The thread of the vCPU. */
const THREAD = 41;
const IDLE = 0;

/** Each leads to a state in which everything is known. `sme`: with a vCPU that only some kernels can make. */
export const SETUPS: readonly { readonly sme: boolean; readonly lines: readonly object[] }[] = [false, true].map(
  (sme) => ({
    sme,
    lines: [
      { event: 'hyp_init', ...CPU },
      { event: 'vcpu_create', ...VCPU, sve: true, sve_vl: 64, ...(sme && { sme, sme_vl: 64 }) },
      { event: 'task_switch', ...CPU, next: THREAD },
      { event: 'return_to_user', ...CPU, task: THREAD },
    ],
  }),
);

export const SCRIPTS: readonly (readonly object[])[] = [
  [{ event: 'vcpu_load', ...CPU, ...VCPU, task: THREAD }],
  [{ event: 'sched_in', ...CPU, ...VCPU, task: THREAD }],
  [{ event: 'vcpu_put', ...CPU }],
  [{ event: 'sched_out', ...CPU }],
  [{ event: 'guest_enter', ...CPU }],
  [{ event: 'guest_exit', ...CPU, ec: '0x24' }],
  [{ event: 'guest_fp', ...CPU, isa: 'fpsimd' }],
  [{ event: 'guest_fp', ...CPU, isa: 'sve' }],
  [
    { event: 'neon_begin', ...CPU, softirq: true },
    { event: 'neon_end', ...CPU, softirq: true },
  ],
  [{ event: 'task_switch', ...CPU, next: IDLE }],
  [{ event: 'task_switch', ...CPU, next: THREAD }],
  [{ event: 'return_to_user', ...CPU }],
  [{ event: 'host_svcr', ...CPU, sm: 0, za: 1 }],
  [{ event: 'host_svcr', ...CPU, sm: 0, za: 0 }],
  [{ event: 'reg_get', ...VCPU, reg: 'z0' }],
  [{ event: 'nested_eret', ...CPU }],
  [{ event: 'nested_exception', ...CPU }],
];
