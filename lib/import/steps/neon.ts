/** Kernel-mode NEON. */

import { WHAT } from '../payload/event-names.ts';
import { HAS } from '../payload/kprobe-events.ts';
import { type Assembly, eventAt, push, pushTransfer, releaseNeon, taskOf } from '../state/assembly.ts';
import type { CpuState, NeonEntered } from '../state/cpu.ts';
import type { Entry, TraceEvent } from '../state/queue.ts';
import { observeBefore } from './observe.ts';
import { restoredBefore } from './return.ts';
import { backInHost } from './run.ts';
import { describeTransfer, endUnsaved } from './transfer.ts';

/** Lines after which a load or put is not complete: its event stands at its first line. */
const IN_STEP: ReadonlySet<number> = new Set([WHAT.vcpuLoad, WHAT.loadFp, WHAT.vcpuPut, WHAT.putFp]);

/**
 * kernel_neon_begin; its end is deduced right after it where no probe tells of it. That a function was entered is not its effect: a
 * task can be preempted in between, which shows at the switch. The beginning leaves nobody bound to the CPU, and what is switched
 * away inside of a region leaves the region's own registers bound.
 */
export function beginNeon(assembly: Assembly, here: CpuState, pid: number): void {
  backInHost(assembly, here);
  // A softirq's region in that of a task saves the task's region, not its user state.
  if (!assembly.line.softirq) taskOf(assembly, pid).unsaved = assembly.tells.userSave;
  restoredBefore(assembly, here, pid);
  // In a softirq within a load or put the values are those of the middle of a step.
  if (!IN_STEP.has(here.what)) observeBefore(assembly, here, undefined, -1);
  const { has, last } = assembly.fields;
  enterNeon(assembly, here, 'begin', (has & HAS.last) !== 0 && (last !== 0 || isEndShown(assembly)));
}

export function endNeon(assembly: Assembly, here: CpuState, pid: number): void {
  backInHost(assembly, here);
  const task = taskOf(assembly, pid);
  if (!assembly.line.softirq) endUnsaved(assembly, task, 'a kernel_neon_begin');
  if (task.neonEnded && !assembly.line.softirq) task.neonEnded = false;
  else enterNeon(assembly, here, 'end', (assembly.fields.has & HAS.last) !== 0);
}

const isEndShown = ({ shown }: Assembly): boolean => shown.kinds[WHAT.neonEnd] === 1;

/** `shows`: the next lines can tell whether it had its effect. */
function enterNeon(assembly: Assembly, here: CpuState, of: NeonEntered['of'], shows: boolean): void {
  const { line, fields } = assembly;
  if (line.softirq || !shows || here.neon !== undefined) {
    pushNeon(assembly, here, of);
    return;
  }
  const { pid } = line;
  const held = hold(assembly, here, of);
  here.neon = { of, pid, last: fields.last, switched: false, intoRegion: false, held };
  taskOf(assembly, pid).neonOn = here;
}

function pushNeon(assembly: Assembly, here: CpuState, of: NeonEntered['of']): void {
  for (const event of eventsOf(assembly, here, of)) {
    if (event.event === 'neon_begin') pushTransfer(assembly, here, event);
    else push(assembly, here, event);
  }
  took(assembly, here, of, assembly.line.softirq ? undefined : assembly.line.pid);
}

function hold(assembly: Assembly, here: CpuState, of: NeonEntered['of']): Entry[] {
  const events = eventsOf(assembly, here, of);
  here.events += events.length;
  return events.map((event) => assembly.queue.hold(event, assembly.line.number));
}

function eventsOf(assembly: Assembly, here: CpuState, of: NeonEntered['of']): TraceEvent[] {
  if (of === 'end') return [neonEvent(assembly, here, 'neon_end')];
  const begin = neonEvent(assembly, here, 'neon_begin');
  return isEndShown(assembly) ? [begin] : [begin, { ...eventAt(assembly, 'neon_end', here), inferred: true }];
}

/** It had its effect. */
function took(assembly: Assembly, here: CpuState, of: NeonEntered['of'], pid: number | undefined): void {
  if (pid !== undefined) taskOf(assembly, pid).inRegion = of === 'begin' && isEndShown(assembly);
  if (of === 'end') return;
  here.foreign = true;
  if (here.loaded !== undefined) here.loaded.bound = false;
}

/** Lines of a put that the scheduler makes before it switches. */
const IN_SWITCH: ReadonlySet<number> = new Set([WHAT.vcpuPut, WHAT.putFp, WHAT.saveFlush]);

