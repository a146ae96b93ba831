/**
 * Where each kernel keeps the host's FP and debug state: in kvm_vcpu_arch, once for each vCPU, or in kvm_host_data, once for
 * each physical CPU. Sizes are without padding. The host's register context (host_ctxt) is per CPU in all of them and is left
 * out.
 *
 * Sources: arch/arm64/include/asm/kvm_host.h of 6.1, 6.12, 6.17, 6.18, 6.19, 7.1, 7.2 and 7.3, and the BTF of 6.1, 6.12 and
 * 7.3; the others by the patches that led from one to the next.
 */

import type { Release } from './release-number.ts';
import { isBefore } from './release-number.ts';

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

/** A member of kvm_vcpu_arch or kvm_host_data. `a|b`: a union. */
export interface HostField {
  readonly in: 'vcpu' | 'cpu';
  readonly name: string;
  /** As C has it. */
  readonly type: string;
  readonly bytes: number;
  /** The first release that has it, and its commit; absent: older than every model. */
  readonly since?: Release;
  readonly commit?: string;
  /** The first release that has it no more, its commit, and the levels of stable series from which on they have it not. */
  readonly until?: Release;
  readonly removedBy?: string;
  readonly goneIn?: Readonly<Record<string, number>>;
  /** The levels of stable series that have it earlier. */
  readonly stable?: Readonly<Record<string, number>>;
  /** Not FP or debug state of the host, but what the PMU or the vGIC keeps there: not counted. */
  readonly other?: true;
}

/** 16 breakpoint and 16 watchpoint pairs of 64-bit value and control: struct kvm_guest_debug_arch. */
const DEBUG_REGS = 512;
const DEBUG_STATE = '6db55734ec40';
/** The rework of February 2025. */
const REWORK = { '6.12': 21, '6.13': 9 };
const OWNER_REWORK = { since: [6, 14], commit: '38131c02a53f' } as const;

const moved = (name: string, after: string, type: string, bytes: number, commit: string): readonly HostField[] => [
  { in: 'vcpu', name, type, bytes, until: [6, 10], removedBy: commit },
  { in: 'cpu', name: after, type, bytes, since: [6, 10], commit },
];

export const HOST_FIELDS: readonly HostField[] = [
  ...moved('host_debug_state.regs', 'host_debug_state.regs', 'struct kvm_guest_debug_arch', DEBUG_REGS, DEBUG_STATE),
  ...moved('host_debug_state.pmscr_el1', 'host_debug_state.pmscr_el1', 'u64', 8, DEBUG_STATE),
  ...moved('host_debug_state.trfcr_el1', 'host_debug_state.trfcr_el1', 'u64', 8, DEBUG_STATE),
  ...moved('mdcr_el2_host', 'host_debug_state.mdcr_el2', 'u64', 8, '4bacd723705a'),
  {
    in: 'vcpu',
    name: 'host_fpsimd_state',
    type: 'struct user_fpsimd_state *',
    bytes: 8,
    until: [6, 10],
    removedBy: '51e09b5572d6',
    goneIn: { '6.1': 135, '6.6': 85 },
  },
  ...moved('fp_state', 'fp_owner', 'enum', 4, '5294afdbf45a'),
  // The thread whose registers were saved; went with the mapping of its task_struct for the hypervisor.
  {
    in: 'vcpu',
    name: 'parent_task',
    type: 'struct task_struct *',
    bytes: 8,
    until: [6, 10],
    removedBy: 'd48965bc47e4',
  },
  // The owner of the debug registers stayed with the vCPU when it came.
  { in: 'vcpu', name: 'debug_owner', type: 'enum', bytes: 4, since: [6, 14], commit: 'beb470d96cec' },
  // A pointer to the state of the task, and that of pKVM's eager restore, which was left alone by the rework.
  {
    in: 'cpu',
    name: 'fpsimd_state|sve_state',
    type: 'union of struct user_fpsimd_state * and struct cpu_sve_state *',
    bytes: 8,
    since: [6, 10],
    commit: '66d5b53e20a6',
    until: [6, 14],
    removedBy: '8eca7f6d5100',
    goneIn: REWORK,
  },
  {
    in: 'cpu',
    name: 'fpmr_ptr|fpmr',
    type: 'union of u64 * and u64',
    bytes: 8,
    since: [6, 12],
    commit: 'ef3be86021c3',
    until: [6, 14],
    removedBy: '8eca7f6d5100',
    goneIn: REWORK,
  },
  {
    in: 'cpu',
    name: 'sve_state',
    type: 'struct cpu_sve_state *',
    bytes: 8,
    since: [6, 14],
    commit: '8eca7f6d5100',
    stable: REWORK,
    until: [7, 2],
  },
  {
    in: 'cpu',
    name: 'fpmr',
    type: 'u64',
    bytes: 8,
    since: [6, 14],
    commit: '8eca7f6d5100',
    stable: REWORK,
    until: [7, 2],
  },
  { in: 'cpu', name: 'sve_regs', type: 'struct arm64_sve_state *', bytes: 8, since: [7, 2] },
  { in: 'cpu', name: 'flags', type: 'unsigned long', bytes: 8, ...OWNER_REWORK },
  { in: 'cpu', name: 'trfcr_while_in_guest', type: 'u64', bytes: 8, ...OWNER_REWORK },
  { in: 'cpu', name: 'debug_brps', type: 'unsigned int', bytes: 4, ...OWNER_REWORK },
  { in: 'cpu', name: 'debug_wrps', type: 'unsigned int', bytes: 4, ...OWNER_REWORK },
  { in: 'cpu', name: 'nr_event_counters', type: 'unsigned int', bytes: 4, ...OWNER_REWORK, other: true },
  {
    in: 'cpu',
    name: 'host_debug_state.brbcr_el1',
    type: 'u64',
    bytes: 8,
    since: [6, 17],
    commit: 'd7567e9b9ba5',
  },
  {
    in: 'cpu',
    name: 'last_lr_irq',
    type: 'u32',
    bytes: 4,
    since: [7, 0],
    commit: '6da5e537f5af',
    stable: { '6.19': 9 },
    other: true,
  },
  { in: 'cpu', name: 'host_debug_state.pmblimitr_el1', type: 'u64', bytes: 8, since: [7, 1], commit: '07695f7dc1e1' },
  { in: 'cpu', name: 'host_debug_state.trblimitr_el1', type: 'u64', bytes: 8, since: [7, 1], commit: 'd133aa75e39d' },
  { in: 'cpu', name: 'vgic_v5_ppi_state', type: 'struct', bytes: 16, since: [7, 1], other: true },
];

