/**
 * Where a kernel spends its time. VHE moves a guest's system registers when a vCPU is loaded (kvm_vcpu_load_vhe, and before v6.7
 * kvm_vcpu_load_sysregs_vhe, are called between the entry of kvm_arch_vcpu_load and load_fp), the other modes at each entry and
 * exit. So the way from vcpu_load to load_fp takes longer than a short run of the guest in VHE, and less long in the others. What
 * a probe itself costs is in both, and is taken off: ctxflush_fp does next to nothing between its entry and its return.
 * In fifteen captures the quotient was above 1.5 under VHE, and below 0.8 elsewhere.
 */

import { WHAT } from './payload/event-names.ts';

export interface Times {
  /** The last line of each CPU: what it was, and when. */
  readonly last: Map<number, { what: number; at: number }>;
  /** Durations in ns. */
  readonly load: number[];
  readonly run: number[];
  readonly probe: number[];
}

/** Enough for a quantile; and what is kept of a trace of any length. */
const MOST_SAMPLES = 10_000;
const LEAST_SAMPLES = 20;
const THRESHOLD = 1.1;

export function createTimes(): Times {
  return { last: new Map(), load: [], run: [], probe: [] };
}

/** A line of a CPU (`what`: one of WHAT), `at` ns after boot. */
export function noteTime(times: Times, cpu: number, what: number, at: number): void {
  const before = times.last.get(cpu);
  if (before === undefined) {
    times.last.set(cpu, { what, at });
    return;
  }
  const samples = samplesOf(times, before.what, what);
  if (samples !== undefined && samples.length < MOST_SAMPLES && at >= before.at) samples.push(at - before.at);
  before.what = what;
  before.at = at;
}

function samplesOf(times: Times, before: number, what: number): number[] | undefined {
  if (before === WHAT.vcpuLoad && what === WHAT.loadFp) return times.load;
  if (before === WHAT.flushFp && what === WHAT.flushFpReturn) return times.probe;
  const leaves = what === WHAT.syncFp || what === WHAT.kvmArmClearDebug;
  return before === WHAT.kvmEntry && leaves ? times.run : undefined;
}

/** The time of a load over that of a short run, and what it speaks for; undefined where too little is known. */
export function loadOverRun(times: Times): { readonly quotient: number; readonly vhe: boolean } | undefined {
  const { load, run, probe } = times;
  if ([load, run, probe].some((samples) => samples.length < LEAST_SAMPLES)) return undefined;
  const cost = quantile(probe, 0.25);
  // A clock too coarse to tell a run from a probe makes it the shortest that it can tell.
  const quotient = (quantile(load, 0.25) - cost) / Math.max(quantile(run, 0.1) - cost, 1);
  return { quotient, vhe: quotient > THRESHOLD };
}

function quantile(samples: readonly number[], part: number): number {
  const inOrder = samples.toSorted((a, b) => a - b);
  return inOrder[Math.floor(part * (inOrder.length - 1))] ?? 0;
}
