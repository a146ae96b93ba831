/** One event, one step: what each row of the vocabulary does to the machine, with the steps that coarse traces imply. */

import { ABSENT, type EventRecord } from '../trace/event.ts';
import { EVENTS, type EventName, UNKNOWN_EVENT } from '../trace/vocabulary.ts';
import { STEP } from './costs.ts';
import { adopt, arriveByIoctl, arriveBySwitch } from './current.ts';
import { debugRegisterTrapped } from './debug.ts';
import { EC_FP_ASIMD, EC_SVE } from './exception.ts';
import { kvm_hyp_handle_fpsimd } from './fp.ts';
import { fpsimd_restore_current_state, fpsimd_thread_switch, kernel_neon_begin, kernel_neon_end } from './fpsimd.ts';
import { cpuOf, type Machine, MOMENT, taskOf, vcpuOf } from './machine.ts';
import { observe } from './observe.ts';
import { use } from './registers.ts';
import { type Cpu, FREE, NO_CPU, NOTHING_IMPLIED, UNKNOWN, UNNAMED, type Vcpu } from './state.ts';
import { guestEnter, guestExit } from './switch.ts';
import { loseEvents, refresh } from './unknown.ts';
import { kvm_arch_vcpu_load, kvm_arch_vcpu_put } from './vcpu.ts';

type Handler = (machine: Machine, event: EventRecord) => void;

function bracket(machine: Machine, cpu: Cpu, detail: string): void {
  machine.detail = detail;
  machine.watch.moment(MOMENT.bracket, cpu);
}

function imply(machine: Machine, cpu: Cpu, step: EventName): void {
  machine.watch.implied(cpu, step);
  if (machine.strict) bracket(machine, cpu, `${step} is missing before this event`);
}

/** The vCPU that the event is about, on a CPU where one must be loaded. */
function loadedVcpu(machine: Machine, cpu: Cpu): Vcpu | undefined {
  if (cpu.loaded !== undefined) return cpu.loaded;
  const name = eventName(machine);
  if (cpu.loadedUnknown) machine.watch.unfollowed(`${name}: which vCPU is loaded is unknown`);
  else bracket(machine, cpu, `${name} while no vCPU is loaded`);
  return undefined;
}

function eventName(machine: Machine): string {
  return EVENTS[machine.event.kind]?.name ?? '';
}

/** The vCPU of a guest-side event; entering the guest is implied. */
function runningVcpu(machine: Machine, cpu: Cpu): Vcpu | undefined {
  const vcpu = loadedVcpu(machine, cpu);
  if (vcpu !== undefined && !cpu.running) {
    imply(machine, cpu, 'guest_enter');
    guestEnter(machine, cpu, vcpu);
  }
  return vcpu;
}

/** Host code runs on the CPU: if the guest was running, it has exited. */
function leaveGuest(machine: Machine, cpu: Cpu, ec: boolean): void {
  if (!cpu.running || cpu.loaded === undefined) return;
  imply(machine, cpu, 'guest_exit');
  guestExit(machine, cpu, cpu.loaded, ec);
  cpu.exitImplied = machine.event.kind;
  cpu.exitImpliedLine = machine.event.line;
}

function cpuOfEvent(machine: Machine, event: EventRecord): Cpu {
  const cpu = cpuOf(machine, event.cpu);
  if (!cpu.initialised) {
    cpu.initialised = true;
    initialiseContext(machine, cpu);
  }
  return cpu;
}

/** cpu_hyp_init_context(): the accessor decides which instance learns the CPU's MPIDR_EL1. */
function initialiseContext(machine: Machine, cpu: Cpu): void {
  (machine.profile.accessor === 'v1bug' ? cpu.vhe : cpu.hyp).mpidr_el1 = true;
}

function load(machine: Machine, event: EventRecord, ioctl: boolean): void {
  const cpu = cpuOfEvent(machine, event);
  const vcpu = vcpuOf(machine, event.vm, event.vcpu);
  leaveGuest(machine, cpu, false);
  refresh(machine, vcpu);
  if (cpu.loaded !== undefined) bracket(machine, cpu, `${eventName(machine)} while another load was not put`);
  if (vcpu.cpu !== NO_CPU && vcpu.cpu !== cpu.id) {
    bracket(machine, cpu, `${eventName(machine)} of a vCPU that is loaded on CPU ${vcpu.cpu}`);
    unload(machine, vcpu);
  }
  if (ioctl) arriveByIoctl(machine, cpu);
  else arriveBySwitch(machine, cpu, vcpu);
  kvm_arch_vcpu_load(machine, cpu, vcpu);
}

/** The CPU that had the vCPU loaded has it no more, in a way the trace does not tell. */
function unload(machine: Machine, vcpu: Vcpu): void {
  const cpu = machine.cpus[vcpu.cpu];
  if (cpu === undefined || cpu.loaded !== vcpu) return;
  cpu.loaded = undefined;
  cpu.loadedUnknown = true;
  cpu.running = false;
}

