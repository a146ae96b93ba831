/** Which step a line stands for. */

import { nameOf, textOf } from '../columns/line.ts';
import { WHAT } from '../payload/event-names.ts';
import { HAS } from '../payload/kprobe-events.ts';
import {
  readExit,
  readFpTrap,
  readGuestDebug,
  readSwitch,
  readSysAccess,
  readTrapReg,
} from '../payload/tracepoints.ts';
import { type Assembly, eventAt, lose, push, pushTransfer, settleExit, taskOf } from '../state/assembly.ts';
import { type CpuState, PHASE } from '../state/cpu.ts';
import { NOT_LOADED, type Vcpu } from '../state/identities.ts';
import { beginAcc, endAcc } from './acc.ts';
import { accessDebug, requestDebug, setDebug, setupDebug, trapReg } from './debug.ts';
import { bind } from './fp-traps.ts';
import { decidePut, load, mapFp, missingPut, needLoaded, put, vcpuLoaded, vcpuOfLine } from './load.ts';
import { beginNeon, endNeon } from './neon.ts';
import { observe, observeBefore } from './observe.ts';
import { enterRestore, leaveRestore } from './return.ts';
import { backInHost, enter, explainExit, flush, sync, synced } from './run.ts';
import { announceSwitch, switchTask } from './switch.ts';
import { endUnsaved, flushTask, updated, userLoaded, userSaved } from './transfer.ts';

const SAVE_AND_FLUSH = 'a call of fpsimd_save_and_flush_cpu_state';

/** Takes the step of the line; false where the line's payload is not complete. */
export function step(assembly: Assembly, here: CpuState, what: number): boolean {
  const { line, fields, shown } = assembly;
  const pid = line.pid;
  if (here.put !== undefined && here.putter === pid && endsPut(what)) decidePut(assembly, here, 'vcpu_put');
  switch (what) {
    case WHAT.vcpuLoad:
      load(assembly, here, pid, vcpuLoaded(assembly, pid), false);
      return true;
    case WHAT.loadFp: {
      const vcpu = vcpuLoaded(assembly, pid);
      if (shown.kinds[WHAT.vcpuLoad] === 0 || here.loaded !== vcpu) load(assembly, here, pid, vcpu, true);
      return true;
    }
    case WHAT.loadFpReturn:
      endUnsaved(assembly, here, SAVE_AND_FLUSH);
      // Behind a loss nothing is known that this could have changed, until something is read.
      if (here.loaded === undefined && assembly.tells.load && !(here.blind && here.observedAt === -1)) {
        lose(assembly, here, 1, 'the beginning of a load is not in the trace');
        here.current = pid;
      }
      if ((fields.has & (HAS.owner | HAS.last)) !== 0) observe(assembly, here, undefined, -1, -1);
      return true;
    case WHAT.putFpReturn:
      endUnsaved(assembly, here, SAVE_AND_FLUSH);
      if ((fields.has & (HAS.owner | HAS.last)) !== 0) observe(assembly, here, undefined, -1, -1);
      return true;
    case WHAT.vcpuPut:
      put(assembly, here, pid, vcpuOfLine(assembly, here, pid), false);
      return true;
    case WHAT.putFp:
      // The middle of the step, unless that is all there is of it.
      if (shown.kinds[WHAT.vcpuPut] === 0) put(assembly, here, pid, vcpuOfLine(assembly, here, pid), true);
      return true;
    case WHAT.flushFp:
      flush(assembly, here, loadedVcpu(assembly, here, pid));
      if (shown.kinds[WHAT.flushFpReturn] === 0 && shown.kinds[WHAT.kvmEntry] === 0) {
        fields.has = 0; // What the line has was read before ctxflush.
        enter(assembly, here, false);
      }
      return true;
    case WHAT.flushFpReturn:
      enterAt(assembly, here, pid);
      return true;
    case WHAT.syncFp:
      sync(assembly, here, loadedVcpu(assembly, here, pid));
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
      here.unsaved = assembly.tells.userSave;
      // In load_fp, put_fp and the notifier it is the middle of their step; of an idle task, the notifier's.
      if (pid === IDLE && here.what !== WHAT.cpuPm) powerDown(assembly, here);
      else if (!isInStep(assembly, here.what)) unfollowedFlush(assembly, here);
      return true;
    case WHAT.cpuPm:
      if (fields.cmd === CPU_PM_ENTER) powerDown(assembly, here);
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
      endNeon(assembly, here, pid);
      return true;
    case WHAT.oslar:
      taskOf(assembly, pid).oslar = fields.value;
      return true;
    case WHAT.userSave:
      userSaved(assembly, here, pid);
      return true;
    case WHAT.userLoad:
      userLoaded(assembly, here);
      return true;
    case WHAT.updateCurrentReturn:
      updated(assembly, here, pid);
      return true;
    case WHAT.flushTask:
      flushTask(assembly, here, pid);
      return true;
    case WHAT.notifyResume:
      taskOf(assembly, pid).tifSve = fields.tifSve === 1;
      return true;
    case WHAT.sveAcc:
    case WHAT.smeAcc:
      beginAcc(assembly, here, pid, what === WHAT.sveAcc ? 'sve' : 'sme');
      return true;
    case WHAT.sveAccReturn:
    case WHAT.smeAccReturn:
      endAcc(assembly, here, pid);
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
      assembly.account.note(nameOf(line));
      return true;
    default:
      assembly.account.note(nameOf(line));
      return true;
  }
}

