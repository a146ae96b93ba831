/** The events an importer knows, by the names they are printed with: kprobe events of a capture, tracepoints, functions. */

import { createByteTable } from '../columns/byte-table.ts';

/** What a line is about. The numbers are only indexes; their order says nothing. */
export const WHAT = {
  unknown: 0,
  vcpuLoad: 1,
  vcpuPut: 2,
  loadFp: 3,
  loadFpReturn: 4,
  flushFp: 5,
  flushFpReturn: 6,
  syncFp: 7,
  syncFpReturn: 8,
  putFp: 9,
  putFpReturn: 10,
  mapFp: 11,
  saveFlush: 12,
  neonBegin: 13,
  neonEnd: 14,
  threadSwitch: 15,
  restoreCurrent: 16,
  restoreCurrentReturn: 17,
  setDebug: 18,
  bindState: 19,
  fpTrap: 20,
  kvmEntry: 21,
  kvmExit: 22,
  kvmUserspaceExit: 23,
  kvmSysAccess: 24,
  kvmSetGuestDebug: 25,
  kvmArmSetupDebug: 26,
  kvmArmClearDebug: 27,
  trapReg: 28,
  nestedEret: 29,
  nestedException: 30,
  schedSwitch: 31,
  /** Known, and nothing of it goes into a trace; it can be printed while a guest runs or its exit is not complete. */
  inGuest: 32,
  /** Known, and nothing of it goes into a trace. */
  inHost: 33,
  cpuPm: 34,
  hypEnter: 35,
  hypExit: 36,
  oslar: 37,
  userSave: 38,
  userLoad: 39,
  updateCurrentReturn: 40,
  flushTask: 41,
  notifyResume: 42,
  sveAcc: 43,
  sveAccReturn: 44,
  smeAcc: 45,
  smeAccReturn: 46,
} as const;

export const WHAT_COUNT = 47;

/** Kprobe events of a capture (group `fp`): fields are described in kprobe-events.ts. */
const PROBES: Readonly<Record<string, number>> = {
  vcpu_load: WHAT.vcpuLoad,
  vcpu_put: WHAT.vcpuPut,
  load_fp: WHAT.loadFp,
  load_fp_ret: WHAT.loadFpReturn,
  flush_fp: WHAT.flushFp,
  flush_fp_ret: WHAT.flushFpReturn,
  sync_fp: WHAT.syncFp,
  sync_fp_ret: WHAT.syncFpReturn,
  put_fp: WHAT.putFp,
  put_fp_ret: WHAT.putFpReturn,
  map_fp: WHAT.mapFp,
  save_flush: WHAT.saveFlush,
  neon_begin: WHAT.neonBegin,
  neon_end: WHAT.neonEnd,
  thread_switch: WHAT.threadSwitch,
  restore_current: WHAT.restoreCurrent,
  restore_current_ret: WHAT.restoreCurrentReturn,
  set_debug: WHAT.setDebug,
  oslar: WHAT.oslar,
  cpu_pm: WHAT.cpuPm,
  user_save: WHAT.userSave,
  // Its name up to v6.7.
  fpsimd_save: WHAT.userSave,
  user_load: WHAT.userLoad,
  update_current_ret: WHAT.updateCurrentReturn,
  flush_task: WHAT.flushTask,
  notify_resume: WHAT.notifyResume,
  sve_acc: WHAT.sveAcc,
  sve_acc_ret: WHAT.sveAccReturn,
  sme_acc: WHAT.smeAcc,
  sme_acc_ret: WHAT.smeAccReturn,
};

