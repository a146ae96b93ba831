/** What a capture has read of how a task's registers were saved or loaded in the event under way. */

import { ABSENT } from '../../trace/event.ts';
import { EVENTS, type EventName, FP_TYPES, KIND } from '../../trace/vocabulary.ts';
import type { Cpu } from '../state/cpu.ts';
import type { Machine } from '../state/machine.ts';
import type { Task } from '../state/task.ts';
import { dropZa } from '../state/za.ts';
import { switchZa } from './sme.ts';

export interface Transfer {
  /** thread.fp_type is FP_STATE_SVE: SVE registers, or those of streaming mode. */
  readonly sve: boolean;
  /** SVCR was read too. */
  readonly svcr: boolean;
}

const SVE = FP_TYPES.indexOf('sve');

/** By kind: whether the event saves the registers of the current task, or loads them. */
const kinds = (...names: readonly EventName[]): readonly boolean[] =>
  EVENTS.map((_row, kind) => names.some((name) => KIND[name] === kind));
const SAVES = kinds('task_switch', 'vcpu_load', 'sched_in', 'neon_begin', 'cpu_pm_enter', 'user_save');
const LOADS = kinds('return_to_user', 'user_load');

/** Of a save; SVCR, where it was read, is that of the CPU from here on. */
export function seenSave(machine: Machine, cpu: Cpu): Transfer | undefined {
  const seen = seenIn(machine, SAVES);
  if (seen?.svcr === true) {
    takeZa(machine, cpu);
    takeSvcr(machine, cpu);
  }
  return seen;
}

/** Of a load; SVCR, where it was read, is that in the task's memory. */
export function seenLoad(machine: Machine, task: Task): Transfer | undefined {
  const seen = seenIn(machine, LOADS);
  if (seen?.svcr === true) {
    takeSvcr(machine, task);
    task.zaOn = task.svcr_za === 1;
  }
  return seen;
}

function seenIn({ event }: Machine, by: readonly boolean[]): Transfer | undefined {
  if (by[event.kind] !== true || event.fp_type === ABSENT) return undefined;
  return { sve: event.fp_type === SVE, svcr: event.sm !== ABSENT && event.za !== ABSENT };
}

/**
 * PSTATE.ZA as the save has found it: what user mode has made of it where the trace does not tell of that. Else nobody has switched it off,
 * and what is not saved is lost.
 */
function takeZa(machine: Machine, cpu: Cpu): void {
  const { current } = cpu;
  if (machine.hidesSvcr) switchZa(machine, cpu, current, machine.event.za);
  else if (machine.event.za === 0) dropZa(machine, cpu);
}

function takeSvcr({ event }: Machine, into: Cpu | Task): void {
  into.svcr_sm = event.sm;
  into.svcr_za = event.za;
  into.svcrOpen = false;
}
