/** What the events of a trace tell of the kernel they are of, beside the values that a replay compares. */

import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { FP_OWNERS, KIND } from '../../trace/vocabulary.ts';

export interface EventFacts {
  loads: number;
  runs: number;
  mapFp: number;
  /** FP traps that were printed, not deduced. */
  trapsSeen: number;
  trapsDeduced: number;
  debugDirty: number;
  /** Observations of an owner, and of a vCPU's own. */
  owners: number;
  ownersInVcpu: number;
  /** Of both instances of kvm_host_data, and of the kernel's alone. */
  bothInstances: number;
  kernelAlone: number;
  /** An owner was GUEST, or an FP trap was seen or deduced. */
  guestSeen: number;
}

const GUEST = FP_OWNERS.indexOf('guest');

export function createEventFacts(): EventFacts {
  return {
    loads: 0,
    runs: 0,
    mapFp: 0,
    trapsSeen: 0,
    trapsDeduced: 0,
    debugDirty: 0,
    owners: 0,
    ownersInVcpu: 0,
    bothInstances: 0,
    kernelAlone: 0,
    guestSeen: 0,
  };
}

export function noteEvent(facts: EventFacts, event: EventRecord): void {
  const { kind } = event;
  if (kind === KIND.observe) noteObservation(facts, event);
  else if (kind === KIND.vcpu_load || kind === KIND.sched_in) facts.loads += 1;
  else if (kind === KIND.guest_exit) facts.runs += 1;
  else if (kind === KIND.map_fp) facts.mapFp += 1;
  else if (kind === KIND.guest_fp_trap) {
    if (event.inferred === 1) facts.trapsDeduced += 1;
    else facts.trapsSeen += 1;
    facts.guestSeen += 1;
  }
}

function noteObservation(facts: EventFacts, event: EventRecord): void {
  const { fp_owner, fp_owner_kernel, fp_owner_hyp } = event;
  if (event.debug_dirty !== ABSENT) facts.debugDirty += 1;
  const owners = [fp_owner, fp_owner_kernel, fp_owner_hyp];
  if (owners.some((owner) => owner !== ABSENT)) facts.owners += 1;
  if (owners.includes(GUEST)) facts.guestSeen += 1;
  if (fp_owner !== ABSENT && event.vcpu !== ABSENT) facts.ownersInVcpu += 1;
  if (fp_owner_kernel !== ABSENT) {
    if (fp_owner_hyp !== ABSENT) facts.bothInstances += 1;
    else if (fp_owner === ABSENT) facts.kernelAlone += 1;
  }
}
