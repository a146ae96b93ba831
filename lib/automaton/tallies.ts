/** How often each effect was told, by CPU and by the vCPU that was in its situation. */

import type { Vcpu } from '../kernel/state/vcpu.ts';
import { MOST_EFFECTS } from './outcomes.ts';

/** By number of effect. */
export type Tally = Float64Array;

export interface Tallies {
  /** The one that is counted in, until another of that CPU is asked for. */
  of(cpu: number, vcpu: Vcpu | undefined): Tally;
  /** Gives away all that was counted. */
  settle(): void;
}

/** Tallies that are kept at a time: 16 MB of them. */
const MOST = 4096;

/** `hear` is told how often. */
export function createTallies(
  hear: (effect: number, cpu: number, vcpu: Vcpu | undefined, times: number) => void,
): Tallies {
  const byCpu = new Map<number, Map<Vcpu | undefined, Tally>>();
  /** By CPU: whose tally is counted in. */
  const inUse: (Vcpu | undefined)[] = [];
  let count = 0;

  function settle(): void {
    for (const [cpu, tallies] of byCpu) {
      for (const [vcpu, tally] of tallies) {
        for (const [effect, times] of tally.entries()) if (times > 0) hear(effect, cpu, vcpu, times);
        tally.fill(0);
      }
    }
  }

  function keepThoseInUse(): void {
    settle();
    count = 0;
    for (const [cpu, tallies] of byCpu) {
      for (const vcpu of tallies.keys()) if (vcpu !== inUse[cpu]) tallies.delete(vcpu);
      count += tallies.size;
    }
  }

  return {
    settle,
    of(cpu, vcpu) {
      inUse[cpu] = vcpu;
      let tallies = byCpu.get(cpu);
      if (tallies === undefined) {
        tallies = new Map();
        byCpu.set(cpu, tallies);
      }
      const known = tallies.get(vcpu);
      if (known !== undefined) return known;
      const tally = new Float64Array(MOST_EFFECTS);
      tallies.set(vcpu, tally);
      count += 1;
      if (count > MOST) keepThoseInUse();
      return tally;
    },
  };
}
