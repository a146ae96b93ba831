/** The emulated machine: its CPUs, tasks and vCPUs, and who watches it. Pure: no I/O, no clock, no global state. */

import type { MachineFeatures } from '../../costs/primitives.ts';
import type { Mode, Profile } from '../../models/profile.ts';
import type { EventRecord } from '../../trace/event.ts';
import { hiddenKinds } from '../../trace/hidden.ts';
import type { EventName } from '../../trace/vocabulary.ts';
import { type Cpu, createCpu, type HostData } from './cpu.ts';
import { OWNER_NAMES, UNKNOWN_OWNER } from './owner.ts';
import type { Possibility } from './possibility.ts';
import { createTask, type Task } from './task.ts';
import { createVcpu, type Vcpu } from './vcpu.ts';
import type { Watcher } from './watcher.ts';

export interface Machine {
  readonly profile: Profile;
  readonly mode: Mode;
  readonly vhe: boolean;
  readonly features: MachineFeatures;
  /** Implied steps are violations of LC-01. */
  readonly strict: boolean;
  /** Who is told; another one while one of several things that may have happened is followed. */
  watch: Watcher;
  /** By kind: 1 where the trace does not tell of it; whether there is such a kind, or was an event that may have happened. */
  readonly hidden: Uint8Array;
  hidesAny: boolean;
  /** The trace says what it shows: what else may have cost something is told. */
  readonly partial: boolean;
  /** It does not tell what guests write to MDSCR_EL1, nor host tasks to SVCR. */
  readonly hidesMdscr: boolean;
  readonly hidesSvcr: boolean;
  /** It tells of saves and loads of the current task at fork, exec, signals and ptrace, and for a new vector length. */
  readonly tellsCurrentSaves: boolean;
  /** The event under way may have happened, and in this state it has not. */
  untaken: boolean;
  /** By CPU number: what may have happened there, where that is more than one thing (hidden/possible.ts). */
  readonly possible: (readonly Possibility[] | undefined)[];
  /** By CPU number; holes where the trace has not named it. */
  readonly cpus: (Cpu | undefined)[];
  readonly tasks: Map<number, Task>;
  /** VM -> vcpu_id -> vCPU. */
  readonly vcpus: Map<number, Map<number, Vcpu>>;
  /** Tasks and vCPUs that the trace has named: what grows with the trace. */
  entities: number;
  /** The event under way. */
  event: EventRecord;
  /** Which event of the replay that is, from 1: lines are no names, for inputs share their numbers and one may be several events. */
  sequence: number;
  /** The trace tells of host tasks (task_switch, return_to_user), or began in the midst of what one did: nothing is presumed of them. */
  tellsTasks: boolean;
  /** guest_mdscr was seen: the trace tells what guests write to MDSCR_EL1. */
  tellsMdscr: boolean;
  /** How many times events were lost, and on how many CPUs the loss has not come to its end. */
  epoch: number;
  openLosses: number;
  /** System has FPSIMD, SVE, SME, FPMR. */
  readonly sve: boolean;
  readonly sme: boolean;
  readonly fpmr: boolean;
  /** The machine is known to have RAS. */
  readonly ras: boolean;
  /** Host user mode has POR_EL0. */
  readonly poe: boolean;
  /** Largest streaming vector length of the machine in units of 128 bits; 0 without SME. */
  readonly smeVq: number;
  /** Protected KVM that puts the host's registers back at every exit. */
  readonly pkvmEager: boolean;
}

/** `records`: the kinds that the trace shows wherever they happen; undefined: all, and it may leave out host tasks. */
export function createMachine(
  profile: Profile,
  mode: Mode,
  features: MachineFeatures,
  strict: boolean,
  watch: Watcher,
  event: EventRecord,
  records?: readonly string[],
): Machine {
  const hidden = hiddenKinds(records);
  return {
    profile,
    mode,
    vhe: mode === 'vhe',
    features,
    strict,
    watch,
    hidden,
    hidesAny: hidden.includes(1) || (records !== undefined && flushesStreaming({ profile, features })),
    partial: records !== undefined,
    hidesMdscr: records !== undefined && !records.includes('guest_mdscr'),
    hidesSvcr: records !== undefined && !records.includes('host_svcr'),
    tellsCurrentSaves: tellsCurrentSaves(profile, records),
    untaken: false,
    possible: [],
    cpus: [],
    tasks: new Map(),
    vcpus: new Map(),
    entities: 0,
    event,
    sequence: 0,
    tellsTasks: records !== undefined,
    tellsMdscr: false,
    epoch: 0,
    openLosses: 0,
    sve: features.sveVl > 0,
    sme: profile.hostSme && features.smeVl > 0,
    fpmr: profile.fpmr && features.features.has('fpmr'),
    ras: features.features.has('ras'),
    poe: profile.e0poe !== 'none' && features.features.has('poe'),
    smeVq: profile.hostSme ? features.smeVl / 16 : 0,
    pkvmEager: mode === 'pkvm' && profile.pkvmFp === 'eager',
  };
}

function tellsCurrentSaves(profile: Profile, records: readonly string[] | undefined): boolean {
  const kinds: readonly EventName[] = [
    'user_save',
    'flush_task',
    ...(profile.saveCurrent === 'flush' ? [] : USER_LOAD),
  ];
  return records === undefined || kinds.every((kind) => records.includes(kind));
}

const USER_LOAD: readonly EventName[] = ['user_load'];

/**
 * A load whose effect depends on SVCR, of which a trace that shows less need not tell. A machine of which a vector length is named has SME
 * only where that of SME is.
 */
