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
 * Defined by trace_print_context and trace_print_lat_context, kernel/trace/trace_output.c; Documentation/trace/ftrace.rst.
 *
 * A task's name is free text: spaces, brackets, `-12 [003] 1.5: x:`, escape characters. The kernel pads it to 16 (latency
 * format: 8) columns, so the columns are believed first; only a line that does not have them is searched.
 */

import { MAX_CPU } from '../trace/vocabulary.ts';
import {
  decimalAt,
  isDigit,
  isSoftirq,
  type Line,
  readFromCpu,
  readName,
  readPid,
  skipDigits,
  skipSpaces,
} from './line.ts';

const DASH = 0x2d;
const SMALL_U = 0x75;
const COLON = 0x3a;
/** `%16s-%-7d ` */
const NAME_COLUMNS = 16;
/** `%8.8s-%-7d %3d` */
const LATENCY_NAME_COLUMNS = 8;

/** Fills `line` from the ordinary columns; false where `text` does not have them. */
export function parseFtrace(text: string, line: Line): boolean {
  const dash = line.start + NAME_COLUMNS;
  if (dash >= line.end || text.charCodeAt(dash) !== DASH) return false;
  const end = skipDigits(text, dash + 1);
  return readPid(text, dash + 1, end, line) && readFromCpu(text, end, line);
}

/** Fills `line` from the columns of the latency format; false where `text` does not have them. */
export function parseLatency(text: string, line: Line): boolean {
  const dash = line.start + LATENCY_NAME_COLUMNS;
  if (dash >= line.end || text.charCodeAt(dash) !== DASH) return false;
  const pidEnd = skipDigits(text, dash + 1);
  if (!readPid(text, dash + 1, pidEnd, line)) return false;
  const cpu = skipSpaces(text, pidEnd);
  const flags = skipDigits(text, cpu);
  line.cpu = decimalAt(text, cpu, flags);
  if (cpu === pidEnd || line.cpu < 0 || line.cpu > MAX_CPU) return false;
  const time = text.indexOf(' ', flags);
  if (time - flags < 3 || time - flags > 8 || time > line.end) return false;
  line.softirq = isSoftirq(text.charCodeAt(flags + 2));
  const start = skipSpaces(text, time);
  const end = skipDigits(text, start);
  const microseconds = decimalAt(text, start, end);
  // `us`, a mark for the delay to the next event, and the colon.
  if (microseconds < 0 || text.charCodeAt(end) !== SMALL_U || text.charCodeAt(end + 3) !== COLON) return false;
  line.seconds = Math.floor(microseconds / 1_000_000);
  line.nanoseconds = (microseconds % 1_000_000) * 1000;
  return readName(text, end + 4, line);
}

/** A line whose leading blanks were cut off, or whose name is not padded: the first place that has all of the columns. */
export function parseUnpadded(text: string, line: Line): boolean {
  const { start: first, end: last } = line;
  for (let open = text.indexOf(' [', first); open >= 0 && open < last; open = text.indexOf(' [', open + 1)) {
    let end = open;
    while (end > first && text.charCodeAt(end - 1) === 0x20) end--;
    let start = end;
    while (start > first && isDigit(text.charCodeAt(start - 1))) start--;
    if (text.charCodeAt(start - 1) === DASH && readPid(text, start, end, line) && readFromCpu(text, open, line))
      return true;
  }
  return false;
}
