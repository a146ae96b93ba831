/** Runs the rules that apply at each moment, and keeps one violation for each root cause. */

import type { Cpu } from '../kernel/cpu-state.ts';
import { anybody, type Entity, nameOf, UNKNOWN } from '../kernel/entity.ts';
import { type Machine, MOMENTS, ownerOfHyp, ownerOfKernel, vcpuInQuestion } from '../kernel/machine.ts';
import { OWNER_NAMES, UNKNOWN_OWNER } from '../kernel/owner.ts';
import type { Mode, Profile } from '../kernel/profiles.ts';
import { DEBUG_SET_NAMES, type Vcpu } from '../kernel/vcpu-state.ts';
import { ABSENT } from '../trace/event.ts';
import { type Finding, type Rule, type Severity, SKIPPED, VIOLATED, WEAK } from './rule.ts';
import { RULES } from './rules.ts';

/** What became of one rule in a replay. */
export interface RuleCount {
  readonly rule: Rule;
  /** How often it was evaluated with all it needs known. */
  checked: number;
  skipped: number;
  weak: number;
}

/** A violation that was told, and how many followed from it. */
export interface Told {
  readonly rule: string;
  readonly severity: Severity;
  followed: number;
}

export interface CheckerSink {
  /** A violation with a root of its own. Returns what later ones with the same root are counted in. */
  violation(rule: Rule, finding: Finding, cpu: Cpu, state: Readonly<Record<string, string>>): Told;
  /** A violation that follows from one that was told. */
  follower(first: Told): void;
}

export interface Checker {
  /** Must be called before each event: what the violations of the event show as the state before it. */
  begin(machine: Machine): void;
  moment(machine: Machine, moment: number, cpu: Cpu): void;
  readonly counts: readonly RuleCount[];
}

/** How many different root causes are told apart; beyond, every violation counts as one of its own. */
const MAX_ROOTS = 100_000;

export function createChecker(profile: Profile, mode: Mode, sink: CheckerSink): Checker {
  const counts: RuleCount[] = RULES.filter((rule) => rule.applies(profile, mode)).map((rule) => ({
    rule,
    checked: 0,
    skipped: 0,
    weak: 0,
  }));
  const byMoment: readonly (readonly RuleCount[])[] = MOMENTS.map((name) =>
    counts.filter(({ rule }) => rule.at.includes(name)),
  );
  const roots = new Map<string, Told>();
  const before = createSnapshot();

  function violated(rule: Rule, machine: Machine, cpu: Cpu, moment: number): void {
    const finding = rule.describe(machine, cpu, moment);
    const key = `${rule.id} ${cpu.id} ${finding.root}`;
    const first = roots.get(key);
    if (first !== undefined) {
      sink.follower(first);
      return;
    }
    const told = sink.violation(rule, finding, cpu, describeState(before, machine, cpu, rule));
    if (roots.size < MAX_ROOTS) roots.set(key, told);
  }

  return {
    counts,
    begin: (machine) => takeSnapshot(before, machine),
    moment(machine, moment, cpu) {
      const entries = byMoment[moment] as readonly RuleCount[];
      for (let index = 0; index < entries.length; index++) {
        const entry = entries[index] as RuleCount;
        const outcome = entry.rule.check(machine, cpu, moment);
        if (outcome === SKIPPED) entry.skipped += 1;
        else {
          entry.checked += 1;
          if (outcome === VIOLATED) violated(entry.rule, machine, cpu, moment);
          else if (outcome === WEAK) entry.weak += 1;
        }
      }
    },
  };
}

/** The state of the event's CPU before the event: references and small integers, so that taking it costs nothing. */
interface Snapshot {
  cpu: Cpu | undefined;
  hypOwner: number;
  kernelOwner: number;
  holder: Entity;
  holderGeneration: number;
  generation: number;
  last: Entity;
  foreign: number;
  vcpu: Vcpu | undefined;
  debugDirty: number;
  debugOwner: number;
  debugSet: number;
}

function createSnapshot(): Snapshot {
  return {
    cpu: undefined,
    hypOwner: UNKNOWN_OWNER,
    kernelOwner: UNKNOWN_OWNER,
    holder: anybody,
    holderGeneration: 0,
    generation: 0,
    last: anybody,
    foreign: UNKNOWN,
    vcpu: undefined,
    debugDirty: UNKNOWN,
    debugOwner: UNKNOWN_OWNER,
    debugSet: 0,
  };
}

function takeSnapshot(snapshot: Snapshot, machine: Machine): void {
  const id = machine.event.cpu;
  const cpu = id === ABSENT ? undefined : machine.cpus[id];
  snapshot.cpu = cpu;
  if (cpu === undefined) return;
  const vcpu = vcpuInQuestion(cpu);
  snapshot.vcpu = vcpu;
  snapshot.hypOwner = vcpu === undefined ? cpu.hyp.fp_owner : ownerOfHyp(machine, cpu, vcpu);
  snapshot.kernelOwner = vcpu === undefined ? cpu.kernel.fp_owner : ownerOfKernel(machine, cpu, vcpu);
  snapshot.holder = cpu.holder;
  snapshot.holderGeneration = cpu.holder.generation;
  snapshot.generation = cpu.generation;
  snapshot.last = cpu.last;
  snapshot.foreign = cpu.current.tif_foreign_fpstate;
  snapshot.debugSet = cpu.debugSet;
  if (vcpu === undefined) return;
  snapshot.debugDirty = vcpu.debug_dirty;
  snapshot.debugOwner = vcpu.debug_owner;
}

const flag = (value: number): string => (value === UNKNOWN ? 'unknown' : String(value));

function describeState(before: Snapshot, machine: Machine, cpu: Cpu, rule: Rule): Record<string, string> {
  if (before.cpu !== cpu) return {};
  const stale = before.holder.generation !== 0 && before.generation !== before.holderGeneration;
  const fp = {
    fp_owner: OWNER_NAMES[before.hypOwner] as string,
    ...(cpu.kernel === cpu.hyp ? {} : { fp_owner_kernel: OWNER_NAMES[before.kernelOwner] as string }),
    registers: nameOf(before.holder) + (stale ? ' (stale)' : ''),
    last: nameOf(before.last),
    tif_foreign: flag(before.foreign),
  };
  if (!rule.id.startsWith('DB')) return fp;
  const owner =
    machine.profile.dbg === 'dirty'
      ? { debug_dirty: flag(before.debugDirty) }
      : { debug_owner: OWNER_NAMES[before.debugOwner] as string };
  return { ...owner, debug_registers: DEBUG_SET_NAMES[before.debugSet] as string };
}
