/**
 * What a capture says of itself in comment lines:
 *
 *   # worldswitch-capture: key=value
 *
 * | key | value |
 * |---|---|
 * | `release`, `version` | `uname -r` and `uname -v` of the kernel |
 * | `model`, `mode` | as `--model` and `--mode` take them |
 * | `cpus` | number of CPUs that were online |
 * | `clock` | clock of the times, as trace_clock names it |
 * | `sve_vl`, `sme_vl` | largest vector lengths in bytes; no line: the machine has none |
 * | `sve_default_vl` | that of new processes, in bytes: the largest, but at most 64 (sve_default_vl of kernel/fpsimd.c) |
 * | `task_fpsimd_state_offset`, `vcpu_fp_regs_offset` | bytes from the start of struct task_struct and of struct kvm_vcpu to what fpsimd_last_state points at |
 * | `nested` | 1: the host was booted for nested guests (`kvm-arm.mode=nested`); 0: it was not |
 * | `id_aa64pfr0`, .. | ID registers of a CPU, `0x...` |
 * | `pmu` | up to v6.12: 0 where KVM has found no PMU |
 * | `brps`, `wrps` | break- and watchpoint register pairs |
 * | `machine` | `uname -m`; of another than arm64 nothing is read |
 * | `source` | how the trace was taken, for people |
 * | `probes`, `tracepoints` | names of those that were set, with commas between them |
 * | `probes_missing`, `tracepoints_missing` | those that could not be set; the first version of the script says only these |
 * | `entries.CPU` | entries that CPU's buffer held when it was read (per_cpu/cpuN/stats: `entries`) |
 * | `overrun.CPU` | entries it had lost (`overrun`, `commit overrun` and `dropped events` together) |
 * | `missed.EVENT` | hits of that kprobe that were missed (kprobe_profile, third column) |
 *
 * They can stand anywhere: the last three are known only when the capture is over. Other keys are left alone.
 * The kernel's own header is read here as well: `# entries-in-buffer/entries-written: 6917/6917   #P:2`; and that of `perf script --header`:
 * `# os release : 7.1.2`, `# arch : aarch64`, `# nrcpus online : 8`.
 */

import { FIELDS, MAX_CPU } from '../../trace/vocabulary.ts';
import { ID_REGISTERS } from './id-registers.ts';

export interface CaptureHeader {
  machine: string | undefined;
  release: string | undefined;
  version: string | undefined;
  model: string | undefined;
  mode: string | undefined;
  source: string | undefined;
  /** Where the FP state lies in struct task_struct and in struct kvm_vcpu, in bytes; 0 where it does not say. */
  taskStateOffset: number;
  vcpuStateOffset: number;
  /** Probes and tracepoints that were set. */
  readonly probes: Set<string>;
  /** The header lists what was set, not only what was missing. */
  listsProbes: boolean;
  cpus: number | undefined;
  /** Clock of the times, as trace_clock names it. */
  clock: string | undefined;
  sveVl: number | undefined;
  smeVl: number | undefined;
  sveDefaultVl: number | undefined;
  /** Entries that the file should have; 0 where nothing says so. */
  entries: number;
  /** Entries by CPU that were overwritten, where the capture says so. */
  readonly overrunOf: Map<number, number>;
  /** ID registers by name, and whether KVM has found a PMU. */
  readonly idRegisters: Map<string, bigint>;
  pmu: boolean | undefined;
  brps: number | undefined;
  wrps: number | undefined;
  /** Whether the host was booted for nested guests. */
  nested: boolean | undefined;
  /** Entries by CPU, where the capture says them. */
  readonly entriesOf: Map<number, number>;
}

/** What the header says of the kernel becomes unsaid. */
export function forgetKernel(header: CaptureHeader): void {
  header.release = undefined;
  header.version = undefined;
  header.model = undefined;
  header.mode = undefined;
}

/** Events that a header line says are missing. */
export interface HeaderLoss {
  readonly count: number;
  readonly cpu?: number;
  readonly note: string;
}

export function createCaptureHeader(): CaptureHeader {
  return {
    machine: undefined,
    release: undefined,
    version: undefined,
    model: undefined,
    mode: undefined,
    source: undefined,
    taskStateOffset: 0,
    vcpuStateOffset: 0,
    probes: new Set(),
    listsProbes: false,
    cpus: undefined,
    clock: undefined,
    sveVl: undefined,
    smeVl: undefined,
    sveDefaultVl: undefined,
    entries: 0,
    overrunOf: new Map(),
    idRegisters: new Map(),
    pmu: undefined,
    brps: undefined,
    wrps: undefined,
    nested: undefined,
    entriesOf: new Map(),
  };
}

/** What the first version of the script set, where the kernel had it: it listed only what was missing. */
const FIRST_SCRIPT: Readonly<Record<string, string>> = {
  probes_missing:
    'vcpu_load vcpu_put load_fp load_fp_ret flush_fp flush_fp_ret sync_fp sync_fp_ret put_fp put_fp_ret map_fp save_flush neon_begin thread_switch restore_current restore_current_ret set_debug',
  tracepoints_missing:
    'kvm_entry kvm_exit kvm_userspace_exit kvm_hvc_arm64 kvm_sys_access kvm_set_guest_debug kvm_arm_setup_debug kvm_arm_clear_debug sched_switch',
};

/** Of break- and watchpoint registers; undefined where there can be no such number. */
function pairs(number: number | undefined): number | undefined {
  const { min, max } = FIELDS.brps.type;
  return number !== undefined && number >= min && number <= max ? number : undefined;
}

