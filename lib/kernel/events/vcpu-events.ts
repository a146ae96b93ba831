/** Events in the life of a vCPU outside of the guest: creation, load and put, what userspace does to it. */

import { STEP } from '../../costs/steps.ts';
import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { kvm_arch_vcpu_load, kvm_arch_vcpu_put } from '../code/arm.ts';
import { accessRegister, finalise, resetState } from '../code/guest.ts';
import { arriveByIoctl, arriveBySwitch } from '../hidden/current.ts';
import { hides, supplyLoad, supplyPut } from '../hidden/supply.ts';
import { loseBinding, loseVcpu, refresh } from '../hidden/unknown.ts';
import { type Cpu, threadOn } from '../state/cpu.ts';
import { UNKNOWN } from '../state/entity.ts';
import { cpuOf, type Machine, ownerOfHyp, taskOf, vcpuOf } from '../state/machine.ts';
import { GUEST_OWNED } from '../state/owner.ts';
import { NO_CPU } from '../state/task.ts';
import type { Vcpu } from '../state/vcpu.ts';
import {
  bracket,
  cpuOfEvent,
  eventName,
  type Handlers,
  hostEvent,
  leaveGuest,
  loadedVcpu,
  unputVcpu,
} from './brackets.ts';

function load(machine: Machine, event: EventRecord, ioctl: boolean): void {
  const cpu = cpuOfEvent(machine, event);
  const vcpu = vcpuOf(machine, event.vm, event.vcpu, cpu.lastLoaded);
  leaveGuest(machine, cpu, false);
  if (!vcpu.finalised) bracket(machine, cpu, `${eventName(machine)} of a vCPU that is not finalised: KVM_RUN is EPERM`);
  refresh(machine, vcpu);
  unputVcpu(machine, cpu, `${eventName(machine)} while another load was not put`);
  if (vcpu.cpu !== NO_CPU && vcpu.cpu !== cpu.id) {
    const there = machine.cpus[vcpu.cpu];
    if (hides(machine, 'vcpu_put', 'sched_out') && there?.loaded === vcpu) supplyPut(machine, there, vcpu);
    else bracket(machine, cpu, `${eventName(machine)} of a vCPU that is loaded on CPU ${vcpu.cpu}`);
    unload(machine, vcpu);
  }
  if (ioctl) arriveByIoctl(machine, cpu);
  else arriveBySwitch(machine, cpu, vcpu);
  kvm_arch_vcpu_load(machine, cpu, vcpu);
  // A nested transition that the trace did not tell of ends here.
  vcpu.inNested = false;
}

/** The CPU that had the vCPU loaded has it no more, in a way the trace does not tell. */
function unload(machine: Machine, vcpu: Vcpu): void {
  const cpu = machine.cpus[vcpu.cpu];
  if (cpu === undefined || cpu.loaded !== vcpu) return;
  cpu.loaded = undefined;
  cpu.lastLoaded = undefined;
  cpu.loadedUnknown = true;
  cpu.running = false;
}

function put(machine: Machine, event: EventRecord): void {
  const cpu = cpuOfEvent(machine, event);
  const named = event.vcpu === ABSENT ? cpu.loaded : vcpuOf(machine, event.vm, event.vcpu, cpu.loaded);
  leaveGuest(machine, cpu, false);
  if (cpu.loaded === undefined && cpu.loadedUnknown && (named === undefined || named.cpu === NO_CPU)) {
    machine.watch.unfollowed(`${eventName(machine)}: which vCPU is loaded is unknown`);
    forgetPut(machine, cpu, named);
    return;
  }
  if (cpu.loaded !== named && hides(machine, 'vcpu_load', 'sched_in')) {
    kvm_arch_vcpu_put(machine, cpu, supplyLoad(machine, cpu, named));
    return;
  }
  if (named === undefined || cpu.loaded !== named) {
    bracket(machine, cpu, `${eventName(machine)} of a vCPU that is not loaded here`);
    if (named !== undefined) takeAway(machine, named);
    return;
  }
  kvm_arch_vcpu_put(machine, cpu, named);
}

/** The vCPU is loaded nowhere now, and what became of its state is unknown. */
function takeAway(machine: Machine, vcpu: Vcpu): void {
  unload(machine, vcpu);
  vcpu.cpu = NO_CPU;
  vcpu.epoch = UNKNOWN;
}

/** A put whose load the trace does not show may have saved and flushed. */
function forgetPut(machine: Machine, cpu: Cpu, vcpu: Vcpu | undefined): void {
  cpu.loadedUnknown = false;
  cpu.lastLoaded = vcpu;
  loseBinding(cpu);
  if (vcpu === undefined) return;
  vcpu.task = threadOn(cpu);
  loseVcpu(vcpu);
  vcpu.epoch = machine.epoch;
}

/** Vector length of a vCPU in units of 128 bits: its own, else the machine's, else the smallest there is. */
function vectorQuads(machine: Machine, event: EventRecord): number {
  if (event.sve_vl !== ABSENT) return event.sve_vl / 16;
  if (machine.sve) return machine.features.sveVl / 16;
  machine.watch.assumed('a vCPU has SVE and nothing says its vector length: 16 bytes');
  return 1;
}

