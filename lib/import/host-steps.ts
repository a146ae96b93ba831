/** What the host does around a guest: task switches, returns to user mode, kernel-mode NEON, debug requests. */

import { WHAT } from './event-names.ts';
import type { Vcpu } from './identities.ts';
import { HAS } from './kprobe-events.ts';
import { textOf } from './line.ts';
import { debugDirtyOf, observe, observeBefore } from './observe.ts';
import {
  type Assembly,
  AWAITED,
  type CpuState,
  eventAt,
  lose,
  NO_TASK,
  push,
  settleExit,
  type TaskState,
  taskOf,
} from './state.ts';
import type { GuestDebug, SysAccess } from './tracepoints.ts';
import { backInHost, decidePut, declare, missingPut, vcpuOfLine } from './vcpu-steps.ts';

/** KVM_GUESTDBG_ENABLE, _SINGLESTEP (include/uapi/linux/kvm.h), _USE_HW (arch/arm64/include/uapi/asm/kvm.h). */
const DEBUG_ENABLE = 1;
const DEBUG_SINGLESTEP = 2;
const DEBUG_USE_HW = 1 << 17;
/** Values of `seen` for neon_end: a line of it came, or another line came where it should have been. */
const PROBED = 1;
const NOT_PROBED = 2;

/** sched_switch: the decision. The put of a loaded vCPU and then thread_switch follow, both still printed by the old task. */
export function announceSwitch(assembly: Assembly, here: CpuState, next: number): void {
  backInHost(assembly, here);
  settleExit(assembly, here);
  decidePut(assembly, here, 'vcpu_put');
  here.switchTo = next;
}

/** fpsimd_thread_switch. The new task is the one announced, the one whose task_struct it is, or the one the next line is of. */
export function switchTask(assembly: Assembly, here: CpuState, pid: number): void {
  const { ids, fields } = assembly;
  const pointer = (fields.has & HAS.next) === 0 ? 0 : fields.next;
  if (here.put !== undefined) {
    assembly.account.assume('a put just before a task switch, without sched_switch: taken for that of the scheduler');
    decidePut(assembly, here, 'sched_out');
  }
  restoredBefore(assembly, here, pid);
  if (here.loaded !== undefined) missingPut(assembly, here, 'sched_out');
  observeBefore(assembly, here, undefined, -1);
  const next = here.switchTo === NO_TASK ? ids.taskAt(pointer) : here.switchTo;
  here.switchTo = NO_TASK;
  const event = eventAt(assembly, 'task_switch', here);
  if (next !== undefined) {
    event.next = next;
    push(assembly, here, event);
    here.current = next;
    if (pointer !== 0) ids.learnTask(pointer, next);
    return;
  }
  here.events++;
  here.switchEntry = assembly.queue.hold(event, assembly.line.number);
  here.switchPointer = pointer;
  here.current = AWAITED;
}

/** Called with the task of every line: it must be the one that runs. */
export function confirmTask(assembly: Assembly, here: CpuState, pid: number): void {
  if (here.current === AWAITED) {
    const entry = here.switchEntry;
    if (entry?.event !== undefined) {
      entry.event.next = pid;
      assembly.queue.settle(entry);
      if (here.switchPointer !== 0) assembly.ids.learnTask(here.switchPointer, pid);
    }
    here.switchEntry = undefined;
  } else if (here.switchTo === pid) {
    // sched_switch announced it, and no thread_switch is printed.
    if (here.loaded !== undefined) missingPut(assembly, here, 'sched_out');
    pushSwitch(assembly, here, pid, false);
  } else if (here.current !== NO_TASK) {
    missedSwitch(assembly, here, pid);
  }
  here.current = pid;
  here.switchTo = NO_TASK;
}

function missedSwitch(assembly: Assembly, here: CpuState, pid: number): void {
  if (assembly.seen[WHAT.schedSwitch] === 1 || assembly.seen[WHAT.threadSwitch] === 1) {
    lose(assembly, here, 1, `a switch to task ${pid} is not in the trace`);
    return;
  }
  // kvm_userspace_exit is the next that a thread prints after the put of its ioctl: it has not.
  if (assembly.seen[WHAT.kvmUserspaceExit] === 1) decidePut(assembly, here, 'sched_out');
  else if (here.put !== undefined) {
    assembly.account.assume('a put of which nothing tells whether it was the scheduler: taken for that of an ioctl');
    decidePut(assembly, here, 'vcpu_put');
  }
  if (here.loaded !== undefined) missingPut(assembly, here, 'sched_out');
  pushSwitch(assembly, here, pid, true);
}

