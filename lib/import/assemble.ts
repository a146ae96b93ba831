/** A line of the trace is recognised, its fields are read, and its step is taken. */

import { find, startsWith } from './columns/bytes.ts';
import { nameOf, textOf } from './columns/line.ts';
import { createNameFinder, EVENT_NAMES, FUNCTIONS, WHAT } from './payload/event-names.ts';
import { readProbeFields } from './payload/kprobe-events.ts';
import { type Assembly, lose } from './state/assembly.ts';
import type { CpuState } from './state/cpu.ts';
import { decideTrap } from './steps/fp-traps.ts';
import { settleNeon } from './steps/neon.ts';
import { step } from './steps/steps.ts';
import { confirmTask } from './steps/switch.ts';

const findEvent = createNameFinder(EVENT_NAMES);
const findFunction = createNameFinder(FUNCTIONS);
const FUNCTION = Buffer.from('function:');
const SPACE = 0x20;

/** Probes whose lines have a vCPU, by WHAT; a line of them without one is of a function tracer. */
const FIRST_PROBE = WHAT.vcpuLoad;
const LAST_PROBE = WHAT.setDebug;

export interface Assembler {
  /** The line that the assembly's `line` describes, which is the next one of its CPU. */
  take(here: CpuState): void;
}

/** `ignore`: names of events to leave out, as they are printed, or `hyp_fp_trap`. */
export function createAssembler(assembly: Assembly, ignore: readonly string[]): Assembler {
  const ignored = new Set(ignore);
  /** Number of fields of each probe's lines: one that has fewer was cut. */
  const fieldCounts = new Int32Array(LAST_PROBE + 1).fill(-1);
  const { line, fields } = assembly;

  function kindOf(): number {
    const { bytes, nameStart, nameEnd } = line;
    const what = line.isFunction ? findFunction(bytes, nameStart, nameEnd) : findEvent(bytes, nameStart, nameEnd);
    if (ignored.size > 0 && ignored.has(nameOf(line))) return WHAT.inGuest;
    if (what === WHAT.unknown && startsWith(bytes, FUNCTION, nameStart)) return functionOfTraceCmd();
    if (what === WHAT.fpTrap && !line.isFunction && ignored.has('hyp_fp_trap')) return WHAT.inGuest;
    return what;
  }

  /** trace-cmd's `function:             callee <-- caller`. */
  function functionOfTraceCmd(): number {
    const space = find(line.bytes, SPACE, line.body, line.end);
    line.isFunction = true;
    line.nameStart = line.body;
    line.nameEnd = space < 0 ? line.end : space;
    return findFunction(line.bytes, line.nameStart, line.nameEnd);
  }

  /** False where the line is cut: what it would have said is missing. */
  function readFields(here: CpuState, what: number): boolean {
    fields.has = 0;
    if (what < FIRST_PROBE || what > LAST_PROBE || line.isFunction) return true;
    const count = readProbeFields(line, fields);
    const usual = fieldCounts[what] as number;
    if (count < 0 || count < usual) return false;
    if (count > usual && usual >= 0) {
      lose(assembly, here, 1, 'an earlier line was cut: it had fewer fields than this one');
      here.current = line.pid;
    }
    fieldCounts[what] = count;
    return true;
  }

  function damaged(here: CpuState, what: string): void {
    assembly.account.unused(`damaged ${what}`, line.number, textOf(line));
    lose(assembly, here, 1, `a line that was cut: ${what}`);
    here.current = line.pid;
  }

  return {
    take(here) {
      if (here.current !== line.pid) confirmTask(assembly, here, line.pid);
      const what = kindOf();
      if (here.neonEnd !== undefined && what !== WHAT.neonEnd) settleNeon(assembly, here);
      if (what === WHAT.unknown) {
        assembly.account.unused(`${line.isFunction ? 'function' : 'event'} ${nameOf(line)}`, line.number, textOf(line));
        return;
      }
      const read = readFields(here, what);
      if (read && here.possibleTrap !== undefined) decideTrap(assembly, here);
      const complete = read && step(assembly, here, what);
      if (!line.softirq) here.what = what;
      if (complete) assembly.seen[what] = 1;
      else damaged(here, nameOf(line));
    },
  };
}