/**
 * kvm_get_reset_cptr_el2() at KVM_ARM_VCPU_INIT: before 2fd5b4b0e7b4 the value is worked out from fp_owner of whatever
 * CPU that runs on, which is stale after a put, and kept.
 */
function cacheTraps(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const owned = ownerOfHyp(machine, cpu, vcpu) === GUEST_OWNED;
  vcpu.cptrTrapsSve = machine.profile.cptrCompute === 'cached' && !machine.vhe && vcpu.sve && owned;
}

/** Any CPU, for what is not done on one. */
function anyCpu(machine: Machine, event: EventRecord, vcpu: Vcpu): Cpu {
  if (event.cpu !== ABSENT) return cpuOf(machine, event.cpu);
  return machine.cpus[vcpu.cpu] ?? machine.cpus.find((cpu) => cpu !== undefined) ?? cpuOf(machine, 0);
}

/** kvm_emulate_nested_eret(), kvm_inject_nested(): a put and a load of the vCPU that changes its context. */
function nestedTransition(machine: Machine, event: EventRecord): void {
  const cpu = hostEvent(machine, event);
  const vcpu = loadedVcpu(machine, cpu);
  if (vcpu === undefined) return;
  vcpu.inNested = true;
  kvm_arch_vcpu_put(machine, cpu, vcpu);
  kvm_arch_vcpu_load(machine, cpu, vcpu);
  vcpu.inNested = false;
}

/** The vCPU that userspace looks at or changes, most often while it is not loaded. */
function idleVcpu(machine: Machine, event: EventRecord): Vcpu {
  const vcpu = vcpuOf(machine, event.vm, event.vcpu);
  refresh(machine, vcpu);
  return vcpu;
}

export const VCPU_EVENTS: Handlers = {
  vcpu_create(machine, event) {
    const vcpu = vcpuOf(machine, event.vm, event.vcpu);
    vcpu.declared = true;
    vcpu.protected = event.protected === 1;
    // Under pKVM a protected VM gets no SVE; outside of the guest series no VM gets SME.
    vcpu.sve = event.sve === 1 && !(machine.mode === 'pkvm' && vcpu.protected);
    vcpu.sme = event.sme === 1 && machine.profile.guestSme;
    vcpu.aarch32 = event.aarch32 === 1;
    vcpu.nested = event.nested === 1;
    if (event.fpmr !== ABSENT) vcpu.hasFpmr = machine.fpmr && event.fpmr === 1;
    vcpu.vq = vcpu.sve ? vectorQuads(machine, event) : 0;
    vcpu.smeVq = vcpu.sme ? (event.sme_vl === ABSENT ? Math.max(machine.smeVq, 1) : event.sme_vl / 16) : 0;
    vcpu.sme2 = vcpu.sme && event.sme2 === 1;
    vcpu.fa64 = vcpu.sme && event.fa64 === 1;
    vcpu.finalised = event.finalised !== 0 || !(vcpu.sve || vcpu.sme);
    if (event.cpu !== ABSENT) cacheTraps(machine, cpuOf(machine, event.cpu), vcpu);
  },

  map_fp(machine, event) {
    if (machine.profile.runMapFp === 'none') return;
    const vcpu = vcpuOf(machine, event.vm, event.vcpu);
    const pid = event.task;
    vcpu.mapped = machine.tasks.get(pid) ?? taskOf(machine, pid, cpuOf(machine, event.cpu === ABSENT ? 0 : event.cpu));
    machine.watch.charge(STEP.map_fp, 0);
  },

  vcpu_load: (machine, event) => load(machine, event, true),
  sched_in: (machine, event) => load(machine, event, false),
  vcpu_put: put,
  sched_out: put,

  guest_debug(machine, event) {
    const vcpu = idleVcpu(machine, event);
    vcpu.guest_debug_singlestep = event.singlestep === 1;
    vcpu.guest_debug_use_hw = event.use_hw === 1 ? 1 : 0;
    vcpu.guest_debugTold = true;
  },

  reg_get(machine, event) {
    const vcpu = idleVcpu(machine, event);
    accessRegister(machine, anyCpu(machine, event, vcpu), vcpu, false);
  },

  reg_set(machine, event) {
    const vcpu = idleVcpu(machine, event);
    accessRegister(machine, anyCpu(machine, event, vcpu), vcpu, true);
  },

  vcpu_finalize: (machine, event) => finalise(machine, idleVcpu(machine, event)),

  vcpu_reset(machine, event) {
    const vcpu = idleVcpu(machine, event);
    const cpu = machine.cpus[vcpu.cpu];
    if (cpu === undefined || cpu.loaded !== vcpu) {
      resetState(vcpu);
      return;
    }
    leaveGuest(machine, cpu, false);
    kvm_arch_vcpu_put(machine, cpu, vcpu);
    resetState(vcpu);
    kvm_arch_vcpu_load(machine, cpu, vcpu);
  },

  nested_eret: nestedTransition,
  nested_exception: nestedTransition,
};