function pushSwitch(assembly: Assembly, here: CpuState, pid: number, inferred: boolean): void {
  const event = eventAt(assembly, 'task_switch', here);
  event.next = pid;
  if (inferred) event.inferred = true;
  push(assembly, here, event);
}

/**
 * fpsimd_restore_current_state was entered: not its effect. The task can be preempted, or a softirq can use NEON, before the
 * registers are loaded or after. fpsimd_last_state tells which; without it the return is taken.
 */
export function enterRestore(assembly: Assembly, here: CpuState, pid: number): void {
  const task = taskOf(assembly, pid);
  settleReturn(assembly, here, task);
  observeBefore(assembly, here, undefined, -1);
  task.restoring = 'entered';
  task.restoreQuiet = true;
  task.restoreLast = (assembly.fields.has & HAS.last) === 0 ? -1 : assembly.fields.last;
}

export function leaveRestore(assembly: Assembly, here: CpuState, pid: number): void {
  const task = taskOf(assembly, pid);
  const { has, last } = assembly.fields;
  if (task.restoring === 'entered' && task.restoreQuiet && (has & HAS.last) !== 0 && last !== 0) {
    assembly.ids.learnTaskState(last, pid);
  }
  if (task.restoring !== 'done') pushReturn(assembly, here, pid, false);
  task.restoring = 'no';
  if ((has & (HAS.owner | HAS.last)) !== 0) observe(assembly, here, undefined, -1, -1);
}

/** In between: if the registers are the task's now and were not at the entry, the effect has been. */
function restoredBefore(assembly: Assembly, here: CpuState, pid: number): void {
  const task = assembly.tasks.get(pid);
  if (task?.restoring !== 'entered') return;
  task.restoreQuiet = false;
  const { has, last } = assembly.fields;
  if ((has & HAS.last) === 0) {
    assembly.account.assume(
      'a return to user mode was interrupted, and nothing tells before or after its effect: taken at the end',
    );
    return;
  }
  if (last === 0 || last === task.restoreLast || assembly.ids.taskOfState(last) !== pid) return;
  pushReturn(assembly, here, pid, false);
  task.restoring = 'done';
}

/** The task is past its return to user mode although the end of fpsimd_restore_current_state was not printed. */
export function settleReturn(assembly: Assembly, here: CpuState, task: TaskState): void {
  if (task.restoring === 'entered') pushReturn(assembly, here, task.pid, true);
  task.restoring = 'no';
}

function pushReturn(assembly: Assembly, here: CpuState, pid: number, inferred: boolean): void {
  const event = eventAt(assembly, 'return_to_user', here);
  event.task = pid;
  if (inferred) event.inferred = true;
  push(assembly, here, event);
}

/** kernel_neon_begin; its end is deduced right after it where no probe tells of it. */
export function beginNeon(assembly: Assembly, here: CpuState, pid: number): void {
  backInHost(assembly, here);
  restoredBefore(assembly, here, pid);
  observeBefore(assembly, here, undefined, -1);
  push(assembly, here, neonEvent(assembly, here, 'neon_begin'));
  here.foreign = true;
  if (here.loaded !== undefined) here.loaded.bound = false;
  if (assembly.seen[WHAT.neonEnd] === PROBED) return;
  const end = eventAt(assembly, 'neon_end', here);
  end.inferred = true;
  here.events++;
  if (assembly.seen[WHAT.neonEnd] === NOT_PROBED) assembly.queue.push(end, assembly.line.number);
  else here.neonEnd = assembly.queue.hold(end, assembly.line.number);
}

export function endNeon(assembly: Assembly, here: CpuState): void {
  backInHost(assembly, here);
  if (here.neonEnd !== undefined) here.neonEnd.event = undefined;
  settleNeon(assembly, here);
  push(assembly, here, neonEvent(assembly, here, 'neon_end'));
}

/** Another line of the CPU came first: the deduced end stands. */
export function settleNeon(assembly: Assembly, here: CpuState): void {
  if (here.neonEnd === undefined) return;
  if (here.neonEnd.event !== undefined) assembly.seen[WHAT.neonEnd] = NOT_PROBED;
  assembly.queue.settle(here.neonEnd);
  here.neonEnd = undefined;
}