function put(machine: Machine, event: EventRecord): void {
  const cpu = cpuOfEvent(machine, event);
  const named = event.vcpu === ABSENT ? cpu.loaded : vcpuOf(machine, event.vm, event.vcpu);
  leaveGuest(machine, cpu, false);
  if (cpu.loaded === undefined && cpu.loadedUnknown && (named === undefined || named.cpu === NO_CPU)) {
    machine.watch.unfollowed(`${eventName(machine)}: which vCPU is loaded is unknown`);
    forgetPut(cpu, named);
    return;
  }
  if (named === undefined || cpu.loaded !== named) {
    bracket(machine, cpu, `${eventName(machine)} of a vCPU that is not loaded here`);
    if (named === undefined || named.cpu === NO_CPU) return;
    unload(machine, named);
  }
  kvm_arch_vcpu_put(machine, cpu, named);
}

/** A put whose load the trace does not show may have saved and flushed. */
function forgetPut(cpu: Cpu, vcpu: Vcpu | undefined): void {
  cpu.loadedUnknown = false;
  cpu.current.tif_foreign_fpstate = UNKNOWN;
  if (vcpu !== undefined) vcpu.task = cpu.current;
}

function trap(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  kvm_hyp_handle_fpsimd(machine, cpu, vcpu);
  use(machine, cpu, vcpu);
}

