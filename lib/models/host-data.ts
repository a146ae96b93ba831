/**
 * Where each generation keeps the host's FP and debug state: in kvm_vcpu_arch, once for each vCPU, or in kvm_host_data,
 * once for each physical CPU. Without padding. The host's register context (host_ctxt) is per CPU in all of them and is
 * left out, and so is what the PMU and the vGIC keep.
 *
 * Sources: arch/arm64/include/asm/kvm_host.h of 6.1, 6.12 and 7.3 by their BTF, of v6.14 as a file; the others by the
 * patches that led from one to the next. `a|b`: a union.
 */

/** Bytes by member path. */
export type Fields = Readonly<Record<string, number>>;

export interface HostData {
  /** Members of kvm_vcpu_arch. */
  readonly vcpu: Fields;
  /** Members of kvm_host_data. */
  readonly cpu: Fields;
}

/** What the series moved: name before and after, size, commit (merged in v6.10). */
export interface Move {
  readonly vcpu: string;
  readonly cpu: string;
  readonly bytes: number;
  readonly commit: string;
}

/** 16 breakpoint and 16 watchpoint pairs of 64-bit value and control: struct kvm_guest_debug_arch. */
const DEBUG_REGS = 512;

export const MOVES: readonly Move[] = [
  { vcpu: 'host_debug_state.regs', cpu: 'host_debug_state.regs', bytes: DEBUG_REGS, commit: '6db55734ec40' },
  { vcpu: 'host_debug_state.pmscr_el1', cpu: 'host_debug_state.pmscr_el1', bytes: 8, commit: '6db55734ec40' },
  { vcpu: 'host_debug_state.trfcr_el1', cpu: 'host_debug_state.trfcr_el1', bytes: 8, commit: '6db55734ec40' },
  { vcpu: 'mdcr_el2_host', cpu: 'host_debug_state.mdcr_el2', bytes: 8, commit: '4bacd723705a' },
  { vcpu: 'host_fpsimd_state', cpu: 'fpsimd_state', bytes: 8, commit: '51e09b5572d6' },
  { vcpu: 'fp_state', cpu: 'fp_owner', bytes: 4, commit: '5294afdbf45a' },
];

/** What the mail of the second patch says that it saves for each vCPU; it is that of host_debug_state alone. */
export const CLAIM = { words: 'save over 500 bytes per vcpu', commit: '6db55734ec40' } as const;

const sideOf = (side: 'vcpu' | 'cpu'): Fields => Object.fromEntries(MOVES.map((move) => [move[side], move.bytes]));
const without = (fields: Fields, name: string): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => field !== name));

const BEFORE = sideOf('vcpu');
const AFTER = sideOf('cpu');
/** The thread whose registers were saved; went with the mapping of its task_struct for the hypervisor. */
const PARENT_TASK: Fields = { parent_task: 8 };
/** pKVM's eager restore of the host: a union with fpsimd_state up to v6.13, alone after that; `sve_regs` in newer kernels. */
const SVE_STATE: Fields = { sve_state: 8 };
/** A union of two pointers. */
const FPSIMD_OR_SVE: Fields = { 'fpsimd_state|sve_state': 8 };
/** The owner of the debug registers stayed with the vCPU when it came (v6.14). */
const DEBUG_OWNER: Fields = { debug_owner: 4 };
const DEBUG_REWORK: Fields = { flags: 8, trfcr_while_in_guest: 8, debug_brps: 4, debug_wrps: 4 };
const WITHOUT_POINTER = without(AFTER, 'fpsimd_state');

/** By what sets each apart from the one before it. A model names one of them. */
export const HOST_DATA = {
  perVcpu: { vcpu: { ...BEFORE, ...PARENT_TASK }, cpu: {} },
  perVcpuWithoutPointer: { vcpu: { ...without(BEFORE, 'host_fpsimd_state'), ...PARENT_TASK }, cpu: {} },
  perCpu: { vcpu: PARENT_TASK, cpu: AFTER },
  sveState: { vcpu: {}, cpu: { ...WITHOUT_POINTER, ...FPSIMD_OR_SVE } },
  fpmr: { vcpu: {}, cpu: { ...WITHOUT_POINTER, ...FPSIMD_OR_SVE, 'fpmr_ptr|fpmr': 8 } },
  eagerSave: { vcpu: {}, cpu: { ...WITHOUT_POINTER, ...SVE_STATE, fpmr: 8 } },
  // v6.17 added host_debug_state.brbcr_el1, 8 bytes; the model v6.16 spans it.
  debugOwner: { vcpu: DEBUG_OWNER, cpu: { ...WITHOUT_POINTER, ...SVE_STATE, fpmr: 8, ...DEBUG_REWORK } },
  bufferLimits: {
    vcpu: DEBUG_OWNER,
    cpu: {
      ...WITHOUT_POINTER,
      'host_debug_state.pmblimitr_el1': 8,
      'host_debug_state.trblimitr_el1': 8,
      'host_debug_state.brbcr_el1': 8,
      sve_regs: 8,
      ...DEBUG_REWORK,
    },
  },
} as const satisfies Record<string, HostData>;

export type HostDataLayout = keyof typeof HOST_DATA;
