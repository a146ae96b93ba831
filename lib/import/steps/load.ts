/** Load and put of a vCPU. */

import type { EventName } from '../../trace/vocabulary.ts';
import { WHAT } from '../payload/event-names.ts';
import { HAS } from '../payload/kprobe-events.ts';
import {
  type Assembly,
  adopt,
  cpuOf,
  eventAt,
  lose,
  push,
  pushTransfer,
  settleExit,
  taskOf,
} from '../state/assembly.ts';
import { type CpuState, NO_TASK } from '../state/cpu.ts';
import { NOT_LOADED, UNKNOWN, type Vcpu } from '../state/identities.ts';
import type { TraceEvent } from '../state/queue.ts';
import { switchNow } from './announced.ts';
import { debugAfterLoad, pushOslock } from './handled.ts';
import { debugDirtyOf, observeBefore } from './observe.ts';
import { settleReturn } from './return.ts';
import { backInHost } from './run.ts';

/**
 * vcpu->arch.cflags: VCPU_SVE_FINALIZED, which every vCPU with SVE has when it runs, in 6.1 to 7.3. Bit 0 does not tell: it was
 * GUEST_HAS_SVE and is VCPU_INITIALIZED since the flag moved to struct kvm (KVM_ARCH_FLAG_GUEST_HAS_SVE).
 */
const SVE_FINALIZED = 2;

/**
 * The vCPU that a line is about: by its pointer, else the one that the thread is known to have loaded; undefined where nothing
 * tells, for a thread can run several.
 */
export function vcpuOfLine(assembly: Assembly, here: CpuState, pid: number): Vcpu | undefined {
  const fields = assembly.fields;
  if ((fields.has & HAS.vcpu) !== 0) return assembly.ids.vcpuOf(fields.kvm, fields.vcpu, fields.vptr);
  return here.loaded !== undefined && here.loader === pid && assembly.tells.load ? here.loaded : undefined;
}

/** The vCPU that a line loads. A function tracer prints no pointer: then one number for each thread stands for what it runs. */
export function vcpuLoaded(assembly: Assembly, pid: number): Vcpu {
  const { has, kvm, vcpu, vptr } = assembly.fields;
  if ((has & HAS.vcpu) !== 0) return assembly.ids.vcpuOf(kvm, vcpu, vptr);
  assembly.account.assume('a vCPU is known by its thread only: one number for each thread');
  return assembly.ids.vcpuOfThread(pid);
}

/** Declares the vCPU with what its flags say; again where SVE was finalised after it was first seen. */
export function declare(assembly: Assembly, vcpu: Vcpu): void {
  if ((assembly.fields.has & HAS.flags) === 0) {
    if (!vcpu.declared && vcpu.on === UNKNOWN) {
      assembly.account.assume('a vCPU whose flags are not printed: not declared, so taken to have no SVE');
    }
    return;
  }
  const sve = (assembly.fields.cflags & SVE_FINALIZED) !== 0;
  if (vcpu.declared && (!sve || vcpu.sve)) return;
  vcpu.declared = true;
  vcpu.sve = sve;
  const { ts, sveVl } = assembly;
  assembly.queue.push(
    {
      event: 'vcpu_create',
      ...(ts === undefined ? {} : { ts }),
      vm: vcpu.vm,
      vcpu: vcpu.vcpu,
      ...(sve ? { sve } : {}),
      ...(sve && sveVl !== undefined ? { sve_vl: sveVl } : {}),
    },
    assembly.line.number,
  );
  if (sve && sveVl === undefined) assembly.account.assume('the vector length of a vCPU with SVE is not known');
}

/** kvm_arch_vcpu_load: by the scheduler where it took the task's vCPU off before. */
export function load(assembly: Assembly, here: CpuState, pid: number, vcpu: Vcpu, inferred: boolean): void {
  const task = taskOf(assembly, pid);
  settleReturn(assembly, here, task);
  settleExit(assembly, here);
  if (here.loaded !== undefined) missingPut(assembly, here, 'vcpu_put');
  if (vcpu.on >= 0 && vcpu.on !== here.cpu) {
    const other = cpuOf(assembly, vcpu.on);
    if (other.loaded === vcpu) missingPut(assembly, other, 'vcpu_put');
  }
  declare(assembly, vcpu);
  observeBefore(assembly, here, vcpu, -1);
  const event = eventAt(assembly, task.preempted ? 'sched_in' : 'vcpu_load', here);
  event.vm = vcpu.vm;
  event.vcpu = vcpu.vcpu;
  event.task = pid;
  if (inferred) event.inferred = true;
  pushTransfer(assembly, here, event);
  const isScheduled = task.preempted;
  task.preempted = false;
  vcpu.bound = false;
  here.blind = false;
  here.foreign = false;
  adopt(assembly, here, pid, vcpu);
  if (isScheduled) debugAfterLoad(assembly, here, pid);
}

