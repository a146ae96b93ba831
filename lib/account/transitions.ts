/** Transitions of fp_owner and of the debug registers, counted by edge, cause and CPU. */

import { entry, sorted } from './order.ts';
import type { Report, Transition } from './report.ts';

/** What is counted of a transition. */
export type Edge = Pick<Transition, 'cpu' | 'instance' | 'from' | 'to' | 'cause'>;

export interface TransitionAccount {
  count(edge: Edge): void;
  countDebug(from: string, to: string): void;
  transitions(): Report['transitions'];
  debug(): Report['debug'];
}

export function createTransitionAccount(): TransitionAccount {
  const byEdge: Record<string, number> = {};
  const byCause: Record<string, number> = {};
  const byCpu: Record<string, Record<string, number>> = {};
  const debugByEdge: Record<string, number> = {};
  let total = 0;
  let switches = 0;
  const increment = (map: Record<string, number>, key: string): void => {
    map[key] = (map[key] ?? 0) + 1;
  };
  return {
    count({ cpu, from, to, cause }) {
      const edge = `${from}>${to}`;
      total += 1;
      increment(byEdge, edge);
      increment(byCause, cause);
      increment(
        entry(byCpu, String(cpu), () => ({})),
        edge,
      );
    },
    countDebug(from, to) {
      switches += 1;
      increment(debugByEdge, `${from}>${to}`);
    },
    transitions: () => ({
      total,
      by_edge: sorted(byEdge),
      by_cause: sorted(byCause),
      by_cpu: sorted(Object.fromEntries(Object.entries(byCpu).map(([cpu, edges]) => [cpu, sorted(edges)]))),
    }),
    debug: () => ({ switches, by_edge: sorted(debugByEdge) }),
  };
}
