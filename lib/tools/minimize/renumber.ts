/** CPUs, VMs, vCPUs and tasks numbered in the order in which a trace names them. */

import { ABSENT, type EventRecord, LAST_TASK, LAST_VCPU } from '../../trace/event.ts';

/** pid of the first task; 0 is the idle task, and stays. */
const FIRST_PID = 41;

/** New records; `events` stay as they are. */
export function renumber(events: readonly EventRecord[]): readonly EventRecord[] {
  const cpus = numbering(0);
  const vms = numbering(0);
  const tasks = numbering(FIRST_PID);
  const vcpus = new Map<number, (old: number) => number>();
  const vcpuOf = (vm: number): ((old: number) => number) => {
    const known = vcpus.get(vm) ?? numbering(0);
    vcpus.set(vm, known);
    return known;
  };
  const pid = (old: number): number => (old <= 0 ? old : tasks(old));
  return events.map((event) => {
    const { cpu, vm, vcpu, task, next, reuses, last, lastId, lastVcpu } = event;
    return {
      ...event,
      cpu: cpu === ABSENT ? ABSENT : cpus(cpu),
      ...(vcpu === ABSENT ? { vm: 0 } : { vm: vms(vm), vcpu: vcpuOf(vm)(vcpu) }),
      task: pid(task),
      next: pid(next),
      reuses: pid(reuses),
      ...(last === LAST_TASK && { lastId: pid(lastId) }),
      ...(last === LAST_VCPU && { lastId: vms(lastId), lastVcpu: vcpuOf(lastId)(lastVcpu) }),
    };
  });
}

function numbering(first: number): (old: number) => number {
  const numbers = new Map<number, number>();
  return (old) => {
    const known = numbers.get(old) ?? first + numbers.size;
    numbers.set(old, known);
    return known;
  };
}
