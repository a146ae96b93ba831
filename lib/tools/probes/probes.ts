/** `worldswitch probes`: writes the script that takes a capture on a running kernel, from that kernel's BTF. */

import { type Btf, describeBtfError, isBtfError } from '../../btf/blob.ts';
import { PROBES, whyForbidden } from '../../import/payload/probes.ts';
import { cksum } from './cksum.ts';
import { type Layout, type Place, readLayout, vcpuArguments } from './layout.ts';
import { scriptText } from './script.ts';

export const PROBE_MODES = ['vhe', 'nvhe', 'hvhe', 'pkvm'] as const;
export type ProbeMode = (typeof PROBE_MODES)[number];

export interface ProbesOptions {
  /** The BTF of the kernel to be traced. Without it vCPUs are told apart by their pointers only, and fp_owner is not read. */
  readonly btf?: Btf;
  /** The mode of the host. Without it the script finds out; with it, it refuses a host of another mode. */
  readonly mode?: ProbeMode;
  /** State is read of CPUs 0 to cpus-1 (1..4096). Without it, of all CPUs online. */
  readonly cpus?: number;
  /** In nVHE and hVHE modes, the kernel's instance of kvm_host_data is read too, as k0, k1, ... (wrong accessors show there). */
  readonly bothInstances?: boolean;
  /** Functions to be probed beside those of the table, e.g. `kvm_vcpu_load_debug`. Forbidden ones are refused. */
  readonly functions?: readonly string[];
}

export interface ProbesScript {
  readonly script: string;
  /** What the capture will lack, in words. */
  readonly notes: readonly string[];
}

/** Why no script is written, one sentence for each reason. */
export interface ProbesRefusal {
  readonly refused: readonly string[];
}

export function isRefusal(result: ProbesScript | ProbesRefusal): result is ProbesRefusal {
  return 'refused' in result;
}

/** The capture script (POSIX sh), or the reasons why there is none. */
export function probes(options: ProbesOptions = {}): ProbesScript | ProbesRefusal {
  const { btf, mode = '', cpus = 0, bothInstances = false, functions = [] } = options;
  const layout = btf && readLayout(btf);
  if (layout !== undefined && isBtfError(layout)) return { refused: [`BTF: ${describeBtfError(layout)}`] };
  const refused = [...functions.flatMap(whyNotProbe), ...whyNotCpus(options.cpus), ...whyNotBtf(layout)];
  if (bothInstances && mode === 'pkvm') {
    refused.push(
      "under pKVM the hypervisor's kvm_host_data is not read: it belongs to EL2, and the access would panic the host",
    );
  }
  if (refused.length > 0) return { refused };
  const script = scriptText({
    btfChecksum: btf ? cksum(btf.bytes) : '',
    mode,
    cpus,
    vcpuArguments: vcpuArguments(layout),
    ownerOffset: hexadecimal(layout?.fpOwner?.offset),
    ownerType: `u${8 * (layout?.fpOwner?.size ?? 4)}`,
    // st is the first member in every kernel that has the variable (arch/arm64/kernel/fpsimd.c).
    lastOffset: hexadecimal(layout?.lastSt?.offset ?? 0),
    ...transferOffsets(layout),
    ...vectorLengths(layout),
    idRegisters: [...(layout?.idRegisters ?? [])].map(([name, { offset }]) => `${name}:${hexadecimal(offset)}`),
    bothInstances,
    functions: [...new Set(functions)],
    header: headerLines(layout),
  });
  return { script, notes: notes(layout) };
}

const signed = (value: number) => (value < 0 ? String(value) : `+${value}`);

const hexadecimal = (value: number | undefined) => (value === undefined ? '' : value.toString(16));

/** Where it says as what registers were saved and loaded: fp_type since v6.2, before that TIF_SVE of the task. */
function transferOffsets(layout: Layout | undefined) {
  const { lastFpType, lastSvcr, taskFlags, taskFpsimdState, taskFpsimdCpu } = layout ?? {};
  const fromState = (place: Place | undefined): string =>
    place === undefined || taskFpsimdState === undefined ? '' : signed(place.offset - taskFpsimdState.offset);
  return {
    fpTypeOffset: hexadecimal(lastFpType?.offset),
    svcrOffset: hexadecimal(lastSvcr?.offset),
    taskFlags: lastFpType === undefined ? fromState(taskFlags) : '',
    taskFpsimdCpu: fromState(taskFpsimdCpu),
  };
}

/** vl_info is indexed by enum vec_type: SVE is element 0, SME is 1. */
function vectorLengths(layout: Layout | undefined) {
  const { maxVl, vlInfo } = layout ?? {};
  const offset = maxVl?.size === 4 ? maxVl.offset : undefined;
  return {
    sveMaxVlOffset: hexadecimal(offset),
    smeMaxVlOffset: hexadecimal(offset === undefined || vlInfo === undefined ? undefined : offset + vlInfo.size),
  };
}

/** What l0, l1, ... point at: a task's or a vCPU's FP registers, at these offsets from `next` and from `vptr`. */
function headerLines(layout: Layout | undefined): string[] {
  const { taskFpsimdState, vcpuFpRegs } = layout ?? {};
  return [
    ...(taskFpsimdState ? [`task_fpsimd_state_offset=${taskFpsimdState.offset}`] : []),
    ...(vcpuFpRegs ? [`vcpu_fp_regs_offset=${vcpuFpRegs.offset}`] : []),
  ];
}

/** The kernel's MAX_EVENT_NAME_LEN is 64, its NUL included. */
const FUNCTION_NAME = /^[A-Za-z_][A-Za-z0-9_.]{0,62}$/;

function whyNotProbe(name: string): string[] {
  if (!FUNCTION_NAME.test(name)) return [`${JSON.stringify(name)} is not the name of a function`];
  if (PROBES.some((probe) => probe.event === name.replaceAll('.', '_')))
    return [`${name} is the name of an event already`];
  const why = whyForbidden(name);
  return why === undefined ? [] : [`${name} must not be probed: ${why}`];
}

function whyNotCpus(cpus: number | undefined): string[] {
  if (cpus === undefined || (Number.isInteger(cpus) && cpus >= 1 && cpus <= 4096)) return [];
  return [`the number of CPUs must be an integer from 1 to 4096, not ${cpus}`];
}

function whyNotBtf(layout: Layout | undefined): string[] {
  if (layout === undefined || layout.vcpuId !== undefined) return [];
  return ['this BTF has no struct kvm_vcpu with a vcpu_id: it is not that of a kernel with KVM'];
}

function notes(layout: Layout | undefined): string[] {
  if (layout === undefined) {
    return ['without BTF the capture has no fp_owner, VM, vCPU number or flags: vCPUs are told apart by pointer only'];
  }
  const list: string[] = [];
  if (layout.fpOwner === undefined && layout.fpState === undefined)
    list.push('this kernel has no fp_owner and no fp_state');
  if (layout.iflags === undefined) list.push('this kernel has no kvm_vcpu.arch.iflags: DEBUG_DIRTY is not captured');
  return list;
}
