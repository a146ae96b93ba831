/**
 * What `perf script` prints of tracepoint samples, by default or with -F comm,pid,tid,cpu,time,event,trace:
 *
 *              vmm   108 [000]    15.881303:            fp:vcpu_load: (ffff800080012345) kvm=0x...
 *              vmm   100/108   [000]    15.881303123: kvm:kvm_entry: PC: 0x0000000040000000
 *
 *               :-1   100/-1    [000]    15.881303: sched:sched_switch: prev_comm=vmm prev_pid=108 ...
 *
 * The name is padded to 16 columns; the number before the CPU is the thread, with `pid/tid` the second one; `--ns` prints nanoseconds.
 * A thread that ends is -1 in its last lines.
 * Defined by perf_sample__fprintf_start, tools/perf/builtin-script.c. Kprobe events print addresses where ftrace prints names.
 */

import { find, isDigit } from './bytes.ts';
import { type Line, readFromCpu, readPid, skipDigits, skipSpaces, UNSAID } from './line.ts';

const NAME_COLUMNS = 16;
const SPACE = 0x20;
const SLASH = 0x2f;
const COLON = 0x3a;
const OPEN = 0x5b;
const DASH = 0x2d;
const ONE = 0x31;

/** Fills `line` from the columns; false where `text` does not have them. */
export function parsePerfScript(bytes: Uint8Array, line: Line): boolean {
  const space = line.start + NAME_COLUMNS;
  if (space >= line.end || bytes[space] !== SPACE) return false;
  let start = skipSpaces(bytes, space);
  let end = skipDigits(bytes, start);
  if (bytes[end] === SLASH) {
    start = end + 1;
    end = skipDigits(bytes, start);
  }
  if (bytes[start] === DASH && bytes[start + 1] === ONE && bytes[start + 2] === SPACE) {
    if (!readFromCpu(bytes, start + 2, line)) return false;
    line.pid = UNSAID;
    return true;
  }
  return readPid(bytes, start, end, line) && readFromCpu(bytes, end, line);
}

/** The same where whoever passed the lines on has taken the padding away: `vmm 100/108 [000] 15.881303: kvm:kvm_entry: ...`. */
export function parseUnpaddedPerf(bytes: Uint8Array, line: Line): boolean {
  const { start: first, end: last } = line;
  for (let open = find(bytes, OPEN, first, last) - 1; open > first; open = find(bytes, OPEN, open + 2, last) - 1) {
    let end = open + 1;
    while (end > first && bytes[end - 1] === SPACE) end--;
    let start = end;
    while (start > first && isDigit(bytes[start - 1])) start--;
    const before = start > first ? bytes[start - 1] : undefined;
    if (before !== SPACE && before !== SLASH) continue;
    // perf prints the group of an event before its name.
    if (readPid(bytes, start, end, line) && readFromCpu(bytes, end, line) && bytes[line.nameStart - 1] === COLON)
      return true;
  }
  return false;
}

/** `PERF_RECORD_LOST lost 12`, printed with --show-lost-events: the number; 0 where the line is none. */
export function perfLost(text: string): number {
  const match = /PERF_RECORD_LOST(?:_SAMPLES)? lost (\d{1,15})\b/.exec(text);
  return match === null ? 0 : Number(match[1]);
}
