/**
 * Of an event, what concerns possibilities: whom it names, and whether it may not have been. A reader clears of a record what
 * events of its kind have, so that no more of it may be looked at.
 */

import { ABSENT, type EventRecord, LAST_TASK } from '../../trace/event.ts';
import { KIND } from '../../trace/vocabulary.ts';
import type { Cpu } from '../state/cpu.ts';
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
  const names: (Task | Vcpu)[] = [];
  for (const pid of [event.task, nextOf(event), boundOf(event)])
    if (pid !== ABSENT) names.push(taskOf(machine, pid, cpu));
  if (event.vcpu !== ABSENT) {
    const vcpu = vcpuOf(machine, event.vm, event.vcpu);
    names.push(vcpu);
    // It comes with its thread.
    if (vcpu.task !== undefined) names.push(vcpu.task);
  }
  const objects = new Set<object>(names);
  for (const one of names) {
    const on = machine.cpus[one.cpu];
    if (on !== undefined && on !== cpu) for (const of of scopeOf(on)) objects.add(of);
  }
  for (const entity of [cpu.holder, cpu.last]) if (!Object.isFrozen(entity)) objects.add(entity);
  const own = new Set(scopeOf(cpu));
  return [...objects].filter((object) => !own.has(object));
}
