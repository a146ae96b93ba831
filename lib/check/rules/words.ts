/** Phrases that several rules share. */

import type { Cpu } from '../../kernel/state/cpu.ts';
import { type Entity, nameOf } from '../../kernel/state/entity.ts';
import type { Machine } from '../../kernel/state/machine.ts';
import { ownerOfHyp, ownerOfKernel } from '../../kernel/state/machine.ts';
import { OWNER_NAMES } from '../../kernel/state/owner.ts';
import type { Vcpu } from '../../kernel/state/vcpu.ts';

export const hypOwner = (machine: Machine, cpu: Cpu, vcpu: Vcpu): string =>
  OWNER_NAMES[ownerOfHyp(machine, cpu, vcpu)] as string;
export const kernelOwner = (machine: Machine, cpu: Cpu, vcpu: Vcpu): string =>
  OWNER_NAMES[ownerOfKernel(machine, cpu, vcpu)] as string;

/** "task 41", "vCPU 0/1": whose registers. */
export function who(entity: Entity): string {
  const name = nameOf(entity);
  if (name.startsWith('task:')) return name === 'task:?' ? 'the current task' : `task ${name.slice(5)}`;
  return name.startsWith('vcpu:') ? `vCPU ${name.slice(5)}` : name;
}

/** What the registers hold, in words. */
export function registersHold(cpu: Cpu): string {
  const { holder } = cpu;
  const name = who(holder);
  if (holder.generation === cpu.generation) return name;
  return name === 'none' ? 'nobody' : `an old value of ${name}`;
}

/** The event that wrote the owner that hyp code believes: the root of what follows from it. */
export function ownerRoot(machine: Machine, cpu: Cpu, vcpu: Vcpu): string {
  return rootOf(machine.profile.ownerLoc === 'vcpu' ? vcpu.fp_stateEvent : cpu.hyp.fp_ownerEvent);
}

/** What follows from an fp_owner that an event wrote. */
export const rootOf = (event: number): string => `fp_owner of event ${event}`;

/** A root of its own: nothing else follows from it. */
export const thisEvent = (machine: Machine): string => `event ${machine.sequence}`;
