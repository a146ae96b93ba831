/** The state before an event, as its violations show it. */

import type { Cpu } from '../kernel/state/cpu.ts';
import { anybody, type Entity, nameOf, UNKNOWN } from '../kernel/state/entity.ts';
import { type Machine, vcpuInQuestion } from '../kernel/state/machine.ts';
import { OWNER_NAMES, UNKNOWN_OWNER } from '../kernel/state/owner.ts';
import { DEBUG_SET_NAMES } from '../kernel/state/vcpu.ts';
import { ABSENT } from '../trace/event.ts';
import type { Rule } from './rule.ts';

/** Small integers, and as few references as can be: one is taken for most events, and hardly any is looked at. */
export interface Snapshot {
  /** ABSENT where the event names no CPU, or one that is new. */
  cpu: number;
  hypOwner: number;
  kernelOwner: number;
  holder: Entity;
  holderGeneration: number;
  generation: number;
  last: Entity;
  zaHolder: Entity;
  svcr_za: number;
  foreign: number;
  /** A vCPU is loaded, or was last; else what it has is not known. */
  hasVcpu: boolean;
  vcpuOwner: number;
  debugDirty: number;
  debugOwner: number;
  debugSet: number;
}

export function createSnapshot(): Snapshot {
  return {
    cpu: ABSENT,
    hypOwner: UNKNOWN_OWNER,
    kernelOwner: UNKNOWN_OWNER,
    holder: anybody,
    holderGeneration: 0,
    generation: 0,
    last: anybody,
    zaHolder: anybody,
    svcr_za: 0,
    foreign: UNKNOWN,
    hasVcpu: false,
    vcpuOwner: UNKNOWN_OWNER,
    debugDirty: UNKNOWN,
    debugOwner: UNKNOWN_OWNER,
    debugSet: 0,
  };
}

/** The state of the event's CPU. */
export function takeSnapshot(snapshot: Snapshot, machine: Machine): void {
  const id = machine.event.cpu;
  const cpu = id === ABSENT ? undefined : machine.cpus[id];
  snapshot.cpu = cpu === undefined ? ABSENT : id;
  if (cpu === undefined) return;
  snapshot.hypOwner = cpu.hyp.fp_owner;
  snapshot.kernelOwner = cpu.kernel.fp_owner;
  snapshot.holder = cpu.holder;
  snapshot.holderGeneration = cpu.holder.generation;
  snapshot.generation = cpu.generation;
  snapshot.last = cpu.last;
  snapshot.zaHolder = cpu.zaHolder;
  snapshot.svcr_za = cpu.svcr_za;
  snapshot.foreign = cpu.current.tif_foreign_fpstate;
  snapshot.debugSet = cpu.debugSet;
  const vcpu = vcpuInQuestion(cpu);
  snapshot.hasVcpu = vcpu !== undefined;
  if (vcpu === undefined) return;
  snapshot.vcpuOwner = vcpu.fp_state;
  snapshot.debugDirty = vcpu.debug_dirty;
  snapshot.debugOwner = vcpu.debug_owner;
}

/** Rules about ZA. */
const ZA_RULES: readonly string[] = ['SM-08', 'SM-09'];

const flag = (value: number): string => (value === UNKNOWN ? 'unknown' : String(value));
const owner = (value: number): string => OWNER_NAMES[value] as string;

/** What of it concerns the rule; nothing where it is of another CPU. */
export function describeSnapshot(before: Snapshot, machine: Machine, cpu: Cpu, rule: Rule): Record<string, string> {
  if (before.cpu !== cpu.id) return {};
  const stale = before.holder.generation !== 0 && before.generation !== before.holderGeneration;
  const perVcpu = machine.profile.ownerLoc === 'vcpu' && before.hasVcpu;
  const fp = {
    fp_owner: owner(perVcpu ? before.vcpuOwner : before.hypOwner),
    ...(cpu.kernel === cpu.hyp ? {} : { fp_owner_kernel: owner(perVcpu ? before.vcpuOwner : before.kernelOwner) }),
    registers: nameOf(before.holder) + (stale ? ' (stale)' : ''),
    last: nameOf(before.last),
    tif_foreign: flag(before.foreign),
  };
  if (ZA_RULES.includes(rule.id)) return { ...fp, za: before.svcr_za === 1 ? nameOf(before.zaHolder) : 'off' };
  if (!rule.id.startsWith('DB')) return fp;
  const debug =
    machine.profile.dbg === 'dirty'
      ? { debug_dirty: flag(before.debugDirty) }
      : { debug_owner: owner(before.debugOwner) };
  return { ...debug, debug_registers: DEBUG_SET_NAMES[before.debugSet] as string };
}
