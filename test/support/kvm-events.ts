/** Events of KVM/arm64 and of a capture as kernel 7.3 describes them, for recordings that tests write. */

import type { EventSpec } from './recordings.ts';

const event = (
  system: string,
  name: string,
  id: number,
  fields: readonly (readonly [type: string, name: string, size: number, signed?: boolean])[],
  print: string,
): EventSpec => ({
  system,
  name,
  id,
  fields: fields.map(([type, field, size, signed = false]) => ({ type, name: field, size, signed })),
  print,
});

const CODES = '{ 0, "IRQ" }, { 1, "SERROR" }, { 2, "TRAP" }, { 3, "IL" }';
const CLASSES = '{ (0x00), "UNKNOWN" }, { (0x07), "FP_ASIMD" }, { (0x24), "DABT_LOW" }';
const STATES = '{ 0x00000001, "S" }, { 0x00000002, "D" }, { 0x00000080, "I" }';
const STATE_MASK = '((((0x00000000 | 0x00000001 | 0x00000002 | 0x00000080) + 1) << 1) - 1)';

export const KVM_ENTRY = event(
  'kvm',
  'kvm_entry',
  601,
  [['unsigned long', 'vcpu_pc', 8]],
  '"PC: 0x%016lx", REC->vcpu_pc',
);

export const KVM_EXIT = event(
  'kvm',
  'kvm_exit',
  602,
  [
    ['int', 'ret', 4, true],
    ['unsigned int', 'esr_ec', 4],
    ['unsigned long', 'vcpu_pc', 8],
  ],
  `"%s: HSR_EC: 0x%04x (%s), PC: 0x%016lx", __print_symbolic(((REC->ret) & ~(1U << 31)), ${CODES}), REC->esr_ec, __print_symbolic(REC->esr_ec, ${CLASSES}), REC->vcpu_pc`,
);

export const KVM_SYS_ACCESS = event(
  'kvm',
  'kvm_sys_access',
  603,
  [
    ['unsigned long', 'vcpu_pc', 8],
    ['bool', 'is_write', 1],
    ['const char *', 'name', 8],
    ['u8', 'Op0', 1],
    ['u8', 'Op1', 1],
    ['u8', 'CRn', 1],
    ['u8', 'CRm', 1],
    ['u8', 'Op2', 1],
  ],
  '"PC: %lx %s (%d,%d,%d,%d,%d) %s", REC->vcpu_pc, REC->name ?: "UNKN", REC->Op0, REC->Op1, REC->CRn, REC->CRm, REC->Op2, REC->is_write ? "write" : "read"',
);

export const SCHED_SWITCH = event(
  'sched',
  'sched_switch',
  301,
  [
    ['char', 'prev_comm[16]', 16],
    ['pid_t', 'prev_pid', 4, true],
    ['int', 'prev_prio', 4, true],
    ['long', 'prev_state', 8, true],
    ['char', 'next_comm[16]', 16],
    ['pid_t', 'next_pid', 4, true],
    ['int', 'next_prio', 4, true],
  ],
  `"prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s%s ==> next_comm=%s next_pid=%d next_prio=%d", REC->prev_comm, REC->prev_pid, REC->prev_prio, (REC->prev_state & (${STATE_MASK})) ? __print_flags(REC->prev_state & (${STATE_MASK}), "|", ${STATES}) : "R", REC->prev_state & (((0x00000000 | 0x00000001 | 0x00000002 | 0x00000080) + 1) << 1) ? "+" : "", REC->next_comm, REC->next_pid, REC->next_prio`,
);

/** A kprobe event, with a string among its arguments. */
export const PROBE = event(
  'fp',
  'vcpu_load',
  2001,
  [
    ['unsigned long', '__probe_ip', 8],
    ['u64', 'kvm', 8],
    ['s32', 'on', 4, true],
    ['u8', 'cpu', 1],
    ['__data_loc char[]', 'what', 4],
  ],
  String.raw`"(%lx) kvm=0x%Lx on=%d cpu=%u what=\"%s\"", REC->__probe_ip, REC->kvm, REC->on, REC->cpu, __get_str(what)`,
);

export const FUNCTION = event(
  'ftrace',
  'function',
  1,
  [
    ['unsigned long', 'ip', 8],
    ['unsigned long', 'parent_ip', 8],
  ],
  '" %ps <-- %ps", (void *)REC->ip, (void *)REC->parent_ip',
);

export const EVENTS = [FUNCTION, SCHED_SWITCH, KVM_ENTRY, KVM_EXIT, KVM_SYS_ACCESS, PROBE];