function neonEvent(assembly: Assembly, here: CpuState, name: 'neon_begin' | 'neon_end') {
  const event = eventAt(assembly, name, here);
  if (assembly.line.softirq) event.softirq = true;
  return event;
}

/** A trapped access to a debug register, printed after the exit it caused. Since v6.14 reading one takes them over as well (5.11). */
export function accessDebug(assembly: Assembly, here: CpuState, pid: number, access: SysAccess): void {
  backInHost(assembly, here);
  if (access === 'other') return;
  taskOf(assembly, pid).debugAccess = true;
  touchDebug(assembly, here, access === 'debug write');
}

/** trap_reg (up to v6.13) tells of the same access after kvm_sys_access, where that is traced. */
export function trapReg(assembly: Assembly, here: CpuState, pid: number, write: boolean): void {
  assembly.debugScheme ??= 'dirty';
  const task = taskOf(assembly, pid);
  if (!task.debugAccess) touchDebug(assembly, here, write);
  task.debugAccess = false;
}

function touchDebug(assembly: Assembly, here: CpuState, write: boolean): void {
  if (write || assembly.debugScheme === 'owner') push(assembly, here, eventAt(assembly, 'debug_dirty', here));
  else if (assembly.debugScheme === undefined) {
    assembly.account.assume(
      'a debug register was read, which counts since v6.14, and the kernel is not known: left out',
    );
  }
}

/** kvm_arch_vcpu_ioctl_set_guest_debug: which vCPU the tracepoint that follows is about. */
export function requestDebug(assembly: Assembly, here: CpuState, pid: number): void {
  const vcpu = vcpuOfLine(assembly, here, pid);
  const task = taskOf(assembly, pid);
  settleReturn(assembly, here, task);
  if (!vcpu.declared && vcpu.on < 0) vcpu.on = -1;
  declare(assembly, vcpu);
  observeBefore(assembly, here, vcpu, debugDirtyOf(assembly));
  task.debugVcpu = vcpu;
}

/** kvm_set_guest_debug. */
export function setDebug(assembly: Assembly, pid: number, debug: GuestDebug): void {
  const task = taskOf(assembly, pid);
  const vcpu = task.debugVcpu ?? assembly.hashed.get(debug.hashed) ?? task.vcpu;
  task.debugVcpu = undefined;
  if (vcpu === undefined) {
    const line = assembly.line;
    assembly.account.unused('kvm_set_guest_debug of a vCPU that is not known', line.number, textOf(line));
    return;
  }
  learnHashed(assembly, debug.hashed, vcpu);
  vcpu.guestDebug = debug.flags;
  pushDebug(assembly, vcpu, debug.flags, false);
}

/** kvm_arm_setup_debug (up to v6.13), before each entry: a request that was made before the trace shows here. */
export function setupDebug(assembly: Assembly, here: CpuState, pid: number, debug: GuestDebug): void {
  assembly.debugScheme ??= 'dirty';
  const vcpu = here.loader === pid ? here.loaded : undefined;
  if (vcpu === undefined) return;
  learnHashed(assembly, debug.hashed, vcpu);
  if (vcpu.guestDebug === debug.flags) return;
  vcpu.guestDebug = debug.flags;
  pushDebug(assembly, vcpu, debug.flags, true);
}

function learnHashed(assembly: Assembly, hashed: number, vcpu: Vcpu): void {
  if (Number.isNaN(hashed) || assembly.hashed.get(hashed) === vcpu) return;
  if (assembly.hashed.size > 65_536) assembly.hashed.clear();
  assembly.hashed.set(hashed, vcpu);
}

function pushDebug(assembly: Assembly, vcpu: Vcpu, flags: number, inferred: boolean): void {
  const enabled = (flags & DEBUG_ENABLE) !== 0;
  const { ts } = assembly;
  assembly.queue.push(
    {
      event: 'guest_debug',
      ...(ts === undefined ? {} : { ts }),
      vm: vcpu.vm,
      vcpu: vcpu.vcpu,
      ...(enabled && (flags & DEBUG_SINGLESTEP) !== 0 ? { singlestep: true } : {}),
      ...(enabled && (flags & DEBUG_USE_HW) !== 0 ? { use_hw: true } : {}),
      ...(inferred ? { inferred: true } : {}),
    },
    assembly.line.number,
  );
}
