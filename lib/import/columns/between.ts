/** Lines that a trace has between its entries, whoever printed it. */

import { MAX_CPU } from '../../trace/vocabulary.ts';

/**
 * A line of the calls that led to the entry above it: ` => function` of ftrace, and of perf script an address, a symbol and what
 * it is of, `\tffff800080012345 kvm_vcpu_ioctl+0x1a4 ([kernel.kallsyms])`.
 */
export function isCallChain(text: string): boolean {
  return /^ *=> /.test(text) || /^\s+[0-9a-f]{1,16} .*\(.*\)$/.test(text);
}

/** `##### CPU 1 buffer started ####`: what that CPU did before has been overwritten (test_cpu_buff_start, kernel/trace/trace.c). */
export function bufferStarted(
  text: string,
): { readonly count: number; readonly cpu: number; readonly note: string } | undefined {
  const match = /^##### CPU (\d{1,4}) buffer started ####$/.exec(text);
  const cpu = Number(match?.[1]);
  return match === null || cpu > MAX_CPU
    ? undefined
    : { count: 1, cpu, note: 'its buffer begins here; the trace does not say how many' };
}
