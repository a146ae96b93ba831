/** What the two models must be told besides a walk, to have the same to say. */

import assert from 'node:assert/strict';
import type { Literal, TraceEvent } from './literal.ts';
import type { Difference } from './lockstep.ts';

/**
 * A write of MDSCR_EL1 or OSLAR_EL1 that traps ends the run at once in the emulator, which knows no guest that waits in an
 * exception; in the literal model the `guest_exit` that follows does, and `debug_dirty` tells of the trap. In between the
 * two have no moment in common. Returns the event that ends it.
 */
function endOfEarlyExit(literal: Literal, { event, cpu }: TraceEvent): string | undefined {
  if (cpu === undefined || !literal.running(cpu)) return undefined;
  if (event === 'guest_oslock') return 'guest_exit';
  return event === 'guest_mdscr' && literal.tda(cpu) ? 'debug_dirty' : undefined;
}

/**
 * The emulator takes it that a task which comes from user mode through the ioctl has used the registers that it found
 * there. A walk says so where it did, and the literal model is told where it did not.
 */
export function useBeforeIoctl(literal: Literal, { event, cpu }: TraceEvent): void {
  if (event !== 'vcpu_load' || cpu === undefined) return;
  const current = literal.current(cpu);
  if (!literal.tif(current, cpu) && literal.valid(cpu, `task:${current}`)) literal.step({ event: 'host_fp', cpu });
}

export function fail(where: string, event: TraceEvent, differences: readonly Difference[]): never {
  const lines = differences.map(({ what, literal, probe }) => `${what}: literal ${literal}, emulator ${probe}`);
  assert.fail([`${where}: ${JSON.stringify(event)}`, ...lines].join('\n'));
}

/** To be asked before each event is replayed: whether some CPU has left the guest earlier than the trace tells. */
export function createEarlyExits(literal: Literal): (event: TraceEvent) => boolean {
  const ends: (string | undefined)[] = [];
  return (event) => {
    const cpu = event.cpu ?? -1;
    const end = ends[cpu];
    ends[cpu] = end === undefined ? endOfEarlyExit(literal, event) : end === event.event ? undefined : end;
    return ends.some((expected) => expected !== undefined);
  };
}
