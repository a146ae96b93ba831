/** Who called a probed function: what that says of why it runs. */

import type { Line } from '../columns/line.ts';
import { createNameFinder } from './event-names.ts';
import { HAS, type ProbeFields } from './kprobe-events.ts';

export const CALLER = {
  unknown: 0,
  /** A load, put, switch, power-down or kernel-mode NEON: an event of its own tells of it. */
  step: 1,
  /** It saves the current task. */
  saver: 2,
  /** The same, and what memory has counts from then on. */
  flusher: 3,
  /** The current task gets a new state. */
  update: 4,
  /** A task that is new; or the current one, of which another event tells. */
  other: 5,
} as const;

/** arch/arm64/kernel/{fpsimd,process,signal,ptrace}.c and arch/arm64/kvm/fpsimd.c of 6.1 to 7.3. */
const CALLERS: Readonly<Record<string, number>> = {
  fpsimd_thread_switch: CALLER.step,
  fpsimd_save_and_flush_cpu_state: CALLER.step,
  kernel_neon_begin: CALLER.step,
  fpsimd_preserve_current_state: CALLER.saver,
  fpsimd_signal_preserve_current_state: CALLER.saver,
  fpsimd_save_and_flush_current_state: CALLER.flusher,
  vec_set_vector_length: CALLER.flusher,
  fpsimd_flush_thread: CALLER.flusher,
  restore_sve_fpsimd_context: CALLER.flusher,
  fpsimd_update_current_state: CALLER.update,
  fpsimd_restore_current_state: CALLER.other,
  copy_thread: CALLER.other,
};

const find = createNameFinder(CALLERS);
const PLUS = 0x2b;
const DOT = 0x2e;

/** One of CALLER. The compiler can have split off a part of a function: `symbol.part.0`. */
export function callerOf({ bytes, end }: Line, { by }: ProbeFields): number {
  let nameEnd = by;
  while (nameEnd < end && bytes[nameEnd] !== PLUS && bytes[nameEnd] !== DOT) nameEnd++;
  return find(bytes, by, nameEnd);
}

/** What a line has: with its caller, where that is one of the kernel's that are known. */
export function fieldsShown(line: Line, fields: ProbeFields): number {
  return callerOf(line, fields) === CALLER.unknown ? fields.has : fields.has | HAS.caller;
}
