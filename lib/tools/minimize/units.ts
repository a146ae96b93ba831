/** What belongs together in a trace, and goes or stays together: who is in it, then load..put, a run, a region, a line. */

import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { KIND } from '../../trace/vocabulary.ts';

/** Indexes of events, in order. */
export type Unit = readonly number[];

/** Events that say what there is, and not what happens: they stay with a window of the rest. */
export const isFact = ({ kind }: EventRecord): boolean => kind === KIND.hyp_init || kind === KIND.vcpu_create;

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

function byVcpu(events: readonly EventRecord[]): readonly Unit[] {
  return grouped(events, createVcpuOf());
}

/** Tells of each event in turn which vCPU it is of: where it does not name one, the one that is loaded on its CPU. */
function createVcpuOf(): (event: EventRecord) => string | undefined {
  const loaded = new Map<number, string>();
  return ({ kind, cpu, vm, vcpu }) => {
    const name = vcpu === ABSENT ? loaded.get(cpu) : `${vm}/${vcpu}`;
    if ((kind === KIND.vcpu_load || kind === KIND.sched_in) && name !== undefined) loaded.set(cpu, name);
    if (kind === KIND.vcpu_put || kind === KIND.sched_out) loaded.delete(cpu);
    return name;
  };
}

/** Where something shows: mostly what led to it has happened on the same CPU, or to the same vCPU. */
export interface Spot {
  readonly cpu: number;
  readonly vcpu: string | undefined;
}

/** Of the last event. */
export function spotOf(events: readonly EventRecord[]): Spot {
  const vcpuOf = createVcpuOf();
  let spot: Spot = { cpu: ABSENT, vcpu: undefined };
  for (const event of events) spot = { cpu: event.cpu, vcpu: vcpuOf(event) };
  return spot;
}

/** Tells of each event in turn whether it is a fact, or has to do with the spot. */
export function createIsOwn({ cpu, vcpu }: Spot): (event: EventRecord) => boolean {
  const vcpuOf = createVcpuOf();
  return (event) => {
    const own = vcpuOf(event);
    return isFact(event) || event.cpu === cpu || (vcpu !== undefined && own === vcpu);
  };
}

export const sliceOf = (events: readonly EventRecord[]): readonly EventRecord[] =>
  events.filter(createIsOwn(spotOf(events)));

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
