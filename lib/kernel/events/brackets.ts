/** What encloses what: load and put, entry and exit, with the steps that coarse traces leave out. */

import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { EVENTS, type EventName } from '../../trace/vocabulary.ts';
import { guestEnter, guestExit } from '../code/switch.ts';
import { adopt } from '../hidden/current.ts';
import { hides, identify, supplyLoad, supplyPut } from '../hidden/supply.ts';
import { loseRegisters } from '../hidden/unknown.ts';
import { type Cpu, NOTHING_IMPLIED } from '../state/cpu.ts';
import { nobody, UNNAMED } from '../state/entity.ts';
import { cpuOf, type Machine, taskOf, vcpuOf } from '../state/machine.ts';
import { MOMENT } from '../state/moments.ts';
import type { Vcpu } from '../state/vcpu.ts';

export type Handler = (machine: Machine, event: EventRecord) => void;
export type Handlers = Partial<Record<EventName, Handler>>;

/** Events do not fit together. */
export function bracket(machine: Machine, cpu: Cpu, detail: string): void {
  machine.watch.moment(MOMENT.bracket, cpu, nobody, detail);
}

/** A vCPU is loaded where it cannot be: its put is missing, or the trace does not tell of puts. */
export function unputVcpu(machine: Machine, cpu: Cpu, detail: string): void {
  if (cpu.loaded === undefined) return;
  if (hides(machine, 'vcpu_put', 'sched_out')) supplyPut(machine, cpu, cpu.loaded);
  else bracket(machine, cpu, detail);
}

export function imply(machine: Machine, cpu: Cpu, step: EventName): void {
  machine.watch.implied(cpu, step);
  if (machine.strict && !hides(machine, step)) bracket(machine, cpu, `${step} is missing before this event`);
}

/** The vCPU that the event is about, on a CPU where one must be loaded. */
export function loadedVcpu(machine: Machine, cpu: Cpu): Vcpu | undefined {
  if (hides(machine, 'vcpu_load', 'sched_in')) return suppliedVcpu(machine, cpu);
  if (cpu.loaded !== undefined) return cpu.loaded;
  const name = eventName(machine);
  if (cpu.loadedUnknown && machine.event.vcpu !== ABSENT) return suppliedVcpu(machine, cpu);
  if (cpu.loadedUnknown) {
    machine.watch.unfollowed(`${name}: which vCPU is loaded is unknown`);
    loseRegisters(cpu);
    // It may be any that is loaded nowhere else.
    machine.epoch += 1;
  } else {
    bracket(machine, cpu, `${name} while no vCPU is loaded`);
  }
  return undefined;
}

/** The vCPU that the event names, or that was loaded last, or one that nothing names: its load is not in the trace. */
function suppliedVcpu(machine: Machine, cpu: Cpu): Vcpu {
  const { event } = machine;
  const named = event.vcpu === ABSENT ? undefined : vcpuOf(machine, event.vm, event.vcpu, cpu.loaded);
  if (cpu.loaded !== undefined && (named === undefined || named === cpu.loaded)) return cpu.loaded;
  if (cpu.running && cpu.loaded !== undefined && named !== undefined) {
    // No other can be running.
    if (cpu.loaded.id === UNNAMED) {
      identify(machine, cpu, named);
      return named;
    }
    leaveGuest(machine, cpu, false);
  }
  return supplyLoad(machine, cpu, named);
}

export function eventName(machine: Machine): string {
  return (EVENTS[machine.event.kind] as { name: string }).name;
}

/** The vCPU of a guest-side event; entering the guest is implied. */
export function runningVcpu(machine: Machine, cpu: Cpu): Vcpu | undefined {
  const vcpu = loadedVcpu(machine, cpu);
  if (vcpu !== undefined && !cpu.running) {
    // An access of a vCPU of which it is not known what it has may have left the guest, or not.
    const mayRun = cpu.exitImplied !== NOTHING_IMPLIED && !vcpu.declared && machine.partial;
    if (mayRun) machine.watch.implied(cpu, 'guest_enter');
    else imply(machine, cpu, 'guest_enter');
    guestEnter(machine, cpu, vcpu);
  }
  return vcpu;
}

/** Host code runs on the CPU: if the guest was running, it has exited. */
export function leaveGuest(machine: Machine, cpu: Cpu, ec: boolean): void {
  if (!cpu.running || cpu.loaded === undefined) return;
  imply(machine, cpu, 'guest_exit');
  guestExit(machine, cpu, cpu.loaded, ec);
  cpu.exitImplied = machine.event.kind;
  cpu.exitImpliedLine = machine.event.line;
}

export function cpuOfEvent(machine: Machine, event: EventRecord): Cpu {
  const cpu = cpuOf(machine, event.cpu);
  // Where the trace does not tell of switches, an event may say who runs.
  if (event.task !== ABSENT && hides(machine, 'task_switch')) adopt(machine, cpu, taskOf(machine, event.task, cpu));
  if (!cpu.initialised) {
    cpu.initialised = true;
    initialiseContext(machine, cpu);
  }
  return cpu;
}

/** cpu_hyp_init_context(): the accessor decides which instance learns the CPU's MPIDR_EL1. */
export function initialiseContext(machine: Machine, cpu: Cpu): void {
  (machine.profile.accessor === 'v1bug' ? cpu.vhe : cpu.hyp).mpidr_el1 = true;
}

/** The CPU of an event that host code causes. */
export function hostEvent(machine: Machine, event: EventRecord): Cpu {
  const cpu = cpuOfEvent(machine, event);
  leaveGuest(machine, cpu, false);
  return cpu;
}
