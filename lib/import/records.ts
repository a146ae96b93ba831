/** Which kinds of event a capture shows wherever they happen, by the lines that it has (trace/hidden.ts). */

import type { EventName } from '../trace/vocabulary.ts';
import { hasNoNestedLoad } from './manner.ts';
import { WHAT } from './payload/event-names.ts';
import { HAS } from './payload/kprobe-events.ts';
import type { Shown } from './survey.ts';

type Tells = (shown: Shown) => boolean;

const anyOf =
  (...kinds: readonly number[]): Tells =>
  ({ kinds: has }) =>
    kinds.some((what) => has[what] === 1);

const OWNER = HAS.owner | HAS.vcpuOwner;
export const hasField = ({ fields }: Shown, what: number, field: number): boolean =>
  ((fields[what] as number) & field) !== 0;

const load = anyOf(WHAT.vcpuLoad, WHAT.loadFp);
const put = anyOf(WHAT.vcpuPut, WHAT.putFp);

/**
 * A trap shows where fp_owner is known as the guest is entered and as it is left: at the next line that has it, for nothing but
 * a load and ctxflush writes it in between.
 */
const traps: Tells = (shown) => {
  // What ctxflush makes of what it finds is known if it is known whether anything used the registers before.
  const neon = shown.kinds[WHAT.neonBegin] === 1;
  const atEntry = (neon && hasField(shown, WHAT.flushFp, OWNER)) || hasField(shown, WHAT.flushFpReturn, OWNER);
  const atExit = hasField(shown, WHAT.syncFp, OWNER) || hasField(shown, WHAT.syncFpReturn, OWNER);
  const before =
    hasField(shown, WHAT.flushFp, OWNER) &&
    (hasField(shown, WHAT.vcpuPut, OWNER) || hasField(shown, WHAT.putFp, OWNER));
  return (
    (atEntry && (atExit || (before && load(shown)))) ||
    (neon && shown.kinds[WHAT.bindState] === 1) ||
    shown.kinds[WHAT.fpTrap] === 1
  );
};

/**
 * That the function was entered is not its effect: the task can be preempted in between. Its return tells, or else
 * fpsimd_last_state at the next line, if all that can interrupt it has that.
 */
const returns: Tells = (shown) => {
  if (shown.kinds[WHAT.restoreCurrentReturn] === 1) return shown.kinds[WHAT.restoreCurrent] === 1;
  if (!hasField(shown, WHAT.restoreCurrent, HAS.last) || !hasField(shown, WHAT.threadSwitch, HAS.last)) return false;
  return shown.kinds[WHAT.neonBegin] === 0 || hasField(shown, WHAT.neonBegin, HAS.last);
};

/** Lines of the host that tell of entries to guests, and of exits. */
export const hasHostEntries = anyOf(WHAT.flushFp, WHAT.flushFpReturn, WHAT.kvmEntry);
export const hasHostExits = anyOf(WHAT.syncFp, WHAT.syncFpReturn, WHAT.kvmExit);

/** Lines that tell of a kind of event wherever it happens. */
export const TELLS = {
  load,
  put,
  enter: (shown: Shown) => hasHostEntries(shown) || shown.kinds[WHAT.hypExit] === 1,
  // Lines of the host give out an exit where there was an entry.
  exit: (shown: Shown) => (hasHostEntries(shown) && hasHostExits(shown)) || shown.kinds[WHAT.hypExit] === 1,
  taskSwitch: anyOf(WHAT.threadSwitch, WHAT.schedSwitch),
  returns,
  traps,
  neon: anyOf(WHAT.neonBegin),
  debugAccess: anyOf(WHAT.kvmSysAccess, WHAT.trapReg),
  // Without a probe at the ioctl nothing says for certain which vCPU it is about.
  guestDebug: (shown: Shown) =>
    (shown.kinds[WHAT.kvmSetGuestDebug] === 1 && shown.kinds[WHAT.setDebug] === 1) ||
    shown.kinds[WHAT.kvmArmSetupDebug] === 1,
  cpuPm: anyOf(WHAT.cpuPm),
  userSave: anyOf(WHAT.userSave),
  userLoad: anyOf(WHAT.userLoad),
  flushTask: anyOf(WHAT.flushTask),
  nested: (shown: Shown) =>
    (shown.kinds[WHAT.nestedEret] === 1 && shown.kinds[WHAT.nestedException] === 1) || hasNoNestedLoad(shown.manner),
} as const satisfies Record<string, Tells>;

export type Telling = Record<keyof typeof TELLS, boolean>;

export function tellingOf(shown: Shown): Telling {
  return Object.fromEntries(Object.entries(TELLS).map(([name, tells]) => [name, tells(shown)])) as Telling;
}

/** Every switch of tasks saves: its lines tell whether callers are printed by name. */
const callers: Tells = (shown) => hasField(shown, WHAT.userSave, HAS.caller);

const KINDS: readonly (readonly [Tells, readonly EventName[]])[] = [
  [TELLS.load, ['vcpu_load', 'sched_in']],
  [TELLS.put, ['vcpu_put', 'sched_out']],
  [TELLS.enter, ['guest_enter']],
  [TELLS.exit, ['guest_exit']],
  [TELLS.traps, ['guest_fp_trap']],
  [TELLS.debugAccess, ['debug_dirty']],
  [TELLS.guestDebug, ['guest_debug']],
  [TELLS.neon, ['neon_begin']],
  [TELLS.taskSwitch, ['task_switch']],
  [(shown) => callers(shown) && TELLS.userSave(shown), ['user_save']],
  [(shown) => callers(shown) && TELLS.userLoad(shown), ['user_load']],
  [(shown) => callers(shown) && TELLS.flushTask(shown), ['flush_task']],
  [TELLS.cpuPm, ['cpu_pm_enter']],
  [TELLS.returns, ['return_to_user']],
  [TELLS.nested, ['nested_eret', 'nested_exception']],
];

/** In the order of the vocabulary. */
export function recordsOf(shown: Shown): EventName[] {
  return KINDS.filter(([tells]) => tells(shown)).flatMap(([, kinds]) => kinds);
}
