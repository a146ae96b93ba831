/**
 * Where a kernel spends its time. VHE moves a guest's system registers when a vCPU is loaded (kvm_vcpu_load_vhe, and before v6.7
 * kvm_vcpu_load_sysregs_vhe, are called between the entry of kvm_arch_vcpu_load and load_fp), the other modes at each entry and
 * exit. So the way from vcpu_load to load_fp takes longer than a short run of the guest in VHE, and less long in the others. What
 * a probe itself costs is in both, and is taken off: ctxflush_fp does next to nothing between its entry and its return.
 * In fifteen captures the quotient was above 1.5 under VHE, and below 0.8 elsewhere.
 */

export interface Times {
  /** The last line of each CPU: what it was, and when. */
  readonly last: Map<number, { name: string; at: number }>;
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

/** A line named `name` of a CPU, `at` ns after boot. */
export function noteTime(times: Times, cpu: number, name: string, at: number): void {
  const before = times.last.get(cpu);
  if (before === undefined) {
    times.last.set(cpu, { name, at });
    return;
  }
  const samples = samplesOf(times, before.name, name);
  if (samples !== undefined && samples.length < MOST_SAMPLES && at >= before.at) samples.push(at - before.at);
  before.name = name;
  before.at = at;
}

function samplesOf(times: Times, before: string, name: string): number[] | undefined {
  if (before === 'vcpu_load' && name === 'load_fp') return times.load;
  if (before === 'flush_fp' && name === 'flush_fp_ret') return times.probe;
  const leaves = name === 'sync_fp' || name === 'kvm_arm_clear_debug';
  return before === 'kvm_entry' && leaves ? times.run : undefined;
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
