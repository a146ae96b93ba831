/** A line of the trace, with the state of its CPU, becomes the events it stands for. */

import { createNameFinder, EVENT_NAMES, FUNCTIONS, WHAT } from './event-names.ts';
import {
  accessDebug,
  announceSwitch,
  beginNeon,
  confirmTask,
  endNeon,
  enterRestore,
  leaveRestore,
  requestDebug,
  setDebug,
  settleNeon,
  settleReturn,
  setupDebug,
  switchTask,
  trapReg,
} from './host-steps.ts';
import { NOT_LOADED } from './identities.ts';
import { HAS, readProbeFields } from './kprobe-events.ts';
import { textOf } from './line.ts';
import { observe, observeBefore } from './observe.ts';
import { type Assembly, type CpuState, eventAt, lose, PHASE, push, settleExit, taskOf } from './state.ts';
import { readExit, readFpTrap, readGuestDebug, readSwitch, readSysAccess, readTrapReg } from './tracepoints.ts';
import {
  backInHost,
  bind,
  decidePut,
  decideTrap,
  declare,
  enter,
  explainExit,
  flush,
  load,
  missingPut,
  needLoaded,
  put,
  sync,
  synced,
  vcpuOfLine,
} from './vcpu-steps.ts';

const findEvent = createNameFinder(EVENT_NAMES);
const findFunction = createNameFinder(FUNCTIONS);

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
    const { text, nameStart, nameEnd } = line;
    const what = line.isFunction ? findFunction(text, nameStart, nameEnd) : findEvent(text, nameStart, nameEnd);
    if (ignored.size > 0 && ignored.has(text.slice(nameStart, nameEnd))) return WHAT.unknown;
    if (what === WHAT.unknown && text.startsWith('function:', nameStart)) return functionOfTraceCmd();
    if (what === WHAT.fpTrap && !line.isFunction && ignored.has('hyp_fp_trap')) return WHAT.unknown;
    return what;
  }

  /** trace-cmd's `function:             callee <-- caller`. */
  function functionOfTraceCmd(): number {
    const space = line.text.indexOf(' ', line.body);
    line.isFunction = true;
    return findFunction(line.text, line.body, space < 0 || space > line.end ? line.end : space);
  }

  /** False where the line is cut: what it would have said is missing. */
  function readFields(what: number): boolean {
    fields.has = 0;
    if (what < FIRST_PROBE || what > LAST_PROBE || line.isFunction) return true;
    const count = readProbeFields(line, fields);
    const usual = fieldCounts[what] as number;
    if (count < 0 || count < usual) return false;
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
        const name = line.text.slice(line.nameStart, line.nameEnd);
        assembly.account.unused(`${line.isFunction ? 'function' : 'event'} ${name}`, line.number, textOf(line));
        return;
      }
      const read = readFields(what);
      if (read && here.possibleTrap !== undefined) decideTrap(assembly, here);
      const complete = read && step(assembly, here, what);
      if (!line.softirq) here.what = what;
      if (complete) assembly.seen[what] = 1;
      else damaged(here, line.text.slice(line.nameStart, line.nameEnd));
    },
  };
}

/** False where the line's payload is not complete. */
function step(assembly: Assembly, here: CpuState, what: number): boolean {
  const { line, fields } = assembly;
  const pid = line.pid;
  if (here.put !== undefined && here.putter === pid && endsPut(what)) decidePut(assembly, here, 'vcpu_put');
  switch (what) {
    case WHAT.vcpuLoad:
      load(assembly, here, pid, vcpuOfLine(assembly, here, pid), false);
      return true;
    case WHAT.loadFp: {
      const vcpu = vcpuOfLine(assembly, here, pid);
      if (here.loaded !== vcpu) load(assembly, here, pid, vcpu, true);
      return true;
    }
    case WHAT.loadFpReturn:
    case WHAT.putFpReturn:
      if ((fields.has & (HAS.owner | HAS.last)) !== 0) observe(assembly, here, undefined, -1, -1);
      return true;
    case WHAT.vcpuPut:
      put(assembly, here, pid, vcpuOfLine(assembly, here, pid), false);
      return true;
    case WHAT.putFp:
      if (here.loaded !== undefined && here.loader === pid) put(assembly, here, pid, here.loaded, true);
      return true;
    case WHAT.flushFp:
      flush(assembly, here, pid, vcpuOfLine(assembly, here, pid));
      return true;
    case WHAT.flushFpReturn:
      enterAt(assembly, here, pid);
      return true;
    case WHAT.syncFp:
      sync(assembly, here, pid, vcpuOfLine(assembly, here, pid));
      return true;
    case WHAT.syncFpReturn:
      synced(assembly, here);
      return true;
    case WHAT.bindState:
      bind(assembly, here);
      return true;
    case WHAT.mapFp:
      mapFp(assembly, here, pid);
      return true;
    case WHAT.saveFlush:
      // In load_fp and put_fp it is the middle of their step. Elsewhere (idle with power down) the format has no event for it.
      if (here.what < WHAT.vcpuLoad || here.what > WHAT.putFp) {
        observeBefore(assembly, here, undefined, -1);
        assembly.account.unused('save_flush outside of load and put', line.number, textOf(line));
      }
      return true;
    case WHAT.threadSwitch:
      backInHost(assembly, here);
      settleExit(assembly, here);
      switchTask(assembly, here, pid);
      return true;
    case WHAT.restoreCurrent:
      backInHost(assembly, here);
      settleExit(assembly, here);
      enterRestore(assembly, here, pid);
      return true;
    case WHAT.restoreCurrentReturn:
      leaveRestore(assembly, here, pid);
      return true;
    case WHAT.neonBegin:
      beginNeon(assembly, here, pid);
      return true;
    case WHAT.neonEnd:
      endNeon(assembly, here);
      return true;
    case WHAT.setDebug:
      requestDebug(assembly, here, pid);
      return true;
    default:
      return tracepoint(assembly, here, what, pid);
  }
}