export const MOVES: readonly Move[] = [
  { vcpu: 'host_debug_state.regs', cpu: 'host_debug_state.regs', bytes: DEBUG_REGS, commit: DEBUG_STATE },
  { vcpu: 'host_debug_state.pmscr_el1', cpu: 'host_debug_state.pmscr_el1', bytes: 8, commit: DEBUG_STATE },
  { vcpu: 'host_debug_state.trfcr_el1', cpu: 'host_debug_state.trfcr_el1', bytes: 8, commit: DEBUG_STATE },
  { vcpu: 'mdcr_el2_host', cpu: 'host_debug_state.mdcr_el2', bytes: 8, commit: '4bacd723705a' },
  { vcpu: 'host_fpsimd_state', cpu: 'fpsimd_state', bytes: 8, commit: '51e09b5572d6' },
  { vcpu: 'fp_state', cpu: 'fp_owner', bytes: 4, commit: '5294afdbf45a' },
];

/** What the mail of the second patch says that it saves for each vCPU; it is that of host_debug_state alone. */
export const CLAIM = { words: 'save over 500 bytes per vcpu', commit: '6db55734ec40' } as const;

function isIn([major, minor, patch = 0]: Release, { since, stable, until, goneIn }: HostField): boolean {
  const at = (levels: Readonly<Record<string, number>> | undefined): boolean =>
    patch >= (levels?.[`${major}.${minor}`] ?? Number.POSITIVE_INFINITY);
  const hasCome = since === undefined || !isBefore([major, minor], since) || at(stable);
  const hasGone = (until !== undefined && !isBefore([major, minor], until)) || at(goneIn);
  return hasCome && !hasGone;
}

const bytesOf = (fields: readonly HostField[], side: HostField['in']): Fields =>
  Object.fromEntries(fields.filter((field) => field.in === side).map(({ name, bytes }) => [name, bytes]));

/** What a release keeps where. */
export function hostDataOf(release: Release): HostData {
  const fields = HOST_FIELDS.filter((field) => field.other !== true && isIn(release, field));
  return { vcpu: bytesOf(fields, 'vcpu'), cpu: bytesOf(fields, 'cpu') };
}

/** The series as it was posted and merged, before the fixes of pKVM. */
export const AS_MOVED: HostData = {
  vcpu: { parent_task: 8 },
  cpu: Object.fromEntries(MOVES.map(({ cpu, bytes }) => [cpu, bytes])),
};
