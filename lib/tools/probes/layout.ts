/** What the capture script needs to know of a kernel's structs, taken from its BTF. */

import { type Btf, type BtfError, isBtfError } from '../../btf/blob.ts';
import { findField } from '../../btf/member.ts';
import { ID_REGISTERS } from '../../import/payload/id-registers.ts';

/** A place to read: byte offset from the start of its struct, and size in bytes. */
export interface Place {
  readonly offset: number;
  readonly size: number;
}

export interface Layout {
  /** Members of struct cpuinfo_arm64 that hold ID registers. */
  readonly idRegisters: ReadonlyMap<string, Place>;
  readonly kvm: Place | undefined;
  readonly vcpuId: Place | undefined;
  readonly cpu: Place | undefined;
  readonly iflags: Place | undefined;
  readonly cflags: Place | undefined;
  /** kvm_vcpu.arch.debug_owner: since v6.14. */
  readonly debugOwner: Place | undefined;
  /** kvm_vcpu.arch.fp_state: where the owner lived up to v6.9. */
  readonly fpState: Place | undefined;
  /** kvm_host_data.fp_owner: where it lives since v6.10 (5294afdbf45a). */
  readonly fpOwner: Place | undefined;
  /** fpsimd_last_state.st; the struct was called fpsimd_last_state_struct up to v6.1. */
  readonly lastSt: Place | undefined;
  /** fpsimd_last_state.fp_type and .svcr: pointers into the task or the vCPU. */
  readonly lastFpType: Place | undefined;
  readonly lastSvcr: Place | undefined;
  readonly taskFlags: Place | undefined;
  readonly taskFpsimdCpu: Place | undefined;
  /** vl_info[ARM64_VEC_SVE].max_vl, and its size as the stride to [ARM64_VEC_SME]. */
  readonly maxVl: Place | undefined;
  readonly vlInfo: Place | undefined;
  readonly taskFpsimdState: Place | undefined;
  readonly vcpuFpRegs: Place | undefined;
}

/** struct and member path of each place; where there are several, the first one found counts. */
const PATHS: {
  readonly [K in Exclude<keyof Layout, 'idRegisters'>]: readonly (readonly [struct: string, path: string])[];
} = {
  kvm: [['kvm_vcpu', 'kvm']],
  vcpuId: [['kvm_vcpu', 'vcpu_id']],
  cpu: [['kvm_vcpu', 'cpu']],
  iflags: [['kvm_vcpu', 'arch.iflags']],
  cflags: [['kvm_vcpu', 'arch.cflags']],
  debugOwner: [['kvm_vcpu', 'arch.debug_owner']],
  fpState: [['kvm_vcpu', 'arch.fp_state']],
  fpOwner: [['kvm_host_data', 'fp_owner']],
  lastSt: [
    ['cpu_fp_state', 'st'],
    ['fpsimd_last_state_struct', 'st'],
  ],
  lastFpType: [['cpu_fp_state', 'fp_type']],
  lastSvcr: [
    ['cpu_fp_state', 'svcr'],
    ['fpsimd_last_state_struct', 'svcr'],
  ],
  taskFlags: [['task_struct', 'thread_info.flags']],
  taskFpsimdCpu: [['task_struct', 'thread.fpsimd_cpu']],
  maxVl: [['vl_info', 'max_vl']],
  vlInfo: [['vl_info', '']],
  taskFpsimdState: [['task_struct', 'thread.uw.fpsimd_state']],
  vcpuFpRegs: [['kvm_vcpu', 'arch.ctxt.fp_regs']],
};

/** The places of a kernel; those that its BTF does not have, or has as bit fields, are undefined. */
export function readLayout(btf: Btf): Layout | BtfError {
  let unread: BtfError | undefined;
  const place = (candidates: readonly (readonly [string, string])[]): Place | undefined => {
    for (const [struct, path] of candidates) {
      const field = findField(btf, struct, path);
      if (isBtfError(field) && field.limit !== undefined) unread ??= field;
      if (isBtfError(field) || field.bitOffset % 8 !== 0 || field.bitSize % 8 !== 0) continue;
      return { offset: field.bitOffset / 8, size: field.bitSize / 8 };
    }
    return undefined;
  };
  const keys = Object.keys(PATHS) as (keyof typeof PATHS)[];
  const places = Object.fromEntries(keys.map((key) => [key, place(PATHS[key])])) as unknown as Layout;
  const idRegisters = new Map<string, Place>();
  for (const name of ID_REGISTERS) {
    const found = place([['cpuinfo_arm64', `reg_${name}`]]);
    if (found !== undefined) idRegisters.set(name, found);
  }
  return unread ?? { ...places, idRegisters };
}

/** Types of kprobe fetch arguments (Documentation/trace/kprobetrace.rst) by their letter; sizes of 1, 2, 4 and 8 bytes exist. */
type FetchLetter = 'x' | 'u' | 's';

/** `name=+offset(%x0):x8`; undefined where the place is not known or no fetch type has its size. */
export function fetchFromVcpu(name: string, place: Place | undefined, letter: FetchLetter): string | undefined {
  if (place === undefined || ![1, 2, 4, 8].includes(place.size)) return undefined;
  return `${name}=+${place.offset}(%x0):${letter}${place.size * 8}`;
}

/**
 * The fetch arguments of a vCPU pointer in x0, in the order of the captures: VM, vCPU number, the pointer itself, vcpu->cpu
 * (-1: not loaded), iflags, cflags, and the owner where it is kept in the vCPU. Without a layout only the pointer can be had.
 */
export function vcpuArguments(layout: Layout | undefined): string {
  const list = [
    fetchFromVcpu('kvm', layout?.kvm, 'x'),
    fetchFromVcpu('vcpu', layout?.vcpuId, 's'),
    'vptr=%x0:x64',
    fetchFromVcpu('on', layout?.cpu, 's'),
    fetchFromVcpu('ifl', layout?.iflags, 'x'),
    fetchFromVcpu('cfl', layout?.cflags, 'x'),
    fetchFromVcpu('dbg', layout?.debugOwner, 'u'),
    layout?.fpOwner === undefined ? fetchFromVcpu('owner', layout?.fpState, 'u') : undefined,
  ];
  return list.filter((argument) => argument !== undefined).join(' ');
}
