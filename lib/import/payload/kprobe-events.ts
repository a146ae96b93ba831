/**
 * The payload of a capture's kprobe events:
 *
 *   vcpu_load: (kvm_arch_vcpu_load+0x0/0x220) kvm=0xffff... vcpu=0 vptr=0xffff... on=-1 ifl=0x2 cfl=0xb cpu=1 o0=0 o1=2 l0=0x0 l1=0xffff...
 *
 * The place in parentheses (an address or two in perf and trace-cmd) says nothing that the name does not, but for a return
 * (`(fpsimd_thread_switch+0x30/0x2a0 <- fpsimd_save_user_state)`): who had called the function.
 *
 * | field | what |
 * |---|---|
 * | `kvm`, `vcpu`, `vptr` | struct kvm of the VM, vcpu_id, struct kvm_vcpu |
 * | `on` | vcpu->cpu, -1 where it is not loaded |
 * | `ifl`, `cfl` | vcpu->arch.iflags and .cflags |
 * | `owner` | vcpu->arch.fp_state, in kernels that keep the owner there |
 * | `dbg` | vcpu->arch.debug_owner, in kernels from v6.14 |
 * | `val` | what a guest wrote to OSLAR_EL1 |
 * | `cmd` | enum cpu_pm_event of cpu_pm |
 * | `cpu`, `next` | the second argument of vcpu_load; the task that thread_switch switches to |
 * | `oN`, `kN` | fp_owner of CPU N in the instance of the hypervisor, and in that of the kernel where the two differ |
 * | `lN` | fpsimd_last_state.st of CPU N |
 * | `tN`, `sN` | what fpsimd_last_state.fp_type and .svcr of CPU N point at; `(fault)` where at nothing |
 * | `fN` | up to v6.1, in place of `tN`: thread_info.flags of the task whose state fpsimd_last_state.st of CPU N is |
 * | `cN` | thread.fpsimd_cpu of the task whose state fpsimd_last_state.st of CPU N is: N, unless it was flushed since |
 * | `tif` | up to v6.1: thread_info.flags of the current task |
 * | `by` | who called the function |
 *
 * Of those with a CPU's number only those of the event's own CPU are kept: the others are a racing read.
 * Format: Documentation/trace/kprobetrace.rst.
 */

import { find, isDigit } from '../columns/bytes.ts';
import { decimalAt, type Line } from '../columns/line.ts';
import { WHAT } from './event-names.ts';
import { BAD, hexAt, integerAt, isPointer, ownerAt, pointerAt } from './values.ts';

export const HAS = {
  vcpu: 1,
  flags: 2,
  owner: 4,
  kernelOwner: 8,
  last: 16,
  vcpuOwner: 32,
  next: 64,
  debugOwner: 128,
  fpType: 256,
  svcr: 512,
  fpsimdCpu: 1024,
  tifSve: 2048,
  /** Who called the function, by name: trace-cmd and perf print an address. */
  caller: 4096,
} as const;

/** Whether lines of that kind (one of WHAT) are of a probe, with fields; of a function tracer they have none. */
export const isProbe = (what: number): boolean =>
  (what >= WHAT.vcpuLoad && what <= WHAT.setDebug) || what === WHAT.cpuPm || what >= WHAT.oslar;

export interface ProbeFields {
  /** Which of the fields below the line has: bits of HAS. */
  has: number;
  /** Pointers by their low 52 bits, which a number holds exactly; the bits above are the same in all kernel pointers. */
  kvm: number;
  vptr: number;
  next: number;
  last: number;
  vcpu: number;
  iflags: number;
  cflags: number;
  /** -1 where the line does not have it. */
  cmd: number;
  /** 0 free, 1 host, 2 guest. */
  owner: number;
  kernelOwner: number;
  vcpuOwner: number;
  debugOwner: number;
  /** OSLK, as it was written to OSLAR_EL1: 0 or 1. */
  value: number;
  /** 1: FP_STATE_SVE, or TIF_SVE; 0: not. */
  fpType: number;
  svcr: number;
  fpsimdCpu: number;
  tifSve: number;
  /** Where in the line it says who called the function. */
  by: number;
}

