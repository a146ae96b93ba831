/** Two models side by side: what the literal one and another one say of the same machine after the same event. */

import type { DebugView, Literal } from './literal.ts';
import type { Owner, Result } from './machine.ts';

/**
 * What the other model answers, in the words of `Literal`. A method that is absent, or answers undefined (not known), is
 * not compared. `tif` is asked of the current task only: of any other the flag means nothing (3.5).
 */
export interface Probe {
  owner?(cpu: number): Owner | undefined;
  ownerKernel?(cpu: number): Owner | undefined;
  registers?(cpu: number): string | undefined;
  valid?(cpu: number, entity: string): boolean | undefined;
  auth?(entity: string): string | undefined;
  tif?(task: number, cpu: number): boolean | undefined;
  current?(cpu: number): number | undefined;
  loaded?(cpu: number): string | undefined;
  running?(cpu: number): boolean | undefined;
  last?(cpu: number): string | undefined;
  bytes?(): number | undefined;
  debug?(vcpu: string): DebugView | undefined;
  debugSwitches?(): number | undefined;
  tda?(cpu: number): boolean | undefined;
}

/** The same with SME, pKVM's area at EL2 and register access. */
export interface WideProbe extends Probe {
  svcr?(cpu: number): number | undefined;
  svcrOf?(entity: string): number | undefined;
  za?(cpu: number): string | undefined;
  zaValid?(cpu: number, entity: string): boolean | undefined;
  zaAuth?(entity: string): string | undefined;
  hypHolds?(cpu: number): string | undefined;
  lastResult?(): Result | undefined;
  /** The pKVM run in progress was refused; asked between an entry and its exit. */
  refused?(cpu: number): boolean | undefined;
}

export interface Difference {
  /** `registers(1)`, `auth(task:7)`, ... */
  readonly what: string;
  readonly literal: unknown;
  readonly probe: unknown;
}

export interface CompareOptions {
  /** Number of CPUs. */
  readonly cpus: number;
  /** Probe minus literal before the first compared event: what the probe could not count while it knew too little. */
  readonly bytesOffset?: number;
  readonly debugSwitchesOffset?: number;
}

/** All differences after an event; none: []. */
export function compareStep(literal: Literal, probe: WideProbe, options: CompareOptions): Difference[] {
  const differences: Difference[] = [];
  for (let cpu = 0; cpu < options.cpus; cpu++) compareCpu(differences, literal, probe, cpu);
  compareGhost(differences, literal, probe, options.cpus);
  compare(differences, 'lastResult', '', literal.lastResult(), probe.lastResult?.());
  if (probe.debug !== undefined) {
    for (const vcpu of literal.vcpus()) {
      const other = probe.debug(vcpu);
      if (other !== undefined) compare(differences, 'debug', vcpu, debugWord(literal.debug(vcpu)), debugWord(other));
    }
  }
  const bytes = probe.bytes?.();
  if (bytes !== undefined) compare(differences, 'bytes', '', literal.bytes() + (options.bytesOffset ?? 0), bytes);
  const switches = probe.debugSwitches?.();
  const offset = options.debugSwitchesOffset ?? 0;
  if (switches !== undefined) compare(differences, 'debugSwitches', '', literal.debugSwitches() + offset, switches);
  return differences;
}

function compareCpu(differences: Difference[], literal: Literal, probe: WideProbe, cpu: number): void {
  const current = literal.current(cpu);
  compare(differences, 'owner', cpu, literal.owner(cpu), probe.owner?.(cpu));
  compare(differences, 'ownerKernel', cpu, literal.ownerKernel(cpu), probe.ownerKernel?.(cpu));
  compare(differences, 'current', cpu, current, probe.current?.(cpu));
  compare(differences, 'tif', cpu, literal.tif(current, cpu), probe.tif?.(current, cpu));
  const last = probe.last?.(cpu);
  // A saved kernel state that is bound: the trace format has no word for it, and it matches no task and no vCPU.
  compare(differences, 'last', cpu, deadNeon(literal.last(cpu), false), last && deadNeon(last, false));
  compare(differences, 'loaded', cpu, literal.loaded(cpu), probe.loaded?.(cpu));
  compare(differences, 'running', cpu, literal.running(cpu), probe.running?.(cpu));
  compare(differences, 'refused', cpu, literal.refused(cpu), probe.refused?.(cpu));
  compare(differences, 'svcr', cpu, literal.svcr(cpu), probe.svcr?.(cpu));
  compare(differences, 'za', cpu, literal.za(cpu), probe.za?.(cpu));
  const hyp = probe.hypHolds?.(cpu);
  compare(differences, 'hypHolds', cpu, deadNeon(literal.hypHolds(cpu), false), hyp && deadNeon(hyp, false));
  if (literal.running(cpu)) compare(differences, 'tda', cpu, literal.tda(cpu), probe.tda?.(cpu));
  const live = literal.neonLive(cpu);
  const registers = probe.registers?.(cpu);
  const other = registers === undefined ? undefined : deadNeon(registers, live);
  compare(differences, 'registers', cpu, deadNeon(literal.registers(cpu), live), other);
}

function compareGhost(differences: Difference[], literal: Literal, probe: WideProbe, cpus: number): void {
  for (const entity of literal.entities()) {
    compare(differences, 'auth', entity, literal.auth(entity), probe.auth?.(entity));
    compare(differences, 'zaAuth', entity, literal.zaAuth(entity), probe.zaAuth?.(entity));
    compare(differences, 'svcrOf', entity, literal.svcrOf(entity), probe.svcrOf?.(entity));
    if (probe.valid === undefined && probe.zaValid === undefined) continue;
    for (let cpu = 0; cpu < cpus; cpu++) {
      const of = `${cpu}, ${entity}`;
      compare(differences, 'valid', of, literal.valid(cpu, entity), probe.valid?.(cpu, entity));
      compare(differences, 'zaValid', of, literal.zaValid(cpu, entity), probe.zaValid?.(cpu, entity));
    }
  }
}

function compare(to: Difference[], what: string, of: string | number, literal: unknown, probe: unknown): void {
  if (probe === undefined || literal === probe) return;
  to.push({ what: `${what}(${of})`, literal, probe });
}

/** After its end a region's value is nobody's: whether the registers still bear its name is a matter of taste. */
function deadNeon(registers: string, live: boolean): string {
  return !live && registers.startsWith('kneon:') ? 'none' : registers;
}

function debugWord(view: DebugView): string {
  if ('debug_owner' in view) return view.debug_owner;
  return view.debug_dirty ? 'DEBUG_DIRTY' : 'clean';
}
