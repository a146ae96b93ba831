/**
 * How the kernel of a capture goes about its work, as its lines show: what tells kernels apart of which nothing says which they
 * are. Looked at before the import, as far as a capture is read ahead.
 */

import { type Line, NO_TIME } from './columns/line.ts';
import { WHAT } from './payload/event-names.ts';
import { HAS, type ProbeFields } from './payload/kprobe-events.ts';
import { createTimes, loadOverRun, noteTime, type Times } from './timing.ts';

export interface Manner {
  /** Loads (kvm_arch_vcpu_load_fp, entry to return) in which fpsimd_save_and_flush_cpu_state was called, and in which it was not. */
  eagerLoads: number;
  lazyLoads: number;
  /** All of the capture was looked at. */
  whole: boolean;
  /** Bits of vcpu->arch.iflags that were set in any line. */
  iflags: number;
  readonly times: Times;
  /** By CPU: the last line of a load that is not complete. */
  readonly loading: Map<number, number>;
}

/** Fewer may be nested transitions, or loads that SVCR has made eager. */
const ENOUGH = 3;
const NANOSECONDS = 1e9;

export function createManner(): Manner {
  return { eagerLoads: 0, lazyLoads: 0, whole: false, iflags: 0, times: createTimes(), loading: new Map() };
}

/** A line of the capture; `fields` where its probe has any. */
export function noteManner(manner: Manner, line: Line, what: number, fields: ProbeFields | undefined): void {
  if (fields !== undefined && (fields.has & HAS.flags) !== 0) manner.iflags |= fields.iflags;
  if (line.seconds !== NO_TIME) noteTime(manner.times, line.cpu, what, line.seconds * NANOSECONDS + line.nanoseconds);
  const before = manner.loading.get(line.cpu);
  if (what === WHAT.loadFp) manner.loading.set(line.cpu, WHAT.loadFp);
  else if (what === WHAT.saveFlush && before === WHAT.loadFp) manner.loading.set(line.cpu, WHAT.saveFlush);
  else if (what === WHAT.loadFpReturn && before !== undefined) {
    if (before === WHAT.saveFlush) manner.eagerLoads++;
    else manner.lazyLoads++;
    manner.loading.delete(line.cpu);
  }
}

/** When the host is saved: at the load, or at the guest's first trap. Undefined where the capture does not show it. */
export function hostSaveOf({ eagerLoads, lazyLoads }: Manner): 'eager' | 'lazy' | undefined {
  if (eagerLoads >= ENOUGH && eagerLoads > lazyLoads) return 'eager';
  return lazyLoads >= ENOUGH && lazyLoads > eagerLoads ? 'lazy' : undefined;
}

/**
 * A nested transition is a load that leaves the host's registers alone (435c46619614, v7.2), in a kernel that saves them in all
 * others: none is in the capture.
 */
export const hasNoNestedLoad = ({ whole, eagerLoads, lazyLoads }: Manner): boolean =>
  whole && eagerLoads > 0 && lazyLoads === 0;

/** Whether the time that a load takes is that of VHE; undefined where too little is known. */
export const takesTimeOfVhe = ({ times }: Manner): boolean | undefined => loadOverRun(times)?.vhe;
