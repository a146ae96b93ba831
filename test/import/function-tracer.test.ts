/** Lines of the function tracer: no pointers, no values, only who called what when. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { importText } from '../support/captures.ts';

const RUN = [
  ['108', 'kvm_arch_vcpu_load', 'vcpu_load'],
  ['108', 'kvm_arch_vcpu_load_fp', 'kvm_arch_vcpu_load'],
  ['108', 'kvm_arch_vcpu_ctxflush_fp', 'kvm_arch_vcpu_ioctl_run'],
  ['108', 'kvm_arch_vcpu_ctxsync_fp', 'kvm_arch_vcpu_ioctl_run'],
  ['108', 'fpsimd_bind_state_to_cpu', 'kvm_arch_vcpu_ctxsync_fp'],
  ['108', 'kvm_arch_vcpu_ctxflush_fp', 'kvm_arch_vcpu_ioctl_run'],
  ['108', 'kvm_arch_vcpu_ctxsync_fp', 'kvm_arch_vcpu_ioctl_run'],
  ['108', 'fpsimd_bind_state_to_cpu', 'kvm_arch_vcpu_ctxsync_fp'],
  ['108', 'kvm_arch_vcpu_put', 'vcpu_put'],
  ['108', 'kvm_arch_vcpu_put_fp', 'kvm_arch_vcpu_put'],
  ['108', 'fpsimd_save_and_flush_cpu_state', 'kvm_arch_vcpu_put_fp'],
  ['108', 'fpsimd_restore_current_state', 'do_notify_resume'],
  ['108', 'kvm_arch_vcpu_load', 'vcpu_load'],
  ['108', 'kvm_arch_vcpu_put', 'kvm_sched_out'],
  ['108', 'fpsimd_thread_switch', '__switch_to'],
  ['109', 'schedule_tail', 'ret_from_fork'],
] as const;

/** What functions do not tell for certain, a trap and the effect of a restore, is left to the replay. */
const EVENTS = [
  ...['meta', 'vcpu_load', 'guest_enter', 'guest_exit', 'guest_enter', 'guest_exit', 'vcpu_put'],
  ...['vcpu_load', 'sched_out', 'task_switch'],
];

const columns = (pid: string, index: number) =>
  `             vmm-${pid.padEnd(7)} [000] d.... ${`1.0000${10 + index}`.padStart(12)}: `;

describe('the function tracer', () => {
  for (const [program, body] of [
    ['ftrace', (callee: string, caller: string) => `${callee} <-${caller}`],
    ['trace-cmd report', (callee: string, caller: string) => `function:             ${callee} <-- ${caller}`],
  ] as const) {
    it(`as ${program} prints it`, () => {
      const text = RUN.map(([pid, callee, caller], index) => columns(pid, index) + body(callee, caller)).join('\n');
      const { events, account } = importText(text);
      assert.deepEqual(
        events.map(({ event, inferred }) => (inferred ? `${event}*` : event)),
        EVENTS,
      );
      assert.equal(events.at(-1)?.next, 109);
      assert.deepEqual(
        account.unused.map(({ what, count }) => [what, count]),
        [['function schedule_tail', 1]],
      );
    });
  }
});
