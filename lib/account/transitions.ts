/** Transitions of fp_owner and of the debug registers, counted by edge, cause and CPU. */

import type { Report, Transition } from '../report/report.ts';
import { sorted } from '../text/order.ts';

/** What is counted of a transition. */
export type Edge = Pick<Transition, 'cpu' | 'instance' | 'from' | 'to' | 'cause'>;

export interface TransitionAccount {
  count(edge: Edge, times?: number): void;
  countDebug(from: string, to: string, times?: number): void;
  transitions(): Report['transitions'];
  debug(): Report['debug'];
}

/** A counter of its own for each kind of transition: there are few, and to find one is faster than to put a key together. */
interface Counter {
  readonly from: string;
  readonly to: string;
  readonly cause: string;
  count: number;
}

export function createTransitionAccount(): TransitionAccount {
  const byCpu = new Map<number, Counter[]>();
  const ofDebug: Counter[] = [];

  function countersOf(cpu: number): Counter[] {
    const known = byCpu.get(cpu);
    if (known !== undefined) return known;
    const made: Counter[] = [];
    byCpu.set(cpu, made);
    return made;
  }

  return {
    count({ cpu, from, to, cause }, times = 1) {
      increment(countersOf(cpu as number), from, to, cause, times);
    },
    countDebug(from, to, times = 1) {
      increment(ofDebug, from, to, '', times);
    },
    transitions() {
      const all = [...byCpu.values()].flat();
      return {
        total: totalOf(all),
        by_edge: countsBy(all, edgeOf),
        by_cause: countsBy(all, ({ cause }) => cause),
        by_cpu: sorted(Object.fromEntries([...byCpu].map(([cpu, counters]) => [cpu, countsBy(counters, edgeOf)]))),
      };
    },
    debug: () => ({ switches: totalOf(ofDebug), by_edge: countsBy(ofDebug, edgeOf) }),
  };
}

function increment(counters: Counter[], from: string, to: string, cause: string, times: number): void {
  for (const counter of counters) {
    if (counter.from === from && counter.to === to && counter.cause === cause) {
      counter.count += times;
      return;
    }
  }
  counters.push({ from, to, cause, count: times });
}

const edgeOf = ({ from, to }: Counter): string => `${from}>${to}`;

function totalOf(counters: readonly Counter[]): number {
  return counters.reduce((total, { count }) => total + count, 0);
}

function countsBy(counters: readonly Counter[], name: (counter: Counter) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const counter of counters) counts[name(counter)] = (counts[name(counter)] ?? 0) + counter.count;
  return sorted(counts);
}
