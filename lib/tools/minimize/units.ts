/** What belongs together in a trace, and goes or stays together: who is in it, then load..put, a run, a region, a line. */

import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { KIND } from '../../trace/vocabulary.ts';

/** Indexes of events, in order. */
export type Unit = readonly number[];

/** The ways to cut a trace, the coarsest first. Each names its events; an event may be in none. */
export const CUTS: readonly ((events: readonly EventRecord[]) => readonly Unit[])[] = [
  byCpu,
  byVcpu,
  byTask,
  (events) => spans(events, [KIND.vcpu_load, KIND.sched_in], [KIND.vcpu_put, KIND.sched_out]),
  (events) => spans(events, [KIND.guest_enter], [KIND.guest_exit]),
  (events) => spans(events, [KIND.neon_begin], [KIND.neon_end]),
  (events) => events.map((_, index) => [index]),
];

function grouped(events: readonly EventRecord[], keyOf: (event: EventRecord) => string | undefined): readonly Unit[] {
  const groups = new Map<string, number[]>();
  for (const [index, event] of events.entries()) {
    const key = keyOf(event);
    if (key === undefined) continue;
    const group = groups.get(key) ?? [];
    group.push(index);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function byCpu(events: readonly EventRecord[]): readonly Unit[] {
  return grouped(events, ({ cpu }) => (cpu === ABSENT ? undefined : String(cpu)));
}

/** An event that does not name a vCPU is of the one that is loaded on its CPU. */
function byVcpu(events: readonly EventRecord[]): readonly Unit[] {
  const loaded = new Map<number, string>();
  return grouped(events, ({ kind, cpu, vm, vcpu }) => {
    const name = vcpu === ABSENT ? loaded.get(cpu) : `${vm}/${vcpu}`;
    if ((kind === KIND.vcpu_load || kind === KIND.sched_in) && name !== undefined) loaded.set(cpu, name);
    if (kind === KIND.vcpu_put || kind === KIND.sched_out) loaded.delete(cpu);
    return name;
  });
}

function byTask(events: readonly EventRecord[]): readonly Unit[] {
  return grouped(events, ({ task, next }) => {
    const pid = task === ABSENT ? next : task;
    return pid === ABSENT ? undefined : String(pid);
  });
}

/** Events of one CPU from one that begins something to the next that ends it. */
function spans(events: readonly EventRecord[], begin: readonly number[], end: readonly number[]): readonly Unit[] {
  const open = new Map<number, number[]>();
  const found: number[][] = [];
  for (const [index, { kind, cpu }] of events.entries()) {
    if (begin.includes(kind)) {
      const span: number[] = [];
      open.set(cpu, span);
      found.push(span);
    }
    open.get(cpu)?.push(index);
    if (end.includes(kind)) open.delete(cpu);
  }
  return found;
}
