/** Guest debug: requests of user space, and trapped accesses to debug registers. */

import { textOf } from '../columns/line.ts';
import type { GuestDebug, SysAccess } from '../payload/tracepoints.ts';
import { type Assembly, eventAt, push, taskOf } from '../state/assembly.ts';
import type { CpuState } from '../state/cpu.ts';
import { NOT_LOADED, UNKNOWN, type Vcpu } from '../state/identities.ts';
import { pushOslock } from './handled.ts';
import { declare, vcpuOfLine } from './load.ts';
import { observeBefore } from './observe.ts';
import { settleReturn } from './return.ts';
import { backInHost } from './run.ts';

/** KVM_GUESTDBG_ENABLE, _SINGLESTEP (include/uapi/linux/kvm.h), _USE_HW (arch/arm64/include/uapi/asm/kvm.h). */
const DEBUG_ENABLE = 1;

const DEBUG_SINGLESTEP = 2;

const DEBUG_USE_HW = 1 << 17;

/** A trapped access to a debug register, printed after the exit it caused. Since v6.14 reading one takes them over as well (5.11). */
export function accessDebug(assembly: Assembly, here: CpuState, pid: number, access: SysAccess): void {
  backInHost(assembly, here);
  if (access === 'other') return;
  if (access === 'oslar write') {
    // Since v6.14 the handler puts and loads the vCPU (kvm_debug_handle_oslar): the lock is what it is from that load on.
    const isHeld = assembly.debugScheme === 'owner' && assembly.tells.put && assembly.tells.load;
    if (isHeld) taskOf(assembly, pid).oslar = UNKNOWN;
    else pushOslock(assembly, here, UNKNOWN, here.loaded);
    return;
  }
  const task = taskOf(assembly, pid);
  task.debugAccess = true;
  task.debugPending = assembly.debugScheme === 'owner';
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
  const task = taskOf(assembly, pid);
  settleReturn(assembly, here, task);
  const vcpu = vcpuOfLine(assembly, here, pid);
  task.debugVcpu = vcpu;
  if (vcpu === undefined) return;
  // The ioctl holds the vCPU's mutex: it is not loaded.
  if (vcpu.on < 0) vcpu.on = NOT_LOADED;
  declare(assembly, vcpu);
  observeBefore(assembly, here, vcpu, -1);
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
