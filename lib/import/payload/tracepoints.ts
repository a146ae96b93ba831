/**
 * The payload of the tracepoints of KVM/arm64 and the scheduler, 6.1 to 7.3:
 *
 *   kvm_exit: TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: 0x0000000040000020
 *   kvm_sys_access: PC: 400000c4 SYS_MDSCR_EL1 (2,0,0,2,2) write
 *   kvm_set_guest_debug: vcpu: 0000000009fe294f, flags: 0x00020001      (the pointer is hashed: an id, not an address)
 *   trap_reg: trap_bvr write to reg 0 (0x0000000000000001)
 *   sched_switch: prev_comm=vmm prev_pid=94 prev_prio=120 prev_state=R+ ==> next_comm=a b next_pid=92 next_prio=120
 *
 * Defined in arch/arm64/kvm/trace_arm.h and trace_handle_exit.h, include/trace/events/{kvm,sched}.h. libtraceevent's plugins
 * (trace-cmd report, perf script) print some of them in their own words; those forms are in trace-cmd.ts.
 * A reader returns undefined, or -1, where the payload is not what the kernel prints: it was cut or is not of this kernel.
 */

import { createByteTable } from '../columns/byte-table.ts';
import { find, isDigit, startsWith, textAt } from '../columns/bytes.ts';
import { bodyOf, decimalAt, type Line, skipDigits } from '../columns/line.ts';
import { readPluginExit, readPluginSwitch } from '../columns/trace-cmd.ts';
import { type Exit, exitOf } from './exit.ts';

const EXITS = createByteTable<Exit>(128);
const EXIT = /^([A-Z0-9_]+|0x[0-9a-f]+): HSR_EC: 0x([0-9a-f]{4}) \(/;

const PAREN = 0x28;

export function readExit(line: Line): Exit | undefined {
  const { bytes, body } = line;
  const end = find(bytes, PAREN, body, line.end) + 1;
  if (end === 0) return readPluginExit(bodyOf(line));
  // A handful of different texts in a trace of any length: one object for each.
  const known = EXITS.get(bytes, body, end);
  if (known !== undefined) return known;
  const match = EXIT.exec(textAt(bytes, body, end));
  if (match === null) return readPluginExit(bodyOf(line));
  const exit = exitOf(match[1] ?? '', Number.parseInt(match[2] ?? '', 16));
  if (exit === undefined) return undefined;
  EXITS.set(bytes, body, end, exit);
  return exit;
}

export type SysAccess = 'debug write' | 'debug read' | 'oslar write' | 'other';

const SYS_ACCESS = /\((\d+),(\d+),(\d+),(\d+),(\d+)\) (read|write)$/;
/** What libtraceevent prints instead: it knows neither `?:` without a middle nor functions of the kernel. */
const SYS_ACCESS_FIELDS =
  /^(?:\[FAILED TO PARSE\] )?vcpu_pc=0x[0-9a-f]+ is_write=([01]) name=\S+ Op0=(\w+) Op1=(\w+) CRn=(\w+) CRm=(\w+) Op2=(\w+)$/;

/**
 * Whether an access is to a register that trap_debug_regs and its like emulate: MDSCR_EL1, MDCCINT_EL1, DBGBVR/BCR/WVR/WCR,
 * DBGVCR32_EL2 (sys_reg_descs, arch/arm64/kvm/sys_regs.c); or to OSLAR_EL1.
 */
export function readSysAccess(line: Line): SysAccess | undefined {
  const access = sysAccessIn(bodyOf(line));
  if (access === undefined) return undefined;
  const [op0, op1, crn, crm, op2] = access.register;
  const breakpoints = op1 === 0 && crn === 0 && op2 !== undefined && op2 >= 4 && op2 <= 7;
  const control = op1 === 0 && crn === 0 && crm === 2 && (op2 === 0 || op2 === 2);
  const vector = op1 === 4 && crn === 0 && crm === 7 && op2 === 0;
  if (op0 === 2 && op1 === 0 && crn === 1 && crm === 0 && op2 === 4 && access.isWrite) return 'oslar write';
  if (op0 !== 2 || !(breakpoints || control || vector)) return 'other';
  return access.isWrite ? 'debug write' : 'debug read';
}

function sysAccessIn(body: string): { readonly register: readonly number[]; readonly isWrite: boolean } | undefined {
  const printed = SYS_ACCESS.exec(body);
  if (printed !== null) return { register: printed.slice(1, 6).map(Number), isWrite: printed[6] === 'write' };
  const fields = SYS_ACCESS_FIELDS.exec(body);
  return fields === null ? undefined : { register: fields.slice(2, 7).map(Number), isWrite: fields[1] === '1' };
}

export interface GuestDebug {
  /** The vCPU's pointer as %p prints it, a hash of 32 bits; NaN where it prints none. */
  readonly hashed: number;
  /** kvm_guest_debug.control: bit 0 ENABLE, 1 SINGLESTEP, 17 USE_HW (include/uapi/linux/kvm.h). */
  readonly flags: number;
}

const GUEST_DEBUG = /^vcpu: (?:0x)?([0-9a-f]{8,16}|\(null\)|\(____ptrval____\)), flags: 0x([0-9a-f]{8})$/;

/** kvm_set_guest_debug and kvm_arm_setup_debug. */
export function readGuestDebug(line: Line): GuestDebug | undefined {
  const match = GUEST_DEBUG.exec(bodyOf(line));
  return match === null
    ? undefined
    : { hashed: Number.parseInt(match[1] ?? '', 16), flags: Number.parseInt(match[2] ?? '', 16) };
}

/** Whether a trapped debug register was written: `trap_bvr write to reg 0 (0x...)`. */
export function readTrapReg(line: Line): boolean | undefined {
  const match = /^\S+ (write to|read from) reg -?\d+ \(0x[0-9a-f]+\)$/.exec(bodyOf(line));
  return match === null ? undefined : match[1] === 'write to';
}

/** ESR_ELx.EC that `hyp_fp_trap: ec=7 owner=1 vcpu=0 sve=1` gives, as the trace format writes it. */
export function readFpTrap(line: Line): string | undefined {
  const match = /^(?:hyp_fp_trap: )?ec=(\d{1,2}) owner=[0-2] vcpu=\d+ sve=[01]$/.exec(bodyOf(line));
  const ec = Number(match?.[1]);
  return match === null ? undefined : exitOf('TRAP', ec)?.ec;
}

const PREVIOUS = Buffer.from('prev_comm=');
const NEXT_PID = Buffer.from(' next_pid=');
const NEXT_PRIORITY = Buffer.from(' next_prio=');
const DASH = 0x2d;

/**
 * The pid of the task that sched_switch switches to, -1 where the line is cut. Both names on the line are free text, and can
 * contain ` next_pid=7 `: what stands last is the kernel's. Whom it switches from is the task of the line itself.
 */
export function readSwitch(line: Line): number {
  const { bytes, body, end: last } = line;
  if (!startsWith(bytes, PREVIOUS, body)) return readPluginSwitch(bodyOf(line));
  let at = last - NEXT_PID.length;
  while (at >= body && !startsWith(bytes, NEXT_PID, at)) at--;
  if (at < body) return -1;
  const start = at + NEXT_PID.length;
  const end = skipDigits(bytes, start);
  const priority = end + NEXT_PRIORITY.length;
  if (end === start || end - start > 8 || !startsWith(bytes, NEXT_PRIORITY, end)) return -1;
  return isDigit(bytes[priority]) || bytes[priority] === DASH ? decimalAt(bytes, start, end) : -1;
}
