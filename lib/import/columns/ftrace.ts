/**
 * What the kernel prints in /sys/kernel/tracing/trace and trace_pipe, and trace-cmd report after it:
 *
 *            TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
 *             vmm-108     [000] d..2.    15.881303: vcpu_load: (kvm_arch_vcpu_load+0x0/0x220) kvm=0x...
 *
 * and, with the option latency-format, `cmd-pid`, the CPU and the flags without brackets, and microseconds since the start:
 *
 *     vmm-108       0d..2.  1234us : vcpu_load: ...
 *
 * with seconds in their place where `trace-cmd report -l` prints them.
 *
 * Defined by trace_print_context and trace_print_lat_context, kernel/trace/trace_output.c; Documentation/trace/ftrace.rst.
 *
 * A task's name is free text: spaces, brackets, `-12 [003] 1.5: x:`, escape characters. The kernel pads it to 16 (latency
 * format: 8) columns, so the columns are believed first; only a line that does not have them is searched.
 */

import { MAX_CPU } from '../../trace/vocabulary.ts';
import { find, isDigit } from './bytes.ts';
import {
  decimalAt,
  type Line,
  readFlagColumns,
  readFromCpu,
  readName,
  readPid,
  readTime,
  skipDigits,
  skipSpaces,
} from './line.ts';

const SPACE = 0x20;
const DASH = 0x2d;
const OPEN = 0x5b;
const DOT = 0x2e;
const SMALL_U = 0x75;
const COLON = 0x3a;
/** `%16s-%-7d ` */
const NAME_COLUMNS = 16;
/** `%8.8s-%-7d %3d` */
const LATENCY_NAME_COLUMNS = 8;

/** Fills `line` from the ordinary columns; false where `text` does not have them. */
export function parseFtrace(bytes: Uint8Array, line: Line): boolean {
  const dash = line.start + NAME_COLUMNS;
  if (dash >= line.end || bytes[dash] !== DASH) return false;
  const end = skipDigits(bytes, dash + 1);
  return readPid(bytes, dash + 1, end, line) && readFromCpu(bytes, end, line);
}

/** Fills `line` from the columns of the latency format; false where `text` does not have them. */
export function parseLatency(bytes: Uint8Array, line: Line): boolean {
  const dash = line.start + LATENCY_NAME_COLUMNS;
  if (dash >= line.end || bytes[dash] !== DASH) return false;
  const pidEnd = skipDigits(bytes, dash + 1);
  if (!readPid(bytes, dash + 1, pidEnd, line)) return false;
  const cpu = skipSpaces(bytes, pidEnd);
  const flags = skipDigits(bytes, cpu);
  line.cpu = decimalAt(bytes, cpu, flags);
  if (cpu === pidEnd || line.cpu < 0 || line.cpu > MAX_CPU) return false;
  const time = find(bytes, SPACE, flags, line.end);
  if (!readFlagColumns(bytes, flags, time, line)) return false;
  const start = skipSpaces(bytes, time);
  const end = skipDigits(bytes, start);
  if (bytes[end] === DOT) {
    const name = readTime(bytes, start, line);
    return name > 0 && readName(bytes, name, line);
  }
  const microseconds = decimalAt(bytes, start, end);
  // `us`, a mark for the delay to the next event, and the colon.
  if (microseconds < 0 || bytes[end] !== SMALL_U || bytes[end + 3] !== COLON) return false;
  line.seconds = Math.floor(microseconds / 1_000_000);
  line.nanoseconds = (microseconds % 1_000_000) * 1000;
  return readName(bytes, end + 4, line);
}

/** A line whose leading blanks were cut off, or whose name is not padded: the first place that has all of the columns. */
export function parseUnpadded(bytes: Uint8Array, line: Line): boolean {
  const { start: first, end: last } = line;
  for (let open = find(bytes, OPEN, first, last) - 1; open >= 0; open = find(bytes, OPEN, open + 2, last) - 1) {
    if (open < first || bytes[open] !== SPACE) continue;
    let end = open;
    while (end > first && bytes[end - 1] === SPACE) end--;
    let start = end;
    while (start > first && isDigit(bytes[start - 1])) start--;
    if (bytes[start - 1] === DASH && readPid(bytes, start, end, line) && readFromCpu(bytes, open, line)) return true;
  }
  return false;
}

/**
 * A line of the drawing over the columns of flags, from whose order it is seen which of them is hardirq/softirq:
 *
 *     #                              || / _----=> hardirq/softirq
 */
export function readFlagHeader(text: string, line: Line): void {
  const name = /_-*=> ([\w/#-]+)/.exec(text)?.[1];
  if (name === undefined) return;
  line.flagsNamed = name.startsWith('irqs-off') ? 1 : line.flagsNamed + 1;
  if (name.startsWith('hardirq/softirq')) line.softirqColumn = line.flagsNamed - 1;
}
