/** The last events of a run, kept as numbers, to say what led to a divergence. */

import { ABSENT, type EventRecord } from '../trace/event.ts';
import { EVENTS } from '../trace/vocabulary.ts';

/** How far back events of the same CPU or vCPU are looked for, and how many are told. */
const KEPT = 256;
const TOLD = 6;
const WIDTH = 6;

export interface Recent {
  note(event: EventRecord): void;
  noteOf(line: number, kind: number, cpu: number, vm: number, vcpu: number, task: number): void;
  /** The last events of that CPU, or of that vCPU on any, oldest first. */
  tell(cpu: number, vm: number, vcpu: number): string[];
}

export function createRecent(): Recent {
  const ring = new Float64Array(KEPT * WIDTH).fill(ABSENT);
  let next = 0;
  function noteOf(line: number, kind: number, cpu: number, vm: number, vcpu: number, task: number): void {
    const at = (next % KEPT) * WIDTH;
    next += 1;
    ring[at] = line;
    ring[at + 1] = kind;
    ring[at + 2] = cpu;
    ring[at + 3] = vm;
    ring[at + 4] = vcpu;
    ring[at + 5] = task;
  }

  return {
    note: ({ line, kind, cpu, vm, vcpu, task }) => noteOf(line, kind, cpu, vm, vcpu, task),
    noteOf,
    tell(cpu, vm, vcpu) {
      const told: string[] = [];
      for (let back = 1; back <= Math.min(next, KEPT) && told.length < TOLD; back++) {
        const at = ((next - back) % KEPT) * WIDTH;
        const ofCpu = ring[at + 2] === cpu;
        const ofVcpu = vcpu !== ABSENT && ring[at + 4] === vcpu && ring[at + 3] === vm;
        if (ofCpu || ofVcpu) told.push(describe(ring.subarray(at, at + WIDTH)));
      }
      return told.reverse();
    },
  };
}

function describe(entry: Float64Array): string {
  const [line, kind, cpu, vm, vcpu, task] = entry as unknown as [number, number, number, number, number, number];
  const parts = [`line ${line}: ${EVENTS[kind]?.name ?? 'unknown event'}`];
  if (cpu !== ABSENT) parts.push(`cpu=${cpu}`);
  if (vcpu !== ABSENT) parts.push(`vcpu=${vm}/${vcpu}`);
  if (task !== ABSENT) parts.push(`task=${task}`);
  return parts.join(' ');
}