const HANDLERS: Partial<Record<EventName, Handler>> = {
  meta() {},

  hyp_init(machine, event) {
    const cpu = cpuOf(machine, event.cpu);
    cpu.initialised = true;
    initialiseContext(machine, cpu);
    for (const instance of [cpu.vhe, cpu.nvhe]) {
      instance.fp_owner = FREE;
      instance.fp_ownerLine = event.line;
      instance.__hyp_running_vcpu = undefined;
      instance.runningUnknown = false;
    }
    if (cpu.loaded === undefined) cpu.loadedUnknown = false;
    machine.watch.charge(STEP.hyp_init, 0);
    machine.watch.moment(MOMENT.hyp_init, cpu);
  },

  vcpu_create(machine, event) {
    const vcpu = vcpuOf(machine, event.vm, event.vcpu);
    vcpu.sve = event.sve === 1;
    vcpu.sme = event.sme === 1;
    vcpu.aarch32 = event.aarch32 === 1;
    vcpu.nested = event.nested === 1;
    vcpu.protected = event.protected === 1;
    if (event.fpmr !== ABSENT) vcpu.hasFpmr = machine.fpmr && event.fpmr === 1;
    vcpu.vq = vcpu.sve ? vectorQuads(machine, event) : 0;
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

  guest_enter(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const vcpu = loadedVcpu(machine, cpu);
    if (vcpu === undefined) return;
    if (cpu.running) {
      bracket(machine, cpu, 'guest_enter while the guest runs');
      guestExit(machine, cpu, vcpu, false);
    }
    guestEnter(machine, cpu, vcpu);
  },

  guest_exit(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const vcpu = loadedVcpu(machine, cpu);
    if (vcpu === undefined) return;
    if (cpu.running) guestExit(machine, cpu, vcpu, event.ec !== ABSENT);
    else if (cpu.exitImplied === NOTHING_IMPLIED) bracket(machine, cpu, 'guest_exit while the guest does not run');
    else {
      machine.watch.moment(MOMENT.late_exit, cpu);
      cpu.exitImplied = NOTHING_IMPLIED;
    }
  },

  guest_fp(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const vcpu = runningVcpu(machine, cpu);
    if (vcpu === undefined) return;
    const isa = Math.max(event.isa, 0);
    // SVE that the vCPU lacks, and SME, are undefined to it: they trap, and the host injects the exception.
    if (isa === 2 || (isa === 1 && !vcpu.sve)) return leaveGuest(machine, cpu, true);
    const traps = isa === 0 ? cpu.trapFp : cpu.trapSve;
    if (traps === UNKNOWN) machine.watch.unfollowed('guest_fp: whether it traps is unknown, and taken to');
    if (traps !== 0) trap(machine, cpu, vcpu);
    else use(machine, cpu, vcpu);
  },

  guest_fp_trap(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const vcpu = runningVcpu(machine, cpu);
    if (vcpu === undefined) return;
    const ec = event.ec === ABSENT ? EC_FP_ASIMD : event.ec;
    if (ec === EC_FP_ASIMD || (ec === EC_SVE && vcpu.sve)) trap(machine, cpu, vcpu);
    else leaveGuest(machine, cpu, true);
  },

  guest_zcr(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const vcpu = runningVcpu(machine, cpu);
    if (vcpu === undefined) return;
    if (!vcpu.sve) return leaveGuest(machine, cpu, true);
    if (cpu.trapSve !== 0) trap(machine, cpu, vcpu);
    vcpu.zcr_el1Live = Number((event.value ?? 0n) & 0xfn) + 1;
  },

  debug_dirty(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const vcpu = loadedVcpu(machine, cpu);
    if (vcpu === undefined) return;
    leaveGuest(machine, cpu, true);
    debugRegisterTrapped(machine, cpu, vcpu);
  },

  guest_mdscr(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const vcpu = runningVcpu(machine, cpu);
    if (vcpu === undefined) return;
    if (event.mde !== ABSENT) vcpu.mdscr_mde = event.mde;
    if (event.kde !== ABSENT) vcpu.mdscr_kde = event.kde;
    if (vcpu.tda === 0) return;
    // MDSCR_EL1 is among the registers that TDA traps.
    leaveGuest(machine, cpu, true);
    debugRegisterTrapped(machine, cpu, vcpu);
  },

  guest_oslock(machine, event) {
    const cpu = cpuOfEvent(machine, event);
    const vcpu = runningVcpu(machine, cpu);
    if (vcpu === undefined) return;
    leaveGuest(machine, cpu, true); // TDOSA is always set
    vcpu.oslock = event.locked === 1;
    if (machine.profile.dbg === 'dirty') return;
    // kvm_debug_handle_oslar(): who owns the debug registers is worked out again.
    kvm_arch_vcpu_put(machine, cpu, vcpu);
    kvm_arch_vcpu_load(machine, cpu, vcpu);
  },

  guest_debug(machine, event) {
    const vcpu = vcpuOf(machine, event.vm, event.vcpu);
    vcpu.guest_debug_singlestep = event.singlestep === 1;
    vcpu.guest_debug_use_hw = event.use_hw === 1;
  },

  host_fp(machine, event) {
    const cpu = hostEvent(machine, event);
    if (cpu.loaded !== undefined) bracket(machine, cpu, 'user mode runs while a vCPU is loaded');
    if (cpu.current.tif_foreign_fpstate !== 0) imply(machine, cpu, 'return_to_user');
    fpsimd_restore_current_state(machine, cpu);
    if (event.isa === 1) {
      cpu.current.tif_sve = 1;
      cpu.zen_el0en = 1;
    }
    use(machine, cpu, cpu.current);
    cpu.current.seen = true;
  },

  neon_begin(machine, event) {
    kernel_neon_begin(machine, hostEvent(machine, event), event.softirq === 1);
  },

  neon_end(machine, event) {
    const cpu = hostEvent(machine, event);
    kernel_neon_end(machine, cpu, event.softirq === ABSENT ? cpu.neonInSoftirq : event.softirq === 1);
  },

  task_switch(machine, event) {
    machine.tellsTasks = true;
    const cpu = hostEvent(machine, event);
    if (cpu.loaded !== undefined) bracket(machine, cpu, 'the task is switched out with a vCPU loaded');
    const next = taskOf(machine, event.next, cpu);
    if (next.cpu !== NO_CPU && next.cpu !== cpu.id)
      bracket(machine, cpu, `task ${event.next} is current on CPU ${next.cpu}`);
    fpsimd_thread_switch(machine, cpu, next);
    next.seen = true;
    // Preempt notifiers run before the switch and after it: whatever was loaded is not loaded now.
    if (cpu.loaded === undefined) cpu.loadedUnknown = false;
  },

  return_to_user(machine, event) {
    machine.tellsTasks = true;
    const cpu = hostEvent(machine, event);
    if (cpu.loaded !== undefined) bracket(machine, cpu, 'return to user mode with a vCPU loaded');
    if (event.task !== ABSENT) {
      const task = taskOf(machine, event.task, cpu);
      if (task !== cpu.current && cpu.current.id !== UNNAMED && cpu.current.seen) {
        bracket(machine, cpu, `task ${cpu.current.id} is current, task ${event.task} returns to user mode`);
      }
      adopt(machine, cpu, task);
    }
    fpsimd_restore_current_state(machine, cpu);
    cpu.current.seen = true;
    if (cpu.loaded === undefined) cpu.loadedUnknown = false;
  },

  hyp_panic(machine, event) {
    machine.watch.moment(MOMENT.hyp_panic, cpuOfEvent(machine, event));
  },

  observe(machine, event) {
    observe(machine, cpuOfEvent(machine, event));
  },

  lost: loseEvents,
};

/** The CPU of an event that host code causes. */
function hostEvent(machine: Machine, event: EventRecord): Cpu {
  const cpu = cpuOfEvent(machine, event);
  leaveGuest(machine, cpu, false);
  return cpu;
}

/** Vector length of a vCPU in units of 128 bits: its own, else the machine's, else the smallest there is. */
function vectorQuads(machine: Machine, event: EventRecord): number {
  if (event.sve_vl !== ABSENT) return event.sve_vl / 16;
  if (machine.sve) return machine.features.sveVl / 16;
  machine.watch.assumed('a vCPU has SVE and nothing says its vector length: 16 bytes');
  return 1;
}

const BY_KIND: readonly (Handler | undefined)[] = EVENTS.map((row) => HANDLERS[row.name]);

/** Whether the emulator has the step of that event. */
export function isModelled(kind: number): boolean {
  return kind !== UNKNOWN_EVENT && BY_KIND[kind] !== undefined;
}

/** Runs one event. An event that is not modelled, or unknown, changes nothing. */
export function step(machine: Machine, event: EventRecord): void {
  machine.event = event;
  BY_KIND[event.kind]?.(machine, event);
}
