/** Where costs go: to the event under way, its CPU, and the vCPU that is loaded there. */

import { type CostTable, STEPS } from '../costs/steps.ts';
import type { Machine } from '../kernel/state/machine.ts';
import type { Costs, Report } from '../report/report.ts';
import { sorted } from '../text/order.ts';
import { ABSENT } from '../trace/event.ts';
import { EVENTS, KIND } from '../trace/vocabulary.ts';
import { add, costsOf, createTally, sum, sysregsOf, type Tally } from './meter.ts';
import { createUncertainCosts } from './uncertain.ts';

export interface CostAccount {
  /** Must be called before the step of each event. */
  begin(): void;
  charge(machine: Machine, step: number, bytes: number): void;
  /** Charges of so many events of a kind, on a CPU, for the vCPU. */
  settle(
    kind: number,
    cpu: number,
    vcpu: { readonly vm: number; readonly id: number } | undefined,
    charges: readonly (readonly [step: number, bytes: number])[],
    times: number,
  ): void;
  /** Of the charges of a step, so many may not have been, and so many more may have been. `doubt`: index of DOUBTS. */
  uncertain(doubt: number, step: number, fewer: number, more: number): void;
  cost(): Report['cost'];
  /** Steps that ran, by name. */
  stepsHit(): string[];
}

/** vCPUs told apart; what the others cost is one entry, so that a report can be held in memory and printed. */
const VCPUS = 10_000;
const OTHERS = '(others)';

interface VcpuTally {
  readonly vm: number;
  readonly vcpu: number;
  readonly tally: Tally;
}

export function createCostAccount(table: CostTable): CostAccount {
  const byEvent: (Tally | undefined)[] = [];
  const byCpu: (Tally | undefined)[] = [];
  const byVcpu = createVcpuTallies();
  const uncertain = createUncertainCosts();
  /** The tally of the vCPU that a CPU last charged, which it mostly is again. */
  const lastOfCpu: (VcpuTally | undefined)[] = [];
  /** Where the costs of the event under way go is known: from its first charge on, since most events cost nothing. */
  let chosen = false;
  let ofEvent = createTally();
  let ofCpu: Tally | undefined;
  let ofVcpu: VcpuTally | undefined;

  function choose({ event, cpus }: Machine): void {
    const { kind, cpu } = event;
    ofEvent = tallyAt(byEvent, kind);
    ofCpu = cpu === ABSENT ? undefined : tallyAt(byCpu, cpu);
    ofVcpu = undefined;
    if (cpu === ABSENT) return;
    // The vCPU of the event is the one it loads, or the one that is loaded.
    const loads = kind === KIND.vcpu_load || kind === KIND.sched_in;
    const loaded = cpus[cpu]?.loaded;
    if (loads) ofVcpu = byVcpu.at(event.vm, event.vcpu, lastOfCpu[cpu]);
    else if (loaded !== undefined) ofVcpu = byVcpu.at(loaded.vm, loaded.id, lastOfCpu[cpu]);
    lastOfCpu[cpu] = ofVcpu;
  }

  const totals = (): Tally => sum(byEvent.filter((tally) => tally !== undefined));

  return {
    begin() {
      chosen = false;
    },
    charge(machine, step, bytes) {
      if (!chosen) choose(machine);
      chosen = true;
      add(ofEvent, step, bytes);
      if (ofCpu !== undefined) add(ofCpu, step, bytes);
      if (ofVcpu !== undefined) add(ofVcpu.tally, step, bytes);
    },
    settle(kind, cpu, vcpu, charges, times) {
      const tallies = [tallyAt(byEvent, kind), tallyAt(byCpu, cpu)];
      if (vcpu !== undefined) tallies.push(byVcpu.at(vcpu.vm, vcpu.id, undefined).tally);
      for (const [step, bytes] of charges) for (const tally of tallies) add(tally, step, bytes, times);
    },
    uncertain: uncertain.add,
    cost: () => ({
      total: uncertain.within(costsOf(totals(), table), table),
      by_event: costsByName(byEvent, (kind) => (EVENTS[kind] as { name: string }).name, table),
      by_cpu: costsByName(byCpu, String, table),
      by_vcpu: byVcpu.costs(table),
      sysregs: sysregsOf(totals(), table),
      ...doubtsOf(uncertain.doubts(table)),
    }),
    stepsHit: () => {
      const total = totals();
      return STEPS.filter((_name, step) => total[step] !== 0);
    },
  };
}

const doubtsOf = (doubts: Report['cost']['doubts']) => (doubts === undefined ? {} : { doubts });

function tallyAt(tallies: (Tally | undefined)[], index: number): Tally {
  const known = tallies[index];
  if (known !== undefined) return known;
  const tally = createTally();
  tallies[index] = tally;
  return tally;
}

interface VcpuTallies {
  /** The tally of that vCPU, or that of the others. `guess`: one that may be it. */
  at(vm: number, vcpu: number, guess: VcpuTally | undefined): VcpuTally;
  costs(table: CostTable): Record<string, Costs>;
}

function createVcpuTallies(): VcpuTallies {
  const byVm = new Map<number, Map<number, VcpuTally>>();
  let told = 0;
  let others: VcpuTally | undefined;

  function make(vm: number, vcpu: number): VcpuTally {
    if (told === VCPUS) {
      others ??= { vm: ABSENT, vcpu: ABSENT, tally: createTally() };
      return others;
    }
    told += 1;
    const made = { vm, vcpu, tally: createTally() };
    const ofVm = byVm.get(vm) ?? new Map<number, VcpuTally>();
    byVm.set(vm, ofVm);
    ofVm.set(vcpu, made);
    return made;
  }

  return {
    at(vm, vcpu, guess) {
      if (guess !== undefined && guess.vm === vm && guess.vcpu === vcpu) return guess;
      return byVm.get(vm)?.get(vcpu) ?? make(vm, vcpu);
    },
    costs(table) {
      const costs: Record<string, Costs> = {};
      for (const ofVm of byVm.values()) {
        for (const { vm, vcpu, tally } of ofVm.values()) costs[`${vm}/${vcpu}`] = costsOf(tally, table);
      }
      if (others !== undefined) costs[OTHERS] = costsOf(others.tally, table);
      return sorted(costs);
    },
  };
}

/** Only those that cost anything. */
function costsByName(
  tallies: readonly (Tally | undefined)[],
  name: (index: number) => string,
  table: CostTable,
): Record<string, Costs> {
  const costs: Record<string, Costs> = {};
  for (const [index, tally] of tallies.entries()) {
    if (tally?.some((count) => count !== 0)) costs[name(index)] = costsOf(tally, table);
  }
  return sorted(costs);
}