export function flushesStreaming({ profile, features }: Pick<Machine, 'profile' | 'features'>): boolean {
  const maySme = features.smeVl > 0 || features.sveVl === 0;
  return profile.hostSave === 'lazy' && profile.hostSme && maySme;
}

/**
 * Which instance of kvm_host_data kernel code reaches (semantics 2.4): host_data_ptr() outside of hyp code, as the
 * profile has it. Under pKVM this is so once kvm_protected_mode_initialized is set.
 */
function kernelReachesVhe(machine: Machine): boolean {
  if (machine.vhe || machine.profile.accessor === 'v1bug') return true;
  return machine.profile.accessor === 'ok' && machine.mode === 'pkvm';
}

export function cpuOf(machine: Machine, id: number): Cpu {
  const known = machine.cpus[id];
  if (known !== undefined) return known;
  const cpu = createCpu(id, kernelReachesVhe(machine), machine.vhe);
  if (machine.partial) cpu.current = cpu.stranger;
  cpu.current.cpu = id;
  cpu.svcrOpen = machine.partial;
  cpu.current.svcrOpen = machine.partial;
  cpu.current.mayBeInNeon = machine.partial;
  cpu.lostEpoch = machine.epoch;
  machine.cpus[id] = cpu;
  return cpu;
}

/** The task of that pid; pid 0 is another idle task on each CPU, and has no user state. */
export function taskOf(machine: Machine, pid: number, cpu: Cpu): Task {
  // Mostly it is the current one.
  if (cpu.current.id === pid && pid > 0) return cpu.current;
  const key = pid === 0 ? -1 - cpu.id : pid;
  const known = machine.tasks.get(key);
  if (known !== undefined) return known;
  const task = createTask(pid);
  task.epoch = machine.epoch;
  task.svcrOpen = machine.partial;
  task.mayBeInNeon = machine.partial;
  machine.tasks.set(key, task);
  machine.entities += 1;
  return task;
}

export function findVcpu(machine: Machine, vm: number, id: number): Vcpu | undefined {
  return machine.vcpus.get(vm)?.get(id);
}

/** The vCPU of that number. `guess`: one that it mostly is. */
export function vcpuOf(machine: Machine, vm: number, id: number, guess?: Vcpu): Vcpu {
  if (guess !== undefined && guess.id === id && guess.vm === vm) return guess;
  let ofVm = machine.vcpus.get(vm);
  if (ofVm === undefined) {
    ofVm = new Map();
    machine.vcpus.set(vm, ofVm);
  }
  let vcpu = ofVm.get(id);
  if (vcpu === undefined) {
    vcpu = createVcpu(vm, id);
    vcpu.hasFpmr = machine.fpmr;
    vcpu.epoch = machine.epoch;
    ofVm.set(id, vcpu);
    machine.entities += 1;
  }
  return vcpu;
}

/** fp_owner as kernel code on that CPU reads it; `vcpu` is whose it is where the owner lives in the vCPU. */
export function ownerOfKernel(machine: Machine, cpu: Cpu, vcpu: Vcpu): number {
  return machine.profile.ownerLoc === 'vcpu' ? vcpu.fp_state : cpu.kernel.fp_owner;
}

/** fp_owner as hyp code on that CPU reads it. */
export function ownerOfHyp(machine: Machine, cpu: Cpu, vcpu: Vcpu): number {
  return machine.profile.ownerLoc === 'vcpu' ? vcpu.fp_state : cpu.hyp.fp_owner;
}

/** Writes fp_owner: into the vCPU, or into the instance that the code of this step reaches. */
export function writeOwner(
  machine: Machine,
  cpu: Cpu,
  vcpu: Vcpu,
  instance: HostData,
  owner: number,
  cause: string,
): void {
  if (machine.profile.ownerLoc === 'vcpu') {
    const from = vcpu.fp_state;
    vcpu.fp_state = owner;
    vcpu.fp_stateLine = machine.event.line;
    vcpu.fp_stateEvent = machine.sequence;
    report(machine, cpu, 'fp_state', from, owner, cause);
    return;
  }
  const from = instance.fp_owner;
  instance.fp_owner = owner;
  instance.fp_ownerLine = machine.event.line;
  instance.fp_ownerEvent = machine.sequence;
  instance.fp_ownerWindow = cpu.window;
  report(machine, cpu, instance.symbol, from, owner, cause);
}

/** Corrects what the last load wrote, as part of that load. */
export function amendOwner(machine: Machine, cpu: Cpu, vcpu: Vcpu, instance: HostData, owner: number): void {
  if (machine.profile.ownerLoc === 'vcpu') vcpu.fp_state = owner;
  else instance.fp_owner = owner;
  machine.watch.amended(cpu, OWNER_NAMES[owner] as string);
}

/**
 * An owner that merely becomes unknown is no transition: nothing was written that the trace tells of. One that a load
 * writes again is told, since it may turn out to have been another.
 */
function report(machine: Machine, cpu: Cpu, place: string, from: number, to: number, cause: string): void {
  if (to === UNKNOWN_OWNER || (from === to && cause !== 'load')) return;
  machine.watch.transition(cpu, place, OWNER_NAMES[from] as string, OWNER_NAMES[to] as string, cause);
}

/** The vCPU whose owner a value read on that CPU is: the loaded one, or the last that was. */
export function vcpuInQuestion(cpu: Cpu): Vcpu | undefined {
  return cpu.loaded ?? cpu.lastLoaded;
}
