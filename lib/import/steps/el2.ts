/**
 * What the hypervisor says of itself. A run of a guest is, at EL2 (arch/arm64/kvm/hyp/nvhe/switch.c, hyp-main.c):
 *
 *   hyp_enter hvc, hyp_exit eret_guest, hyp_enter guest_exit, (hyp_exit eret_guest, hyp_enter guest_exit)..., hyp_exit eret_host
 *
 * What is in parentheses are exits that the hypervisor handles itself: FP traps are among them, but nothing says which. Where the
 * host's own lines tell of entries and exits, these add nothing to them; where they do not, these are the entries and exits.
 */

import { bodyOf, nameOf, textOf } from '../columns/line.ts';
import { WHAT } from '../payload/event-names.ts';
import { readHypervisorEvent } from '../payload/hypervisor-events.ts';
import { hasHostEntries, hasHostExits } from '../records.ts';
import type { Assembly } from '../state/assembly.ts';
import { type CpuState, PHASE } from '../state/cpu.ts';
import { backInHost, explainExit } from './run.ts';

const ELSEWHERE = 'event of the hypervisor on a CPU where another thread runs: is its clock another (--clock-offset)?';

/**
 * The task of a line that does not say one: of sched_switch the one that goes, else the one that is known to run there, or the
 * thread of the vCPU. Negative where nothing says it.
 */
export function threadOf({ line, tells }: Assembly, here: CpuState): number {
  const gone = / prev_pid=(\d{1,7}) prev_prio=/.exec(bodyOf(line))?.[1];
  if (gone !== undefined) return Number(gone);
  if (here.current >= 0 && tells.taskSwitch) return here.current;
  const thread = readHypervisorEvent(line)?.thread ?? 0;
  return thread === 0 ? here.current : thread;
}

/** False where the line is cut. `enterAt` enters the guest, as kvm_entry does. */
export function hypervisorStep(
  assembly: Assembly,
  here: CpuState,
  what: number,
  enterAt: (assembly: Assembly, here: CpuState, pid: number) => void,
): boolean {
  const { account, line, shown } = assembly;
  const event = readHypervisorEvent(line);
  if (event === undefined) return false;
  const { reason, thread } = event;
  account.note(nameOf(line));
  if (reason === 'eret_guest' && thread !== 0 && here.current >= 0 && here.current !== thread) {
    account.unused(ELSEWHERE, line.number, textOf(line));
  } else if (what === WHAT.hypExit && reason === 'eret_guest') {
    if (here.phase !== PHASE.guest && !hasHostEntries(shown)) enterAt(assembly, here, line.pid);
  } else if (!hasHostExits(shown)) {
    if (what === WHAT.hypExit && reason === 'eret_host') {
      if (here.phase === PHASE.guest) explainExit(assembly, here, {});
    } else if (what === WHAT.hypEnter && reason !== 'guest_exit') backInHost(assembly, here);
  }
  return true;
}
