/**
 * What the hypervisor of nVHE and protected KVM prints since v7.1, in /sys/kernel/tracing/remotes/hypervisor/trace and trace_pipe:
 *
 *   [000]	   12.345690: hyp_exit reason=eret_guest vcpu=91
 *
 * The CPU, a tab, the time of CLOCK_BOOTTIME, the event; no task. Defined by trace_remote_iter_print_event,
 * kernel/trace/trace_remote.c, and arch/arm64/include/asm/kvm_hypevents.h.
 */

import { MAX_CPU } from '../../trace/vocabulary.ts';
import { decimalAt, type Line, readTime, skipDigits, skipSpaces, UNSAID } from './line.ts';

const OPEN = 0x5b;
const CLOSE = 0x5d;
const TAB = 0x09;
const SPACE = 0x20;

/** Fills `line` from the columns; false where the text does not have them. */
export function parseHypervisor(bytes: Uint8Array, line: Line): boolean {
  if (bytes[line.start] !== OPEN) return false;
  const close = skipDigits(bytes, line.start + 1);
  line.cpu = decimalAt(bytes, line.start + 1, close);
  if (line.cpu < 0 || line.cpu > MAX_CPU || bytes[close] !== CLOSE || bytes[close + 1] !== TAB) return false;
  const time = readTime(bytes, skipSpaces(bytes, close + 2), line);
  if (time === 0 || bytes[time] !== SPACE) return false;
  const name = skipSpaces(bytes, time);
  let end = name;
  while (end < line.end && bytes[end] !== SPACE) end++;
  if (end === name) return false;
  line.nameStart = name;
  line.nameEnd = end;
  line.body = Math.min(line.end, skipSpaces(bytes, end));
  line.pid = UNSAID;
  line.softirq = false;
  line.flagsStart = 0;
  line.flagsEnd = 0;
  line.isFunction = false;
  return true;
}
