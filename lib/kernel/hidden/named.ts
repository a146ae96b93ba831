/**
 * Of an event, what concerns possibilities: whom it names, and whether it may not have been. A reader clears of a record what
 * events of its kind have, so that no more of it may be looked at.
 */

import { ABSENT, type EventRecord, LAST_TASK } from '../../trace/event.ts';
import { KIND } from '../../trace/vocabulary.ts';
import type { Cpu } from '../state/cpu.ts';
import { ANYBODY, type Entity, NOBODY } from '../state/entity.ts';
import { type Machine, taskOf, vcpuOf } from '../state/machine.ts';
import type { Task } from '../state/task.ts';
import type { Vcpu } from '../state/vcpu.ts';
import { scopeOf } from './snapshot.ts';

/** Whether it may not have happened at all. */
export const isUncertain = (event: EventRecord): boolean => event.kind === KIND.return_to_user && event.maybe === 1;

export const nextOf = (event: EventRecord): number => (event.kind === KIND.task_switch ? event.next : ABSENT);

/** The task that fpsimd_last_state was seen to name: the current one may turn out to be that. */
const boundOf = (event: EventRecord): number =>
  event.kind === KIND.observe && event.last === LAST_TASK ? event.lastId : ABSENT;

/** Whom the event names beside the CPU's own: they must be there before it is run more than once. */
export function named(machine: Machine, event: EventRecord, cpu: Cpu): readonly object[] {
  const own = scopeOf(cpu, machine.possible[cpu.id]?.[0]?.state.objects);
  const objects: object[] = [];
  const names = namesIn(machine, event, cpu);
  for (const one of names) add(objects, one, own);
  for (const one of names) {
    const on = machine.cpus[one.cpu];
    if (on !== undefined && on !== cpu) for (const of of scopeOf(on)) add(objects, of, own);
  }
  if (isSomebody(cpu.holder)) add(objects, cpu.holder, own);
  if (isSomebody(cpu.last)) add(objects, cpu.last, own);
  return objects;
}

function add(objects: object[], of: object, own: readonly object[]): void {
  if (!own.includes(of) && !objects.includes(of)) objects.push(of);
}

/** `nobody` and `anybody` are never written. */
const isSomebody = ({ kind }: Entity): boolean => kind !== NOBODY && kind !== ANYBODY;

function namesIn(machine: Machine, event: EventRecord, cpu: Cpu): readonly (Task | Vcpu)[] {
  const { task } = event;
  const [next, bound] = [nextOf(event), boundOf(event)];
  const names: (Task | Vcpu)[] = [];
  if (task !== ABSENT) names.push(taskOf(machine, task, cpu));
  if (next !== ABSENT) names.push(taskOf(machine, next, cpu));
  if (bound !== ABSENT) names.push(taskOf(machine, bound, cpu));
  if (event.vcpu === ABSENT) return names;
  const vcpu = vcpuOf(machine, event.vm, event.vcpu);
  names.push(vcpu);
  // It comes with its thread.
  if (vcpu.task !== undefined) names.push(vcpu.task);
  return names;
}
