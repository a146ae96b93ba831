/** The state of the emulated machine before and after lines of a trace, and what each of them changed. */

import { nameOf } from '../../kernel/state/entity.ts';
import { type Machine, vcpuInQuestion } from '../../kernel/state/machine.ts';
import { ABSENT, type EventRecord, timestampOf } from '../../trace/event.ts';
import { EVENTS } from '../../trace/vocabulary.ts';
import { cpuValues, type Values, vcpuValues } from './fields.ts';

/** Of a CPU and of the vCPU that is loaded there, or was last. */
export interface StateOf {
  readonly cpu: number;
  readonly values: Values;
  readonly vcpu?: { readonly name: string; readonly values: Values };
}

/** By CPU, those that the trace has named. */
export type State = readonly StateOf[];

export function stateOf(machine: Machine | undefined, only?: number): State {
  if (machine === undefined) return [];
  return machine.cpus.flatMap((cpu) => {
    if (cpu === undefined || (only !== undefined && cpu.id !== only)) return [];
    const vcpu = vcpuInQuestion(cpu);
    return [
      {
        cpu: cpu.id,
        values: cpuValues(machine, cpu),
        ...(vcpu !== undefined && { vcpu: { name: nameOf(vcpu), values: vcpuValues(machine, vcpu) } }),
      },
    ];
  });
}

export interface Changed {
  /** "cpu 0", or "vcpu:0/1". */
  readonly of: string;
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

/** What is not the same; a CPU or vCPU that was not there before had nothing known. */
export function changesBetween(before: State, after: State): readonly Changed[] {
  return after.flatMap((now) => {
    const then = before.find(({ cpu }) => cpu === now.cpu);
    return [
      ...changedValues(`cpu ${now.cpu}`, then?.values, now.values),
      ...(now.vcpu === undefined
        ? []
        : changedValues(
            now.vcpu.name,
            before.find(({ vcpu }) => vcpu?.name === now.vcpu?.name)?.vcpu?.values ?? now.vcpu.values,
            now.vcpu.values,
          )),
    ];
  });
}

function changedValues(of: string, before: Values | undefined, after: Values): readonly Changed[] {
  return Object.entries(after)
    .map(([field, value]) => ({ of, field, before: before?.[field] ?? 'unknown', after: value }))
    .filter((change) => change.before !== change.after);
}

/** An event with its place, and what it changed. */
export interface Step {
  readonly input: number;
  readonly line: number;
  readonly ts?: number | string;
  readonly cpu?: number;
  readonly vm?: number;
  readonly vcpu?: number;
  readonly task?: number;
  readonly event: string;
  readonly changes: readonly Changed[];
}

/** Runs `step` and says what it changed, on `only` or on every CPU. */
export function watchStep(
  machine: () => Machine | undefined,
  event: EventRecord,
  step: () => void,
  only?: number,
): Step {
  const before = stateOf(machine(), only);
  step();
  const ts = timestampOf(event);
  return {
    input: event.input,
    line: event.line,
    ...(ts !== undefined && { ts }),
    ...(event.cpu !== ABSENT && { cpu: event.cpu }),
    ...(event.vcpu !== ABSENT && { vm: event.vm, vcpu: event.vcpu }),
    ...(event.task !== ABSENT && { task: event.task }),
    event: EVENTS[event.kind]?.name ?? event.unknownEvent,
    changes: changesBetween(before, stateOf(machine(), only)),
  };
}

/** The events of one line of a trace, with the state before the first and after the last. */
export interface Moment {
  readonly before: State;
  readonly after: State;
  readonly events: readonly Step[];
}