export function createProbeFields(): ProbeFields {
  return {
    has: 0,
    kvm: 0,
    vptr: 0,
    next: 0,
    last: 0,
    vcpu: 0,
    iflags: 0,
    cflags: 0,
    cmd: BAD,
    owner: 0,
    kernelOwner: 0,
    vcpuOwner: 0,
    debugOwner: 0,
    value: 0,
    fpType: 0,
    svcr: 0,
    fpsimdCpu: 0,
    tifSve: 0,
    by: 0,
  };
}

const SPACE = 32;
const EQUALS = 0x3d;
const OPENING_PAREN = 0x28;
const CLOSING_PAREN = 0x29;
const SMALL_C = 0x63;
const SMALL_F = 0x66;
const SMALL_M = 0x6d;
const SMALL_S = 0x73;
const SMALL_T = 0x74;

/**
 * Fills `fields` from the line. Returns how many fields the line has, or -1 where it is damaged: a value cut short, a
 * pointer that is none, a closing parenthesis missing. All lines of an event have the same number of fields.
 */
export function readProbeFields(line: Line, fields: ProbeFields): number {
  const bytes = line.bytes;
  fields.has = 0;
  fields.kvm = 0;
  fields.vcpu = BAD;
  fields.cmd = BAD;
  fields.by = line.end;
  let i = line.body;
  if (bytes[i] === OPENING_PAREN) {
    fields.by = i + 1;
    i = find(bytes, CLOSING_PAREN, i, line.end) + 1;
    if (i === 0) return BAD;
  }
  let count = 0;
  const length = line.end;
  while (i < length) {
    if (bytes[i] === SPACE) {
      i++;
      continue;
    }
    let equals = i + 1;
    while (bytes[equals] !== EQUALS) if (equals++ >= length) return BAD;
    // Most values are pointers: 18 characters.
    let end = bytes[equals + 3] === SMALL_F ? equals + 19 : equals + 1;
    if (end > length || !(bytes[end] === SPACE || end === length)) end = equals + 1;
    while (end < length && bytes[end] !== SPACE) end++;
    if (!readField(line, i, equals, end, fields)) return BAD;
    count++;
    i = end;
  }
  return count;
}

function readField(line: Line, start: number, equals: number, end: number, fields: ProbeFields): boolean {
  const bytes = line.bytes;
  const first = bytes[start] as number;
  if (equals - start > 1 && isDigit(bytes[start + 1])) {
    return readPerCpu(line, first, start + 1, equals, end, fields);
  }
  switch (first) {
    case 0x6b: // kvm
      fields.kvm = pointerAt(bytes, equals + 1, end);
      return fields.kvm > 0;
    case 0x76: // vcpu, vptr, val
      if (bytes[start + 1] === 0x61) {
        // The last digit of a hexadecimal number: its lowest bit.
        const digit = Number.parseInt(String.fromCharCode(bytes[end - 1] as number), 16);
        fields.value = digit & 1;
        return !Number.isNaN(digit);
      }
      if (bytes[start + 1] === 0x63) {
        fields.vcpu = integerAt(bytes, equals + 1, end);
        return fields.vcpu >= 0;
      }
      fields.vptr = pointerAt(bytes, equals + 1, end);
      fields.has |= HAS.vcpu;
      return fields.vptr > 0;
    case 0x69: // ifl
      fields.iflags = hexAt(bytes, equals + 1, end);
      return fields.iflags >= 0;
    case 0x63: // cfl, cmd, cpu
      if (bytes[start + 1] === SMALL_M) {
        fields.cmd = integerAt(bytes, equals + 1, end);
        return fields.cmd >= 0;
      }
      if (bytes[start + 1] === 0x66) {
        fields.cflags = hexAt(bytes, equals + 1, end);
        fields.has |= HAS.flags;
        return fields.cflags >= 0;
      }
      return integerAt(bytes, equals + 1, end) === line.cpu;
    case 0x6f: // on, owner
      if (bytes[start + 1] !== 0x77) return end > equals + 1;
      fields.vcpuOwner = ownerAt(bytes, equals + 1, end);
      fields.has |= HAS.vcpuOwner;
      return fields.vcpuOwner >= 0;
    case 0x6e: // next
      fields.next = pointerAt(bytes, equals + 1, end);
      fields.has |= HAS.next;
      return fields.next > 0;
    case 0x74: // tif
      if (bytes[start + 1] !== 0x69) return end > equals + 1;
      fields.tifSve = (hexAt(bytes, equals + 1, end) & TIF_SVE) === 0 ? 0 : 1;
      fields.has |= HAS.tifSve;
      return hexAt(bytes, equals + 1, end) >= 0;
    case 0x62: // by
      fields.by = equals + 1;
      return end > equals + 1;
    case 0x64: // dbg
      if (bytes[start + 1] !== 0x62) return end > equals + 1;
      fields.debugOwner = ownerAt(bytes, equals + 1, end);
      fields.has |= HAS.debugOwner;
      return fields.debugOwner >= 0;
    default:
      // A field of somebody else's probe.
      return end > equals + 1;
  }
}