const OWN = /^# worldswitch-capture: ([a-z_0-9]+)(?:\.([A-Za-z0-9_]+))?=(.*)$/;
const PERF = /^# (os release|arch|nrcpus online) : (\S+)\s*$/;
const KERNEL = /^# entries-in-buffer\/entries-written: (\d{1,15})\/(\d{1,15}) +#P:(\d{1,4})/;

/** Takes over what a comment line says; what it says is missing is returned. */
export function readHeaderLine(text: string, header: CaptureHeader): HeaderLoss | undefined {
  const own = OWN.exec(text);
  if (own !== null) return readOwn(own[1] ?? '', own[2], own[3] ?? '', header);
  const perf = PERF.exec(text);
  if (perf !== null) readPerf(perf[1] as string, perf[2] as string, header);
  const kernel = KERNEL.exec(text);
  if (kernel === null) return undefined;
  const [inBuffer, written, cpus] = [Number(kernel[1]), Number(kernel[2]), Number(kernel[3])];
  header.entries += inBuffer;
  if (cpus > 0) header.cpus ??= cpus;
  // What the script has counted by CPU is the same loss.
  const told = [...header.overrunOf.values()].reduce((sum, count) => sum + count, 0);
  const count = written - inBuffer - told;
  return count > 0 ? { count, note: 'overwritten before the trace was read' } : undefined;
}

function readPerf(key: string, value: string, header: CaptureHeader): void {
  if (key === 'arch') header.machine ??= value;
  else if (key === 'os release') header.release ??= value;
  else readOwn('cpus', undefined, value, header);
}

function readOwn(key: string, part: string | undefined, value: string, header: CaptureHeader): HeaderLoss | undefined {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  if (part !== undefined) return number === undefined ? undefined : readCount(key, part, number, header);
  if (key === 'machine') header.machine = value;
  else if (key === 'release') header.release = value;
  else if (key === 'version') header.version = value;
  else if (key === 'model') header.model = value;
  else if (key === 'mode') header.mode = value;
  else if (key === 'source') header.source = value;
  else if (key === 'clock') header.clock = value;
  else if (key === 'probes' || key === 'tracepoints') listProbes(header, value);
  else if (key in FIRST_SCRIPT && !header.listsProbes) addAllBut(header.probes, key, value);
  else if (key === 'cpus' && number !== undefined && number >= 1 && number <= MAX_CPU + 1) header.cpus = number;
  else if (key === 'task_fpsimd_state_offset' && number !== undefined) header.taskStateOffset = number;
  else if (key === 'vcpu_fp_regs_offset' && number !== undefined) header.vcpuStateOffset = number;
  else if (key === 'sve_vl') header.sveVl = vectorLength(number);
  else if (key === 'sme_vl') header.smeVl = vectorLength(number);
  else if (ID_REGISTERS.includes(key) && /^0x[0-9a-f]{1,16}$/.test(value)) header.idRegisters.set(key, BigInt(value));
  else if (key === 'pmu') header.pmu = number === undefined ? undefined : number > 0;
  else if (key === 'brps' || key === 'wrps') header[key] = pairs(number);
  else if (key === 'nested') header.nested = value === '1';
  else if (key === 'sve_default_vl') header.sveDefaultVl = vectorLength(number);
  return undefined;
}

const namesIn = (value: string): string[] => value.split(',').filter((name) => /^\w{1,64}$/.test(name));

function listProbes(header: CaptureHeader, value: string): void {
  header.listsProbes = true;
  for (const name of namesIn(value)) header.probes.add(name);
}

function addAllBut(probes: Set<string>, key: string, missing: string): void {
  const not = namesIn(missing);
  for (const name of (FIRST_SCRIPT[key] ?? '').split(' ')) if (!not.includes(name)) probes.add(name);
}

function readCount(key: string, part: string, count: number, header: CaptureHeader): HeaderLoss | undefined {
  if (key === 'missed') return count > 0 ? { count, note: `hits of the probe ${part} that were missed` } : undefined;
  const cpu = /^\d{1,4}$/.test(part) ? Number(part) : MAX_CPU + 1;
  if (cpu > MAX_CPU) return undefined;
  if (key === 'entries') header.entriesOf.set(cpu, count);
  if (key === 'overrun') header.overrunOf.set(cpu, count);
  return key === 'overrun' && count > 0 ? { count, cpu, note: 'overwritten before the trace was read' } : undefined;
}

/** Multiples of 16 bytes up to 256 (Arm ARM, ZCR_ELx.LEN). */
function vectorLength(value: number | undefined): number | undefined {
  return value !== undefined && value >= 16 && value <= 256 && value % 16 === 0 ? value : undefined;
}

/**
 * How the kernel keeps track of whose the debug registers are: DEBUG_DIRTY up to v6.13, `debug_owner` since v6.14
 * (3b7780945cc8). Undefined where neither release nor model says which kernel it is.
 */
export function debugSchemeOf(release: string | undefined, model: string | undefined): 'dirty' | 'owner' | undefined {
  if (model?.startsWith('seed-') === true) return 'dirty';
  const match = /^v?(\d{1,3})\.(\d{1,3})/.exec(release ?? '') ?? /^v(\d{1,3})\.(\d{1,3})/.exec(model ?? '');
  if (match === null) return undefined;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > 6 || (major === 6 && minor >= 14) ? 'owner' : 'dirty';
}