/** Tracepoints of 6.1 to 7.3: arch/arm64/kvm/trace_arm.h, trace_handle_exit.h, include/trace/events/{kvm,sched}.h. */
const TRACEPOINTS: Readonly<Record<string, number>> = {
  kvm_entry: WHAT.kvmEntry,
  kvm_exit: WHAT.kvmExit,
  kvm_userspace_exit: WHAT.kvmUserspaceExit,
  kvm_sys_access: WHAT.kvmSysAccess,
  kvm_set_guest_debug: WHAT.kvmSetGuestDebug,
  kvm_arm_setup_debug: WHAT.kvmArmSetupDebug,
  kvm_arm_clear_debug: WHAT.kvmArmClearDebug,
  trap_reg: WHAT.trapReg,
  kvm_nested_eret: WHAT.nestedEret,
  kvm_inject_nested_exception: WHAT.nestedException,
  sched_switch: WHAT.schedSwitch,
  kvm_arm_set_regset: WHAT.inGuest,
  kvm_arm_set_dreg32: WHAT.inGuest,
  kvm_timer_update_irq: WHAT.inGuest,
  kvm_timer_save_state: WHAT.inGuest,
  kvm_timer_restore_state: WHAT.inGuest,
  kvm_timer_hrtimer_expire: WHAT.inGuest,
  kvm_timer_emulate: WHAT.inGuest,
  kvm_get_timer_map: WHAT.inGuest,
  vgic_update_irq_pending: WHAT.inGuest,
  kvm_irq_line: WHAT.inGuest,
  kvm_set_irq: WHAT.inGuest,
  kvm_ack_irq: WHAT.inGuest,
  hyp_enter: WHAT.hypEnter,
  hyp_exit: WHAT.hypExit,
  selftest: WHAT.inGuest,
  kvm_guest_fault: WHAT.inHost,
  kvm_access_fault: WHAT.inHost,
  kvm_mmio: WHAT.inHost,
  kvm_mmio_emulate: WHAT.inHost,
  kvm_mmio_nisv: WHAT.inHost,
  kvm_wfx_arm64: WHAT.inHost,
  kvm_hvc_arm64: WHAT.inHost,
  kvm_handle_sys_reg: WHAT.inHost,
  kvm_forward_sysreg_trap: WHAT.inHost,
  kvm_vcpu_wakeup: WHAT.inHost,
  kvm_halt_poll_ns: WHAT.inHost,
  kvm_set_way_flush: WHAT.inHost,
  kvm_toggle_cache: WHAT.inHost,
  kvm_unmap_hva_range: WHAT.inHost,
  kvm_age_hva: WHAT.inHost,
  kvm_test_age_hva: WHAT.inHost,
  kvm_dirty_ring_push: WHAT.inHost,
  sched_migrate_task: WHAT.inHost,
  sched_wakeup: WHAT.inHost,
  sched_wakeup_new: WHAT.inHost,
  sched_waking: WHAT.inHost,
};

/** Functions of the function tracer, or of a probe that is named as its function is. */
export const FUNCTIONS: Readonly<Record<string, number>> = {
  kvm_arch_vcpu_load: WHAT.vcpuLoad,
  kvm_arch_vcpu_put: WHAT.vcpuPut,
  kvm_arch_vcpu_load_fp: WHAT.loadFp,
  kvm_arch_vcpu_ctxflush_fp: WHAT.flushFp,
  kvm_arch_vcpu_ctxsync_fp: WHAT.syncFp,
  kvm_arch_vcpu_put_fp: WHAT.putFp,
  kvm_arch_vcpu_run_map_fp: WHAT.mapFp,
  fpsimd_bind_state_to_cpu: WHAT.bindState,
  fpsimd_save_and_flush_cpu_state: WHAT.saveFlush,
  fpsimd_thread_switch: WHAT.threadSwitch,
  fpsimd_restore_current_state: WHAT.restoreCurrent,
  kernel_neon_begin: WHAT.neonBegin,
  kernel_neon_end: WHAT.neonEnd,
  kvm_hyp_handle_fpsimd: WHAT.fpTrap,
};

/** Every known name of an event line: probes, tracepoints, and the function whose trace_printk says `hyp_fp_trap:`. */
export const EVENT_NAMES: Readonly<Record<string, number>> = {
  ...PROBES,
  ...TRACEPOINTS,
  kvm_hyp_handle_fpsimd: WHAT.fpTrap,
  hyp_fp_trap: WHAT.fpTrap,
};

export type NameFinder = (bytes: Uint8Array, start: number, end: number) => number;

/** Finds which of `names` stands at [start, end) of the bytes, without making a string of it; WHAT.unknown where none does. */
export function createNameFinder(names: Readonly<Record<string, number>>): NameFinder {
  const table = createByteTable<number>(Object.keys(names).length);
  for (const [name, what] of Object.entries(names)) table.set(Buffer.from(name), 0, name.length, what);
  return (bytes, start, end) => table.get(bytes, start, end) ?? WHAT.unknown;
}
