/** What is possible on a CPU comes down to what all of it has in common: before an event that reaches there, and at a loss. */

import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { KIND } from '../../trace/vocabulary.ts';
import { guestSet } from '../code/debug.ts';
import type { Cpu } from '../state/cpu.ts';
import { UNKNOWN } from '../state/entity.ts';
import { findVcpu, type Machine } from '../state/machine.ts';
import type { Possibility } from '../state/possibility.ts';
import { NO_CPU, type Task } from '../state/task.ts';
import { DEBUG_HOST, type Vcpu } from '../state/vcpu.ts';
import { nextOf } from './named.ts';
import { join, putBack, scopeOf, valueIn } from './snapshot.ts';
import { copiesOf } from './states.ts';
import { hides } from './supply.ts';

/** The objects hold what is common to all that is possible on the CPU. */
export function settle(machine: Machine, cpu: Cpu): void {
  const all = machine.possible[cpu.id];
  if (all === undefined) return;
  machine.possible[cpu.id] = undefined;
  const possible = leadingFirst(machine, cpu, all);
  for (const copy of (possible[0] as Possibility).state.copies) putBack(copy);
  machine.watch.unsettled(possible.reduce((via, one) => via | one.via, 0));
  const states = possible.map(({ state }) => state);
  for (const of of scopeOf(cpu)) join(of, copiesOf(of, states));
  openDebugSwitch(machine, cpu);
}

/** Where it is not known who uses the debug registers, it is not known either whether they were switched. */
function openDebugSwitch(machine: Machine, cpu: Cpu): void {
  if (cpu.loaded === undefined || !cpu.debugSwitched || guestSet(machine, cpu.loaded) !== UNKNOWN) return;
  cpu.debugSet = DEBUG_HOST;
  cpu.debugSwitched = false;
  cpu.debugOpen = true;
}

/**
 * Whose word counts where what differs cannot be unknown: where the guest runs, if it may have left unseen, since a line that tells
 * of its leaving can still come; else where it does not.
 */
function leadingFirst(machine: Machine, cpu: Cpu, all: readonly Possibility[]): readonly Possibility[] {
  const wanted = hides(machine, 'guest_exit');
  const leads = ({ state }: Possibility): boolean =>
    state.copies.some((copy) => copy.of === cpu && valueIn(copy, 'running') === wanted);
  return [...all.filter(leads), ...all.filter((one) => !leads(one))];
}

/** An event that reaches another CPU than its own finds there what is common to all that is possible. */
export function settleOthers(machine: Machine, event: EventRecord, cpu: Cpu | undefined): void {
  settleWith(machine, machine.tasks.get(event.task), cpu);
  settleWith(machine, machine.tasks.get(nextOf(event)), cpu);
  if (event.vcpu !== ABSENT) settleWith(machine, findVcpu(machine, event.vm, event.vcpu), cpu);
}

function settleWith(machine: Machine, one: Task | Vcpu | undefined, cpu: Cpu | undefined): void {
  const on = one === undefined || one.cpu === NO_CPU ? undefined : machine.cpus[one.cpu];
  if (on !== undefined && on !== cpu) settle(machine, on);
}

/** A loss is of its CPU, or of all of them; what is of no CPU may be of one. */
export function settleFor(machine: Machine, event: EventRecord): void {
  if (event.kind !== KIND.lost) settleOthers(machine, event, undefined);
  else
    for (const cpu of machine.cpus) {
      if (cpu !== undefined && (event.cpu === ABSENT || event.cpu === cpu.id)) settle(machine, cpu);
    }
}