/** Before the step of each line. */
export function decideNeon(assembly: Assembly, here: CpuState, what: number): void {
  const { line, tasks } = assembly;
  // Where the task runs elsewhere already, it stays undecided.
  const elsewhere = tasks.get(line.pid)?.neonOn;
  if (elsewhere !== undefined && elsewhere !== here && elsewhere.neon?.pid === line.pid)
    releaseNeon(assembly, elsewhere);
  const { neon } = here;
  const begin = what === WHAT.userSave && !line.softirq && neon?.pid === line.pid ? neon.held[0]?.event : undefined;
  if (begin !== undefined) describeTransfer(assembly, line.pid, begin);
  if (neon !== undefined) decideEntered(assembly, here, neon, what);
  if (here.neon === undefined && neon?.pid !== line.pid) takeDue(assembly, here, what);
}

/** Whether what was entered has had its effect. */
function decideEntered(assembly: Assembly, here: CpuState, neon: NeonEntered, what: number): void {
  const { fields, line } = assembly;
  if ((fields.has & HAS.last) === 0) return;
  const isSame = fields.last === neon.last;
  const byTask = line.pid === neon.pid && !neon.switched;
  if (byTask && isSame && IN_SWITCH.has(what)) return;
  const isSwitch = byTask && isSame && what === WHAT.threadSwitch;
  if (isSwitch && neon.last === 0) {
    leaveUndecided(assembly, here, neon);
    return;
  }
  // Somebody has been bound since.
  const isRebound = neon.switched && fields.last !== 0 && assembly.ids.nameOf(fields.last) !== undefined;
  if (!neon.intoRegion && !isRebound) {
    const isDue = isSwitch || (neon.switched && isSame === (neon.of === 'begin'));
    decideAs(assembly, here, neon, isDue ? 'due' : 'taken');
  }
  releaseNeon(assembly, here);
}

/** The task is switched away: what that leaves bound tells, unless the next one is inside of a region or about to be. */
function leaveUndecided(assembly: Assembly, here: CpuState, neon: NeonEntered): void {
  neon.switched = true;
  const next = assembly.tasks.get(here.switchTo);
  neon.intoRegion = next !== undefined && (next.inRegion || next.neonEnded || next.neonDue !== undefined);
  if (neon.of === 'begin') neon.held.push(assembly.queue.hold(undefined, assembly.line.number));
  decideAs(assembly, here, neon, 'undecided');
}

/** Undecided: the region is over as far as anything shows, and may run on. */
function decideAs(
  assembly: Assembly,
  here: CpuState,
  { of, pid, held: [first, end] }: NeonEntered,
  as: 'due' | 'taken' | 'undecided',
): void {
  const task = taskOf(assembly, pid);
  const event = first?.event;
  if (first === undefined || event === undefined) return;
  const isUndecided = as === 'undecided';
  if (of === 'end') {
    delete event.inferred;
    if (isUndecided) event.inferred = true;
  } else if (isEndShown(assembly)) {
    if (end !== undefined) end.event = isUndecided ? { ...event, event: 'neon_end', inferred: true } : undefined;
    task.neonEnded = isUndecided;
  }
  if (as === 'due') {
    first.event = undefined;
    if (end !== undefined) end.event = undefined;
  }
  task.neonDue = as === 'due' ? of : undefined;
  task.inRegion = as !== 'undecided' && isEndShown(assembly) && (of === 'begin') === (as === 'taken');
  if (as === 'taken') took(assembly, here, of, pid);
}

/** What a task had entered as it was preempted has its effect once it runs again. */
function takeDue(assembly: Assembly, here: CpuState, what: number): void {
  const { line } = assembly;
  const task = assembly.tasks.get(line.pid);
  const due = task?.neonDue;
  if (task === undefined || due === undefined || what === WHAT.schedSwitch || line.softirq) return;
  task.neonDue = undefined;
  // Preempted again: before the effect or behind it.
  if (what === WHAT.threadSwitch) {
    enterNeon(assembly, here, due, true);
    if (here.neon !== undefined) decideEntered(assembly, here, here.neon, what);
  } else pushNeon(assembly, here, due);
}

function neonEvent(assembly: Assembly, here: CpuState, name: 'neon_begin' | 'neon_end'): TraceEvent {
  const event = eventAt(assembly, name, here);
  if (assembly.line.softirq) event.softirq = true;
  return event;
}