function tracepoint(assembly: Assembly, here: CpuState, what: number, pid: number): boolean {
  const line = assembly.line;
  switch (what) {
    case WHAT.kvmEntry:
      if (here.phase !== PHASE.guest || here.entered) enterAt(assembly, here, pid);
      here.entered = true;
      return true;
    case WHAT.kvmExit: {
      const why = readExit(line);
      if (why !== undefined) explainExit(assembly, here, why);
      return why !== undefined;
    }
    case WHAT.fpTrap:
      return fpTrap(assembly, here);
    case WHAT.kvmUserspaceExit: {
      backInHost(assembly, here);
      settleExit(assembly, here);
      if (here.loaded !== undefined && here.loader === pid) missingPut(assembly, here, 'vcpu_put');
      const task = taskOf(assembly, pid);
      task.preempted = false;
      if (task.vcpu !== undefined && task.vcpu.on < 0) task.vcpu.on = NOT_LOADED;
      return true;
    }
    case WHAT.kvmSysAccess: {
      const access = readSysAccess(line);
      if (access !== undefined) accessDebug(assembly, here, pid, access);
      return access !== undefined;
    }
    case WHAT.trapReg: {
      const write = readTrapReg(line);
      if (write !== undefined) trapReg(assembly, here, pid, write);
      return write !== undefined;
    }
    case WHAT.kvmSetGuestDebug:
    case WHAT.kvmArmSetupDebug: {
      const debug = readGuestDebug(line);
      if (debug === undefined) return false;
      if (what === WHAT.kvmSetGuestDebug) setDebug(assembly, pid, debug);
      else setupDebug(assembly, here, pid, debug);
      return true;
    }
    case WHAT.kvmArmClearDebug:
      assembly.debugScheme ??= 'dirty';
      return true;
    case WHAT.schedSwitch: {
      const next = readSwitch(line);
      if (next >= 0) announceSwitch(assembly, here, next);
      return next >= 0;
    }
    case WHAT.nestedEret:
    case WHAT.nestedException:
      push(assembly, here, eventAt(assembly, what === WHAT.nestedEret ? 'nested_eret' : 'nested_exception', here));
      return true;
    case WHAT.inHost:
      backInHost(assembly, here);
      assembly.account.note(line.text.slice(line.nameStart, line.nameEnd));
      return true;
    default:
      assembly.account.note(line.text.slice(line.nameStart, line.nameEnd));
      return true;
  }
}

/** After its put a thread prints these only if the scheduler had nothing to do with it. */
function endsPut(what: number): boolean {
  return (
    what !== WHAT.putFp &&
    what !== WHAT.putFpReturn &&
    what !== WHAT.saveFlush &&
    what !== WHAT.threadSwitch &&
    what !== WHAT.neonBegin &&
    what !== WHAT.neonEnd
  );
}

function enterAt(assembly: Assembly, here: CpuState, pid: number): void {
  if (here.phase === PHASE.guest) backInHost(assembly, here);
  if (here.phase !== PHASE.flushed) needLoaded(assembly, here, pid, vcpuOfLine(assembly, here, pid));
  settleExit(assembly, here);
  enter(assembly, here, false);
}

/** kvm_arch_vcpu_run_map_fp: only of a vCPU that is not loaded. */
function mapFp(assembly: Assembly, here: CpuState, pid: number): void {
  const vcpu = vcpuOfLine(assembly, here, pid);
  settleReturn(assembly, here, taskOf(assembly, pid));
  if (vcpu.on < 0) vcpu.on = NOT_LOADED;
  declare(assembly, vcpu);
  observeBefore(assembly, here, vcpu, -1);
  const { ts } = assembly;
  assembly.queue.push(
    { event: 'map_fp', ...(ts === undefined ? {} : { ts }), vm: vcpu.vm, vcpu: vcpu.vcpu, task: pid },
    assembly.line.number,
  );
  here.events++;
}

/** Printed from inside the handler, with the owner it found: only kernels that were built to do so. */
function fpTrap(assembly: Assembly, here: CpuState): boolean {
  const ec = assembly.line.isFunction ? undefined : readFpTrap(assembly.line);
  if (ec === undefined && !assembly.line.isFunction) return false;
  if (here.phase !== PHASE.guest) enterAt(assembly, here, assembly.line.pid);
  const event = eventAt(assembly, 'guest_fp_trap', here);
  if (ec !== undefined) event.ec = ec;
  push(assembly, here, event);
  here.trapped = true;
  return true;
}
