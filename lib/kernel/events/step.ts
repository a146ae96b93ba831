/** One event, one step: which handler each row of the vocabulary has. */

import type { EventRecord } from '../../trace/event.ts';
import { EVENTS, UNKNOWN_EVENT } from '../../trace/vocabulary.ts';
import { isUncertain } from '../hidden/named.ts';
import { stepPossible } from '../hidden/possible.ts';
import { endLoss } from '../hidden/unknown.ts';
import type { Machine } from '../state/machine.ts';
import type { Handler, Handlers } from './brackets.ts';
import { GUEST_EVENTS } from './guest-events.ts';
import { HOST_EVENTS } from './host-events.ts';
import { VCPU_EVENTS } from './vcpu-events.ts';

const HANDLERS: Handlers = { ...VCPU_EVENTS, ...GUEST_EVENTS, ...HOST_EVENTS };

const BY_KIND: readonly (Handler | undefined)[] = EVENTS.map((row) => HANDLERS[row.name]);

/** Whether the emulator has the step of that event. */
export function isModelled(kind: number): boolean {
  return kind !== UNKNOWN_EVENT && BY_KIND[kind] !== undefined;
}

/** Runs one event. An event that is not modelled, or unknown, changes nothing. */
export function step(machine: Machine, event: EventRecord): void {
  machine.event = event;
  machine.sequence += 1;
  const handler = BY_KIND[event.kind];
  if (handler === undefined) return;
  if (machine.openLosses > 0) endLoss(machine, event);
  if (isUncertain(event)) machine.hidesAny = true;
  if (machine.hidesAny) stepPossible(machine, event, handler);
  else handler(machine, event);
}
