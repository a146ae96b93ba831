/**
 * The text of the capture script: POSIX sh for the host to be traced, BusyBox being enough. What depends on the kernel is
 * computed before (settings) or at run time from /proc/kallsyms; everything else is the same text for every kernel.
 */

import { PROBES, type Probe, TRACEPOINTS } from '../../import/payload/probes.ts';
import { ARITHMETIC, CLEAN_UP, COMMON, FINISH, KERNEL_MEMORY, PROBE_FUNCTION } from './shell-functions.ts';
import { ADDRESSES, CHECKS, ENABLE_AND_RUN, FIND_OUT } from './shell-steps.ts';

/** Where the kernel puts an EL2 CPU's data: `base[cpu] + (symbol - start)`, per_cpu_ptr_nvhe_sym in asm/kvm_asm.h. */
const SYMBOLS: readonly string[] = [
  '__per_cpu_offset',
  'kvm_host_data',
  'fpsimd_last_state',
  'kvm_protected_mode_initialized',
  '__kvm_nvhe_kvm_arm_hyp_percpu_base',
  // Its name before v5.18.
  'kvm_arm_hyp_percpu_base',
  '__kvm_nvhe_kvm_host_data',
  '__kvm_nvhe___per_cpu_start',
  'vl_info',
  'core_num_brps',
  'core_num_wrps',
  'cpu_data',
  'kvm_arm_pmu_available',
];
/** Functions that every shell reaches by opening a file: the first that exists is where kernel memory is read from. */
const READERS = ['do_filp_open', 'vfs_open', 'vfs_read'] as const;

/** What the generator knows. Strings are written into the script as they are: they hold no quotes. */
export interface Settings {
  /** What `cksum` prints of the kernel's BTF, '' without one. */
  readonly btfChecksum: string;
  /** vhe, nvhe, hvhe, pkvm; '': to be found out. */
  readonly mode: string;
  /** How many CPUs' state is read, from CPU 0; 0: those online. */
  readonly cpus: number;
  /** Fetch arguments of a vCPU in x0. */
  readonly vcpuArguments: string;
  /** Byte offset of fp_owner in kvm_host_data, and its fetch type; '' where it is not there. */
  readonly ownerOffset: string;
  readonly ownerType: string;
  /** Byte offset of st in fpsimd_last_state. */
  readonly lastOffset: string;
  /** Byte offsets of fp_type and svcr, which are pointers, in fpsimd_last_state; '' where they are not there. */
  readonly fpTypeOffset: string;
  readonly svcrOffset: string;
  /** From the FP state in struct task_struct to thread_info.flags, in bytes, with its sign; '' where not known. */
  readonly taskFlags: string;
  /** The same to thread.fpsimd_cpu. */
  readonly taskFpsimdCpu: string;
  /** Byte offsets of max_vl of SVE and of SME in vl_info; '' where not known. */
  readonly sveMaxVlOffset: string;
  readonly smeMaxVlOffset: string;
  /** ID registers in struct cpuinfo_arm64: `name:offset`. */
  readonly idRegisters: readonly string[];
  /** Both instances of kvm_host_data are read (k0, k1, ... is the kernel's). */
  readonly bothInstances: boolean;
  /** Functions to be probed beside those of the table. */
  readonly functions: readonly string[];
  /** Further lines of the header, `key=value`. */
  readonly header: readonly string[];
}

/**
 * An event has at most 128 arguments (MAX_TRACE_ARGS), a line of kprobe_events at most 4095 characters (WRITE_BUFSIZE): 8
 * arguments of the vCPU, and two or three of up to 29 characters for each CPU.
 */
function maxCpus(settings: Settings): number {
  return settings.bothInstances ? 39 : 60;
}

export function scriptText(settings: Settings): string {
  return [
    ABOUT,
    settingsText(settings),
    COMMON,
    ARITHMETIC,
    KERNEL_MEMORY,
    CLEAN_UP,
    FINISH,
    CHECKS,
    FIND_OUT,
    ADDRESSES,
    PROBE_FUNCTION,
    [...PROBES, ...settings.functions.map(extraProbe)].map(probeLine).join('\n'),
    ENABLE_AND_RUN,
  ].join('\n');
}

function extraProbe(name: string): Probe {
  return { event: name.replaceAll('.', '_'), function: name, at: 'entry', fields: ['owners', 'lasts'] };
}

function probeLine(probe: Probe): string {
  const words = {
    vcpu: '$vcpu_arguments',
    cpu: 'cpu=%x1:s32',
    cmd: 'cmd=%x1:u32',
    next: 'next=%x0:x64',
    value: 'val=%x1:x64',
    flags: 'tif=%x1:x32',
    caller: 'by=%lr:symbol',
    owners: '$owners',
    lasts: '$lasts',
    transfers: '$transfers',
    bound: '$bound',
  };
  const fields = probe.fields.map((group) => words[group]).join(' ');
  const line = `probe ${probe.at === 'entry' ? 'p' : 'r'} ${probe.event} ${probe.function} "${fields}"`;
  return probe.unless === undefined ? line : `[ -z "$task_flags" ] || [ -n "$${probe.unless}" ] || ${line}`;
}

function settingsText(settings: Settings): string {
  const functions = [...PROBES.map((probe) => probe.function), ...settings.functions, ...READERS];
  return `
# Facts of the kernel that this script was written for.
btf_checksum='${settings.btfChecksum}'
vcpu_arguments='${settings.vcpuArguments}'
owner_offset='${settings.ownerOffset}'
owner_type='${settings.ownerType}'
last_offset='${settings.lastOffset}'
fp_type_offset='${settings.fpTypeOffset}'
svcr_offset='${settings.svcrOffset}'
task_flags='${settings.taskFlags}'
task_fpsimd_cpu='${settings.taskFpsimdCpu}'
sve_max_vl_offset='${settings.sveMaxVlOffset}'
sme_max_vl_offset='${settings.smeMaxVlOffset}'
id_registers='${settings.idRegisters.join(' ')}'
known_header='${settings.header.join(' ')}'
# What was asked for.
asked_mode='${settings.mode}'
asked_cpus=${settings.cpus}
both_instances=${settings.bothInstances ? 1 : 0}
# Limits and names.
max_cpus=${maxCpus(settings)}
buffer_kb=\${WORLDSWITCH_BUFFER_KB:-8192}
wanted_symbols='${[...new Set([...SYMBOLS, ...functions])].join('|').replaceAll('.', '[.]')}'
readers='${READERS.join(' ')}'
all_events='${[...PROBES, ...settings.functions.map(extraProbe)].map((probe) => probe.event).join(' ')}'
tracepoints='${TRACEPOINTS.join(' ')}'
`;
}

const ABOUT = `#!/bin/sh
# Captures the KVM/arm64 world switch of this host, as worldswitch reads it. Written by "worldswitch probes".
#
#   sh SCRIPT [-o FILE] COMMAND [ARGUMENT...]   traces while COMMAND runs
#   sh SCRIPT [-o FILE]                         traces until Enter is pressed
#   sh SCRIPT --remove                          removes what a killed capture left behind (the next one does so too)
#
# To be run as root, with kernel.kptr_restrict=0. WORLDSWITCH_BUFFER_KB: trace buffer for each CPU (default 8192).
#
# Not probed: the FP trap handler (kvm_hyp_handle_fpsimd) and the world switch itself. They run at EL2, or with the guest
# vectors installed, where a breakpoint is not handled; FP traps are deduced from fp_owner instead. Not read: memory of the
# hypervisor under pKVM. It belongs to EL2 there, and an access panics the host.
set -u
export LC_ALL=C`;
