/**
 * What is particular to `trace-cmd report` (and to perf script, which prints payloads with the same library): lines of its
 * own between the events,
 *
 *   cpus=2
 *   CPU 1 is empty
 *   CPU:1 [12 EVENTS DROPPED]
 *
 * and payloads in the words of libtraceevent or its plugins instead of the kernel's:
 *
 *   sched_switch:         vmm:108 [120] R+ ==> kworker/0:1:16 [120]
 *   kvm_exit:             ret=2 esr_ec=0x24 vcpu_pc=0x40000020
 *
 * Defined in tracecmd/trace-read.c of trace-cmd and plugins/plugin_sched_switch.c of libtraceevent. The columns are ftrace's.
 */

import { MAX_CPU } from '../../trace/vocabulary.ts';
import { type Exit, exitOf } from '../payload/exit.ts';
import { isDigit } from './bytes.ts';

/** Number of CPUs that `cpus=2` says; 0 where the line is none. */
export function reportedCpus(text: string): number {
  const match = /^cpus=(\d{1,4})$/.exec(text);
  return match === null ? 0 : Number(match[1]);
}

/** Lines that say nothing of the trace's content: `CPU 1 is empty`, `version = 6`. */
export function isReportNotice(text: string): boolean {
  return /^(CPU \d+ is empty|version = \S+|trace-cmd\b.*|\s+buffer: .*)$/.test(text);
}

/** `... ==> name:pid [prio]`, read from the end: a name can contain anything, colons as well. */
export function readPluginSwitch(payload: string): number {
  const match = / ==> .*:(\d{1,7}) \[-?\d+\](?: CPU:\d+)?$/.exec(payload);
  return match === null ? -1 : Number(match[1]);
}

/** Names of ARM_EXCEPTION_CODE (arch/arm64/include/asm/kvm_asm.h). */
const EXCEPTION_CODES: Readonly<Record<string, string>> = { 0: 'IRQ', 1: 'SERROR', 2: 'TRAP', 3: 'IL' };

/** The fields of kvm_exit as they are in the ring buffer. */
export function readPluginExit(payload: string): Exit | undefined {
  const match = /^ret=(0x[0-9a-f]+|\d+) esr_ec=(0x[0-9a-f]+|\d+) vcpu_pc=/.exec(payload);
  if (match === null) return undefined;
  const name = EXCEPTION_CODES[Number(match[1]) & 0x7fffffff];
  return name === undefined ? undefined : exitOf(name, Number(match[2]));
}

/** `CPU:1 [LOST 12 EVENTS]` of the kernel, `CPU:1 [12 EVENTS DROPPED]` of trace-cmd; `count` 0 where they do not say how many. */
export function readLost(text: string): { readonly cpu: number; readonly count: number } | undefined {
  if (!text.startsWith('CPU:') || !isDigit(text.charCodeAt(4))) return undefined;
  const match = /^CPU:(\d{1,4}) \[(?:LOST (\d{1,15} )?EVENTS|(\d{1,15} )?EVENTS DROPPED)\]\s*$/.exec(text);
  const cpu = Number(match?.[1]);
  return match === null || cpu > MAX_CPU ? undefined : { cpu, count: Number(match[2] ?? match[3] ?? 0) };
}
