/** What the lines of a capture tell of the kernel that printed them, beside what becomes an event. */

import { createLine, type Line, NO_TIME } from '../../import/line.ts';
import { renderingOf } from '../../import/rendering.ts';
import { createTimes, noteTime, type Times } from './timing.ts';

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
const FLUSH_SIZE = /^\(kvm_arch_vcpu_ctxflush_fp\+0x0\/0x([0-9a-f]{1,6})\)/;
const FLAGS = / ifl=0x([0-9a-f]{1,2}) cfl=0x([0-9a-f]{1,2})(?= |$)/;
/** A longer line is none that tells anything. */
const LONGEST = 65_536;
const NANOSECONDS = 1e9;

export function createLineReader(): LineReader {
  const facts: LineFacts = {
    kvmEntries: 0,
    debugTracepoints: 0,
    flushSize: 0,
    cflags: 0,
    iflags: 0,
    times: createTimes(),
  };
  const line = createLine();
  let rest = '';
  return {
    facts,
    push(chunk) {
      const text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
      let start = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
        if (end - start <= LONGEST) noteLine(facts, line, text.slice(start, end));
        start = end + 1;
      }
      rest = text.length - start <= LONGEST ? text.slice(start) : '';
    },
  };
}

function noteLine(facts: LineFacts, line: Line, text: string): void {
  line.text = text;
  line.start = 0;
  line.end = text.endsWith('\r') ? text.length - 1 : text.length;
  if (renderingOf(line) === '' || line.isFunction) return;
  const name = text.slice(line.nameStart, line.nameEnd);
  const body = text.slice(line.body, line.end);
  if (name === 'kvm_entry') facts.kvmEntries += 1;
  if (DEBUG_TRACEPOINTS.has(name)) facts.debugTracepoints += 1;
  if (name === 'flush_fp') facts.flushSize = Number.parseInt(FLUSH_SIZE.exec(body)?.[1] ?? '0', 16) || facts.flushSize;
  const flags = FLAGS.exec(body);
  if (flags !== null) {
    facts.iflags |= Number.parseInt(flags[1] ?? '', 16);
    facts.cflags |= Number.parseInt(flags[2] ?? '', 16);
  }
  if (line.seconds !== NO_TIME) noteTime(facts.times, line.cpu, name, line.seconds * NANOSECONDS + line.nanoseconds);
}
