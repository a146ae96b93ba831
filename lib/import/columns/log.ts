/**
 * A trace that the kernel printed to its log (ftrace_dump, at a panic or by SysRq-Z), as a console or dmesg shows it:
 *
 *     [    1.001002]      vmm-164       0d..1. 1000500us : vcpu_load: ...
 *     <4>[    1.001002][    T1]      vmm-164 ...
 *
 * Defined by print_prefix, kernel/printk/printk.c: a level and a caller may stand beside the time.
 */

import { type Line, textOf } from './line.ts';

const OPEN = 0x5b;
const LESS = 0x3c;
const PREFIX = /^(?:<\d{1,3}>)?\[ *\d+\.\d{6}\](?:\[ *[TC]\d+\])? /;

/** Where the text begins behind the prefix of the kernel's log; the line's start where it has none. */
export function logPrefixEnd(line: Line): number {
  const first = line.bytes[line.start];
  if (first !== OPEN && first !== LESS) return line.start;
  return line.start + (PREFIX.exec(textOf(line))?.[0].length ?? 0);
}