function readPerCpu(
  line: Line,
  kind: number,
  start: number,
  equals: number,
  end: number,
  fields: ProbeFields,
): boolean {
  const bytes = line.bytes;
  const cpu = decimalAt(bytes, start, equals);
  if (kind >= SMALL_S || kind === SMALL_F || kind === SMALL_C)
    return cpu !== line.cpu || readTransfer(bytes, kind, equals + 1, end, fields);
  if (kind === 0x6c) {
    // Also of the other CPUs: a pointer cut short is how the end of a line that was cut off shows.
    if (cpu !== line.cpu) return isPointer(bytes, equals + 1, end);
    fields.last = pointerAt(bytes, equals + 1, end);
    fields.has |= HAS.last;
    return fields.last >= 0;
  }
  const owner = ownerAt(bytes, equals + 1, end);
  if (cpu === line.cpu && kind === 0x6f) {
    fields.owner = owner;
    fields.has |= HAS.owner;
  } else if (cpu === line.cpu && kind === 0x6b) {
    fields.kernelOwner = owner;
    fields.has |= HAS.kernelOwner;
  }
  return owner >= 0;
}

/** enum fp_type: FP_STATE_CURRENT, FP_STATE_FPSIMD, FP_STATE_SVE (arch/arm64/include/asm/processor.h). */
const FP_STATE_FPSIMD = 1;
/** Bit of thread_info.flags (arch/arm64/include/asm/thread_info.h). */
const TIF_SVE = 1 << 23;

/** What is found by what fpsimd_last_state points at. What cannot be read is `(fault)`. */
function readTransfer(bytes: Uint8Array, kind: number, start: number, end: number, fields: ProbeFields): boolean {
  if (bytes[start] === OPENING_PAREN) return bytes[end - 1] === CLOSING_PAREN;
  const value = kind === SMALL_T || kind === SMALL_C ? integerAt(bytes, start, end) : hexAt(bytes, start, end);
  if (kind === SMALL_C) {
    // Anything, where the state is a vCPU's.
    fields.fpsimdCpu = value;
    fields.has |= HAS.fpsimdCpu;
    return end > start;
  }
  if (value < 0) return false;
  if (kind === SMALL_S) {
    fields.svcr = value;
    fields.has |= HAS.svcr;
  } else if (kind === SMALL_F || value >= FP_STATE_FPSIMD) {
    fields.fpType = kind === SMALL_F ? Number((value & TIF_SVE) !== 0) : Number(value !== FP_STATE_FPSIMD);
    fields.has |= HAS.fpType;
  }
  return true;
}