/** After its put a thread prints these only if the scheduler had nothing to do with it. */
function endsPut(what: number): boolean {
  return (
    what !== WHAT.putFp &&
    what !== WHAT.putFpReturn &&
    what !== WHAT.saveFlush &&
    what !== WHAT.userSave &&
    what !== WHAT.threadSwitch &&
    what !== WHAT.neonBegin &&
    what !== WHAT.neonEnd
  );
}

/** Whether the last line of the CPU, or one that the capture does not show, is of a load or a put that is not complete. */
function isInStep({ tells }: Assembly, what: number): boolean {
  return (what >= WHAT.vcpuLoad && what <= WHAT.putFp) || what === WHAT.cpuPm || !tells.load || !tells.put;
}

/** pid of the idle tasks, which load no vCPU. */
const IDLE = 0;
/** enum cpu_pm_event, include/linux/cpu_pm.h. */
const CPU_PM_ENTER = 0;

/** fpsimd_cpu_pm_notifier(): in an idle state that loses the registers, or a suspend. */
function powerDown(assembly: Assembly, here: CpuState): void {
  backInHost(assembly, here);
  settleExit(assembly, here);
  observeBefore(assembly, here, undefined, -1);
  pushTransfer(assembly, here, eventAt(assembly, 'cpu_pm_enter', here));
}

/** fpsimd_save_and_flush_cpu_state() of nobody knows whom: what it found and what it left is not known from here on. */
function unfollowedFlush(assembly: Assembly, here: CpuState): void {
  const { line } = assembly;
  assembly.account.unused('save_flush outside of load and put', line.number, textOf(line));
  lose(assembly, here, 1, 'a save_flush that cannot be followed');
  here.current = line.pid;
}

/** The vCPU of the line, which must be loaded for the line to be printed. */
function loadedVcpu(assembly: Assembly, here: CpuState, pid: number): Vcpu | undefined {
  const vcpu = vcpuOfLine(assembly, here, pid);
  needLoaded(assembly, here, pid, vcpu);
  return vcpu;
}

/** The guest is entered: at kvm_entry, the return of ctxflush, or what the hypervisor says. */
export function enterAt(assembly: Assembly, here: CpuState, pid: number): void {
  if (here.phase === PHASE.guest) backInHost(assembly, here);
  if (here.phase !== PHASE.flushed) loadedVcpu(assembly, here, pid);
  settleExit(assembly, here);
  enter(assembly, here, false);
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
