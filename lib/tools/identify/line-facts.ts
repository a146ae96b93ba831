/** What the lines of a capture tell of the kernel that printed them, beside what becomes an event. */

import { createKindFinder } from '../../import/columns/kind.ts';
import { bodyOf, createLine, type Line, NO_TIME, nameOf } from '../../import/columns/line.ts';
import { renderingOf } from '../../import/columns/rendering.ts';
import { type CaptureHeader, createCaptureHeader, readHeaderLine } from '../../import/payload/capture-header.ts';
import { createTimes, noteTime, type Times } from '../../import/timing.ts';

export interface LineFacts {
  kvmEntries: number;
  /** kvm_arm_setup_debug and those that went with it. */
  debugTracepoints: number;
  /** Bytes of kvm_arch_vcpu_ctxflush_fp; 0: not printed. */
  flushSize: number;
  /** Bits of vcpu->arch.cflags and iflags that were set in any line. */
  cflags: number;
  iflags: number;
  readonly times: Times;
  /** What the capture says of its kernel. */
  readonly header: CaptureHeader;
}

export interface LineReader {
  readonly facts: LineFacts;
  /** Bytes of the capture as they come. */
  push(chunk: Uint8Array): void;
}

/** Tracepoints that v6.14 removed (3b7780945cc8). */
const DEBUG_TRACEPOINTS: ReadonlySet<string> = new Set([
  'kvm_arm_setup_debug',
  'kvm_arm_clear_debug',
  'kvm_arm_set_regset',
  'trap_reg',
]);
const kindOf = createKindFinder([]);
const FLUSH_SIZE = /^\(kvm_arch_vcpu_ctxflush_fp\+0x0\/0x([0-9a-f]{1,6})\)/;
const FLAGS = / ifl=0x([0-9a-f]{1,2}) cfl=0x([0-9a-f]{1,2})(?= |$)/;
/** A longer line is none that tells anything. */
const LONGEST = 65_536;
const NANOSECONDS = 1e9;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export function createLineReader(): LineReader {
  const facts: LineFacts = {
    kvmEntries: 0,
    debugTracepoints: 0,
    flushSize: 0,
    cflags: 0,
    iflags: 0,
    times: createTimes(),
    header: createCaptureHeader(),
  };
  const line = createLine();
  let rest: Buffer = Buffer.alloc(0);
  return {
    facts,
    push(chunk) {
      line.bytes = Buffer.concat([rest, chunk]);
      const { bytes } = line;
      let start = 0;
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
        line.start = start;
        line.end = bytes[end - 1] === CARRIAGE_RETURN && end > start ? end - 1 : end;
        if (end - start <= LONGEST) noteLine(facts, line);
        start = end + 1;
      }
      rest = bytes.subarray(bytes.length - start <= LONGEST ? start : bytes.length);
    },
  };
}

const HASH = 0x23;

function noteLine(facts: LineFacts, line: Line): void {
  if (line.bytes[line.start] === HASH) {
    readHeaderLine(line.bytes.toString('latin1', line.start, line.end), facts.header);
    return;
  }
  if (renderingOf(line) === '' || line.isFunction) return;
  const name = nameOf(line);
  const body = bodyOf(line);
  if (name === 'kvm_entry') facts.kvmEntries += 1;
  if (DEBUG_TRACEPOINTS.has(name)) facts.debugTracepoints += 1;
  if (name === 'flush_fp') facts.flushSize = Number.parseInt(FLUSH_SIZE.exec(body)?.[1] ?? '0', 16) || facts.flushSize;
  const flags = FLAGS.exec(body);
  if (flags !== null) {
    facts.iflags |= Number.parseInt(flags[1] ?? '', 16);
    facts.cflags |= Number.parseInt(flags[2] ?? '', 16);
  }
  if (line.seconds !== NO_TIME)
    noteTime(facts.times, line.cpu, kindOf(line), line.seconds * NANOSECONDS + line.nanoseconds);
}
