/** Where in the trace something happened, and findings with their place. */

import type { Finding, Rule } from '../check/rule.ts';
import type { Cpu } from '../kernel/state/cpu.ts';
import type { Place, Transition, Violation } from '../report/report.ts';
import { ABSENT, type EventRecord, timestampOf } from '../trace/event.ts';
import { EVENTS } from '../trace/vocabulary.ts';

/** The vCPU that is loaded on the CPU, or the one that the event names. */
function vcpuOf(event: EventRecord, cpu: Cpu): { readonly vm: number; readonly id: number } | undefined {
  return cpu.loaded ?? (event.vcpu === ABSENT ? undefined : { vm: event.vm, id: event.vcpu });
}

export function placeOf(event: EventRecord, cpu: Cpu): Place {
  const ts = timestampOf(event);
  const vcpu = vcpuOf(event, cpu);
  return {
    input: event.input,
    line: event.line,
    ...(ts !== undefined && { ts }),
    cpu: cpu.id,
    ...(vcpu !== undefined && { vm: vcpu.vm, vcpu: vcpu.id }),
    event: (EVENTS[event.kind] as { name: string }).name,
  };
}

/** In one piece where nothing is absent, as almost always: put together from parts it takes ten times as long. */
export function transitionOf(
  event: EventRecord,
  cpu: Cpu,
  instance: string,
  from: string,
  to: string,
  cause: string,
): Transition {
  const ts = timestampOf(event);
  const vcpu = vcpuOf(event, cpu);
  if (ts === undefined || vcpu === undefined) return { ...placeOf(event, cpu), instance, from, to, cause };
  const { input, line } = event;
  const name = (EVENTS[event.kind] as { name: string }).name;
  return { input, line, ts, cpu: cpu.id, vm: vcpu.vm, vcpu: vcpu.id, event: name, instance, from, to, cause };
}

export function violationOf(
  rule: Rule,
  finding: Finding,
  state: Violation['state'],
  place: Place,
  cause: number,
): Violation {
  const { event, ...where } = place;
  return {
    rule: rule.id,
    severity: finding.severity ?? rule.severity,
    ...where,
    event,
    message: finding.message,
    expected: finding.expected,
    state,
    source: finding.source,
    cause,
    followed: 0,
  };
}