/**
 * The line needs a vCPU to be loaded: this one, or one that nothing names. Where the capture shows loads and this one is not
 * there, lines are missing, or it began in the middle of a run. Where it does not show them, the replay knows what to make of it.
 */
export function needLoaded(assembly: Assembly, here: CpuState, pid: number, vcpu: Vcpu | undefined): void {
  if (vcpu !== undefined && here.loaded === vcpu) return;
  if (here.loaded !== undefined && (vcpu !== undefined || here.loader !== pid)) missingPut(assembly, here, 'vcpu_put');
  if (assembly.tells.load && !here.blind) {
    const name = vcpu === undefined ? 'a vCPU' : `vCPU ${vcpu.vm}/${vcpu.vcpu}`;
    lose(assembly, here, 1, `the load of ${name} is not in the trace`);
    here.current = pid;
  }
  if (vcpu === undefined) return;
  declare(assembly, vcpu);
  adopt(assembly, here, pid, vcpu);
}

/**
 * kvm_arch_vcpu_put. The scheduler calls it between sched_switch and thread_switch (fire_sched_out_preempt_notifiers), an ioctl
 * anywhere else; without sched_switch in the trace, what follows on the CPU tells.
 */
export function put(assembly: Assembly, here: CpuState, pid: number, vcpu: Vcpu | undefined, inferred: boolean): void {
  needLoaded(assembly, here, pid, vcpu);
  backInHost(assembly, here);
  settleExit(assembly, here);
  observeBefore(assembly, here, vcpu, debugDirtyOf(assembly));
  if (here.switchTo !== NO_TASK || assembly.shown.kinds[WHAT.schedSwitch] === 1) {
    putAs(assembly, here, here.switchTo === NO_TASK ? 'vcpu_put' : 'sched_out', inferred);
    switchNow(assembly, here);
    return;
  }
  const event = putEvent(assembly, here, 'vcpu_put', inferred);
  here.events++;
  here.put = assembly.queue.hold(event, assembly.line.number);
  here.putter = pid;
}

/** What a put is, once the next line of the CPU has told. */
export function decidePut(assembly: Assembly, here: CpuState, event: 'vcpu_put' | 'sched_out'): void {
  if (here.put?.event === undefined) return;
  here.put.event.event = event;
  if (event === 'sched_out') taskOf(assembly, here.putter).preempted = true;
  assembly.queue.settle(here.put);
  here.put = undefined;
  if (event === 'vcpu_put') endOslar(assembly, here, here.putter, taskOf(assembly, here.putter).vcpu);
}

function putAs(assembly: Assembly, here: CpuState, name: EventName, inferred: boolean): void {
  const { loaded, loader } = here;
  if (name === 'sched_out') taskOf(assembly, here.loader).preempted = true;
  push(assembly, here, putEvent(assembly, here, name, inferred));
  if (name === 'vcpu_put') endOslar(assembly, here, loader, loaded);
}

/** The put of the handler of OSLAR_EL1: the load that follows finds what was written. */
function endOslar(assembly: Assembly, here: CpuState, pid: number, vcpu: Vcpu | undefined): void {
  const task = taskOf(assembly, pid);
  const { oslar } = task;
  if (oslar === undefined) return;
  task.oslar = undefined;
  pushOslock(assembly, here, oslar, vcpu);
}

function putEvent(assembly: Assembly, here: CpuState, name: EventName, inferred: boolean): TraceEvent {
  const vcpu = here.loaded;
  const event = eventAt(assembly, name, here);
  if (vcpu !== undefined) {
    event.vm = vcpu.vm;
    event.vcpu = vcpu.vcpu;
    vcpu.on = NOT_LOADED;
  }
  if (inferred) event.inferred = true;
  here.loaded = undefined;
  return event;
}

/** A vCPU is still loaded where it cannot be: its put is missing, unless the capture does not show puts. */
export function missingPut(assembly: Assembly, here: CpuState, name: 'vcpu_put' | 'sched_out'): void {
  const vcpu = here.loaded;
  if (vcpu === undefined) return;
  if (assembly.tells.put) {
    lose(assembly, here, 1, `the put of vCPU ${vcpu.vm}/${vcpu.vcpu} is not in the trace`);
    return;
  }
  backInHost(assembly, here);
  settleExit(assembly, here);
  if (name === 'sched_out') taskOf(assembly, here.loader).preempted = true;
  here.loaded = undefined;
  vcpu.on = NOT_LOADED;
}

/** kvm_arch_vcpu_run_map_fp: only of a vCPU that is not loaded. */
export function mapFp(assembly: Assembly, here: CpuState, pid: number): void {
  settleReturn(assembly, here, taskOf(assembly, pid));
  const vcpu = vcpuOfLine(assembly, here, pid);
  if (vcpu === undefined) return;
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
